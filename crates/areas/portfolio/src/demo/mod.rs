//! The simulated universe of the demo: instruments, prices, rates and a household, all invented.
//!
//! [`universe`] is a pure function of one day. It knows no clock, file or global random state, and it
//! uses nothing but additions, multiplications, divisions and square roots, which IEEE 754 rounds the
//! same everywhere: the same day gives the same universe on every machine.
//!
//! - Every series starts on [`calendar::EPOCH`] and is drawn day by day from a stream of its own, so
//!   yesterday's bar is the same when it is asked for tomorrow. Only the window moves.
//! - The household opens its portfolios at [`calendar::household_start`], the first of January at
//!   least six years back, and decides each day from what is known on that day. Its past therefore
//!   changes on New Year's Day alone, when the window moves on by a year.
//! - Once in six years [`catalogue::SPLITTING`] is split, so every window shows it: once, or twice
//!   in the second half of 2029 and of every sixth year from there.
//! - All instruments trade on the exchange `SIM`; no name or ticker is meant to exist.
//!
//! | file | what |
//! |---|---|
//! | `universe` | what the caller gets, and how it is put together |
//! | `calendar` | business days and the window |
//! | `rng` | random streams by name |
//! | `catalogue` | the instruments and how each of them behaves |
//! | `factors` | the moves that instruments share: market, sectors, volatility |
//! | `prices` | bars, dividends and the split of one instrument |
//! | `rates` | exchange rates |
//! | `account`, `orders` | a broker's account that books what the household does |
//! | `household` | the three portfolios and their habits |
//! | `tour` | what the demo shows beyond this sample: what goes wrong, and rarer things |

mod account;
mod calendar;
mod catalogue;
mod factors;
mod household;
mod orders;
mod prices;
mod rates;
mod rng;
mod service;
#[cfg(test)]
mod tests;
mod tour;
mod universe;

/// The exchange and the source of everything that is simulated.
pub const SIMULATED: &str = market::instruments::SIMULATED_EXCHANGE;

pub use service::{Error, load, remove};
pub use tour::load_tour;
pub use universe::{SimBar, SimInstrument, SimPortfolio, Universe, universe};
