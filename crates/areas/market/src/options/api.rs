use axum::{Json, extract::State};
use identity::SignedIn;
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody, Query};

use super::{
    model::{Chain, OptionType},
    store,
};
use crate::{InstrumentId, instruments};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which contracts are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only contracts that end on this day.
    #[param(value_type = Option<String>, format = Date)]
    expiration: Option<Date>,
    /// Only `call` or only `put`.
    #[serde(rename = "type")]
    option_type: Option<OptionType>,
}

/// Option chain
///
/// The contracts on an instrument as they were fetched last, by expiration, strike and type; empty where none
/// ever were.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/options", tag = "market",
    operation_id = "market_show_option_chain",
    params(("id" = InstrumentId, Path, description = "Names the underlying"), Filter),
    responses(
        (status = 200, description = "The chain", body = Chain),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(filter): Query<Filter>,
) -> ApiResult<Json<Chain>> {
    let today = TimeZone::UTC.to_datetime(app.clock.now()).date();
    let mut tx = app.db.read(who.user_id).await?;
    instruments::store::require(tx.conn(), id).await?;
    let chain =
        store::get_chain(tx.conn(), id, filter.expiration, filter.option_type, today).await?;
    Ok(Json(chain))
}
