use db::{Error, SystemTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// Whether a partition had to be made.
pub(super) async fn ensure(tx: &mut SystemTx, table: &str, at: Timestamp) -> Result<bool, Error> {
    let made = sqlx::query_scalar!(
        r#"select platform.ensure_partition($1, $2) as "made!""#,
        table,
        at.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(made)
}

/// Drops the months that ended before an instant; their names.
pub(super) async fn drop_before(
    tx: &mut SystemTx,
    table: &str,
    before: Timestamp,
) -> Result<Vec<String>, Error> {
    let dropped = sqlx::query_scalar!(
        r#"select platform.drop_partitions($1, $2) as "name!""#,
        table,
        before.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(dropped)
}
