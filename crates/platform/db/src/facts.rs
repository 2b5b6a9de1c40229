//! What `doctor` says about the database.

use crate::{Access, Clock, Db, Result};

/// One checked fact.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fact {
    /// Stable name, such as `database.version`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub state: FactState,
    /// The finding, and the remedy where one is needed.
    pub text: String,
}

/// How good a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactState {
    /// As it should be.
    Good,
    /// Works, but weaker than it could be.
    Doubtful,
    /// Does not work.
    Bad,
}

/// Looks at the server, the login, the schema and the clocks.
pub async fn facts(db: &Db, access: &Access, clock: &Clock) -> Result<Vec<Fact>> {
    let _ = (db, access, clock);
    todo!()
}
