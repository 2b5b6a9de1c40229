use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use crate::{InstrumentId, quality::Finding};

/// A finding as it is written down.
pub(super) struct NewFinding<'f> {
    pub(super) want: &'f str,
    pub(super) source: &'f str,
    pub(super) rule: &'f str,
    pub(super) sentence: &'f str,
    pub(super) count: i32,
    pub(super) example: &'f str,
}

pub(super) async fn upsert(
    tx: &mut SystemTx,
    id: InstrumentId,
    found: &NewFinding<'_>,
    now: Timestamp,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.findings
             (instrument_id, want, source, rule, sentence, count, example, found_at, seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         on conflict on constraint findings_rule_key do update
         set sentence = excluded.sentence, count = excluded.count, example = excluded.example,
             seen_at = excluded.seen_at, state = 'open', decided_at = null",
        id as InstrumentId,
        found.want,
        found.source,
        found.rule,
        found.sentence,
        found.count,
        found.example,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::quality) async fn list(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Finding>> {
    let rows = sqlx::query!(
        r#"select f.id, f.instrument_id as "instrument_id: InstrumentId", i.symbol, f.want, f.source,
                  f.sentence, f.count, f.example, f.seen_at
           from market.findings f
           join market.instruments i on i.id = f.instrument_id
           where f.state = 'open'
           order by f.seen_at desc, f.id desc
           limit $1"#,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let found = rows.into_iter().map(|row| Finding {
        id: row.id,
        instrument_id: row.instrument_id,
        symbol: row.symbol,
        want: row.want,
        source: row.source,
        sentence: row.sentence,
        count: row.count,
        example: row.example,
        seen_at: row.seen_at.to_jiff(),
    });
    Ok(found.collect())
}

/// The ticker it was about; `None` when there is no such finding.
pub(in crate::quality) async fn dismiss(
    tx: &mut SystemTx,
    id: Uuid,
    now: Timestamp,
) -> db::Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "update market.findings f
         set state = 'dismissed', decided_at = $2
         from market.instruments i
         where f.id = $1 and i.id = f.instrument_id
         returning i.symbol",
        id,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}
