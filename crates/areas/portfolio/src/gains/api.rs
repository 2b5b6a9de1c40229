use axum::{Extension, Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use ledger::CostBasis;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, CsvFile, Problem, ProblemBody, Query};

use super::{
    export,
    methods::MethodsReport,
    model::{GainsReport, LONG_TERM_MONTHS, Question},
    service,
};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::Valuations,
};

/// The longest threshold that any tax law is known to have is ten years; a century is beyond doubt.
const MAX_LONG_TERM_MONTHS: u16 = 1_200;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(export))
        .routes(routes!(methods))
}

/// Which gains are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GainsQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Sales of this calendar year; all years unless given.
    year: Option<i16>,
    /// `fifo`, `lifo`, `hifo`, `average` or `specific_lot`, instead of each portfolio's own method.
    #[param(value_type = Option<String>)]
    cost_basis: Option<CostBasis>,
    /// Months after which a gain is long-term, 0 to 1200; 12 unless given.
    long_term_months: Option<u16>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Realised gains, one line for every lot that a sale closed, with subtotals and wash-sale flags.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/gains",
    operation_id = "portfolio_show_gains",
    tag = "portfolio",
    params(GainsQuery),
    responses(
        (status = 200, body = GainsReport),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<GainsQuery>,
) -> ApiResult<Json<GainsReport>> {
    Ok(Json(report(&app, &valuations, &viewer, &query).await?))
}

/// The lines of the realised gains as CSV.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/gains.csv",
    operation_id = "portfolio_export_gains",
    tag = "portfolio",
    params(GainsQuery),
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
    Query(query): Query<GainsQuery>,
) -> ApiResult<CsvFile> {
    export::file(&report(&app, &valuations, &viewer, &query).await?)
}

async fn report(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    query: &GainsQuery,
) -> ApiResult<GainsReport> {
    let long_term_months = query.long_term_months.unwrap_or(LONG_TERM_MONTHS);
    if long_term_months > MAX_LONG_TERM_MONTHS {
        return Err(Problem::invalid_field(
            "long_term_months",
            "out_of_range",
            format!("The threshold must be 0 to {MAX_LONG_TERM_MONTHS} months."),
        ));
    }
    let cost_basis = query.cost_basis;
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let valuation = service::value(app, valuations, viewer, &scope, cost_basis).await?;
    let question = Question {
        year: query.year,
        long_term_months,
        cost_basis,
    };
    Ok(GainsReport::new(&valuation, question))
}

/// Whose methods are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MethodsQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Realised and unrealised gain and open cost of every holding under every cost basis. Nothing is
/// rewritten.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/gains/methods",
    operation_id = "portfolio_compare_cost_bases",
    tag = "portfolio",
    params(MethodsQuery),
    responses(
        (status = 200, body = MethodsReport),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn methods(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<MethodsQuery>,
) -> ApiResult<Json<MethodsReport>> {
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let compared = service::compare_methods(&app, &valuations, &viewer, &scope).await?;
    Ok(Json(compared.1))
}
