//! Taking back what an import brought.

use db::UserTx;
use uuid::Uuid;

use crate::transactions::error::Error;

/// Takes back everything that an import brought.
pub(crate) async fn delete_imported(tx: &mut UserTx, import_id: Uuid) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from portfolio.transactions where import_id = $1",
        import_id
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// What a part of an import was that is deleted.
pub(crate) struct DeletedPart {
    pub(crate) removed: u64,
    /// What it brought before the part has smaller ids.
    pub(crate) oldest: Option<Uuid>,
}

/// Takes back of what an import brought the last so many before one, in the order of the file.
pub(crate) async fn delete_part_of_import(
    tx: &mut UserTx,
    import_id: Uuid,
    before: Uuid,
    limit: i64,
) -> Result<DeletedPart, Error> {
    let gone = sqlx::query!(
        // By an array each row is found by its key; a join may read the whole table for every part.
        r#"with gone as (
               delete from portfolio.transactions
               where id = any (array (
                   select id from portfolio.transactions
                   where import_id = $1 and id < $2
                   order by id desc
                   limit $3
               ))
               returning id
           )
           select count(*) as "removed!", (array_agg(id order by id))[1] as "oldest?" from gone"#,
        import_id,
        before,
        limit,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(DeletedPart {
        removed: gone.removed.unsigned_abs(),
        oldest: gone.oldest,
    })
}
