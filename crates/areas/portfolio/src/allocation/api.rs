use axum::{Extension, Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::{
    model::{Allocation, DIMENSIONS, Dimension},
    service,
};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::Valuations,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What is to be divided, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AllocationQuery {
    /// `asset_class` (default), `sector`, `region`, `country`, `currency`, `account` or `category`.
    dimension: Option<String>,
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Whether funds count as what they are made of, where that was stated; `true` unless given.
    look_through: Option<bool>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// How everything that is owned and owed divides. The parts add up to the net worth.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/allocation",
    operation_id = "portfolio_show_allocation",
    tag = "portfolio",
    params(AllocationQuery),
    responses(
        (status = 200, body = Allocation),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<AllocationQuery>,
) -> ApiResult<Json<Allocation>> {
    let dimension = match query.dimension.as_deref() {
        None => Dimension::default(),
        Some(word) => Dimension::parse(word).ok_or_else(|| {
            let words = DIMENSIONS.map(|(key, ..)| key).join(", ");
            let detail = format!("The dimension must be one of {words}.");
            Problem::invalid_field("dimension", "unknown_dimension", detail)
        })?,
    };
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let looks_through = query.look_through.unwrap_or(true);
    let divided =
        service::allocate(&app, &valuations, &viewer, &scope, dimension, looks_through).await?;
    Ok(Json(divided.allocation))
}
