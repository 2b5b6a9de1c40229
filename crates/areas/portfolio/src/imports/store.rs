pub(super) mod long;
pub(crate) mod undo;

use db::{SystemTx, UserId, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::Serialize;
use statements::{Format, Mapping, Rejection};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Error, Import, ImportId, ImportStatus,
    model::{Listed, Long, Undo, Upload},
};
use crate::portfolios::PortfolioId;

struct Row {
    id: Uuid,
    portfolio_id: Uuid,
    portfolio_name: String,
    file_name: String,
    format: Option<String>,
    mapping: Option<serde_json::Value>,
    status: String,
    rejected_count: i32,
    skipped_count: i32,
    imported_count: i32,
    duplicate_count: i32,
    created_at: jiff_sqlx::Timestamp,
    bytes_total: Option<i64>,
    bytes_done: i64,
    records_done: i64,
    spool_path: Option<String>,
    stopped_because: Option<String>,
    undo_total: Option<i64>,
    undone_count: i64,
}

impl TryFrom<Row> for Import {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let inconsistent = |column| db::Error::Inconsistent {
            table: "portfolio.imports",
            column,
            row: row.id.to_string(),
            reason: "not a value this program writes".to_owned(),
        };
        let format = row
            .format
            .as_deref()
            .map(|word| Format::parse(word).ok_or_else(|| inconsistent("format")))
            .transpose()?;
        let mapping = row
            .mapping
            .clone()
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| inconsistent("mapping"))?;
        let status = parse_status(&row.status).ok_or_else(|| inconsistent("status"))?;
        Ok(Self {
            id: ImportId(row.id),
            portfolio_id: PortfolioId(row.portfolio_id),
            portfolio_name: row.portfolio_name,
            file_name: row.file_name,
            format,
            mapping,
            status,
            rejected_count: row.rejected_count,
            skipped_count: row.skipped_count,
            imported_count: row.imported_count,
            duplicate_count: row.duplicate_count,
            created_at: row.created_at.to_jiff(),
            undo: row.undo_total.map(|total| Undo {
                total: total.unsigned_abs(),
                removed: row.undone_count.unsigned_abs(),
                stopped_because: row.stopped_because.clone(),
            }),
            long: row.bytes_total.map(|total| Long {
                bytes_total: total.unsigned_abs(),
                bytes_done: row.bytes_done.unsigned_abs(),
                records_done: row.records_done.unsigned_abs(),
                spool: row.spool_path,
                stopped_because: row.stopped_because.filter(|_| row.undo_total.is_none()),
            }),
        })
    }
}

/// Reads [`ImportStatus::as_str`].
fn parse_status(word: &str) -> Option<ImportStatus> {
    [
        ImportStatus::Preview,
        ImportStatus::Running,
        ImportStatus::Interrupted,
        ImportStatus::Imported,
        ImportStatus::Undoing,
        ImportStatus::UndoInterrupted,
        ImportStatus::Undone,
    ]
    .into_iter()
    .find(|status| status.as_str() == word)
}

/// Imports of the person, newest first, from the one after `after` on; one more than `limit`, to
/// tell whether there are more.
pub(super) async fn list(
    tx: &mut UserTx,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Import>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select i.id, i.portfolio_id, p.name as portfolio_name, i.file_name, i.format, i.mapping,
                i.status, i.rejected_count, i.skipped_count, i.imported_count, i.duplicate_count,
                i.created_at, i.bytes_total, i.bytes_done, i.records_done, i.spool_path,
                i.stopped_because, i.undo_total, i.undone_count
         from portfolio.imports i
         join portfolio.portfolios p on p.user_id = i.user_id and p.id = i.portfolio_id
         where $1::uuid is null or i.id < $1
         order by i.id desc
         limit $2",
        after,
        limit + 1,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(Import::try_from)
        .collect::<Result<_, _>>()?)
}

pub(super) async fn require(tx: &mut UserTx, id: ImportId) -> Result<Import, Error> {
    let row = sqlx::query_as!(
        Row,
        "select i.id, i.portfolio_id, p.name as portfolio_name, i.file_name, i.format, i.mapping,
                i.status, i.rejected_count, i.skipped_count, i.imported_count, i.duplicate_count,
                i.created_at, i.bytes_total, i.bytes_done, i.records_done, i.spool_path,
                i.stopped_because, i.undo_total, i.undone_count
         from portfolio.imports i
         join portfolio.portfolios p on p.user_id = i.user_id and p.id = i.portfolio_id
         where i.id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(row.try_into()?)
}

/// The first of the lines that were refused or left out, so many of each.
pub(super) async fn listed(tx: &mut UserTx, id: ImportId, limit: usize) -> Result<Listed, Error> {
    let row = sqlx::query!(
        r#"select
               (select coalesce(jsonb_agg(r.line order by r.place), '[]')
                from jsonb_array_elements(i.rejected) with ordinality as r (line, place)
                where r.place <= $2) as "rejected!",
               (select coalesce(jsonb_agg(s.line order by s.place), '[]')
                from jsonb_array_elements(i.skipped) with ordinality as s (line, place)
                where s.place <= $2) as "skipped!"
           from portfolio.imports i
           where i.id = $1"#,
        id.0,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    let lines = |value, column| {
        serde_json::from_value(value).map_err(|_| db::Error::Inconsistent {
            table: "portfolio.imports",
            column,
            row: id.0.to_string(),
            reason: "not a value this program writes".to_owned(),
        })
    };
    Ok(Listed {
        rejected: lines(row.rejected, "rejected")?,
        skipped: lines(row.skipped, "skipped")?,
    })
}

/// What a run of an import is remembered by.
pub(super) struct RunOf {
    pub(super) portfolio_id: PortfolioId,
    pub(super) file_name: String,
    pub(super) format: Option<Format>,
}

/// Reads no more than the log needs: a run may have failed because the rest cannot be read.
pub(super) async fn run_of(tx: &mut UserTx, id: ImportId) -> Result<RunOf, Error> {
    let row = sqlx::query!(
        "select portfolio_id, file_name, format from portfolio.imports where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(RunOf {
        portfolio_id: PortfolioId(row.portfolio_id),
        file_name: row.file_name,
        format: row.format.as_deref().and_then(Format::parse),
    })
}

/// The import, its row locked until the unit of work ends: two decisions cannot overtake each other.
pub(super) async fn lock(tx: &mut UserTx, id: ImportId) -> Result<Import, Error> {
    sqlx::query!(
        "select id from portfolio.imports where id = $1 for update",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, id).await
}

/// The file of an import that waits.
pub(super) async fn content(tx: &mut UserTx, id: ImportId) -> Result<Vec<u8>, Error> {
    let row = sqlx::query!(
        "select status, content from portfolio.imports where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    row.content.ok_or_else(|| match parse_status(&row.status) {
        // Decided in the meantime.
        Some(status) if status != ImportStatus::Preview => Error::Decided {
            status,
            wanted: "read again",
        },
        _ => Error::Database(db::Error::Inconsistent {
            table: "portfolio.imports",
            column: "content",
            row: id.0.to_string(),
            reason: "an import that waits has no file".to_owned(),
        }),
    })
}

pub(super) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    upload: &Upload,
) -> Result<ImportId, Error> {
    let id = Uuid::now_v7();
    let mapping = upload.mapping.as_ref().map(json).transpose()?;
    sqlx::query!(
        "insert into portfolio.imports (user_id, id, portfolio_id, file_name, format, mapping, content)
         values ($1, $2, $3, $4, $5, $6, $7)",
        user.0,
        id,
        upload.portfolio_id.0,
        upload.file_name,
        upload.format.map(Format::as_str),
        mapping,
        upload.content,
    )
    .execute(tx.conn())
    .await?;
    Ok(ImportId(id))
}

pub(super) async fn set_mapping(
    tx: &mut UserTx,
    id: ImportId,
    mapping: &Mapping,
    first_rows: Option<&serde_json::Value>,
) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports set format = 'csv', mapping = $2, first_rows = $3
         where id = $1 and status = 'preview'",
        id.0,
        json(mapping)?,
        first_rows,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a file came to that was booked at once.
pub(super) struct Booked<'a> {
    pub(super) imported: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: &'a [Rejection],
    pub(super) skipped: &'a [Rejection],
}

pub(super) async fn set_imported(
    tx: &mut UserTx,
    id: ImportId,
    came_to: &Booked<'_>,
) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set status = 'imported', imported_at = now(), content = null,
             imported_count = $2, duplicate_count = $3, rejected = $4,
             rejected_count = jsonb_array_length($4),
             skipped = $5, skipped_count = jsonb_array_length($5)
         where id = $1",
        id.0,
        i32::try_from(came_to.imported).unwrap_or(i32::MAX),
        i32::try_from(came_to.duplicates).unwrap_or(i32::MAX),
        json(&came_to.rejected)?,
        json(&came_to.skipped)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_undone(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set status = 'undone', undone_at = now(), spool_path = null, stopped_because = null
         where id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Drops an import that waits.
pub(super) async fn delete_preview(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.imports where id = $1 and status = 'preview'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Drops all imports that have waited since before a time, and returns the name of the file of each
/// that was kept on disk.
pub(super) async fn delete_old_previews(
    tx: &mut SystemTx,
    before: Timestamp,
) -> Result<Vec<Option<String>>, db::Error> {
    Ok(sqlx::query_scalar!(
        "delete from portfolio.imports where status = 'preview' and created_at < $1
         returning spool_path",
        before.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A mapping of columns that its owner named.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedMapping {
    /// Given as `format`, it reads a file through the mapping.
    pub(super) name: String,
    /// Which column is which, and how to read them.
    #[schema(value_type = Object)]
    pub(super) mapping: Mapping,
}

/// All saved mappings, by name. One that an older version wrote and this one cannot read is skipped:
/// it only means that its columns are asked for again.
pub(super) async fn list_mappings(tx: &mut UserTx) -> Result<Vec<SavedMapping>, Error> {
    let rows =
        sqlx::query!("select id, name, mapping from portfolio.mappings order by lower(name)")
            .fetch_all(tx.conn())
            .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match serde_json::from_value(row.mapping) {
            Ok(mapping) => Some(SavedMapping { name: row.name, mapping }),
            Err(error) => {
                tracing::warn!(mapping = %row.id, %error, "a saved mapping cannot be read; skipped");
                None
            }
        })
        .collect())
}

/// Saves a mapping under a name; the same name is overwritten.
pub(super) async fn save_mapping(
    tx: &mut UserTx,
    user: UserId,
    name: &str,
    mapping: &Mapping,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.mappings (user_id, id, name, mapping)
         values ($1, $2, $3, $4)
         on conflict (user_id, lower(name)) do update set mapping = excluded.mapping",
        user.0,
        Uuid::now_v7(),
        name,
        json(mapping)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes the saved mapping of a name, in whatever case, and returns whether there was one.
pub(super) async fn delete_mapping(tx: &mut UserTx, name: &str) -> Result<bool, Error> {
    let deleted = sqlx::query!(
        "delete from portfolio.mappings where lower(name) = lower($1)",
        name
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected() > 0)
}

fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}
