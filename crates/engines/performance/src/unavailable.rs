//! Why a figure cannot be stated.

use jiff::civil::Date;
use thiserror::Error;

/// Why a figure cannot be stated; the text is a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum NotAvailable {
    /// The period has no day that was valued.
    #[error("there is no valued day in this period")]
    EmptyPeriod,
    /// On no day of the period was anything invested.
    #[error("nothing was invested in this period")]
    NothingInvested,
    /// A day began with nothing, or with less, that its result could be measured against.
    #[error(
        "{on} began with {capital:.2} to invest, so no return can be measured on that day: a deposit, or the cost of a holding, is probably missing"
    )]
    NoCapital {
        /// The day.
        on: Date,
        /// Value of the day before plus what came in, base currency.
        capital: f64,
    },
    /// A day ended with a value below zero.
    #[error(
        "the portfolio was worth {value:.2} at the end of {on}, and below zero no return can be measured: a deposit is probably missing"
    )]
    BelowZero {
        /// The day.
        on: Date,
        /// Its value, base currency.
        value: f64,
    },
    /// A spread needs at least two returns.
    #[error("{found} daily return(s) are too few, {needed} are needed")]
    TooFewReturns {
        /// Returns in the period.
        found: usize,
        /// Returns that are needed.
        needed: usize,
    },
    /// A part of the amounts is not known in the base currency.
    #[error("an exchange rate is missing, so a part of the amounts is not known: import it first")]
    MissingRate,
    /// The figure is too large to be told.
    #[error("the figure is too large to be stated: a price, rate or quantity is probably wrong")]
    OutOfRange,
}
