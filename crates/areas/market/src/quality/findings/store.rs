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
    pub(super) rule: &'static str,
    pub(super) sentence: String,
    pub(super) count: i32,
    pub(super) example: &'f str,
    pub(super) is_stored: bool,
}

/// Of a kind of data of a source. What was dismissed is open again, unless a file says again what it said.
pub(super) async fn upsert<'f>(
    tx: &mut SystemTx,
    found: impl Iterator<Item = NewFinding<'f>>,
    (want, source): (&str, &str),
    now: Timestamp,
) -> db::Result<()> {
    let (mut ids, mut pairs) = (Vec::new(), Vec::new());
    let (mut rules, mut sentences, mut examples) = (Vec::new(), Vec::new(), Vec::new());
    let (mut counts, mut are_stored) = (Vec::new(), Vec::new());
    for one in found {
        let (id, pair) = match one.about {
            About::Instrument(id) => (Some(id), None),
            About::Pair(pair) => (None, Some(pair)),
        };
        ids.push(id);
        pairs.push(pair);
        rules.push(one.rule);
        sentences.push(one.sentence);
        counts.push(one.count);
        examples.push(one.example);
        are_stored.push(one.is_stored);
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into market.findings as f
             (instrument_id, subject, want, source, rule, sentence, count, example, is_stored, found_at,
              seen_at)
         select n.id, n.pair, $1, $2, n.rule, n.sentence, n.count, n.example, n.is_stored, $3, $3
         from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::boolean[])
             as n (id, pair, rule, sentence, count, example, is_stored)
         on conflict on constraint findings_rule_key do update
         set sentence = excluded.sentence, count = excluded.count, example = excluded.example,
             is_stored = excluded.is_stored, seen_at = excluded.seen_at,
             state = case when excluded.is_stored and f.count >= excluded.count and f.example = excluded.example
                          then f.state else 'open' end,
             decided_at = case when excluded.is_stored and f.count >= excluded.count
                                    and f.example = excluded.example
                               then f.decided_at end",
        want,
        source,
        now.to_sqlx() as _,
        &ids as &[Option<InstrumentId>],
        &pairs as &[Option<&str>],
        &rules as &[&str],
        &sentences,
        &counts,
        &examples as &[&str],
        &are_stored,
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
