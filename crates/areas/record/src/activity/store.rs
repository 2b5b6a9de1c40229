use db::{Error, UserTx};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

use super::Activity;

/// Deeds of the person, the newest first, from after one on.
pub(super) async fn list(
    tx: &mut UserTx,
    kind: Option<&str>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Activity>, Error> {
    let (at, id) = after.unzip();
    let rows = sqlx::query!(
        "select id, at, type, resource_type, resource_id, details, channel, address, agent, request_id
         from platform.activity
         where user_id = platform.current_user_id()
             and ($1::text is null or type = $1)
             and ($2::timestamptz is null or (at, id) < ($2, $3))
         order by at desc, id desc
         limit $4",
        kind,
        at.map(Timestamp::to_sqlx) as _,
        id,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Activity {
            id: row.id,
            at: row.at.to_jiff(),
            r#type: row.r#type,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            details: row.details,
            channel: row.channel,
            address: row.address,
            agent: row.agent,
            request_id: row.request_id,
        })
        .collect())
}

/// The types of the person's deeds.
pub(super) async fn kinds(tx: &mut UserTx) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar!(
        "select distinct type from platform.activity
         where user_id = platform.current_user_id()
         order by type"
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Puts something on record that changes nothing by itself.
pub(super) async fn insert(
    tx: &mut UserTx,
    kind: &str,
    details: &Value,
    channel: &str,
    (address, agent): (Option<&str>, Option<&str>),
) -> Result<(), Error> {
    sqlx::query!(
        "select platform.add_activity(platform.current_user_id(), $1, null, null, $2, $3, $4, $5)",
        kind,
        details,
        channel,
        address,
        agent,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
