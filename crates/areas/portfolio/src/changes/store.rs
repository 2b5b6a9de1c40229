use std::collections::HashMap;

use db::UserTx;
use uuid::Uuid;

/// The file names of imports.
pub(super) async fn list_imports(
    tx: &mut UserTx,
    ids: &[Uuid],
) -> db::Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(
        "select id, file_name from portfolio.imports where id = any($1)",
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.file_name))
        .collect())
}
