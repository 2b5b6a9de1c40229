use axum::{Extension, Json, extract::State};
use identity::Viewer;
use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, CsvFile, Page, PageQuery, Path, Problem, ProblemBody, Query};

use super::{
    export,
    ledger::is_negative,
    model::{Interval, Movement, PeriodSums, Stretch},
    service,
};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::{Valuation, Valuations},
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(balances))
        .routes(routes!(show))
        .routes(routes!(export))
}

/// Of which portfolios.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BalancesQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// A cash balance.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BalanceView {
    /// The portfolio.
    #[schema(value_type = Uuid)]
    pub(super) portfolio_id: PortfolioId,
    /// Its name.
    pub(super) portfolio: String,
    /// The currency.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// In that currency.
    #[schema(value_type = String)]
    pub(super) balance: Decimal,
    /// In the currency of the totals; absent without an exchange rate.
    #[schema(value_type = Option<String>)]
    pub(super) value: Option<Decimal>,
    /// The currency of the totals.
    #[schema(value_type = String)]
    pub(super) base_currency: Currency,
    /// Whether it is below zero.
    pub(super) is_negative: bool,
    /// Whether a broker states another balance of the currency, and nobody accepted it.
    pub(super) is_unreconciled: bool,
}

/// The balances of every portfolio, portfolios in their order.
pub(super) fn balances_of(valuation: &Valuation) -> Vec<BalanceView> {
    let base = valuation.base;
    let pairs = valuation.portfolios.iter().zip(&valuation.parts);
    pairs
        .flat_map(|(portfolio, part)| {
            part.books
                .cash
                .iter()
                .map(move |(currency, balance)| BalanceView {
                    portfolio_id: portfolio.id,
                    portfolio: portfolio.name.clone(),
                    currency: *currency,
                    balance: balance.normalize(),
                    value: valuation
                        .fx
                        .rate(*currency, base, valuation.as_of)
                        .and_then(|rate| balance.checked_mul(rate.rate))
                        .map(|value| money::round_to_currency(value, base)),
                    base_currency: base,
                    is_negative: is_negative(*balance, *currency),
                    is_unreconciled: valuation.is_unreconciled_in(currency.as_str()),
                })
        })
        .collect()
}

/// Cash by portfolio and currency. Portfolios that track no cash have none.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/cash",
    operation_id = "portfolio_list_cash_balances",
    tag = "portfolio",
    params(BalancesQuery),
    responses(
        (status = 200, body = Vec<BalanceView>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn balances(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<BalancesQuery>,
) -> ApiResult<Json<Vec<BalanceView>>> {
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    Ok(Json(balances_of(&valuation)))
}

/// Which movements are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// From this day on.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Up to this day.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// How long the periods are: `month`, unless `year` is asked for.
    #[serde(default)]
    #[param(inline, required = false)]
    interval: Interval,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// A cash balance with its movements.
#[derive(Debug, Serialize, ToSchema)]
struct CashLedgerView {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    currency: Currency,
    /// The balance before the first day asked for.
    #[schema(value_type = String)]
    opening: Decimal,
    /// The balance after the last.
    #[schema(value_type = String)]
    closing: Decimal,
    /// Days below zero, of the whole ledger.
    negative: Vec<Stretch>,
    /// Months or years in which something moved, the oldest first.
    periods: Vec<PeriodSums>,
    /// The movements, the newest first.
    items: Vec<Movement>,
    /// Send as `cursor` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Every movement of a cash balance with what was left after it, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/portfolios/{id}/cash/{currency}",
    operation_id = "portfolio_show_cash_ledger",
    tag = "portfolio",
    params(("id" = PortfolioId, Path), ("currency" = String, Path), LedgerQuery, PageQuery),
    responses(
        (status = 200, body = CashLedgerView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(which): Path<(PortfolioId, Currency)>,
    Query(query): Query<LedgerQuery>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<CashLedgerView>> {
    let (after, limit) = (page.after()?, page.limit());
    let known_on = query.known_on;
    let (valuation, ledger) = service::ledger(&app, &valuations, &viewer, which, known_on).await?;
    let range = (query.from, query.to);
    let opening = query
        .from
        .map_or(Decimal::ZERO, |day| ledger.balance_before(day));
    let closing = ledger.between(range.0, range.1).last();
    let rows = ledger.page(range, after, limit);
    let page = Page::of(rows, limit, |row| (row.date, row.transaction));
    let items = service::told(&app, &viewer, &valuation, ledger.currency, &page.items).await?;
    Ok(Json(CashLedgerView {
        currency: ledger.currency,
        opening,
        closing: closing.map_or(opening, |step| step.balance),
        periods: ledger.periods(query.interval, range.0, range.1),
        negative: ledger.negative.clone(),
        items,
        next_cursor: page.next_cursor,
    }))
}

/// The movements of a cash balance as CSV, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/portfolios/{id}/cash/{currency}/ledger.csv",
    operation_id = "portfolio_export_cash_ledger",
    tag = "portfolio",
    params(("id" = PortfolioId, Path), ("currency" = String, Path), LedgerQuery),
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
    Path(which): Path<(PortfolioId, Currency)>,
    Query(query): Query<LedgerQuery>,
) -> ApiResult<CsvFile> {
    let (known_on, currency) = (query.known_on, which.1);
    let (valuation, ledger) = service::ledger(&app, &valuations, &viewer, which, known_on).await?;
    let steps = ledger.between(query.from, query.to);
    let rows = service::told(&app, &viewer, &valuation, currency, steps).await?;
    let written = tokio::task::spawn_blocking(move || export::csv(currency, &rows)).await;
    let bytes = written
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| Problem::internal(&error))?;
    Ok(CsvFile {
        name: format!("cash-{currency}.csv"),
        bytes,
    })
}
