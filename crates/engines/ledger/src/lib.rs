//! Replays transactions into lots, positions, cash, realised gains and findings.
//!
//! Transactions are the truth, and [`replay`] derives everything else from them, on every call anew:
//! there is no state to keep and nothing to repair. Conventions:
//! - Fees and taxes of a purchase are part of its cost; those of a sale are deducted from its
//!   proceeds. Gains are therefore net of both, and dividends are no part of them.
//! - Lots keep their cost in the instrument's currency, and in the base currency at the rate of the
//!   purchase; proceeds count at the rate of the sale. Gains in the base currency contain the
//!   currency's.
//! - A short position is kept as lots too, with what it brought in the place of the cost; no market
//!   price is needed to tell its gain when it is covered.
//! - Corporate actions and transfers move lots with their dates and cost and realise nothing, save
//!   for cash beyond the cost.
//! - Where the broker exchanged money at a rate of its own, that rate wins over the market's.
//! - Bad data becomes a [`Finding`], never a panic and never a silent zero.
#![warn(missing_docs)]

mod actions;
mod books;
mod cash;
mod conversion;
mod entry;
mod finding;
mod fixed;
mod holding;
mod income;
mod kind;
mod lot_index;
mod lots;
mod options;
mod order;
mod posting;
mod replay;
mod stated;
mod together;
mod transfers;

pub use books::{
    Books, CostBasis, Flow, Lot, Position, Realization, Rules, Side, Transfer, UnknownCostBasis,
};
pub use entry::{Asset, AssetIndex, Entry, Event, LotChoice, OptionTerms, Ratio, Settlement};
pub use finding::{Finding, Severity};
pub use income::Income;
pub use kind::{OptionRight, TransactionKind, UnknownKind};
pub use order::sort;
pub use posting::{Exchange, Posting, postings};
pub use replay::replay;
pub use together::{Account, replay_together};
