//! The database: a private cluster or a given server, its roles, the unit of work, migrations.
//!
//! ```text
//! let server = Server::open(&settings, &data_dir).await?;   // private cluster, or the configured URL
//! server.prepare().await?;                                  // roles, grants, migrations
//! let db = server.connect().await?;
//! let mut tx = db.write(user).await?;                       // a transaction confined to one user
//! sqlx::query!("…").execute(tx.conn()).await?;
//! tx.commit().await?;                                       // dropping it instead rolls back
//! ```
//!
//! The pool is private: SQL is possible in a unit of work only, and there row-level security shows
//! the rows of one user. A query outside of one is refused by the server, because the login owns
//! nothing and inherits nothing.

mod access;
mod clock;
pub mod cluster;
pub mod copy;
mod error;
mod facts;
pub mod migrations;
mod nul;
mod origin;
pub mod roles;
mod server;
mod time_series;
mod tx;

pub use access::{Access, AccessError};
pub use clock::Clock;
pub use cluster::{Cluster, ClusterError, ClusterOptions};
pub use error::{Error, Result, Unavailable, Violation, ViolationKind};
pub use facts::{Fact, FactState, facts};
pub use migrations::Migration;
pub use nul::sought;
pub use origin::{Channel, Deed, Origin, is_request_id};
pub use server::{Server, ServerError};
pub use time_series::{ArrangeError, TimescaleDb, timescaledb};
pub use tx::{Db, Listener, SystemTx, UserId, UserTx};
