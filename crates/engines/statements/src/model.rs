//! What a broker's file says, in the words of the ledger, before anything is looked up or stored.

use jiff::{Timestamp, civil::Date};
use ledger::{OptionRight, Ratio, Settlement, TransactionKind};
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
    /// Interactive Brokers activity statement, CSV in sections.
    IbkrActivityCsv,
    /// Interactive Brokers transaction history, CSV.
    IbkrTransactionHistory,
    /// Trades of an Interactive Brokers Flex query, CSV.
    IbkrFlexCsv,
    /// Tiger Brokers activity statement, CSV in sections.
    TigerCsv,
    /// Text of a Tiger Brokers activity statement in PDF.
    TigerText,
    /// Bitvavo's transaction history.
    Bitvavo,
    /// The plain CSV of cgt-calc, a calculator of British capital gains.
    CgtCalc,
    /// Coinbase's transaction report.
    Coinbase,
    /// DEGIRO's account statement or list of transactions.
    Degiro,
    /// Delta's export of transactions.
    Delta,
    /// eToro's account activity.
    Etoro,
    /// Kraken's ledgers or trades.
    Kraken,
    /// `KuCoin`'s orders, deposits, withdrawals, account history and other exports.
    Kucoin,
    /// Parqet's export of activities.
    Parqet,
    /// Portfolio Performance's CSV, German or English.
    PortfolioPerformance,
    /// Revolut's trading account statement.
    Revolut,
    /// Scalable Capital's transactions.
    Scalable,
    /// Schwab's brokerage transactions.
    Schwab,
    /// Swissquote's transactions.
    Swissquote,
    /// Trade Republic's export, own or pytr's.
    TradeRepublic,
    /// Trading 212's history.
    Trading212,
    /// Wealthfolio's activities or holdings.
    Wealthfolio,
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
    /// What an option contract is about, where the instrument is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<OptionTerms>,
}

/// An option contract as the file names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionTerms {
    /// Ticker of the underlying instrument, upper case.
    pub underlying: String,
    /// Last day on which it can be used.
    pub expires_on: Date,
    /// Price at which shares change hands.
    pub strike: Decimal,
    /// Whether it is a right to buy or to sell.
    pub right: OptionRight,
    /// Shares of one contract, usually 100.
    pub multiplier: Decimal,
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
    /// The instrument; always there where [`TransactionKind::needs_asset`].
    pub security: Option<Security>,
    /// Shares or contracts, where [`TransactionKind::states_quantity`].
    pub quantity: Option<Decimal>,
    /// Price of one share; for trades and reinvested dividends.
    pub price: Option<Decimal>,
    /// Gross amount: quantity times price (times the multiplier of an option) for trades unless the
    /// file states it. What the shares cost for a transfer in; what was sold for a conversion; cash
    /// received for a merger. Zero where no money is concerned.
    pub amount: Decimal,
    /// Charges.
    pub fees: Decimal,
    /// Taxes.
    pub taxes: Decimal,
    /// Currency of price, amount, fees and taxes.
    pub currency: Currency,
    /// Cash in another currency at the broker's own rate; always there for a conversion.
    pub settlement: Option<Settlement>,
    /// New for old; for splits, spin-offs and mergers that give shares.
    pub ratio: Option<Ratio>,
    /// The instrument whose shares are received, where [`TransactionKind::has_target`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Security>,
    /// The part of the cost that goes with the shares received, 0 to 1; for spin-offs and mergers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_share: Option<Decimal>,
    /// When transferred shares were bought, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquired_on: Option<Date>,
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

/// A position that the file states, to be compared with the computed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedPosition {
    /// Line on which it is stated.
    pub line: u64,
    /// Account in the file, where the file has several.
    pub account: Option<String>,
    /// The instrument.
    pub security: Security,
    /// The day at whose close it was held.
    pub on: Date,
    /// Shares or contracts; negative for a short position.
    pub quantity: Decimal,
    /// What they cost in the instrument's currency, where stated.
    pub cost: Option<Decimal>,
    /// Closing price of one share, where stated.
    pub price: Option<Decimal>,
}

/// A cash balance that the file states, to be compared with the computed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedBalance {
    /// Line on which it is stated.
    pub line: u64,
    /// Account in the file, where the file has several.
    pub account: Option<String>,
    /// Its currency.
    pub currency: Currency,
    /// The day at whose close it was there.
    pub on: Date,
    /// The balance.
    pub amount: Decimal,
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
    /// Positions that the file states.
    #[serde(default)]
    pub positions: Vec<StatedPosition>,
    /// Cash balances that the file states.
    #[serde(default)]
    pub balances: Vec<StatedBalance>,
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
            positions: Vec::new(),
            balances: Vec::new(),
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
