//! The files that were loaded.

use db::SystemTx;

use super::super::interval::Interval;

pub(in crate::bars) async fn is_loaded(
    tx: &mut SystemTx,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
) -> db::Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from market.loaded_files where digest = $1 and interval = $2 and name = $3
           ) as "is_loaded!""#,
        digest.as_slice(),
        interval.as_str(),
        name,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(in crate::bars) async fn note_loaded(
    tx: &mut SystemTx,
    digest: &[u8; 32],
    interval: Interval,
    name: &str,
    imported: u64,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.loaded_files (digest, interval, name, imported) values ($1, $2, $3, $4)
         on conflict (digest, interval, name) do update
         set imported = excluded.imported, loaded_at = now()",
        digest.as_slice(),
        interval.as_str(),
        name,
        imported.cast_signed(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
