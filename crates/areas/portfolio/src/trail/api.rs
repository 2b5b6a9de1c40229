use axum::{Extension, Json, extract::State};
use identity::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::{Trail, TrailQuery, origins, trail};
use crate::{dashboard::api::unknown_period, valuation::Valuations};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// How a figure came about: formula, inputs with source, date, age and quality, and steps.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/trail",
    operation_id = "portfolio_show_trail",
    tag = "portfolio",
    params(TrailQuery),
    responses(
        (status = 200, body = Trail),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<TrailQuery>,
) -> ApiResult<Json<Trail>> {
    let period = query.period().map_err(|error| unknown_period(&error))?;
    let scope = query.scope();
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let origins = origins(&mut tx, &valuation).await?;
    drop(tx);
    let found =
        trail(&valuation, &origins, &query, period).ok_or_else(|| Problem::not_found("holding"))?;
    Ok(Json(found))
}
