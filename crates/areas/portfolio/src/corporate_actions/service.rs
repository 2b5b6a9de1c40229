use std::collections::BTreeSet;

use db::{UserId, UserTx};
use jiff::civil::Date;
use ledger::{Books, Entry, Rules};
use market::{CorporateAction, CorporateActionId, InstrumentId};
use money::{Currency, FxTable};
use web::App;

use super::{
    Error, Proposal, Status,
    judge::{Case, Judgement},
    model::{Account, Decisions},
    store,
};
use crate::{
    loading::{self, Ledgers},
    portfolios::{self, Portfolio, PortfolioId},
    transactions::{self, Draft, TransactionId, entry::Assets},
};

/// How often an action is worked out anew because the portfolio changed meanwhile.
const ATTEMPTS: usize = 8;
/// Applying one action may propose another: shares of a spin-off that was split later, for instance.
const MAX_ROUNDS: usize = 12;

/// Where all corporate actions stand in the portfolios of a person, or in one of them, by ex-date.
pub(super) async fn list(
    app: &App,
    user: UserId,
    today: Date,
    wanted: Option<PortfolioId>,
) -> Result<Vec<Proposal>, Error> {
    let mut tx = app.db.read(user).await?;
    let portfolios = portfolios::store::list(&mut tx).await?;
    if wanted.is_some_and(|id| portfolios.iter().all(|portfolio| portfolio.id != id)) {
        return Err(portfolios::Error::NotFound.into());
    }
    let ledgers = loading::ledgers(&mut tx, portfolios).await?;
    let instruments: Vec<InstrumentId> = ledgers.instruments.iter().map(|i| i.id).collect();
    let (decisions, actions) = decisions_and_actions(&mut tx, &instruments).await?;
    // The unit of work ends before the ledger runs.
    drop(tx);
    let found =
        off_the_threads(move || every_portfolio(&ledgers, &actions, &decisions, today)).await?;
    Ok(found
        .into_iter()
        .filter(|proposal| wanted.is_none_or(|id| proposal.portfolio_id == id))
        .collect())
}

/// What was decided, and the actions of these instruments with those that were applied ever.
pub(super) async fn decisions_and_actions(
    tx: &mut UserTx,
    instruments: &[InstrumentId],
) -> Result<(Decisions, Vec<CorporateAction>), Error> {
    let decisions = store::decisions(tx).await?;
    let mut actions = market::corporate_actions::of_instruments(tx.conn(), instruments).await?;
    let listed: BTreeSet<CorporateActionId> = actions.iter().map(|action| action.id).collect();
    let missing: BTreeSet<CorporateActionId> = decisions
        .applied
        .keys()
        .map(|(_, action)| *action)
        .filter(|action| !listed.contains(action))
        .collect();
    if !missing.is_empty() {
        let missing: Vec<CorporateActionId> = missing.into_iter().collect();
        actions.extend(market::corporate_actions::list(tx.conn(), &missing).await?);
    }
    Ok((decisions, actions))
}

fn every_portfolio(
    ledgers: &Ledgers,
    actions: &[CorporateAction],
    decisions: &Decisions,
    today: Date,
) -> Vec<Proposal> {
    // Quantities alone decide, so neither currency nor rates matter here.
    let base = Currency::EUR;
    let index = Assets::of(&ledgers.instruments);
    let accounts: Vec<(Vec<Entry>, Rules)> = ledgers.accounts(base, None);
    let books: Vec<Books> = loading::replay(&accounts, &ledgers.assets(base), &FxTable::default());
    let mut found: Vec<Proposal> = Vec::new();
    for ((portfolio, (entries, _)), books) in ledgers.portfolios.iter().zip(&accounts).zip(&books) {
        let account = Account {
            portfolio,
            entries,
            books,
        };
        found.extend(account.proposals(&index, actions, decisions, today));
    }
    found.sort_by_key(|proposal| (proposal.action.terms.ex_date, proposal.action.id));
    found
}

async fn off_the_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())))?)
}

/// One action in one portfolio, with what it changes.
pub(super) async fn show(
    app: &App,
    user: UserId,
    today: Date,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<Judgement, Error> {
    let (case, _) = open(app, user, today, portfolio, action).await?;
    off_the_threads(move || case.judge())
        .await?
        .ok_or(Error::NotFound)
}

/// Reads a case, and the portfolio as it was then.
async fn open(
    app: &App,
    user: UserId,
    today: Date,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(Case, Portfolio), Error> {
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require(&mut tx, portfolio).await?;
    let action = require_action(&mut tx, action).await?;
    let mut ledgers = loading::ledgers(&mut tx, vec![portfolio.clone()]).await?;
    let missing: Vec<InstrumentId> = std::iter::once(action.instrument_id)
        .chain(action.terms.target_id)
        .filter(|id| ledgers.instruments.iter().all(|there| there.id != *id))
        .collect();
    if !missing.is_empty() {
        let instruments = market::instruments::list(tx.conn(), &missing).await?;
        ledgers.instruments.extend(instruments);
    }
    let decisions = store::decisions(&mut tx).await?;
    let fx = if portfolio.is_simulated {
        market::fx::simulated_table(tx.conn()).await?
    } else {
        market::fx::table(tx.conn()).await?
    };
    let case = Case {
        ledgers,
        applied: decisions.applied.get(&(portfolio.id, action.id)).copied(),
        action,
        decisions,
        fx,
        today,
    };
    Ok((case, portfolio))
}

async fn require_action(tx: &mut UserTx, id: CorporateActionId) -> Result<CorporateAction, Error> {
    let found = market::corporate_actions::list(tx.conn(), &[id]).await?;
    found.into_iter().next().ok_or(Error::NotFound)
}

/// Makes the portfolio's transaction what the action says: creates it, or corrects it where the
/// action was corrected. What is so already stays as it is. The transaction is worked out without
/// holding anything, so it is written only if the portfolio and the action are still the same.
pub(super) async fn apply(
    app: &App,
    user: UserId,
    today: Date,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<Proposal, Error> {
    for _ in 0..ATTEMPTS {
        let (case, seen) = open(app, user, today, portfolio, action).await?;
        let judgement = off_the_threads(move || case.judge())
            .await?
            .ok_or(Error::NotFound)?;
        let proposal = judgement.proposal;
        match proposal.status {
            Status::Applied => return Ok(proposal),
            Status::Recorded => return Err(Error::Recorded),
            Status::Withdrawn => return Err(Error::Withdrawn),
            Status::Open | Status::Declined | Status::Outdated => {}
        }
        let draft = judgement.draft.map_err(|reason| Error::ByHand { reason })?;
        match write(app, user, &seen, &proposal, &draft).await {
            Ok(id) => {
                return Ok(Proposal {
                    status: Status::Applied,
                    transaction_id: Some(id.0),
                    ..proposal
                });
            }
            Err(Error::Busy) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Busy)
}

async fn write(
    app: &App,
    user: UserId,
    seen: &Portfolio,
    proposal: &Proposal,
    draft: &Draft,
) -> Result<TransactionId, Error> {
    let action = &proposal.action;
    let mut tx = app.db.write(user).await?;
    let portfolio = portfolios::store::lock(&mut tx, seen.id).await?;
    let current = require_action(&mut tx, action.id).await?;
    if portfolio.revision != seen.revision || current.version != action.version {
        return Err(Error::Busy);
    }
    let id = match proposal.transaction_id.map(TransactionId) {
        Some(id) => {
            transactions::store::update(&mut tx, id, seen.id, draft, None).await?;
            id
        }
        None => transactions::service::insert(&mut tx, user, &portfolio, draft).await?,
    };
    store::mark(&mut tx, id, action.id, action.terms_version).await?;
    store::delete_decision(&mut tx, seen.id, action.id).await?;
    tx.commit().await?;
    Ok(id)
}

/// What applying everything led to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) applied: Vec<Proposal>,
    /// Open ones that are to be recorded by hand.
    pub(super) left: usize,
}

/// Applies every open proposal, the oldest first, until none follows from another.
pub(super) async fn apply_all(
    app: &App,
    user: UserId,
    today: Date,
    wanted: Option<PortfolioId>,
) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    for _ in 0..MAX_ROUNDS {
        let found = list(app, user, today, wanted).await?;
        let (open, left): (Vec<Proposal>, Vec<Proposal>) = found
            .into_iter()
            .filter(|proposal| proposal.status == Status::Open)
            .partition(|proposal| proposal.obstacle.is_none());
        outcome.left = left.len();
        if open.is_empty() {
            break;
        }
        for proposal in open {
            let (portfolio, action) = (proposal.portfolio_id, proposal.action.id);
            match apply(app, user, today, portfolio, action).await {
                Ok(applied) => outcome.applied.push(applied),
                // An action applied before may have changed what this one finds.
                Err(Error::NotFound | Error::Recorded | Error::ByHand { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(outcome)
}

/// Remembers that the person does not want an action in a portfolio.
pub(super) async fn decline(
    app: &App,
    user: UserId,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    portfolios::store::lock(&mut tx, portfolio).await?;
    require_action(&mut tx, action).await?;
    if store::applied(&mut tx, portfolio, action).await?.is_some() {
        return Err(Error::Applied);
    }
    store::insert_decision(&mut tx, user, portfolio, action).await?;
    Ok(tx.commit().await?)
}

/// Proposes a declined action again.
pub(super) async fn reopen(
    app: &App,
    user: UserId,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    portfolios::store::lock(&mut tx, portfolio).await?;
    require_action(&mut tx, action).await?;
    store::delete_decision(&mut tx, portfolio, action).await?;
    Ok(tx.commit().await?)
}

/// Deletes the transaction that applies an action; where there is none, there is nothing to do.
pub(super) async fn reverse(
    app: &App,
    user: UserId,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    portfolios::store::lock(&mut tx, portfolio).await?;
    require_action(&mut tx, action).await?;
    if let Some(id) = store::applied(&mut tx, portfolio, action).await? {
        transactions::service::remove(&mut tx, id).await?;
    }
    Ok(tx.commit().await?)
}
