use axum::{Extension, Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, CsvFile, ProblemBody, Query};

use super::{export, model::IncomeReport};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::Valuations,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(export))
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
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
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
    Ok(Json(report(&app, &valuations, &viewer, &query).await?))
}

/// The payments as CSV.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/income.csv",
    operation_id = "portfolio_export_income",
    tag = "portfolio",
    params(IncomeQuery),
    responses(
        (status = 200, content_type = "text/csv", body = String),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn export(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<IncomeQuery>,
) -> ApiResult<CsvFile> {
    export::file(&report(&app, &valuations, &viewer, &query).await?)
}

async fn report(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    query: &IncomeQuery,
) -> ApiResult<IncomeReport> {
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let valuation = scope.value(app, valuations, viewer).await?;
    Ok(IncomeReport::new(&valuation, query.year))
}
