//! A number that grows with every change of instruments, bars or rates, in the transaction of the
//! change: figures derived from them carry it and know by it when they are stale.

mod store;

use db::SystemTx;
use sqlx::PgConnection;

/// The revision that this unit of work sees.
pub async fn current(conn: &mut PgConnection) -> db::Result<i64> {
    store::require(conn).await
}

/// Moves the revision on. The row stays locked until the transaction ends, so this comes last.
pub(crate) async fn bump(tx: &mut SystemTx) -> db::Result<()> {
    store::update(tx).await
}
