//! The cash ledger: every movement of a balance with what is left after it, by portfolio and currency.
//!
//! The rows come from the replay, so the last balance is the one of every other page. They are made when
//! somebody asks for them, and kept with the valuation. A movement is
//! *back-dated* when it was recorded after a later one had been: it changed balances that were known.
//! Days below zero are gathered into stretches, by the rule of the finding `negative_cash`.

pub(crate) mod api;
mod export;
mod ledger;
mod model;
pub(crate) mod pages;
mod service;
mod store;
pub(crate) mod trail;

pub(crate) use self::ledger::Ledgers;
pub(crate) use pages::href;
