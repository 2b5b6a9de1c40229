use jiff::{Timestamp, civil::Date};
use ledger::TransactionKind;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ledger::{Step, is_negative};
use crate::valuation::Valuation;

/// A movement of a balance.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Movement {
    /// The transaction.
    pub(super) transaction_id: Uuid,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub(super) kind: TransactionKind,
    /// The instrument, where it is about one.
    #[schema(value_type = Option<Uuid>)]
    pub(super) instrument_id: Option<InstrumentId>,
    /// Its symbol.
    pub(super) symbol: Option<String>,
    /// The note of the transaction.
    pub(super) note: Option<String>,
    /// What moved: above zero what came in, below zero what went out.
    #[schema(value_type = String)]
    pub(super) amount: Decimal,
    /// What was left after it.
    #[schema(value_type = String)]
    pub(super) balance: Decimal,
    /// Whether that is below zero, rounded to the digits of the currency.
    pub(super) is_negative: bool,
    /// When it was first recorded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) recorded_at: Option<Timestamp>,
    /// Whether later movements had been recorded before it: it changed balances that were known.
    pub(super) is_back_dated: bool,
}

/// Days in a row that ended below zero.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Stretch {
    /// The first of them.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// The first day after them; absent while it lasts.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) until: Option<Date>,
    /// The lowest balance at the end of a day.
    #[schema(value_type = String)]
    pub(super) lowest: Decimal,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) lowest_on: Date,
    /// The `id` of its finding on the health page; absent where there is none.
    pub(super) finding: Option<String>,
    /// Whether the finding was accepted.
    pub(super) is_accepted: bool,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Interval {
    /// Calendar months.
    #[default]
    Month,
    /// Calendar years.
    Year,
}

/// A period from its opening balance to its closing one.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct PeriodSums {
    /// Its first day, or the first that was asked for.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// Its last day, or the last that was asked for.
    #[schema(value_type = String, format = Date)]
    pub(super) to: Date,
    /// The balance before it.
    #[schema(value_type = String)]
    pub(super) opening: Decimal,
    /// What came in.
    #[schema(value_type = String)]
    pub(super) came_in: Decimal,
    /// What went out.
    #[schema(value_type = String)]
    pub(super) went_out: Decimal,
    /// The balance at its end.
    #[schema(value_type = String)]
    pub(super) closing: Decimal,
}

impl Movement {
    /// A step in words.
    pub(super) fn new(
        valuation: &Valuation,
        currency: Currency,
        step: Step,
        note: Option<String>,
    ) -> Self {
        let instrument = step.asset.map(|asset| valuation.instrument(asset));
        Self {
            transaction_id: step.transaction,
            date: step.date,
            kind: step.kind,
            instrument_id: instrument.map(|instrument| instrument.id),
            symbol: instrument.map(|instrument| instrument.symbol.clone()),
            note,
            amount: step.amount,
            balance: step.balance,
            is_negative: is_negative(step.balance, currency),
            recorded_at: step.recorded_at,
            is_back_dated: step.is_back_dated,
        }
    }
}
