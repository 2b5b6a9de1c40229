use axum::{Extension, Json, extract::State};
use identity::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody};

use super::{model::Overview, service::overview};
use crate::valuation::Valuations;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What all portfolios together are worth, what they gained, and what is held. Quicker than the dashboard:
/// it is kept for five minutes unless a transaction, a price or a rate changes it.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/overview",
    operation_id = "portfolio_show_overview",
    tag = "portfolio",
    responses(
        (status = 200, body = Overview),
        (status = 401, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
) -> ApiResult<Json<Overview>> {
    Ok(Json(overview(&app, &valuations, &viewer).await?))
}
