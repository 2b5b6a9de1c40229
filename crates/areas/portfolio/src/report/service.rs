use db::UserId;
use jiff::civil::Date;
use ledger::CostBasis;
use performance::Days;
use web::{App, FieldError};

use super::model::{HoldingReport, PerformanceReport, PortfolioReport, TotalsReport, stored};
use crate::{
    portfolios::{self, Portfolio, PortfolioId},
    transactions::Error,
    valuation::{Request, Valuations},
};

/// What a report is to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// The day; today unless given.
    pub as_of: Option<Date>,
    /// First day of the performance figures; the first transaction unless given.
    pub from: Option<Date>,
    /// Another cost basis than the portfolio's own.
    pub cost_basis: Option<CostBasis>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    pub known_on: Option<Date>,
}

/// Reports a portfolio by name, regardless of case.
pub async fn report_by_name(
    app: &App,
    valuations: &Valuations,
    user: UserId,
    name: &str,
    wanted: Wanted,
) -> Result<PortfolioReport, Error> {
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require_by_name(&mut tx, name).await?;
    drop(tx);
    of_portfolio(app, valuations, user, &portfolio, wanted).await
}

/// Reports a portfolio.
pub async fn report(
    app: &App,
    valuations: &Valuations,
    user: UserId,
    id: PortfolioId,
    wanted: Wanted,
) -> Result<PortfolioReport, Error> {
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require(&mut tx, id).await?;
    drop(tx);
    of_portfolio(app, valuations, user, &portfolio, wanted).await
}

async fn of_portfolio(
    app: &App,
    valuations: &Valuations,
    user: UserId,
    portfolio: &Portfolio,
    wanted: Wanted,
) -> Result<PortfolioReport, Error> {
    let today = app.clock.today(&jiff::tz::TimeZone::UTC);
    let as_of = wanted.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Error::Invalid(vec![FieldError {
            pointer: "as_of".to_owned(),
            code: "out_of_range".to_owned(),
            detail: format!("The report is of a day up to {today}: {as_of} has no prices yet."),
        }]));
    }
    let request = Request {
        portfolio: Some(portfolio.id),
        base: None,
        cost_basis: wanted.cost_basis,
        as_of,
        known_on: wanted.known_on,
    };
    let valuation = valuations
        .value(app, user, request, portfolio.currency)
        .await?;
    let from = valuation.daily.as_ref().map(|daily| match wanted.from {
        Some(from) => from.clamp(daily.first, as_of.max(daily.first)),
        None => daily.first,
    });
    let days = from.map(|from| Days { from, to: as_of });
    let summary = days.and_then(|days| valuation.summary(days));
    Ok(PortfolioReport {
        portfolio: portfolio.name.clone(),
        currency: valuation.base,
        as_of,
        known_on: valuation.known_on,
        is_unreconciled: valuation.is_unreconciled(),
        from,
        cost_basis_method: wanted.cost_basis.unwrap_or(portfolio.cost_basis),
        value: stored(valuation.totals.value),
        cash: valuation
            .cash
            .iter()
            .map(|c| (c.currency, stored(c.amount)))
            .collect(),
        net_invested: stored(valuation.totals.net_invested),
        holdings: valuation
            .holdings
            .iter()
            .filter(|holding| holding.matters())
            .map(|holding| HoldingReport::new(&valuation, holding))
            .collect(),
        totals: TotalsReport::new(&valuation),
        performance: PerformanceReport::new(summary.as_ref()),
        findings: valuation.findings.clone(),
    })
}
