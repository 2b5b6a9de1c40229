//! The daily bars of many instruments on one day, through the API.

use axum::{Json, extract::State};
use identity::SignedIn;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::store;
use crate::{
    InstrumentId,
    quotes::{self, Wanted},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Whose bars of which day are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The trading day.
    #[param(value_type = String, format = Date)]
    date: Date,
    /// Symbols, or ids of instruments, with commas between them; 200 at most.
    #[serde(default)]
    #[param(required = true)]
    symbols: String,
}

/// The bars of a day.
#[derive(Debug, Serialize, ToSchema)]
struct DayBarsView {
    /// The trading day.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// By symbol. An instrument that has no bar of the day is absent.
    items: Vec<DayBar>,
    /// What no instrument is called.
    unknown: Vec<String>,
}

/// What the price of an instrument did on the day, as the source stated it or as it follows from shorter bars.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayBar {
    /// Of what.
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Where it trades; empty where that is not known.
    pub(super) exchange: String,
    /// Its currency, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<String>,
    /// `major`, or `minor` where prices are in a hundredth of the currency.
    pub(super) quote_unit: String,
    /// First price.
    pub(super) open: f64,
    /// Highest price.
    pub(super) high: f64,
    /// Lowest price.
    pub(super) low: f64,
    /// Last price.
    pub(super) close: f64,
    /// Last price as adjusted by the source for later splits and dividends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) adjusted_close: Option<f64>,
    /// Shares or units traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) volume: Option<f64>,
    /// Who stated it; `rollup` where it was computed from shorter bars or from ticks.
    pub(super) source: String,
}

/// Bars of many instruments on a day
///
/// A symbol that several exchanges use brings a bar of each. Prices are not adjusted.
#[utoipa::path(
    get, path = "/api/v1/market/bars", tag = "market",
    operation_id = "market_list_bars_of_day",
    params(Asked),
    responses(
        (status = 200, description = "The bars", body = DayBarsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<DayBarsView>> {
    let wanted = Wanted::parse(&asked.symbols)?;
    let mut tx = app.db.read(who.user_id).await?;
    let found = quotes::store::find(tx.conn(), &wanted).await?;
    let ids: Vec<InstrumentId> = found.iter().map(|(id, _)| *id).collect();
    let items = store::list_day(tx.conn(), &ids, asked.date).await?;
    Ok(Json(DayBarsView {
        date: asked.date,
        items,
        unknown: wanted.unknown(&found),
    }))
}
