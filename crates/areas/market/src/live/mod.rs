//! Prices as they change, for those who follow them: server-sent events for pages and programs, a WebSocket
//! for programs.
//!
//! ```text
//! quotes::put --commit--> NOTIFY --> Hub of each node --reads what is newer--> mailboxes --> readers
//! ```
//!
//! A notification only wakes: what changed is read from the table, by its sequence, so nothing is lost with
//! a connection. A mailbox holds the latest quote of each instrument, so a slow reader costs no memory and
//! gets no history, and whoever comes back with the last sequence seen gets what has changed since.

mod announcing;
pub(crate) mod api;
mod followers;
mod hub;
mod mailbox;
mod socket;
mod stream;

pub use hub::{Hub, MOST_STREAMS};
pub(crate) use hub::{Subscription, TooManyStreams};
