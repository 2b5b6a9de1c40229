use axum::{Extension, Json, extract::State};
use identity::Viewer;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody, Query};

use super::model::IncomeReport;
use crate::{portfolios::PortfolioId, scope::Scope, valuation::Valuations};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which income is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IncomeQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Payments of this calendar year; all years unless given.
    year: Option<i16>,
}

/// Dividends, interest, withheld tax and returned capital, with a projection of twelve months.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/income",
    operation_id = "portfolio_show_income",
    tag = "portfolio",
    params(IncomeQuery),
    responses(
        (status = 200, body = IncomeReport),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<IncomeQuery>,
) -> ApiResult<Json<IncomeReport>> {
    let scope = Scope {
        portfolio: query.portfolio_id,
        period: None,
        known_on: None,
    };
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    Ok(Json(IncomeReport::new(&valuation, query.year)))
}
