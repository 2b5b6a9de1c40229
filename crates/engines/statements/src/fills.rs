//! Executions as brokers report them, turned into rows: what opens and what closes a position, what
//! cancels what, and which shares changed hands because an option was used.
//!
//! A fill says how many shares were bought (positive) or sold (negative). Where the broker does not
//! say whether it opened or closed, the position is followed from fill to fill of the same account
//! and instrument, in the order of dates.

pub(crate) mod conversion;
mod options;
mod position;

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{Row, Security, Statement, code, draft::Draft, model::Refusal};

/// What the broker says of the position behind a fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Begins or enlarges a position.
    Opens,
    /// Ends or reduces a position.
    Closes,
    /// Ends a position and begins the opposite one.
    ClosesAndOpens,
    /// Not said.
    #[default]
    Unknown,
}

/// Why an option, or the shares behind it, changed hands without a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionEvent {
    Exercise,
    Assignment,
    Expiry,
}

/// One execution.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) line: u64,
    pub(crate) account: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) date: Date,
    pub(crate) executed_at: Option<Timestamp>,
    pub(crate) security: Security,
    /// Positive was bought, negative was sold.
    pub(crate) quantity: Decimal,
    /// Price of one share, where stated.
    pub(crate) price: Option<Decimal>,
    /// Gross amount without sign.
    pub(crate) amount: Decimal,
    /// Charges, positive when they were paid.
    pub(crate) fees: Decimal,
    pub(crate) taxes: Decimal,
    pub(crate) currency: Currency,
    /// A commission in another currency.
    pub(crate) foreign_fee: Option<(Decimal, Currency)>,
    pub(crate) effect: Effect,
    pub(crate) event: Option<OptionEvent>,
    /// The broker states a realised gain, and it is zero: nothing was closed.
    pub(crate) realises_nothing: bool,
    /// Takes an earlier fill back.
    pub(crate) cancels: bool,
    pub(crate) note: Option<String>,
}

impl Fill {
    pub(crate) fn new(
        line: u64,
        date: Date,
        security: Security,
        quantity: Decimal,
        currency: Currency,
    ) -> Self {
        Self {
            line,
            account: None,
            id: None,
            date,
            executed_at: None,
            security,
            quantity,
            price: None,
            amount: Decimal::ZERO,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            foreign_fee: None,
            effect: Effect::Unknown,
            event: None,
            realises_nothing: false,
            cancels: false,
            note: None,
        }
    }

    /// The shares that were traded, with sign.
    pub(crate) fn shares(&self) -> Result<Decimal, Refusal> {
        self.draft(TransactionKind::Buy).shares(self.quantity)
    }

    /// A draft with everything that does not depend on the type.
    fn draft(&self, kind: TransactionKind) -> Draft {
        let mut draft = Draft::new(self.line, self.date, kind, self.currency);
        draft.account.clone_from(&self.account);
        draft.external_id.clone_from(&self.id);
        draft.executed_at = self.executed_at;
        draft.security = Some(self.security.clone());
        draft.fees = self.fees;
        draft.taxes = self.taxes;
        draft.note.clone_from(&self.note);
        draft
    }
}

/// Adds the rows of all fills to the statement, in which splits and transfers must be already, since
/// they change what is held. Callers sort the rows by line afterwards.
pub(crate) fn take(statement: &mut Statement, fills: Vec<Fill>) {
    let fills = without_cancelled(statement, fills);
    let fills = options::with_shares_absorbed(statement, fills);
    let fees: Vec<(u64, Result<Row, Refusal>)> = fills
        .iter()
        .filter_map(|fill| {
            let (amount, currency) = fill.foreign_fee?;
            Some((fill.line, foreign_fee(fill, amount, currency)))
        })
        .collect();
    position::take(statement, fills);
    for (line, fee) in fees {
        statement.take(line, fee);
    }
}

/// Brings rows and notes back into the order of the file; what has one line keeps its order.
pub(crate) fn sort_by_line(statement: &mut Statement) {
    statement.rows.sort_by_key(|row| row.line);
    statement.rejected.sort_by_key(|found| found.line);
    statement.skipped.sort_by_key(|found| found.line);
}

/// Drops each cancelled fill together with what cancels it.
fn without_cancelled(statement: &mut Statement, fills: Vec<Fill>) -> Vec<Fill> {
    if !fills.iter().any(|fill| fill.cancels) {
        return fills;
    }
    let mut standing: HashMap<_, Vec<usize>> = HashMap::new();
    let mut is_dropped = vec![false; fills.len()];
    for (place, fill) in fills.iter().enumerate() {
        let key = (
            &fill.account,
            &fill.security.symbol,
            fill.quantity.abs(),
            fill.amount,
        );
        if !fill.cancels {
            standing.entry(key).or_default().push(place);
            continue;
        }
        is_dropped[place] = true;
        let Some(cancelled) = standing.get_mut(&key).and_then(Vec::pop) else {
            let refusal = Refusal::new(
                code::NOT_SUPPORTED_YET,
                format!(
                    "the trade of {} cancels an earlier trade that is not in this file: delete \
                     that trade by hand",
                    fill.security.symbol
                ),
            );
            statement.take(fill.line, Err(refusal));
            continue;
        };
        is_dropped[cancelled] = true;
        let other = fills[cancelled].line;
        skip(
            statement,
            other,
            &format!("is cancelled on line {}", fill.line),
        );
        skip(statement, fill.line, &format!("cancels line {other}"));
    }
    let kept = fills.into_iter().zip(is_dropped);
    kept.filter(|(_, is_dropped)| !is_dropped)
        .map(|(fill, _)| fill)
        .collect()
}

fn skip(statement: &mut Statement, line: u64, what: &str) {
    let refusal = Refusal::new(code::NOTHING_TO_RECORD, format!("the trade {what}"));
    statement.take(line, Err(refusal));
}

/// A commission in another currency is a fee of its own.
fn foreign_fee(fill: &Fill, amount: Decimal, currency: Currency) -> Result<Row, Refusal> {
    let mut fee = fill.draft(TransactionKind::Fee);
    fee.currency = currency;
    (fee.fees, fee.taxes) = (Decimal::ZERO, Decimal::ZERO);
    fee.amount = Some(amount);
    fee.external_id = fee.external_id.map(|id| format!("{id}/commission"));
    fee.note = Some("Commission".to_owned());
    fee.check()
}
