//! Replays transactions into lots, positions, cash, realised gains and findings.
//!
//! Transactions are the truth, and [`replay`] derives everything else from them, on every call anew:
//! there is no state to keep and nothing to repair. Conventions:
//! - Fees and taxes of a purchase are part of its cost; those of a sale are deducted from its
//!   proceeds. Gains are therefore net of both, and dividends are no part of them.
//! - Lots keep their cost in the instrument's currency, and in the base currency at the rate of the
//!   purchase; proceeds count at the rate of the sale. Gains in the base currency contain the
//!   currency's.
//! - Where the broker exchanged money at a rate of its own, that rate wins over the market's.
//! - Bad data becomes a [`Finding`], never a panic and never a silent zero.
#![warn(missing_docs)]

mod cash;
mod conversion;
mod finding;
mod fixed;
mod holding;
mod model;
mod order;
mod replay;

pub use model::{
    Asset, AssetIndex, Books, CostBasis, Entry, Event, Finding, Flow, Lot, OptionRight, Position,
    Ratio, Realization, Rules, Settlement, Severity, TransactionKind, UnknownKind,
};
pub use order::sort;
pub use replay::replay;
