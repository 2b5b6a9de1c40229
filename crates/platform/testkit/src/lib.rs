//! A database of its own for every test, within tens of milliseconds.
//!
//! ```text
//! let test = TestDb::new().await;
//! let mut tx = test.db().write(user).await?;
//! ```
//!
//! All test processes share one private cluster without durability, in memory where there is room,
//! else in the temporary directory. It is started by the first and left running; `cargo run -p
//! testkit --bin testkit-cluster -- stop` ends it. The migrations are applied once, to a template
//! named after their fingerprint; a test gets a copy, which it drops at its end. What killed tests
//! leave behind is swept an hour later.
//!
//! A [`Redis`] is started for a test that needs one. A [`Browser`] talks to a router as a person or a program would.

mod browser;
mod kit;
mod redis;
mod test_db;

pub use browser::{Answer, Browser};
pub use kit::{start_cluster, stop_cluster};
pub use redis::Redis;
pub use test_db::{TestDb, check_database};
