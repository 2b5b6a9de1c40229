//! Why a figure cannot be stated.

use jiff::civil::Date;
use thiserror::Error;

/// Why a figure cannot be stated; the text is a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum NotAvailable {
    /// The period has no day that was valued.
    #[error("there is no day in this period")]
    EmptyPeriod,
    /// On no day of the period was anything invested.
    #[error("nothing was invested in this period")]
    NothingInvested,
    /// A day began with a value that no return can be measured against.
    #[error(
        "the portfolio was worth {capital:.2} at the start of {on}, so no return can be measured on that day: a deposit or an opening balance is probably missing"
    )]
    NoCapital {
        /// The day.
        on: Date,
        /// Value of the day before plus what came in, base currency.
        capital: f64,
    },
    /// All was lost before the period began.
    #[error("everything was lost before this period")]
    LostBefore,
    /// A spread needs at least two returns.
    #[error("{found} daily return(s) are too few: {needed} are needed")]
    TooFewReturns {
        /// Returns in the period.
        found: usize,
        /// Returns that are needed.
        needed: usize,
    },
    /// The figure is too large to be told.
    #[error("the figure is out of range")]
    OutOfRange,
}
