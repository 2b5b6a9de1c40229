//! Details that are entrusted: the phone number, tax numbers by country, and keys of data providers.
//! They are sealed in the database, shown by their last characters alone, and never given out again but
//! in the person's own export, which asks for a recent proof.

pub(crate) mod api;
mod error;
mod jobs;
mod model;
pub(crate) mod pages;
mod service;
mod store;

pub use error::DetailsError;
pub use jobs::TellOfChange;
pub(crate) use model::{DetailsView, Phone, TaxCountry, TaxId};
pub(crate) use service::{enter_phone, enter_tax_id, show};
