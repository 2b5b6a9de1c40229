//! Preferences: the base currency, how numbers, days and times are written, how pages look, what they
//! show first, and what the program may do by itself; one row per person. Every setting is read
//! somewhere: a law over all settings asks which page it changes.

pub(crate) mod api;
mod body;
mod error;
mod form;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;
mod webhook;

pub use body::PreferencesBody;
pub use error::PreferencesError;
pub use model::{ChartTimeframe, HistoryRange, Preferences};
pub(crate) use model::{Choices, MAJOR_CURRENCIES};
pub(crate) use service::start;
pub use webhook::CallWebhook;

/// The preferences of the person whose unit of work this is.
pub async fn get(tx: &mut db::UserTx) -> db::Result<Preferences> {
    Ok(store::require(tx).await?.preferences)
}
