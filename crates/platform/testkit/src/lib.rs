//! A database of its own for every test, within tens of milliseconds.
//!
//! ```text
//! let test = TestDb::new().await;
//! let mut tx = test.db().write(user).await?;
//! ```

use db::{Access, Db};

/// A database that belongs to one test and vanishes with it.
#[derive(Debug)]
pub struct TestDb {
    access: Access,
    db: Db,
}

impl TestDb {
    /// A database with all migrations applied, logged in as the program's login (no superuser).
    pub async fn new() -> Self {
        todo!()
    }

    /// The door of the program.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// How to reach the database.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// A superuser's connection, for laws over the catalogue and for hostile preparations.
    pub async fn owner_connection(&self) -> sqlx::PgConnection {
        todo!()
    }
}
