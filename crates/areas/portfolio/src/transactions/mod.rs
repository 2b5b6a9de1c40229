//! Transactions: the truth from which every figure of a portfolio is derived.
//!
//! A [`Draft`] is a transaction that is acceptable by itself, whether it was typed into a form, sent
//! as JSON or read from a broker's file. Whether it fits the ones around it is the ledger's question:
//! by hand, a sale of more than is held is refused; from a file it becomes a finding.

pub(crate) mod api;
mod contracts;
pub(crate) mod entry;
mod error;
pub(crate) mod excess;
pub(crate) mod export;
pub(crate) mod fingerprint;
pub(crate) mod form;
mod marks;
pub(crate) mod model;
pub(crate) mod pages;
pub(crate) mod service;
pub(crate) mod store;
mod transfers;

pub use error::Error;
pub use marks::own_trades;
pub use model::{Draft, Transaction, TransactionBody, TransactionId, TransactionView};
