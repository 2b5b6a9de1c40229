//! How long bars and ticks are kept, and in what form: partitions are made ahead, minutes are packed
//! after a week and go after a month, ticks go after two weeks and quarters of an hour after a month. Minutes and ticks go
//! only when what is computed from them is. Bars of 5 minutes, hours and days stay.

pub(crate) mod api;
mod jobs;
mod overview;
pub(crate) mod pages;
mod service;
mod store;

pub(crate) use jobs::KeepBars;
pub use overview::fact;
pub(crate) use service::PACK_AFTER_DAYS;
pub use service::{Kept, keep};
