//! What a broker's file says, in the words of the ledger, before anything is looked up or stored.

use jiff::{Timestamp, civil::Date};
use ledger::{Ratio, Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The formats that are recognised by their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Bursar's own CSV, which is also what it exports.
    Bursar,
    /// Any CSV, read through a [`crate::Mapping`].
    Csv,
    /// Ghostfolio's CSV export.
    GhostfolioCsv,
    /// Ghostfolio's JSON export.
    GhostfolioJson,
    /// Interactive Brokers Flex query, XML.
    IbkrFlex,
}

/// An instrument as the file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// Ticker as in the file, trimmed, upper case.
    pub symbol: String,
    /// ISIN, where given.
    pub isin: Option<String>,
    /// Exchange code, where given.
    pub exchange: Option<String>,
    /// Name, where given.
    pub name: Option<String>,
    /// Asset class in Bursar's words (equity, etf, fund, bond, crypto, ...), where given.
    pub asset_class: Option<String>,
    /// Quote currency, where given.
    pub currency: Option<Currency>,
}

/// One transaction as the file states it. Amounts are gross and positive (negative only for reversed
/// dividends, paid interest, fee and tax rebates).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Line (CSV, XML, JSON text) on which the transaction begins, counted from 1.
    pub line: u64,
    /// Account in the file, where the file has several.
    pub account: Option<String>,
    /// The broker's own id, where it is stable.
    pub external_id: Option<String>,
    /// Trade date.
    pub date: Date,
    /// Exact moment, where given.
    pub executed_at: Option<Timestamp>,
    /// What happened.
    pub kind: TransactionKind,
    /// The instrument; always there for buy, sell, dividend, split.
    pub security: Option<Security>,
    /// Shares; for buy and sell.
    pub quantity: Option<Decimal>,
    /// Price of one share; for buy and sell.
    pub price: Option<Decimal>,
    /// Gross amount: quantity times price for trades unless the file states it; zero for a split.
    pub amount: Decimal,
    /// Charges.
    pub fees: Decimal,
    /// Taxes.
    pub taxes: Decimal,
    /// Currency of price, amount, fees and taxes.
    pub currency: Currency,
    /// Cash in another currency at the broker's own rate.
    pub settlement: Option<Settlement>,
    /// New for old; for splits.
    pub ratio: Option<Ratio>,
    /// Free text.
    pub note: Option<String>,
}

/// A line that was not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Line counted from 1.
    pub line: u64,
    /// Stable code, e.g. `unparsable_date`.
    pub code: String,
    /// What is wrong and what would be right, naming field and value.
    pub message: String,
}

/// A file, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// How it was read.
    pub format: Format,
    /// Transactions in file order.
    pub rows: Vec<Row>,
    /// Lines that were refused.
    pub rejected: Vec<Rejection>,
    /// Lines that state nothing to record, such as a draft of zero shares, and why.
    #[serde(default)]
    pub skipped: Vec<Rejection>,
}

impl Rejection {
    /// A rejection of `line` with one of the codes of [`crate::code`].
    pub fn new(line: u64, code: &str, message: impl Into<String>) -> Self {
        Self {
            line,
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// Why one record was refused, before its line is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn missing(field: &str, remedy: &str) -> Self {
        Self::new(
            crate::code::MISSING_FIELD,
            format!("{field} is missing: {remedy}"),
        )
    }

    pub(crate) fn at(self, line: u64) -> Rejection {
        Rejection {
            line,
            code: self.code.to_owned(),
            message: self.message,
        }
    }
}

impl Statement {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            rows: Vec::new(),
            rejected: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Files the outcome of one record under rows, skipped or rejected.
    pub(crate) fn take(&mut self, line: u64, outcome: Result<Row, Refusal>) {
        match outcome {
            Ok(row) => self.rows.push(row),
            Err(refusal) if refusal.code == crate::code::NOTHING_TO_RECORD => {
                self.skipped.push(refusal.at(line));
            }
            Err(refusal) => self.rejected.push(refusal.at(line)),
        }
    }
}
