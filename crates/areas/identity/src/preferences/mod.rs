//! Preferences: the base currency, the way numbers are written, colours and privacy, one row per
//! person.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
pub(crate) mod store;

pub use error::PreferencesError;
pub(crate) use model::{Choices, MAJOR_CURRENCIES};
pub use model::{Preferences, PreferencesBody, PreferencesView};

/// The preferences of the person whose unit of work this is.
pub async fn get(tx: &mut db::UserTx) -> db::Result<Preferences> {
    Ok(store::require(tx).await?.preferences)
}
