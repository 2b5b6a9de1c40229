use std::collections::BTreeSet;

use db::UserId;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;
use web::{App, FieldError};

use super::{
    compute::{self, Input},
    model::{ChangesView, Question},
    store,
};
use crate::{
    history, loading,
    portfolios::PortfolioId,
    private_assets,
    transactions::{Error, Transaction, store::versions},
    valuation::store::overview,
};

/// Explains a past value.
pub(super) async fn explain(
    app: &App,
    user: UserId,
    question: Question,
    default_base: Currency,
) -> Result<ChangesView, Error> {
    if let Some(known_to) = question.known_to.filter(|to| *to < question.known_from) {
        return Err(Error::Invalid(vec![FieldError {
            pointer: "known_to".to_owned(),
            code: "out_of_range".to_owned(),
            detail: format!(
                "What is compared is known later: {known_to} is before {}.",
                question.known_from
            ),
        }]));
    }
    let question = Question {
        on: question.on.max(history::EARLIEST),
        ..question
    };
    let input = load(app, user, question, default_base).await?;
    let base = input.base;
    let (value_then, changes) = tokio::task::spawn_blocking(move || compute::explain(&input))
        .await
        .map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())))?;
    let value_now = changes.last().map_or(value_then, |last| last.value_after);
    Ok(ChangesView {
        currency: base,
        on: question.on,
        known_from: question.known_from,
        known_to: question.known_to,
        value_then,
        value_now,
        difference: value_now - value_then,
        // What became known and changed nothing on that day is no reason.
        changes: changes
            .into_iter()
            .filter(|change| change.effect != Decimal::ZERO || !change.transactions.is_empty())
            .collect(),
    })
}

async fn load(
    app: &App,
    user: UserId,
    question: Question,
    default_base: Currency,
) -> Result<Input, Error> {
    let from = history::end_of(question.known_from);
    let to = question.known_to.map(history::end_of);
    let mut tx = app.db.read(user).await?;
    let overview = overview(&mut tx, question.portfolio).await?;
    let base = match overview.portfolios.as_slice() {
        [only] if question.portfolio.is_some() => only.currency,
        _ => default_base,
    };
    let is_simulated = overview.portfolios.iter().any(|p| p.is_simulated);
    let linked = versions::list_ever_linked(&mut tx).await?;
    let (portfolios, wanted) = loading::with_linked(&mut tx, overview.portfolios, &linked).await?;
    let ids: Vec<PortfolioId> = portfolios.iter().map(|p| p.id).collect();
    let mut states = versions::list_states(&mut tx, &ids, from, to).await?;
    // An end that is not known yet has not happened.
    for state in &mut states {
        state.ended = state
            .ended
            .filter(|ended| to.is_none_or(|to| ended.at < to));
    }
    let named: BTreeSet<InstrumentId> = states
        .iter()
        .flat_map(|state| Transaction::instruments(&state.transaction))
        .collect();
    let instruments = loading::with_underlyings(&mut tx, &named).await?;
    let instrument_ids: Vec<InstrumentId> = instruments.iter().map(|i| i.id).collect();
    let closes =
        market::observations::closes(tx.conn(), &instrument_ids, question.on, from, to).await?;
    let private: Vec<InstrumentId> = instruments
        .iter()
        .filter(|instrument| instrument.is_private)
        .map(|instrument| instrument.id)
        .collect();
    let appraisals =
        private_assets::store::appraisals::list_changes(&mut tx, &private, question.on, to).await?;
    // The rates of the sample are made up once and never revised.
    let (fx, rates) = if is_simulated {
        (market::fx::simulated_table(tx.conn()).await?, Vec::new())
    } else {
        (
            market::observations::rates_as_known(tx.conn(), question.on, from).await?,
            market::observations::rates(tx.conn(), question.on, from, to).await?,
        )
    };
    let brought: BTreeSet<Uuid> = states
        .iter()
        .filter_map(|state| state.transaction.import_id)
        .collect();
    let brought: Vec<Uuid> = brought.into_iter().collect();
    let imports = store::list_imports(&mut tx, &brought).await?;
    Ok(Input {
        base,
        on: question.on,
        from,
        portfolios,
        wanted,
        instruments,
        states,
        closes,
        appraisals,
        fx,
        rates,
        imports,
    })
}
