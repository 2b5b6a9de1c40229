//! The migrator: schema changes up and down, embedded in the program.

use jiff::Timestamp;

use crate::{Access, Db, Error};

/// One schema change with its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Time of writing as YYYYMMDDHHMMSS; the order of application.
    pub version: i64,
    /// Area and change, from the file name.
    pub name: &'static str,
    /// SQL of the change.
    pub up: &'static str,
    /// SQL that undoes it.
    pub down: &'static str,
}

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Version of the migration.
    pub version: i64,
    /// Name of the migration.
    pub name: String,
    /// When it was applied; `None` while it is pending.
    pub applied_at: Option<Timestamp>,
}

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The server refused something.
    #[error(transparent)]
    Database(#[from] Error),
}

/// A set of migrations in order.
#[derive(Debug, Clone)]
pub struct Migrator {
    migrations: Vec<Migration>,
}

impl Migrator {
    /// The migrations of this program.
    pub fn embedded() -> Self {
        todo!()
    }

    /// The migrations of this set, oldest first.
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// Applies what is pending; returns it.
    pub async fn migrate(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        let _ = access;
        todo!()
    }

    /// Undoes the newest `steps` migrations; returns them, newest first.
    pub async fn rollback(
        &self,
        access: &Access,
        steps: usize,
    ) -> Result<Vec<Status>, MigrateError> {
        let _ = (access, steps);
        todo!()
    }

    /// Undoes everything and applies everything: all data is lost.
    pub async fn reset(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        let _ = access;
        todo!()
    }

    /// All migrations with their state, oldest first.
    pub async fn status(&self, access: &Access) -> Result<Vec<Status>, MigrateError> {
        let _ = access;
        todo!()
    }

    /// Whether the database has exactly the migrations of this set: the question of `/readyz`,
    /// answered with the program's login.
    pub async fn is_current(&self, db: &Db) -> Result<bool, Error> {
        let _ = db;
        todo!()
    }
}
