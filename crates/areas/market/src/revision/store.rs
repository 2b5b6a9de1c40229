use db::SystemTx;
use sqlx::PgConnection;

pub(super) async fn require(conn: &mut PgConnection) -> db::Result<i64> {
    Ok(sqlx::query_scalar!("select revision from market.revision")
        .fetch_one(conn)
        .await?)
}

pub(super) async fn update(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!("update market.revision set revision = revision + 1")
        .execute(tx.conn())
        .await?;
    Ok(())
}
