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
    /// The period is too short for the figure.
    #[error("the period has {days} valued day(s), and this figure needs {needed}")]
    TooShort {
        /// Days in the period.
        days: usize,
        /// Days that are needed.
        needed: usize,
    },
    /// All returns are the same, so a ratio has nothing to divide by.
    #[error("the returns of this period do not differ, so there is no risk to measure against")]
    NoSpread,
    /// No return lies below the target.
    #[error("no day of this period returned less than the target, so there is no downside")]
    NoDownside,
    /// The value never fell below an earlier peak.
    #[error("the value never fell below an earlier peak, so there is no drawdown to divide by")]
    NoDrawdown,
    /// A comparison was asked for without anything to compare with.
    #[error("no benchmark is chosen: choose one first")]
    NoBenchmark,
    /// A day has no return of the benchmark.
    #[error("the benchmark has no price on or before {on}: load its prices back to that day")]
    NoBenchmarkPrice {
        /// The day.
        on: Date,
    },
    /// The returns of the benchmark do not differ.
    #[error("the benchmark did not move in this period, so nothing can be measured against it")]
    BenchmarkFlat,
    /// The benchmark has no day above zero.
    #[error("the benchmark did not rise on any day of this period")]
    NoRise,
    /// The benchmark has no day below zero.
    #[error("the benchmark did not fall on any day of this period")]
    NoFall,
    /// What went out of the portfolio is more than the same flows were worth in the benchmark.
    #[error(
        "the money that went out by {on} is more than the benchmark would have been worth, so its return cannot be measured"
    )]
    BenchmarkExhausted {
        /// The first day with a value below zero.
        on: Date,
    },
    /// A part of the amounts is not known in the base currency.
    #[error("an exchange rate is missing, so a part of the amounts is not known: import it first")]
    MissingRate,
    /// The figure is too large to be told.
    #[error("the figure is too large to be stated: a price, rate or quantity is probably wrong")]
    OutOfRange,
}

/// A figure that can be told; a NaN or an infinite number is [`NotAvailable::OutOfRange`].
pub(crate) fn stated(figure: f64) -> Result<f64, NotAvailable> {
    if figure.is_finite() {
        Ok(figure)
    } else {
        Err(NotAvailable::OutOfRange)
    }
}
