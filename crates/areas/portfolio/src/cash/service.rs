use std::sync::Arc;

use db::UserId;
use identity::Viewer;
use jiff::civil::Date;
use money::Currency;
use uuid::Uuid;
use web::{App, Problem};

use super::{
    ledger::{CashLedger, Step},
    model::Movement,
    store,
};
use crate::{
    history::end_of,
    portfolios::PortfolioId,
    scope::Scope,
    valuation::{Valuation, Valuations},
};

/// The valuation of one portfolio has one part.
const PART: usize = 0;

/// The ledger of one balance, with the valuation that it is part of. A balance that never was is not
/// found; one that was not there yet on the day asked for is empty.
pub(super) async fn ledger(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    (portfolio, currency): (PortfolioId, Currency),
    known_on: Option<Date>,
) -> Result<(Arc<Valuation>, Arc<CashLedger>), Problem> {
    let scope = Scope::known(Some(portfolio), known_on);
    let valuation = scope.value(app, valuations, viewer).await?;
    let found = ledger_of(app, viewer.user_id, &valuation, currency).await?;
    Ok((valuation, found))
}

/// The ledger of one balance of the portfolio that was valued.
pub(super) async fn ledger_of(
    app: &App,
    user: UserId,
    valuation: &Arc<Valuation>,
    currency: Currency,
) -> Result<Arc<CashLedger>, Problem> {
    let only = valuation.portfolios.get(PART);
    let only = only.zip(valuation.parts.get(PART));
    let (portfolio, part) = only.ok_or_else(|| Problem::not_found("portfolio"))?;
    let known_on = valuation.known_on;
    if known_on.is_none() && !part.books.cash.contains_key(&currency) {
        return Err(Problem::not_found("cash balance"));
    }
    if let Some(kept) = valuation.cash_ledgers.get(PART, currency) {
        return Ok(kept);
    }
    let mut tx = app.db.read(user).await?;
    let recorded = store::list_recorded(&mut tx, portfolio.id, known_on.map(end_of)).await?;
    drop(tx);
    // Every posting of the portfolio is gone through, which is too long for an async thread.
    let built = tokio::task::spawn_blocking({
        let valuation = valuation.clone();
        move || {
            let part = valuation.parts.get(PART)?;
            let ledger = CashLedger::new(&valuation, part, currency, &recorded);
            Some(Arc::new(ledger))
        }
    })
    .await
    .map_err(|error| Problem::internal(&error))?;
    let built = built.ok_or_else(|| Problem::not_found("portfolio"))?;
    valuation.cash_ledgers.keep(PART, built.clone());
    Ok(built)
}

/// Movements in words, with their notes.
pub(super) async fn told(
    app: &App,
    viewer: &Viewer,
    valuation: &Valuation,
    currency: Currency,
    steps: &[Step],
) -> Result<Vec<Movement>, Problem> {
    let ids: Vec<Uuid> = steps.iter().map(|step| step.transaction).collect();
    let mut tx = app.db.read(viewer.user_id).await?;
    let notes = store::list_notes(&mut tx, &ids, valuation.known_on.map(end_of)).await?;
    drop(tx);
    let movement = |step: &Step| {
        let note = notes.get(&step.transaction).cloned();
        Movement::new(valuation, currency, *step, note)
    };
    Ok(steps.iter().map(movement).collect())
}
