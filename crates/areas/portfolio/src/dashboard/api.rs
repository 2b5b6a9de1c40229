use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use identity::Viewer;
use jiff::civil::Date;
use performance::{Period, PeriodError};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::model::DashboardView;
use crate::{
    portfolios::PortfolioId,
    valuation::{Request, Valuations},
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What the dashboard is to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DashboardQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// `1d`, `wtd`, `mtd`, `ytd`, `1w`, `1m`, `3m`, `1y`, `3y`, `5y` or `all`, a year such as `2024`, or
    /// two days such as `2024-01-01..2024-03-31`; one year unless given.
    period: Option<String>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// The refusal of a word that is no period.
pub(crate) fn unknown_period(error: &PeriodError) -> Problem {
    Problem::invalid_field("period", "unknown_period", error.to_string())
}

/// Value, performance, allocation and movers.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/dashboard",
    operation_id = "portfolio_show_dashboard",
    tag = "portfolio",
    params(DashboardQuery),
    responses(
        (status = 200, body = DashboardView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<DashboardQuery>,
) -> ApiResult<Response> {
    let period = match query.period.as_deref() {
        None => Period::default(),
        Some(word) => word
            .parse()
            .map_err(|error: PeriodError| unknown_period(&error))?,
    };
    let request = Request {
        portfolio: query.portfolio_id,
        base: None,
        cost_basis: None,
        as_of: viewer.today,
        known_on: query.known_on,
    };
    let valuation = valuations
        .value(
            &app,
            viewer.user_id,
            request,
            viewer.preferences.base_currency,
        )
        .await?;
    let body = valuation
        .rendered
        .get_or_write("dashboard", period, || {
            serde_json::to_vec(&DashboardView::new(&valuation, period))
        })
        .map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
