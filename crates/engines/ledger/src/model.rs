//! The words of the ledger: what can happen to a portfolio, and what follows from it.

use std::{collections::BTreeMap, str::FromStr};

use jiff::{Timestamp, civil::Date};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An instrument as the ledger sees it: a position in the list given to [`crate::replay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssetIndex(pub u32);

/// What the ledger must know of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Shown in findings.
    pub symbol: String,
    /// The currency in which it is quoted and in which its lots keep their cost.
    pub currency: Currency,
}

/// The type of a transaction: the word used in files, in the database and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// Shares for cash.
    Buy,
    /// Cash for shares.
    Sell,
    /// Cash for borrowed shares: opens or adds to a short position. Of a liability: borrowing.
    Short,
    /// Shares bought back to close a short position. Of a liability: repayment.
    Cover,
    /// Cash paid by an instrument to its holder.
    Dividend,
    /// A dividend that bought shares of the same instrument; no cash moved.
    ReinvestedDividend,
    /// A dividend paid in shares of the same instrument; no cash moved.
    StockDividend,
    /// Cash that gives back a part of what the shares cost.
    ReturnOfCapital,
    /// Cash earned (positive) or paid (negative) on a cash balance.
    Interest,
    /// Cash from outside.
    Deposit,
    /// Cash to the outside.
    Withdrawal,
    /// Cash of one currency for cash of another.
    Conversion,
    /// Shares from another account, with what they cost.
    TransferIn,
    /// Shares to another account.
    TransferOut,
    /// A charge that belongs to no trade; negative when it is given back.
    Fee,
    /// A tax that belongs to no trade or dividend; negative when it is given back.
    Tax,
    /// New shares for old in a ratio, without cash.
    Split,
    /// Shares of a part of the company, which take a part of the cost along.
    SpinOff,
    /// The shares become shares of another company, cash, or both.
    Merger,
    /// The instrument continues under another name, one for one.
    SymbolChange,
    /// An option that is held is used: shares change hands at its strike.
    Exercise,
    /// An option that was written is used by its buyer.
    Assignment,
    /// An option ends without being used.
    Expiry,
}

impl TransactionKind {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 23] = [
        Self::Buy,
        Self::Sell,
        Self::Short,
        Self::Cover,
        Self::Dividend,
        Self::ReinvestedDividend,
        Self::StockDividend,
        Self::ReturnOfCapital,
        Self::Interest,
        Self::Deposit,
        Self::Withdrawal,
        Self::Conversion,
        Self::TransferIn,
        Self::TransferOut,
        Self::Fee,
        Self::Tax,
        Self::Split,
        Self::SpinOff,
        Self::Merger,
        Self::SymbolChange,
        Self::Exercise,
        Self::Assignment,
        Self::Expiry,
    ];

    /// The word used in files, in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
            Self::Short => "short",
            Self::Cover => "cover",
            Self::Dividend => "dividend",
            Self::ReinvestedDividend => "reinvested_dividend",
            Self::StockDividend => "stock_dividend",
            Self::ReturnOfCapital => "return_of_capital",
            Self::Interest => "interest",
            Self::Deposit => "deposit",
            Self::Withdrawal => "withdrawal",
            Self::Conversion => "conversion",
            Self::TransferIn => "transfer_in",
            Self::TransferOut => "transfer_out",
            Self::Fee => "fee",
            Self::Tax => "tax",
            Self::Split => "split",
            Self::SpinOff => "spin_off",
            Self::Merger => "merger",
            Self::SymbolChange => "symbol_change",
            Self::Exercise => "exercise",
            Self::Assignment => "assignment",
            Self::Expiry => "expiry",
        }
    }

    /// Types that concern an instrument by necessity.
    pub fn needs_asset(self) -> bool {
        !matches!(
            self,
            Self::Interest
                | Self::Deposit
                | Self::Withdrawal
                | Self::Conversion
                | Self::Fee
                | Self::Tax
        )
    }

    /// Shares for an amount of cash, at a price.
    pub fn is_trade(self) -> bool {
        matches!(self, Self::Buy | Self::Sell | Self::Short | Self::Cover)
    }

    /// Types that state a number of shares or contracts.
    pub fn states_quantity(self) -> bool {
        self.is_trade()
            || matches!(
                self,
                Self::ReinvestedDividend
                    | Self::StockDividend
                    | Self::TransferIn
                    | Self::TransferOut
                    | Self::Exercise
                    | Self::Assignment
                    | Self::Expiry
            )
    }

    /// Types that make shares of one instrument into shares of another one.
    pub fn has_target(self) -> bool {
        matches!(self, Self::SpinOff | Self::Merger | Self::SymbolChange)
    }
}

/// What an option gives its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionRight {
    /// To buy at the strike.
    Call,
    /// To sell at the strike.
    Put,
}

/// A word that names no type of transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind;

impl FromStr for TransactionKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownKind)
    }
}

/// New shares (`to`) for old ones (`from`): 7:1 gives seven for one. Both are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Shares after.
    pub to: Decimal,
    /// Shares before.
    pub from: Decimal,
}

/// Where the cash of a transaction went when it is not the currency of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The currency of the cash balance that changed.
    pub currency: Currency,
    /// Units of [`Settlement::currency`] for one unit of the transaction's currency.
    pub fx_rate: Decimal,
}

/// What happened. Amounts are gross, that is before fees and taxes, in the entry's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are told by the type and by the sentence above them"
)]
pub enum Event {
    /// See [`TransactionKind::Buy`]. `amount` is quantity times price, positive.
    Buy {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Sell`]. `amount` is quantity times price, not negative.
    Sell {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Dividend`]. Negative when a payment is reversed.
    Dividend { asset: AssetIndex, amount: Decimal },
    /// See [`TransactionKind::Interest`].
    Interest { amount: Decimal },
    /// See [`TransactionKind::Deposit`].
    Deposit { amount: Decimal },
    /// See [`TransactionKind::Withdrawal`].
    Withdrawal { amount: Decimal },
    /// See [`TransactionKind::Fee`].
    Fee {
        asset: Option<AssetIndex>,
        amount: Decimal,
    },
    /// See [`TransactionKind::Tax`].
    Tax {
        asset: Option<AssetIndex>,
        amount: Decimal,
    },
    /// See [`TransactionKind::Split`].
    Split { asset: AssetIndex, ratio: Ratio },
}

/// One transaction, ready to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Names the transaction in findings, lots and realizations.
    pub id: Uuid,
    /// Trade date in the calendar of the market.
    pub date: Date,
    /// The moment, where it is known; orders entries of one day.
    pub executed_at: Option<Timestamp>,
    /// What happened.
    pub event: Event,
    /// Charges of this transaction, in its currency; part of the cost of a purchase, deducted from
    /// the proceeds of a sale. Not negative, save for a rebate.
    pub fees: Decimal,
    /// Taxes of this transaction, in its currency: stamp duty on a purchase is part of its cost,
    /// tax withheld on a dividend or sale is deducted from the cash and shown apart.
    pub taxes: Decimal,
    /// Currency of amount, fees and taxes.
    pub currency: Currency,
    /// Set when the broker exchanged the cash at its own rate.
    pub settlement: Option<Settlement>,
}

/// How the cost of sold shares is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostBasis {
    /// First in, first out.
    #[default]
    Fifo,
    /// Every share costs the average of all shares held before the sale.
    Average,
}

/// What a portfolio has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The currency in which gains and totals are stated.
    pub base: Currency,
    /// How the cost of sold shares is chosen.
    pub cost_basis: CostBasis,
    /// With `false` no cash balance is kept: every purchase is a contribution and every sale,
    /// dividend or interest a withdrawal.
    pub tracks_cash: bool,
}

/// Shares bought together and still held (or part of them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The purchase.
    pub entry: Uuid,
    /// Trade date of the purchase.
    pub acquired_on: Date,
    /// Shares left, after splits.
    pub quantity: Decimal,
    /// Cost of these shares with fees and taxes of the purchase, in the asset's currency.
    pub cost: Decimal,
    /// The same at the rate of the purchase date, in the base currency.
    pub cost_base: Decimal,
}

/// What one sale took out of one lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realization {
    /// The sale.
    pub entry: Uuid,
    /// The purchase; `None` with average cost.
    pub lot: Option<Uuid>,
    /// The instrument sold.
    pub asset: AssetIndex,
    /// Date of the purchase; `None` with average cost.
    pub acquired_on: Option<Date>,
    /// Date of the sale.
    pub sold_on: Date,
    /// Shares sold out of this lot.
    pub quantity: Decimal,
    /// Proceeds net of the fees and taxes of the sale, in the asset's currency.
    pub proceeds: Decimal,
    /// Cost of the shares sold, in the asset's currency.
    pub cost: Decimal,
    /// Proceeds in the base currency at the rate of the sale date.
    pub proceeds_base: Decimal,
    /// Cost in the base currency at the rate of the purchase date.
    pub cost_base: Decimal,
}

/// All that is known of one instrument in one portfolio; kept when everything has been sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The instrument.
    pub asset: AssetIndex,
    /// Shares held; the sum of the lots.
    pub quantity: Decimal,
    /// Open lots, oldest first. With average cost every purchase stays a lot, but all lots carry the
    /// same cost per share.
    pub lots: Vec<Lot>,
    /// Cost of the open lots, asset currency.
    pub cost: Decimal,
    /// Cost of the open lots, base currency.
    pub cost_base: Decimal,
    /// Proceeds less cost of everything sold, base currency; net of fees.
    pub realized_base: Decimal,
    /// The same in the asset's currency.
    pub realized: Decimal,
    /// Gross dividends, base currency at the rate of each payment.
    pub dividends_base: Decimal,
    /// Gross dividends, asset currency.
    pub dividends: Decimal,
    /// Fees of purchases and sales and charges booked on the instrument, base currency.
    pub fees_base: Decimal,
    /// Taxes of purchases, sales and dividends and those booked on the instrument, base currency.
    pub taxes_base: Decimal,
    /// Date of the first entry.
    pub first_on: Date,
}

impl Position {
    /// Cost of one share held, with fees and taxes, in the asset's currency; `None` without shares.
    pub fn average_cost(&self) -> Option<Decimal> {
        self.cost.checked_div(self.quantity)
    }
}

/// Money that crossed the border of the portfolio: positive came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Day of the crossing.
    pub date: Date,
    /// Base currency, at the rate of that day.
    pub amount_base: Decimal,
}

/// The books after the last entry, with what is needed to value every day before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// One per instrument ever touched, by [`AssetIndex`].
    pub positions: BTreeMap<AssetIndex, Position>,
    /// Balance per currency; empty when the portfolio does not track cash.
    pub cash: BTreeMap<Currency, Decimal>,
    /// Sales in the order in which they happened.
    pub realizations: Vec<Realization>,
    /// External flows by day, in order; several a day are possible.
    pub flows: Vec<Flow>,
    /// Shares held from a day on (until the next step), per instrument, one step a day at most.
    pub quantity_steps: BTreeMap<AssetIndex, Vec<(Date, Decimal)>>,
    /// Cost of the open lots in the base currency, on the same days as
    /// [`Books::quantity_steps`]; values an instrument that has no price yet.
    pub cost_steps: BTreeMap<AssetIndex, Vec<(Date, Decimal)>>,
    /// Splits that changed a position, in order; they tell how an older price relates to a quantity.
    pub splits: BTreeMap<AssetIndex, Vec<(Date, Ratio)>>,
    /// Cash balance from a day on, per currency, one step a day at most.
    pub cash_steps: BTreeMap<Currency, Vec<(Date, Decimal)>>,
    /// Interest, base currency.
    pub interest_base: Decimal,
    /// Fees that belong to no instrument, base currency.
    pub account_fees_base: Decimal,
    /// Taxes that belong to no instrument, base currency.
    pub account_taxes_base: Decimal,
    /// What does not add up, with the place and the remedy.
    pub findings: Vec<Finding>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures are wrong until it is mended.
    Error,
    /// Figures may be wrong.
    Warning,
}

/// Something in the data that does not add up. The figures say what they leave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of the kind of finding, e.g. `oversell`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one sentence with the figures.
    pub message: String,
    /// What mends it, in one sentence.
    pub remedy: String,
    /// The transaction concerned.
    pub transaction: Option<Uuid>,
    /// The instrument concerned.
    pub symbol: Option<String>,
    /// The day concerned.
    pub date: Option<Date>,
}
