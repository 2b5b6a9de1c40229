use axum::{Extension, Json, extract::State};
use identity::SignedIn;
use jiff::civil::Date;
use ledger::CostBasis;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody, Query};

use super::{PortfolioReport, Wanted, report};
use crate::{portfolios::PortfolioId, valuation::Valuations};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What a report is to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The day; today unless given.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// First day of the performance figures; the first transaction unless given.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// `fifo`, `lifo`, `hifo`, `average` or `specific_lot`, instead of the portfolio's own method.
    #[param(value_type = Option<String>)]
    cost_basis: Option<CostBasis>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// A portfolio on one sheet.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/portfolios/{id}/report",
    operation_id = "portfolio_show_report",
    tag = "portfolio",
    params(("id" = PortfolioId, Path), ReportQuery),
    responses(
        (status = 200, body = PortfolioReport),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    caller: SignedIn,
    Path(id): Path<PortfolioId>,
    Query(query): Query<ReportQuery>,
) -> ApiResult<Json<PortfolioReport>> {
    let wanted = Wanted {
        as_of: query.as_of,
        from: query.from,
        cost_basis: query.cost_basis,
        known_on: query.known_on,
    };
    Ok(Json(
        report(&app, &valuations, caller.user_id, id, wanted).await?,
    ))
}
