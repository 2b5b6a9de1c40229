use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use identity::Viewer;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody, Query};

use super::model::DashboardView;
use crate::{
    portfolios::PortfolioId,
    valuation::{Period, Request, Valuations},
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
    /// `1d`, `1w`, `1m`, `3m`, `ytd`, `1y`, `5y` or `all`; one year unless given.
    period: Option<String>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
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
        Some(word) => Period::parse(word).ok_or_else(|| {
            Problem::invalid_field(
                "period",
                "unknown_period",
                "The period must be 1d, 1w, 1m, 3m, ytd, 1y, 5y or all.",
            )
        })?,
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
