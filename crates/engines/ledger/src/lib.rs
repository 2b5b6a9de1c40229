//! Replays transactions into lots, positions, cash, realised gains and findings.
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
    Asset, AssetIndex, Books, CostBasis, Entry, Event, Finding, Flow, Lot, Position, Ratio,
    Realization, Rules, Settlement, Severity, TransactionKind, UnknownKind,
};
pub use order::sort;
pub use replay::replay;
