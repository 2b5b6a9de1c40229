use std::sync::Arc;

use db::UserId;
use identity::Viewer;
use jiff::civil::Date;
use money::Currency;
use web::{App, Problem};

use super::{model::CashLedger, store};
use crate::{
    portfolios::PortfolioId,
    scope::Scope,
    valuation::{Valuation, Valuations},
};

/// The ledger of one balance, with the valuation that it is part of. A balance that never was is not
/// found; one that was not there yet on the day asked for is empty.
pub(super) async fn ledger(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    (portfolio, currency): (PortfolioId, Currency),
    known_on: Option<Date>,
) -> Result<(Arc<Valuation>, CashLedger), Problem> {
    let scope = Scope::known(Some(portfolio), known_on);
    let valuation = scope.value(app, valuations, viewer).await?;
    let found = ledger_of(app, viewer.user_id, &valuation, currency).await?;
    Ok((valuation, found))
}

/// The ledger of one balance of the portfolio that was valued.
pub(super) async fn ledger_of(
    app: &App,
    user: UserId,
    valuation: &Valuation,
    currency: Currency,
) -> Result<CashLedger, Problem> {
    let only = valuation.portfolios.first().zip(valuation.parts.first());
    let (portfolio, part) = only.ok_or_else(|| Problem::not_found("portfolio"))?;
    if valuation.known_on.is_none() && !part.books.cash.contains_key(&currency) {
        return Err(Problem::not_found("cash balance"));
    }
    let mut tx = app.db.read(user).await?;
    let recorded = store::list_recorded(&mut tx, portfolio.id).await?;
    drop(tx);
    Ok(CashLedger::new(valuation, part, currency, &recorded))
}
