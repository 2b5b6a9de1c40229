use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use crate::{InstrumentId, quality::Finding};

/// What a finding is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'f> {
    /// Values of an instrument.
    Instrument(InstrumentId),
    /// A pair of currencies.
    Pair(&'f str),
}

/// A finding as it is written down.
pub(super) struct NewFinding<'f> {
    pub(super) about: About<'f>,
    pub(super) want: &'f str,
    pub(super) source: &'f str,
    pub(super) rule: &'f str,
    pub(super) sentence: &'f str,
    pub(super) count: i32,
    pub(super) example: &'f str,
    pub(super) is_stored: bool,
}

pub(super) async fn upsert(
    tx: &mut SystemTx,
    found: &NewFinding<'_>,
    now: Timestamp,
) -> db::Result<()> {
    let (id, pair) = match found.about {
        About::Instrument(id) => (Some(id), None),
        About::Pair(pair) => (None, Some(pair)),
    };
    sqlx::query!(
        "insert into market.findings
             (instrument_id, subject, want, source, rule, sentence, count, example, is_stored, found_at,
              seen_at)
         values ($1, $9, $2, $3, $4, $5, $6, $7, $10, $8, $8)
         on conflict on constraint findings_rule_key do update
         set sentence = excluded.sentence, count = excluded.count, example = excluded.example,
             is_stored = excluded.is_stored, seen_at = excluded.seen_at, state = 'open', decided_at = null",
        id as Option<InstrumentId>,
        found.want,
        found.source,
        found.rule,
        found.sentence,
        found.count,
        found.example,
        now.to_sqlx() as _,
        pair,
        found.is_stored,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::quality) async fn list(tx: &mut SystemTx, limit: i64) -> db::Result<Vec<Finding>> {
    let rows = sqlx::query!(
        r#"select f.id, f.instrument_id as "instrument_id?: InstrumentId",
                  coalesce(i.symbol, f.subject) as "symbol!", f.want, f.source, f.sentence, f.count,
                  f.example, f.is_stored, f.seen_at
           from market.findings f
           left join market.instruments i on i.id = f.instrument_id
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
        is_stored: row.is_stored,
        seen_at: row.seen_at.to_jiff(),
    });
    Ok(found.collect())
}

/// The ticker or pair it was about; `None` when there is no such finding.
pub(in crate::quality) async fn dismiss(
    tx: &mut SystemTx,
    id: Uuid,
    now: Timestamp,
) -> db::Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        r#"update market.findings f
         set state = 'dismissed', decided_at = $2
         where f.id = $1
         returning coalesce(
             f.subject, (select symbol from market.instruments i where i.id = f.instrument_id)
         ) as "symbol!""#,
        id,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?)
}
