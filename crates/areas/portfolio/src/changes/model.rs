use jiff::{Timestamp, civil::Date};
use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{portfolios::PortfolioId, transactions::TransactionId};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) portfolio: Option<PortfolioId>,
    /// The past day whose value is explained.
    pub(super) on: Date,
    /// What was known at the end of this day
    pub(super) known_from: Date,
    /// against what was known at the end of this one; now unless given.
    pub(super) known_to: Option<Date>,
}

/// A past value as known then and later, and all that lies between.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ChangesView {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// The past day.
    #[schema(value_type = String, format = Date)]
    pub(super) on: Date,
    /// The day at whose end (UTC) `value_then` was known.
    #[schema(value_type = String, format = Date)]
    pub(super) known_from: Date,
    /// The day at whose end `value_now` was known; absent: it is what is known now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) known_to: Option<Date>,
    /// What the past day's value was held to be.
    #[schema(value_type = String)]
    pub(super) value_then: Decimal,
    /// What it is held to be later.
    #[schema(value_type = String)]
    pub(super) value_now: Decimal,
    /// The one less the other: the sum of all effects.
    #[schema(value_type = String)]
    pub(super) difference: Decimal,
    /// What became known in between, in the order of time.
    pub(super) changes: Vec<ChangeView>,
}

/// Something that became known, and what it did to the value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ChangeView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// What happened.
    pub(super) kind: ChangeKind,
    /// The person who did it; absent for prices, values that were stated, rates and the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed_by: Option<Uuid>,
    /// The import that was made or undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) import: Option<ImportName>,
    /// What it is about, in words: the instrument of prices and stated values, the currencies of rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<String>,
    /// Who stated the prices, values or rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// Transactions, closes, stated values or rates that changed.
    pub(super) count: usize,
    /// The first of the transactions.
    pub(super) transactions: Vec<TouchedView>,
    /// The value once this was known.
    #[schema(value_type = String)]
    pub(super) value_after: Decimal,
    /// What it changed in the value.
    #[schema(value_type = String)]
    pub(super) effect: Decimal,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChangeKind {
    /// Transactions were recorded.
    Recorded,
    /// An import brought transactions.
    Imported,
    /// An import was undone.
    ImportUndone,
    /// Transactions were edited.
    Edited,
    /// Transactions were deleted.
    Deleted,
    /// Deleted transactions were brought back.
    Restored,
    /// Prices were fetched, loaded or corrected.
    Prices,
    /// Exchange rates likewise.
    Rates,
    /// Its owner stated what something private was worth.
    Appraised,
    /// Such a value was taken back.
    AppraisalRemoved,
    /// More changes than are told one by one.
    Several,
}

impl ChangeKind {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Recorded => "Recorded",
            Self::Imported => "Imported",
            Self::ImportUndone => "Import undone",
            Self::Edited => "Edited",
            Self::Deleted => "Deleted",
            Self::Restored => "Restored",
            Self::Prices => "Prices",
            Self::Rates => "Exchange rates",
            Self::Appraised => "Value stated",
            Self::AppraisalRemoved => "Value taken back",
            Self::Several => "Several changes",
        }
    }
}

/// An import by its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ImportName {
    /// Names the import.
    pub(super) id: Uuid,
    /// Name of the file.
    pub(super) file_name: String,
}

/// A transaction that changed, as it was after the change, or before it where it is gone.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct TouchedView {
    /// Names the transaction.
    pub(super) id: TransactionId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub(super) kind: TransactionKind,
    /// Trade date.
    #[schema(value_type = String, format = Date)]
    pub(super) date: Date,
    /// Symbol of the instrument.
    pub(super) symbol: Option<String>,
    /// Shares.
    #[schema(value_type = Option<String>)]
    pub(super) quantity: Option<Decimal>,
    /// Gross amount.
    #[schema(value_type = String)]
    pub(super) amount: Decimal,
    /// Its currency.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
}
