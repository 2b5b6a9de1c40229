use std::fmt;

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::FieldError;

use crate::InstrumentId;

/// What can be stated as a corporate action, in the order in which it is offered.
pub const KINDS: [TransactionKind; 7] = [
    TransactionKind::Split,
    TransactionKind::SpinOff,
    TransactionKind::Merger,
    TransactionKind::SymbolChange,
    TransactionKind::StockDividend,
    TransactionKind::ReturnOfCapital,
    TransactionKind::Dividend,
];

/// Ratios and amounts stay below it: the columns hold twelve digits before the point.
const MAX_VALUE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
/// Digits after the point of a share of the cost.
const SHARE_DIGITS: u32 = 10;

/// Names a corporate action.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    sqlx::Type,
    ToSchema,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct CorporateActionId(pub Uuid);

impl fmt::Display for CorporateActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Money that is paid for each share held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CashPerShare {
    /// For one share, above zero.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

/// What an action does to whoever holds the instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// One of [`KINDS`].
    pub kind: TransactionKind,
    /// The first day on which the shares trade without what the action gives.
    pub ex_date: Date,
    /// When money is paid, where that is a later day.
    pub pay_date: Option<Date>,
    /// Shares after for shares before; of a spin-off, a merger or a stock dividend, shares received
    /// for shares held.
    pub ratio: Option<Ratio>,
    /// The instrument whose shares are received.
    pub target_id: Option<InstrumentId>,
    /// The part of the cost that goes with them, 0 to 1.
    pub cost_share: Option<Decimal>,
    /// What is paid.
    pub cash: Option<CashPerShare>,
}

/// What the owner states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorporateAction {
    /// Whose shares it is about.
    pub instrument_id: InstrumentId,
    /// What it does.
    pub terms: Terms,
    /// The provider or the file that says so; `by hand` where an administrator does.
    pub source: String,
    /// Free text.
    pub note: String,
}

/// A corporate action as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorporateAction {
    /// Names it.
    pub id: CorporateActionId,
    /// Whose shares it is about.
    pub instrument_id: InstrumentId,
    /// Symbol of that instrument.
    pub symbol: String,
    /// What it does.
    pub terms: Terms,
    /// Symbol of the instrument whose shares are received.
    pub target_symbol: Option<String>,
    /// The provider or the file that says so; `by hand` where an administrator does.
    pub source: String,
    /// Free text.
    pub note: String,
    /// Grows with every edit.
    pub version: i32,
    /// Grows when the terms become others.
    pub terms_version: i32,
    /// Whether it was deleted; it stays for those who applied it.
    pub is_withdrawn: bool,
}

impl Terms {
    /// The day on which it enters the books of whoever holds the instrument.
    pub fn booked_on(&self) -> Date {
        self.pay_date.unwrap_or(self.ex_date)
    }

    /// The terms with their numbers as the database keeps them.
    #[must_use]
    pub fn rounded(mut self) -> Self {
        if let Some(ratio) = &mut self.ratio {
            *ratio = Ratio {
                to: money::round_to_store(ratio.to).normalize(),
                from: money::round_to_store(ratio.from).normalize(),
            };
        }
        self.cost_share = self
            .cost_share
            .map(|share| share.round_dp(SHARE_DIGITS).normalize());
        if let Some(cash) = &mut self.cash {
            cash.amount = money::round_to_store(cash.amount).normalize();
        }
        self
    }

    /// Checks that there is what the type needs and nothing else.
    pub fn check(&self, instrument: InstrumentId) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        if !KINDS.contains(&self.kind) {
            let detail = format!("A {} is no corporate action.", word(self.kind));
            errors.push(refusal("type", "unknown_type", detail));
            return Err(errors);
        }
        self.check_dates(&mut errors);
        self.check_shares(&mut errors);
        self.check_target(instrument, &mut errors);
        self.check_cash(&mut errors);
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn check_dates(&self, errors: &mut Vec<FieldError>) {
        if self.ex_date.year() < 1900 {
            let detail = "The ex-date must not be before 1900.";
            errors.push(refusal("ex_date", "too_early", detail));
        }
        if self.pay_date.is_some_and(|day| day < self.ex_date) {
            let detail = "The pay date must not be before the ex-date.";
            errors.push(refusal("pay_date", "too_early", detail));
        }
    }

    fn check_shares(&self, errors: &mut Vec<FieldError>) {
        use TransactionKind::{Merger, SpinOff, Split, StockDividend};
        let word = word(self.kind);
        let takes_ratio = matches!(self.kind, Split | SpinOff | Merger | StockDividend);
        let needs_ratio = match self.kind {
            Merger => self.target_id.is_some(),
            _ => takes_ratio,
        };
        if needs_ratio && self.ratio.is_none() {
            let detail = format!("A {word} needs a ratio of new shares for old, such as 4:1.");
            errors.push(refusal("ratio", "missing_field", detail));
        }
        if self.ratio.is_some() && (!takes_ratio || (self.kind == Merger && !needs_ratio)) {
            let detail = format!("A {word} without shares to be received has no ratio.");
            errors.push(refusal("ratio", "not_expected", detail));
        }
        let is_wrong = |n: Decimal| n <= Decimal::ZERO || n >= MAX_VALUE;
        if self
            .ratio
            .is_some_and(|r| is_wrong(r.to) || is_wrong(r.from))
        {
            let detail = format!("Both sides of a ratio must be above zero and below {MAX_VALUE}.");
            errors.push(refusal("ratio", "out_of_range", detail));
        }
        let share = self.cost_share;
        if share.is_some_and(|share| !(Decimal::ZERO..=Decimal::ONE).contains(&share)) {
            let detail = "The cost share must be from 0 to 1.";
            errors.push(refusal("cost_share", "out_of_range", detail));
        } else if self.kind == SpinOff && share.is_none() {
            let detail = "A spin-off needs the part of the cost that goes with the new shares.";
            errors.push(refusal("cost_share", "missing_field", detail));
        } else if share.is_some() && !matches!(self.kind, SpinOff | Merger) {
            let detail = format!("A {word} divides no cost.");
            errors.push(refusal("cost_share", "not_expected", detail));
        }
    }

    fn check_target(&self, instrument: InstrumentId, errors: &mut Vec<FieldError>) {
        use TransactionKind::Merger;
        let pays = self.kind == Merger && self.cash.is_some();
        let word = word(self.kind);
        if self.kind.has_target() && self.target_id.is_none() && !pays {
            let detail = format!("A {word} needs the instrument whose shares are received.");
            errors.push(refusal("target_symbol", "missing_field", detail));
        }
        if !self.kind.has_target() && self.target_id.is_some() {
            let detail = format!("A {word} gives no shares of another instrument.");
            errors.push(refusal("target_symbol", "not_expected", detail));
        }
        if self.target_id == Some(instrument) {
            let detail = "The instrument received must be another one.";
            errors.push(refusal("target_symbol", "same_instrument", detail));
        }
    }

    fn check_cash(&self, errors: &mut Vec<FieldError>) {
        use TransactionKind::{Dividend, Merger, ReturnOfCapital};
        let pays = matches!(self.kind, Dividend | ReturnOfCapital);
        let word = word(self.kind);
        if pays && self.cash.is_none() {
            let detail = format!("A {word} needs the cash paid for one share.");
            errors.push(refusal("cash_per_share", "missing_field", detail));
        }
        if self.cash.is_some() && !pays && self.kind != Merger {
            let detail = format!("A {word} pays no cash.");
            errors.push(refusal("cash_per_share", "not_expected", detail));
        }
        let is_wrong =
            |cash: CashPerShare| cash.amount <= Decimal::ZERO || cash.amount >= MAX_VALUE;
        if self.cash.is_some_and(is_wrong) {
            let detail = format!("The cash per share must be above zero and below {MAX_VALUE}.");
            errors.push(refusal("cash_per_share", "out_of_range", detail));
        }
    }
}

impl CorporateAction {
    /// The type for people.
    pub fn label(&self) -> &'static str {
        label(self.terms.kind)
    }

    /// Terms in a few words: `4:1`, `1:10 BABY, 20 % of the cost`, `0.25 USD a share`.
    pub fn terms_text(&self) -> String {
        let terms = &self.terms;
        let mut parts = Vec::new();
        let shares = match (terms.ratio.map(ratio_text), &self.target_symbol) {
            (Some(ratio), Some(target)) => Some(format!("{ratio} {target}")),
            (Some(ratio), None) => Some(ratio),
            (None, Some(target)) => Some(format!("becomes {target}")),
            (None, None) => None,
        };
        parts.extend(shares);
        parts.extend(terms.cost_share.map(|share| {
            let percent = (share * Decimal::ONE_HUNDRED).normalize();
            format!("{percent} % of the cost")
        }));
        parts.extend(
            terms
                .cash
                .map(|cash| format!("{} {} a share", cash.amount, cash.currency)),
        );
        parts.join(", ")
    }
}

/// The type for people.
pub(super) fn label(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::Split => "Split",
        TransactionKind::SpinOff => "Spin-off",
        TransactionKind::Merger => "Merger",
        TransactionKind::SymbolChange => "Symbol change",
        TransactionKind::StockDividend => "Stock dividend",
        TransactionKind::ReturnOfCapital => "Return of capital",
        _ => "Dividend",
    }
}

/// New for old, such as `4:1`.
pub(crate) fn ratio_text(ratio: Ratio) -> String {
    format!("{}:{}", ratio.to.normalize(), ratio.from.normalize())
}

/// The type in words, as in "a return of capital".
pub(crate) fn word(kind: TransactionKind) -> String {
    kind.as_str().replace('_', " ")
}

pub(super) fn refusal(pointer: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError {
        pointer: pointer.into(),
        code: code.into(),
        detail: detail.into(),
    }
}
