use axum::{Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::{
    model::{ChangesView, Question},
    service,
};
use crate::portfolios::PortfolioId;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which value is to be explained.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChangesQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// The past day; yesterday unless given.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// What was known at the end of this day (UTC); of the past day itself unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_from: Option<Date>,
    /// What was known at the end of this day; what is known now unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_to: Option<Date>,
}

/// Why a past value is another one now: the edits, deletions, imports, undone imports, prices, values
/// of private things and rates that became known since, each with its effect. The effects add up to the difference.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/changes",
    operation_id = "portfolio_show_changes",
    tag = "portfolio",
    params(ChangesQuery),
    responses(
        (status = 200, body = ChangesView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ChangesQuery>,
) -> ApiResult<Json<ChangesView>> {
    let on = query
        .on
        .unwrap_or_else(|| viewer.today.yesterday().unwrap_or(viewer.today));
    let question = Question {
        portfolio: query.portfolio_id,
        on,
        known_from: query.known_from.unwrap_or(on),
        known_to: query.known_to,
    };
    let base = viewer.preferences.base_currency;
    Ok(Json(
        service::explain(&app, viewer.user_id, question, base).await?,
    ))
}
