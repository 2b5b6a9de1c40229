//! The cursor of an import that is taken back part by part: what is left of it is all that it needs.

use db::{SystemTx, UserId, UserTx};

use super::super::{Error, ImportId, ImportStatus};
use crate::portfolios::PortfolioId;

/// Whether an import has brought more transactions than these that are still there.
pub(crate) async fn has_more_than(tx: &mut UserTx, id: ImportId, rows: i64) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from portfolio.transactions where import_id = $1 offset $2
           ) as "has_more!""#,
        id.0,
        rows,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// An import is taken back from here on, and needs its file no more.
pub(crate) async fn set_undoing(tx: &mut UserTx, id: ImportId) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set status = 'undoing', heard_at = now(), stopped_because = null, spool_path = null,
             undo_total = undone_count
                 + (select count(*) from portfolio.transactions where import_id = $1)
         where id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts what a part has taken back.
pub(crate) async fn advance(tx: &mut UserTx, id: ImportId, removed: u64) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.imports
         set undone_count = undone_count + $2,
             undo_total = greatest(undo_total, undone_count + $2),
             heard_at = now()
         where id = $1",
        id.0,
        i64::try_from(removed).unwrap_or(i64::MAX),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether some import of a portfolio is taken back and has not come to its end.
pub(crate) async fn is_any_open(tx: &mut UserTx, portfolio: PortfolioId) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from portfolio.imports
               where portfolio_id = $1 and status in ('undoing', 'undo_interrupted')
           ) as "is_open!""#,
        portfolio.0,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether an import of a portfolio other than this one is being booked.
pub(crate) async fn is_other_running(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    id: ImportId,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from portfolio.imports
               where portfolio_id = $1 and id <> $2 and status = 'running'
           ) as "is_running!""#,
        portfolio.0,
        id.0,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether an import of one of these portfolios is being booked or taken back. Waits for a part that is
/// about to end, since that may be the last. Nothing is promised beyond this unit of work: imports may
/// begin and end right after it. Who finds one at work may leave all the same, because its end comes
/// later and queues the building of everything that was marked as changed by then.
pub(crate) async fn is_any_busy(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
) -> Result<bool, db::Error> {
    let ids: Vec<uuid::Uuid> = portfolios.iter().map(|id| id.0).collect();
    let busy = sqlx::query_scalar!(
        "select id from portfolio.imports
         where portfolio_id = any($1) and status in ('running', 'undoing')
         for share",
        &ids,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(busy.is_some())
}

/// An import that somebody books or takes back, or did.
pub(crate) struct Silent {
    pub(crate) user_id: UserId,
    pub(crate) id: ImportId,
    pub(crate) status: ImportStatus,
}

/// Imports of anybody that are noted as under way, while nobody was heard of for so many seconds.
pub(crate) async fn list_silent(tx: &mut SystemTx, lease_s: i64) -> Result<Vec<Silent>, db::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user_id: UserId", id, status = 'undoing' as "is_undo!"
           from portfolio.imports
           where status in ('running', 'undoing')
             and heard_at < now() - make_interval(secs => $1::bigint)"#,
        lease_s,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Silent {
            user_id: row.user_id,
            id: ImportId(row.id),
            status: if row.is_undo {
                ImportStatus::Undoing
            } else {
                ImportStatus::Running
            },
        })
        .collect())
}

/// Notes that an import does not go on, unless somebody was heard of in the meantime. Returns whether it
/// was noted.
pub(crate) async fn set_silent(
    tx: &mut SystemTx,
    silent: &Silent,
    (lease_s, because): (i64, &str),
) -> Result<bool, db::Error> {
    let noted = sqlx::query!(
        "update portfolio.imports
         set status = case status when 'running' then 'interrupted' else 'undo_interrupted' end,
             stopped_because = $4
         where user_id = $1 and id = $2 and status in ('running', 'undoing')
           and heard_at < now() - make_interval(secs => $3::bigint)",
        silent.user_id.0,
        silent.id.0,
        lease_s,
        because,
    )
    .execute(tx.conn())
    .await?;
    Ok(noted.rows_affected() > 0)
}
