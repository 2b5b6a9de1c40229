//! The cursor of a file that is booked part by part.

use std::collections::HashSet;

use db::{SystemTx, UserId, UserTx};
use statements::{Format, Mapping, Rejection};
use uuid::Uuid;

use super::{
    super::{Error, Import, ImportId, ImportStatus, long::MOST_LISTED},
    json,
};
use crate::portfolios::PortfolioId;

/// A long file, before anything of it is booked.
pub(crate) struct NewLong<'a> {
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) file_name: &'a str,
    pub(crate) format: Option<Format>,
    pub(crate) mapping: Option<&'a Mapping>,
    pub(crate) bytes: u64,
    pub(crate) hash: [u8; 32],
    /// Name of the file in the folder of uploads.
    pub(crate) spool: Option<&'a str>,
    /// What its first records say, where that is known.
    pub(crate) first_rows: Option<&'a serde_json::Value>,
    pub(crate) status: ImportStatus,
}

/// What a part of a long file came to.
pub(crate) struct Booked<'a> {
    /// The cursor behind it.
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) imported: u64,
    pub(crate) duplicates: u64,
    pub(crate) rejected: &'a [Rejection],
    pub(crate) skipped: &'a [Rejection],
}

pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    new: &NewLong<'_>,
) -> Result<ImportId, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into portfolio.imports
             (user_id, id, portfolio_id, file_name, format, mapping, status, bytes_total,
              content_hash, spool_path, first_rows)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        user.0,
        id,
        new.portfolio_id.0,
        new.file_name,
        new.format.map(Format::as_str),
        new.mapping.map(json).transpose()?,
        new.status.as_str(),
        i64::try_from(new.bytes).unwrap_or(i64::MAX),
        &new.hash,
        new.spool,
        new.first_rows,
    )
    .execute(tx.conn())
    .await
    .map_err(already_open)?;
    Ok(ImportId(id))
}

/// The import of the same file that has not come to an end.
pub(crate) async fn get_open(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    hash: &[u8; 32],
) -> Result<Option<ImportId>, Error> {
    let found = sqlx::query_scalar!(
        "select id from portfolio.imports
         where portfolio_id = $1 and content_hash = $2 and status in ('running', 'interrupted')",
        portfolio.0,
        hash,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(ImportId))
}

pub(crate) async fn set_running(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set status = 'running', stopped_because = null, first_rows = null, heard_at = now()
         where id = $1",
        id.0
    )
    .execute(tx.conn())
    .await
    .map_err(already_open)?;
    Ok(())
}

/// The same of a file that only the caller has: nothing needs the server's own copy any more once the
/// unit of work has ended.
pub(crate) async fn take_over(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    set_running(tx, id).await?;
    sqlx::query!(
        "update portfolio.imports set spool_path = null where id = $1",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An import as whoever is at work on it has it: being booked from this file of the server's or from one
/// of a command, or being taken back. It is not theirs any more once that has changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<'a> {
    pub(crate) status: ImportStatus,
    pub(crate) spool: Option<&'a str>,
}

impl<'a> Held<'a> {
    pub(crate) fn of(import: &'a Import) -> Self {
        Self {
            status: import.status,
            spool: import.long.as_ref().and_then(|long| long.spool.as_deref()),
        }
    }

    /// By a command that books a file of its own.
    pub(crate) fn by_command() -> Self {
        Self {
            status: ImportStatus::Running,
            spool: None,
        }
    }

    /// By whoever takes it back, for which no file is needed.
    pub(crate) fn by_undo() -> Self {
        Self {
            status: ImportStatus::Undoing,
            spool: None,
        }
    }
}

/// Notes that an import which is booked or taken back does not go on, and why where nobody wished it.
/// Returns whether it was still held so.
pub(crate) async fn set_interrupted(
    tx: &mut UserTx,
    id: ImportId,
    held: Held<'_>,
    because: Option<&str>,
) -> Result<bool, Error> {
    let noted = sqlx::query!(
        "update portfolio.imports
         set status = case status when 'running' then 'interrupted' else 'undo_interrupted' end,
             stopped_because = $2
         where id = $1 and status in ('running', 'undoing')
           and status = $3 and spool_path is not distinct from $4",
        id.0,
        because,
        held.status.as_str(),
        held.spool,
    )
    .execute(tx.conn())
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// The name of the server's copy of a file. Reads no more: what else is known of it may be unreadable.
pub(crate) async fn get_spool(tx: &mut UserTx, id: ImportId) -> Result<Option<String>, Error> {
    let found = sqlx::query_scalar!(
        "select spool_path from portfolio.imports where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.flatten())
}

/// What the first records of a file that waits say, if that was kept.
pub(crate) async fn get_first_rows(
    tx: &mut UserTx,
    id: ImportId,
) -> Result<Option<serde_json::Value>, Error> {
    let found = sqlx::query_scalar!(
        "select first_rows from portfolio.imports where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.flatten())
}

/// Moves the cursor behind a part. Its refused lines are kept, unless [`MOST_LISTED`] are kept already,
/// and so are those that were left out.
pub(crate) async fn advance(tx: &mut UserTx, id: ImportId, part: &Booked<'_>) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set records_done = $2, bytes_done = $3, heard_at = now(),
             imported_count = imported_count + $4,
             duplicate_count = duplicate_count + $5,
             rejected_count = rejected_count + $6,
             rejected = case
                 when $6 = 0 or jsonb_array_length(rejected) >= $8 then rejected
                 else rejected || $7
             end,
             skipped_count = skipped_count + $9,
             skipped = case
                 when $9 = 0 or jsonb_array_length(skipped) >= $8 then skipped
                 else skipped || $10
             end
         where id = $1",
        id.0,
        i64::try_from(part.records).unwrap_or(i64::MAX),
        i64::try_from(part.bytes).unwrap_or(i64::MAX),
        i32::try_from(part.imported).unwrap_or(i32::MAX),
        i32::try_from(part.duplicates).unwrap_or(i32::MAX),
        i32::try_from(part.rejected.len()).unwrap_or(i32::MAX),
        json(&part.rejected)?,
        i32::try_from(MOST_LISTED).unwrap_or(i32::MAX),
        i32::try_from(part.skipped.len()).unwrap_or(i32::MAX),
        json(&part.skipped)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Everything is booked: the file is not needed any more.
pub(crate) async fn set_imported(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set status = 'imported', imported_at = now(), bytes_done = bytes_total, spool_path = null
         where id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Names of the files that imports of anybody still need.
pub(crate) async fn list_spooled(tx: &mut SystemTx) -> Result<HashSet<String>, db::Error> {
    let names = sqlx::query_scalar!(
        r#"select spool_path as "spool_path!" from portfolio.imports where spool_path is not null"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(names.into_iter().collect())
}

fn already_open(error: sqlx::Error) -> Error {
    let error = db::Error::from(error);
    match error.constraint() {
        Some("imports_open_key") => Error::AlreadyOpen,
        _ => Error::Database(error),
    }
}
