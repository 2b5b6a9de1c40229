use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sources::Bar;
use uuid::Uuid;

use super::{
    model::{Doubtful, Kind},
    rules::Doubt,
};
use crate::{InstrumentId, bars::Interval};

/// The first and the last daily bar of instruments, of those that have any.
pub(super) async fn daily_ends(
    tx: &mut SystemTx,
    ids: &[InstrumentId],
) -> db::Result<Vec<(InstrumentId, Bar)>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", bar.at as "at!", bar.open as "open!", bar.high as "high!",
                  bar.low as "low!", bar.close as "close!", bar.volume
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               (select * from market.bars_1d where instrument_id = wanted.id order by at limit 1)
               union
               (select * from market.bars_1d where instrument_id = wanted.id order by at desc limit 1)
           ) bar"#,
        ids as &[InstrumentId],
    )
    .fetch_all(tx.conn())
    .await?;
    let ends = rows.into_iter().map(|row| {
        let bar = Bar {
            at: row.at.to_jiff(),
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: None,
            volume: row.volume,
        };
        (row.id, bar)
    });
    Ok(ends.collect())
}

/// When the last bars of instruments begin, in their order: enough of them for a few sessions. Of minutes those of the
/// five minutes that are computed of them.
pub(super) async fn last_times(
    tx: &mut SystemTx,
    interval: Interval,
    ids: &[InstrumentId],
) -> db::Result<Vec<(InstrumentId, Timestamp)>> {
    let interval = interval.max(Interval::FiveMinutes);
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", bar.at as "at!"
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select at from market.bars
               where instrument_id = wanted.id and interval = $2
               order by at desc
               limit 500
           ) bar
           order by bar.at"#,
        ids as &[InstrumentId],
        interval.as_str(),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.at.to_jiff()))
        .collect())
}

/// Keeps a doubtful bar; `false` when the same statement is known already, decided or not.
pub(crate) async fn insert(
    tx: &mut SystemTx,
    id: InstrumentId,
    kind: Kind,
    source: &str,
    bar: &Bar,
    doubts: &[Doubt],
    now: Timestamp,
) -> db::Result<bool> {
    let findings = serde_json::to_value(doubts).map_err(|error| db::Error::Inconsistent {
        table: "market.quarantine",
        column: "findings",
        row: id.to_string(),
        reason: error.to_string(),
    })?;
    let inserted = sqlx::query!(
        "insert into market.quarantine
             (instrument_id, interval, at, open, high, low, close, adjusted_close, volume, source,
              findings, found_at)
         values ($1, $12, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint quarantine_statement_key do nothing",
        id as InstrumentId,
        bar.at.to_sqlx() as _,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.adjusted_close,
        bar.volume,
        source,
        findings,
        now.to_sqlx() as _,
        kind.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whether a quote of the source waits, or was rejected since a moment: it would be doubted every minute.
pub(crate) async fn has_doubtful_quote(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
    since: Timestamp,
) -> db::Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from market.quarantine
               where instrument_id = $1 and interval = 'quote' and source = $2
                 and (state = 'open' or (state = 'rejected' and decided_at > $3))
           ) as "found!""#,
        id as InstrumentId,
        source,
        since.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// What waits for a decision, or the one that is named, whatever its state.
pub(super) async fn list(
    tx: &mut SystemTx,
    only: Option<Uuid>,
    limit: i64,
) -> db::Result<Vec<Doubtful>> {
    let rows = sqlx::query!(
        r#"select q.id, q.instrument_id as "instrument_id: InstrumentId", i.symbol, q.interval, q.at, q.open,
                  q.high, q.low, q.close, q.adjusted_close, q.volume, q.source, q.findings, q.state,
                  q.found_at
           from market.quarantine q
           join market.instruments i on i.id = q.instrument_id
           where ($1::uuid is null and q.state = 'open') or q.id = $1
           order by q.found_at desc, q.id desc
           limit $2"#,
        only,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let doubts =
            serde_json::from_value(row.findings).map_err(|error| db::Error::Inconsistent {
                table: "market.quarantine",
                column: "findings",
                row: row.id.to_string(),
                reason: error.to_string(),
            })?;
        found.push(Doubtful {
            id: row.id,
            instrument_id: row.instrument_id,
            symbol: row.symbol,
            kind: Kind::parse(&row.interval).ok_or_else(|| db::Error::Inconsistent {
                table: "market.quarantine",
                column: "interval",
                row: row.id.to_string(),
                reason: format!("{} is no interval", row.interval),
            })?,
            bar: Bar {
                at: row.at.to_jiff(),
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            },
            source: row.source,
            doubts,
            is_open: row.state == "open",
            found_at: row.found_at.to_jiff(),
        });
    }
    Ok(found)
}

/// How many bars, quotes and findings wait for a decision.
pub(super) async fn count_open(tx: &mut SystemTx) -> db::Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select (select count(*) from market.quarantine where state = 'open')
                + (select count(*) from market.findings where state = 'open') as "number!""#
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Decides what is open; `false` when it was decided before.
pub(super) async fn decide(
    tx: &mut SystemTx,
    id: Uuid,
    accepted: bool,
    now: Timestamp,
) -> db::Result<bool> {
    let state = if accepted { "accepted" } else { "rejected" };
    let decided = sqlx::query!(
        "update market.quarantine
         set state = $2, decided_at = $3
         where id = $1 and state = 'open'",
        id,
        state,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(decided.rows_affected() == 1)
}

/// Doubtful bars since a moment that a person has accepted.
pub(crate) async fn list_accepted(
    tx: &mut SystemTx,
    id: InstrumentId,
    kind: Kind,
    since: Timestamp,
) -> db::Result<Vec<Bar>> {
    let rows = sqlx::query!(
        "select at, open, high, low, close, adjusted_close, volume
         from market.quarantine
         where instrument_id = $1 and interval = $2 and at >= $3 and state = 'accepted'
         order by at",
        id as InstrumentId,
        kind.as_str(),
        since.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    let bars = rows.into_iter().map(|row| Bar {
        at: row.at.to_jiff(),
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        adjusted_close: row.adjusted_close,
        volume: row.volume,
    });
    Ok(bars.collect())
}

/// Closes what waits about bars of these times: they are stored, and nothing is doubted about them.
pub(crate) async fn settle(
    tx: &mut SystemTx,
    id: InstrumentId,
    interval: Interval,
    times: &[Timestamp],
    now: Timestamp,
) -> db::Result<()> {
    let times: Vec<jiff_sqlx::Timestamp> = times.iter().copied().map(Into::into).collect();
    sqlx::query!(
        "update market.quarantine
         set state = 'settled', decided_at = $4
         where instrument_id = $1 and interval = $2 and state = 'open' and at = any ($3)",
        id as InstrumentId,
        interval.as_str(),
        &times as &[jiff_sqlx::Timestamp],
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Closes what waits about quotes of a source, of each instrument up to a moment: a later one is not doubted.
pub(crate) async fn settle_quotes(
    tx: &mut SystemTx,
    source: &str,
    until: &[(InstrumentId, Timestamp)],
    now: Timestamp,
) -> db::Result<()> {
    let (ids, until): (Vec<InstrumentId>, Vec<jiff_sqlx::Timestamp>) =
        until.iter().map(|(id, at)| (*id, at.to_sqlx())).unzip();
    sqlx::query!(
        "update market.quarantine q
         set state = 'settled', decided_at = $4
         from unnest($1::uuid[], $3::timestamptz[]) as good (id, at)
         where q.instrument_id = good.id and q.interval = 'quote' and q.source = $2
           and q.state = 'open' and q.at <= good.at",
        &ids as &[InstrumentId],
        source,
        &until as &[jiff_sqlx::Timestamp],
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the bar that is stored became known after the doubtful statement: a correction, or a person's word.
pub(super) async fn is_outdated(tx: &mut SystemTx, id: Uuid) -> db::Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from market.quarantine q
               join market.bars b
                 on b.instrument_id = q.instrument_id and b.interval = q.interval and b.at = q.at
               where q.id = $1 and b.source <> 'rollup' and b.observed_at > q.observed_at
           ) as "is_outdated!""#,
        id,
    )
    .fetch_one(tx.conn())
    .await?)
}
