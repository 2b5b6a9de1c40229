use db::{Error, SystemTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// How often something was tried in vain, and when last.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) subject: Vec<u8>,
    pub(super) failures: u32,
    pub(super) last_at: Timestamp,
}

/// The counts of these, new ones at zero, locked until the unit of work ends. In one order, so that two
/// attempts do not wait for each other.
pub(super) async fn lock(
    tx: &mut SystemTx,
    subjects: &[Vec<u8>],
    now: Timestamp,
) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query!(
        "insert into identity.failed_attempts (subject, failures, last_at)
         select subject, 0, $2 from unnest($1::bytea[]) as tried (subject) order by subject
         on conflict (subject) do update set subject = excluded.subject
         returning subject, failures, last_at",
        subjects,
        now.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            subject: row.subject,
            failures: row.failures.unsigned_abs(),
            last_at: row.last_at.to_jiff(),
        })
        .collect())
}

/// One more failure of each; the first again for what rested long enough.
pub(super) async fn count(
    tx: &mut SystemTx,
    subjects: &[Vec<u8>],
    now: Timestamp,
    forget_before: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.failed_attempts
         set failures = case when last_at <= $3 then 1 else failures + 1 end, last_at = $2
         where subject = any($1)",
        subjects,
        now.to_sqlx() as _,
        forget_before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut SystemTx, subjects: &[Vec<u8>]) -> Result<(), Error> {
    sqlx::query!(
        "delete from identity.failed_attempts where subject = any($1)",
        subjects
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One failure less: the attempt that was counted then was none. The last one is that of before again,
/// unless there was another one since.
pub(super) async fn take_back(
    tx: &mut SystemTx,
    before: &Row,
    counted_at: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity.failed_attempts
         set failures = greatest(failures - 1, 0),
             last_at = case when last_at = $2 then $3 else last_at end
         where subject = $1",
        before.subject,
        counted_at.to_sqlx() as _,
        before.last_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes counts that rested since then; returns how many.
pub(crate) async fn delete_rested(tx: &mut SystemTx, before: Timestamp) -> Result<u64, Error> {
    let deleted = sqlx::query!(
        "delete from identity.failed_attempts where last_at <= $1",
        before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
