//! A transaction as the ledger reads it.

use jiff::{Timestamp, civil::Date};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{OptionRight, TransactionKind};

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
    /// Units that a price stands for per unit of quantity: 100 for most option contracts, else 1.
    pub multiplier: Decimal,
    /// Set when the instrument is an option.
    pub option: Option<OptionTerms>,
}

/// What an option contract is about. It is quoted in the currency of its underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionTerms {
    /// The instrument that changes hands.
    pub underlying: AssetIndex,
    /// Its price then, for one share.
    pub strike: Decimal,
    /// Whether the holder may buy or sell.
    pub right: OptionRight,
}

impl Asset {
    /// An instrument of which one is quoted and traded.
    pub fn new(symbol: impl Into<String>, currency: Currency) -> Self {
        Self {
            symbol: symbol.into(),
            currency,
            multiplier: Decimal::ONE,
            option: None,
        }
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

impl Ratio {
    /// One for one.
    pub const ONE: Self = Self {
        to: Decimal::ONE,
        from: Decimal::ONE,
    };
}

/// Where the cash of a transaction went when it is not the currency of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The currency of the cash balance that changed.
    pub currency: Currency,
    /// Units of [`Settlement::currency`] for one unit of the transaction's currency.
    pub fx_rate: Decimal,
}

/// Shares to be sold out of the lot of one purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotChoice {
    /// The transaction that opened the lot.
    pub lot: Uuid,
    /// Shares out of it.
    pub quantity: Decimal,
}

/// What happened. Amounts are gross, that is before fees and taxes, in the entry's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are told by the type and by the sentence above them"
)]
pub enum Event {
    /// See [`TransactionKind::Buy`]. `amount` is quantity times price (times the multiplier), not
    /// negative.
    Buy {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Sell`]. `amount` as in a purchase.
    Sell {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Short`]. `amount` as in a purchase.
    Short {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Cover`]. `amount` as in a purchase.
    Cover {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::Dividend`]. Negative when a payment is reversed or owed by a short
    /// seller.
    Dividend { asset: AssetIndex, amount: Decimal },
    /// See [`TransactionKind::ReinvestedDividend`]. `amount` is what the shares cost without charges;
    /// the dividend was this amount with fees and taxes.
    ReinvestedDividend {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::StockDividend`]. With an `amount` it is income and the cost of the new
    /// shares; without one the cost of the old shares is spread over all (of a short position, what
    /// they brought).
    StockDividend {
        asset: AssetIndex,
        quantity: Decimal,
        amount: Decimal,
    },
    /// See [`TransactionKind::ReturnOfCapital`]. What exceeds the cost of a lot is a gain. Negative
    /// when a payment is reversed or owed by a short seller.
    ReturnOfCapital { asset: AssetIndex, amount: Decimal },
    /// See [`TransactionKind::Interest`].
    Interest { amount: Decimal },
    /// See [`TransactionKind::Deposit`].
    Deposit { amount: Decimal },
    /// See [`TransactionKind::Withdrawal`].
    Withdrawal { amount: Decimal },
    /// See [`TransactionKind::Conversion`]. `amount` leaves the balance of the entry's currency;
    /// [`Entry::settlement`] says what arrives.
    Conversion { amount: Decimal },
    /// See [`TransactionKind::TransferIn`]. A negative quantity is a short position. `cost` is what
    /// the shares cost (or brought, when short) and counts unless `link` names a transfer out whose
    /// lots arrive.
    TransferIn {
        asset: AssetIndex,
        quantity: Decimal,
        cost: Decimal,
        acquired_on: Option<Date>,
        link: Option<Uuid>,
    },
    /// See [`TransactionKind::TransferOut`]. A negative quantity is a short position.
    TransferOut {
        asset: AssetIndex,
        quantity: Decimal,
        link: Option<Uuid>,
    },
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
    /// See [`TransactionKind::SpinOff`]. `ratio` gives shares of `target` for shares of `asset`;
    /// `cost_share` of the cost, 0 to 1, goes with them.
    SpinOff {
        asset: AssetIndex,
        target: AssetIndex,
        ratio: Ratio,
        cost_share: Decimal,
    },
    /// See [`TransactionKind::Merger`]. Without `target` all shares are paid in cash. With both, the
    /// part `1 - cost_share` of the cost is set against the cash; where no share is known, the cash
    /// reduces the cost and only what exceeds it is a gain. Negative when a short seller pays.
    Merger {
        asset: AssetIndex,
        target: Option<(AssetIndex, Ratio)>,
        amount: Decimal,
        cost_share: Option<Decimal>,
    },
    /// See [`TransactionKind::SymbolChange`].
    SymbolChange {
        asset: AssetIndex,
        target: AssetIndex,
    },
    /// See [`TransactionKind::Exercise`]. The entry's currency is that of the option, which is that
    /// of the underlying: the strike is an amount in it.
    Exercise {
        asset: AssetIndex,
        quantity: Decimal,
    },
    /// See [`TransactionKind::Assignment`]. Currency as in an exercise.
    Assignment {
        asset: AssetIndex,
        quantity: Decimal,
    },
    /// See [`TransactionKind::Expiry`].
    Expiry {
        asset: AssetIndex,
        quantity: Decimal,
    },
}

impl Event {
    /// The type of the transaction.
    pub fn kind(&self) -> TransactionKind {
        match self {
            Self::Buy { .. } => TransactionKind::Buy,
            Self::Sell { .. } => TransactionKind::Sell,
            Self::Short { .. } => TransactionKind::Short,
            Self::Cover { .. } => TransactionKind::Cover,
            Self::Dividend { .. } => TransactionKind::Dividend,
            Self::ReinvestedDividend { .. } => TransactionKind::ReinvestedDividend,
            Self::StockDividend { .. } => TransactionKind::StockDividend,
            Self::ReturnOfCapital { .. } => TransactionKind::ReturnOfCapital,
            Self::Interest { .. } => TransactionKind::Interest,
            Self::Deposit { .. } => TransactionKind::Deposit,
            Self::Withdrawal { .. } => TransactionKind::Withdrawal,
            Self::Conversion { .. } => TransactionKind::Conversion,
            Self::TransferIn { .. } => TransactionKind::TransferIn,
            Self::TransferOut { .. } => TransactionKind::TransferOut,
            Self::Fee { .. } => TransactionKind::Fee,
            Self::Tax { .. } => TransactionKind::Tax,
            Self::Split { .. } => TransactionKind::Split,
            Self::SpinOff { .. } => TransactionKind::SpinOff,
            Self::Merger { .. } => TransactionKind::Merger,
            Self::SymbolChange { .. } => TransactionKind::SymbolChange,
            Self::Exercise { .. } => TransactionKind::Exercise,
            Self::Assignment { .. } => TransactionKind::Assignment,
            Self::Expiry { .. } => TransactionKind::Expiry,
        }
    }

    /// The instrument concerned, if any.
    pub fn asset(&self) -> Option<AssetIndex> {
        match *self {
            Self::Buy { asset, .. }
            | Self::Sell { asset, .. }
            | Self::Short { asset, .. }
            | Self::Cover { asset, .. }
            | Self::Dividend { asset, .. }
            | Self::ReinvestedDividend { asset, .. }
            | Self::StockDividend { asset, .. }
            | Self::ReturnOfCapital { asset, .. }
            | Self::TransferIn { asset, .. }
            | Self::TransferOut { asset, .. }
            | Self::Split { asset, .. }
            | Self::SpinOff { asset, .. }
            | Self::Merger { asset, .. }
            | Self::SymbolChange { asset, .. }
            | Self::Exercise { asset, .. }
            | Self::Assignment { asset, .. }
            | Self::Expiry { asset, .. } => Some(asset),
            Self::Fee { asset, .. } | Self::Tax { asset, .. } => asset,
            Self::Interest { .. }
            | Self::Deposit { .. }
            | Self::Withdrawal { .. }
            | Self::Conversion { .. } => None,
        }
    }

    /// The instrument whose shares are received for those of [`Event::asset`].
    pub fn target(&self) -> Option<AssetIndex> {
        match *self {
            Self::SpinOff { target, .. } | Self::SymbolChange { target, .. } => Some(target),
            Self::Merger { target, .. } => target.map(|(target, _)| target),
            _ => None,
        }
    }

    /// What ties a transfer out to the transfer in of another portfolio.
    pub fn link(&self) -> Option<Uuid> {
        match *self {
            Self::TransferIn { link, .. } | Self::TransferOut { link, .. } => link,
            _ => None,
        }
    }
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
    /// Set when the broker exchanged the cash at its own rate; always for a conversion.
    pub settlement: Option<Settlement>,
    /// Lots out of which shares go first, with [`crate::CostBasis::SpecificLot`].
    pub lots: Vec<LotChoice>,
}
