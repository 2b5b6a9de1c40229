use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::Reason;
use crate::InstrumentId;

/// Those that are gone meanwhile are left out. In one order, so that two writers never wait for each other.
pub(super) async fn upsert(
    tx: &mut SystemTx,
    reason: Reason,
    ids: &[InstrumentId],
    until: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.interests as n (instrument_id, reason, until)
         select i.id, $1, $3
         from market.instruments i
         where i.id = any($2) and not i.is_private
         order by i.id
         on conflict (instrument_id, reason) do update
         set until = greatest(n.until, excluded.until)",
        reason.as_str(),
        ids as &[InstrumentId],
        until.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn count(conn: &mut PgConnection, now: Timestamp) -> db::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) filter (where reason = 'held') as "held!",
                  count(*) filter (where reason = 'watched') as "watched!"
           from market.interests
           where until > $1"#,
        now.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.held, row.watched))
}

pub(super) async fn delete_lapsed(tx: &mut SystemTx, now: Timestamp) -> db::Result<()> {
    sqlx::query!(
        "delete from market.interests where until <= $1",
        now.to_sqlx() as _
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
