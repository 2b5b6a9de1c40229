use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Entry, TransactionKind};
use market::{CorporateAction, CorporateActionId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    portfolios::{Portfolio, PortfolioId},
    transactions::{Draft, entry::Assets},
};

/// A transaction of the same type this many days around an action is the action.
const SAME_EVENT_DAYS: i32 = 3;

/// Where a corporate action stands in a portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has decided.
    Open,
    /// Applied, but the action was corrected since.
    Outdated,
    /// Applied, but the action was deleted since.
    Withdrawn,
    /// Applied as it is stated.
    Applied,
    /// Recorded by hand or by an import.
    Recorded,
    /// Not wanted.
    Declined,
}

impl Status {
    /// Whether the person should look at it.
    pub fn needs_decision(self) -> bool {
        matches!(self, Self::Open | Self::Outdated | Self::Withdrawn)
    }
}

/// A transaction that applies an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) transaction: Uuid,
    /// The terms that it applied.
    pub(super) terms: i32,
}

/// What a person has decided so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions {
    pub(super) applied: HashMap<(PortfolioId, CorporateActionId), Applied>,
    pub(super) declined: HashSet<(PortfolioId, CorporateActionId)>,
}

/// A corporate action of an instrument that a portfolio holds.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The portfolio.
    pub portfolio_id: PortfolioId,
    /// Its name.
    pub portfolio: String,
    /// The action.
    pub action: CorporateAction,
    /// Where it stands.
    pub status: Status,
    /// Shares held at the end of the day before the ex-date; negative when they are owed.
    pub quantity: Decimal,
    /// The transaction that applies it.
    pub transaction_id: Option<Uuid>,
    /// Why it cannot be applied here.
    pub obstacle: Option<String>,
}

/// A portfolio with what its transactions led to.
#[derive(Clone, Copy)]
pub(super) struct Account<'a> {
    pub(super) portfolio: &'a Portfolio,
    pub(super) entries: &'a [Entry],
    pub(super) books: &'a Books,
}

impl Account<'_> {
    /// Where each action stands in this portfolio; those that do not concern it are left out.
    pub(super) fn proposals(
        self,
        assets: &Assets,
        actions: &[CorporateAction],
        decisions: &Decisions,
        today: Date,
    ) -> Vec<Proposal> {
        actions
            .iter()
            .filter_map(|action| self.proposal(assets, action, decisions, today))
            .collect()
    }

    fn proposal(
        self,
        assets: &Assets,
        action: &CorporateAction,
        decisions: &Decisions,
        today: Date,
    ) -> Option<Proposal> {
        let place = (self.portfolio.id, action.id);
        let applied = decisions.applied.get(&place);
        let asset = assets.get(action.instrument_id);
        let quantity = asset.map_or(Decimal::ZERO, |asset| self.held_before(asset, action));
        let status = match applied {
            Some(_) if action.is_withdrawn => Status::Withdrawn,
            Some(applied) if applied.terms != action.terms_version => Status::Outdated,
            Some(_) => Status::Applied,
            None if action.is_withdrawn || action.terms.booked_on() > today => return None,
            None if quantity.is_zero() => return None,
            None if asset.is_some_and(|asset| self.has_recorded(asset, action, decisions)) => {
                Status::Recorded
            }
            None if decisions.declined.contains(&place) => Status::Declined,
            None => Status::Open,
        };
        let obstacle = draft(action, quantity, self.portfolio).err();
        Some(Proposal {
            portfolio_id: self.portfolio.id,
            portfolio: self.portfolio.name.clone(),
            action: action.clone(),
            status,
            quantity,
            transaction_id: applied.map(|applied| applied.transaction),
            obstacle: obstacle.filter(|_| status != Status::Withdrawn),
        })
    }

    /// Shares at the end of the day before the ex-date.
    pub(super) fn held_before(self, asset: AssetIndex, action: &CorporateAction) -> Decimal {
        let steps = self.books.quantity_steps.get(&asset);
        let before = steps
            .into_iter()
            .flatten()
            .take_while(|(day, _)| *day < action.terms.ex_date);
        before
            .last()
            .map_or(Decimal::ZERO, |(_, quantity)| *quantity)
    }

    /// Whether the event came by hand or from a file.
    fn has_recorded(
        self,
        asset: AssetIndex,
        action: &CorporateAction,
        decisions: &Decisions,
    ) -> bool {
        let terms = &action.terms;
        let is_near = |day: Date| {
            let days = |other: Date| other.duration_since(day).as_hours().abs() / 24;
            days(terms.ex_date) <= i64::from(SAME_EVENT_DAYS)
                || days(terms.booked_on()) <= i64::from(SAME_EVENT_DAYS)
        };
        let is_same = |kind: TransactionKind| {
            kind == terms.kind
                || (terms.kind == TransactionKind::Dividend
                    && kind == TransactionKind::ReinvestedDividend)
        };
        let applies_another = |entry: &Entry| {
            decisions
                .applied
                .values()
                .any(|a| a.transaction == entry.id)
        };
        self.entries.iter().any(|entry| {
            entry.event.asset() == Some(asset)
                && is_same(entry.event.kind())
                && is_near(entry.date)
                && !applies_another(entry)
        })
    }
}

/// The transaction that applies an action to `quantity` shares; the error says why there is none, and
/// what to do.
pub(super) fn draft(
    action: &CorporateAction,
    quantity: Decimal,
    portfolio: &Portfolio,
) -> Result<Draft, String> {
    use TransactionKind::{Merger, ReturnOfCapital, Split, StockDividend};
    let terms = &action.terms;
    let kind = terms.kind;
    let is_short = quantity < Decimal::ZERO;
    let depends_on_broker =
        matches!(kind, StockDividend | ReturnOfCapital) || (kind == Merger && terms.cash.is_some());
    if is_short && depends_on_broker {
        return Err(
            "The shares are owed, not held: record by hand what your broker booked, then decline \
             this."
                .to_owned(),
        );
    }
    let too_large = || {
        "The result has more digits than a transaction can keep: check the terms of the action."
            .to_owned()
    };
    let received = match (kind, terms.ratio) {
        (StockDividend, Some(ratio)) => Some(
            quantity
                .checked_mul(ratio.to)
                .and_then(|shares| shares.checked_div(ratio.from))
                .ok_or_else(too_large)?,
        ),
        _ => None,
    };
    let amount = match terms.cash {
        Some(cash) => quantity.checked_mul(cash.amount).ok_or_else(too_large)?,
        None => Decimal::ZERO,
    };
    let states_ratio = kind == Split || kind.has_target();
    let draft = Draft {
        kind,
        date: terms.booked_on(),
        executed_at: None,
        instrument_id: Some(action.instrument_id),
        quantity: received,
        price: None,
        amount,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: terms.cash.map_or(portfolio.currency, |cash| cash.currency),
        settlement: None,
        ratio: terms.ratio.filter(|_| states_ratio),
        target_id: terms.target_id,
        cost_share: terms.cost_share,
        acquired_on: None,
        transfer_id: None,
        lots: Vec::new(),
        note: Some(action.note.clone()).filter(|note| !note.is_empty()),
        account: None,
        external_id: None,
    }
    .rounded();
    match draft.check() {
        Ok(()) => Ok(draft),
        Err(errors) => Err(errors
            .first()
            .map_or_else(too_large, |error| error.detail.clone())),
    }
}

/// The asset of an instrument, for figures.
pub(super) fn asset_at(assets: &[Asset], index: AssetIndex) -> Option<&Asset> {
    assets.get(index.0 as usize)
}
