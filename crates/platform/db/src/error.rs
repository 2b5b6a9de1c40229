//! What the database can answer besides rows, decoded once.

use std::fmt;
use std::io;

use sqlx::error::{DatabaseError, ErrorKind};

/// The result of everything that talks to the database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement or a unit of work failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row was required and is not there, or not visible to this user.
    #[error("no such row")]
    NotFound,
    /// A constraint refused the row. Match on [`Error::constraint`].
    #[error(transparent)]
    Violation(Violation),
    /// Two transactions got in each other's way (serialization failure or deadlock); the same unit
    /// of work may succeed when tried again.
    #[error("the transaction conflicted with another one; try again")]
    Serialization,
    /// A statement failed earlier, so the server has given up the whole unit of work. Whoever wants to
    /// go on after a refusal must make the attempt in a savepoint (`tx.conn().begin()`).
    #[error("an earlier statement of this unit of work failed; nothing of it was kept")]
    Aborted,
    /// The database cannot answer now. The client may come back later.
    #[error("the database is unavailable: {0}")]
    Unavailable(Unavailable),
    /// A statement ran into `statement_timeout`. The database answers; the same request meets the same limit.
    #[error("a statement took longer than it may: ask for less at once")]
    StatementTimeout,
    /// A stored row does not satisfy the rules of the program.
    #[error("{table}.{column} of row {row} is inconsistent: {reason}")]
    Inconsistent {
        /// Table, with its schema.
        table: &'static str,
        /// Column of the doubtful value.
        column: &'static str,
        /// Primary key of the row.
        row: String,
        /// What is wrong with the value.
        reason: String,
    },
    /// Anything else: a defect of a query, of the schema or of the server.
    #[error("database error: {0}")]
    Internal(#[source] sqlx::Error),
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} constraint {constraint} of table {table} refused the row")]
pub struct Violation {
    /// Which kind of rule.
    pub kind: ViolationKind,
    /// Name of the constraint; for a missing value the name of the column.
    pub constraint: String,
    /// Name of the table, without its schema.
    pub table: String,
}

/// The kinds of constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// Unique or primary key.
    Unique,
    /// Foreign key.
    ForeignKey,
    /// Check constraint.
    Check,
    /// Missing value.
    NotNull,
}

/// Why the database cannot answer now.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// All connections stayed busy.
    #[error("all connections are busy")]
    PoolTimeout,
    /// The pool was closed because the process is ending.
    #[error("the connection pool is closed")]
    PoolClosed,
    /// The connection broke or could not be made.
    #[error("connection lost: {0}")]
    Connection(#[source] io::Error),
    /// The server starts, stops, or takes no more connections.
    #[error("the server refuses connections: {0}")]
    Server(String),
    /// The server has no room left to write; what was written before is safe, and reading goes on.
    #[error(
        "the disk of the database is full: free or add space where PostgreSQL keeps its data, then \
         everything goes on by itself ({0})"
    )]
    DiskFull(String),
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::NotNull => "not null",
        })
    }
}

impl Error {
    /// The name of the constraint that refused the row, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Violation(violation) => Some(&violation.constraint),
            _ => None,
        }
    }

    /// Whether the connection behind this error is gone and a fresh one may do.
    pub(crate) fn is_connection_lost(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(Unavailable::Connection(_) | Unavailable::Server(_))
        )
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut => Self::Unavailable(Unavailable::PoolTimeout),
            sqlx::Error::PoolClosed => Self::Unavailable(Unavailable::PoolClosed),
            sqlx::Error::Io(error) => Self::Unavailable(Unavailable::Connection(error)),
            sqlx::Error::Database(database) => decode(database),
            other => Self::Internal(other),
        }
    }
}

fn decode(error: Box<dyn DatabaseError>) -> Error {
    let kind = match error.kind() {
        ErrorKind::UniqueViolation => ViolationKind::Unique,
        ErrorKind::ForeignKeyViolation => ViolationKind::ForeignKey,
        ErrorKind::CheckViolation => ViolationKind::Check,
        ErrorKind::NotNullViolation => ViolationKind::NotNull,
        _ => return decode_state(error),
    };
    let postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    let constraint = match kind {
        ViolationKind::NotNull => postgres.and_then(|e| e.column()),
        _ => error.constraint(),
    };
    Error::Violation(Violation {
        kind,
        constraint: constraint.unwrap_or_default().to_owned(),
        table: error.table().unwrap_or_default().to_owned(),
    })
}

fn decode_state(error: Box<dyn DatabaseError>) -> Error {
    match error.code().as_deref() {
        Some("40001" | "40P01") => Error::Serialization,
        Some("25P02") => Error::Aborted,
        Some("53100") => Error::Unavailable(Unavailable::DiskFull(error.message().to_owned())),
        Some("57014") => Error::StatementTimeout,
        // Class 57P: shut down, crashed, starting, dropped; 53300: too many connections;
        // class 08: protocol-level connection failures; 25P03: idle session ended by the server.
        Some("53300" | "25P03") => Error::Unavailable(Unavailable::Server(error.to_string())),
        Some(state) if state.starts_with("57P") || state.starts_with("08") => {
            Error::Unavailable(Unavailable::Server(error.to_string()))
        }
        _ => Error::Internal(sqlx::Error::Database(error)),
    }
}

/// The SQLSTATE of a refusal by the server; empty for every other error.
pub(crate) fn sqlstate(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .unwrap_or_default()
        .into_owned()
}
