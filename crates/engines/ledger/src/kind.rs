//! What can happen to a portfolio, in one word each.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

    /// What the gross amount does to the cash: 1 comes in, -1 goes out, 0 moves none. Whether an
    /// exercise or assignment pays or is paid depends on the option.
    pub fn cash_direction(self) -> i8 {
        match self {
            Self::Sell
            | Self::Short
            | Self::Dividend
            | Self::ReturnOfCapital
            | Self::Interest
            | Self::Deposit
            | Self::Merger => 1,
            Self::Buy
            | Self::Cover
            | Self::Withdrawal
            | Self::Conversion
            | Self::Fee
            | Self::Tax => -1,
            Self::ReinvestedDividend
            | Self::StockDividend
            | Self::TransferIn
            | Self::TransferOut
            | Self::Split
            | Self::SpinOff
            | Self::SymbolChange
            | Self::Exercise
            | Self::Assignment
            | Self::Expiry => 0,
        }
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
