//! Why a past value is another one now: everything that became known after a day and changed what the
//! portfolios were worth then, each with its own effect.
//!
//! Edits, deletions, imports, undone imports, prices, values that their owner states and rates are
//! applied one after the other, in the order in which they happened, to what was known before. The effects add up to the difference,
//! exactly.

pub(crate) mod api;
mod compute;
mod known;
mod model;
pub(crate) mod pages;
mod service;
mod store;
