//! The end of an account, and what its person takes along.
//!
//! Closing forgets the person at once: sessions and tokens end, names and words go. The bookings stay
//! without the person for seven years, as books must, and then go as well. The export before that holds
//! every table that has rows of the person; the catalogue says which, so none can be forgotten.

pub(crate) mod api;
mod error;
mod jobs;
pub(crate) mod pages;
mod service;
mod store;
mod takeout;

pub(crate) use self::jobs::PurgeClosed;
pub use error::AccountError;
pub use service::{Closing, close, is_last_admin};
pub use takeout::{stream, write_to};
