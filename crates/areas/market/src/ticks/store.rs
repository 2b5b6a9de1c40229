use std::collections::{BTreeMap, HashMap};

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;

use super::{Ingested, Tick};
use crate::InstrumentId;

pub(super) async fn ingest(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Tick)],
) -> db::Result<Ingested> {
    let ids: Vec<InstrumentId> = rows.iter().map(|(id, _)| *id).collect();
    let ats: Vec<jiff_sqlx::Timestamp> = rows.iter().map(|(_, tick)| tick.at.to_sqlx()).collect();
    let sequences: Vec<i64> = rows.iter().map(|(_, tick)| tick.sequence).collect();
    let prices: Vec<f64> = rows.iter().map(|(_, tick)| tick.price).collect();
    let column = |of: fn(&Tick) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(|(_, tick)| of(tick)).collect()
    };
    let (volumes, bids, asks) = (column(|t| t.volume), column(|t| t.bid), column(|t| t.ask));
    let found = sqlx::query!(
        r#"select written as "written!", unchanged as "unchanged!", expired as "expired!"
           from market.ingest_ticks($1, $2, $3, $4, $5, $6, $7, $8)"#,
        source,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
        &sequences,
        &prices,
        &volumes as &[Option<f64>],
        &bids as &[Option<f64>],
        &asks as &[Option<f64>],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Ingested {
        written: found.written.unsigned_abs(),
        unchanged: found.unchanged.unsigned_abs(),
        expired: found.expired.unsigned_abs(),
    })
}

/// Those of the instruments that are everybody's.
pub(super) async fn list_public(
    tx: &mut SystemTx,
    ids: &[InstrumentId],
) -> db::Result<Vec<InstrumentId>> {
    Ok(sqlx::query_scalar!(
        r#"select id as "id: InstrumentId" from market.instruments
           where id = any ($1) and not is_private"#,
        ids as &[InstrumentId],
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The last ticks of moments, by their numbers; of those that have gone by age none.
pub(super) async fn last_at(
    tx: &mut SystemTx,
    moments: &BTreeMap<InstrumentId, Timestamp>,
) -> db::Result<BTreeMap<InstrumentId, Tick>> {
    let ids: Vec<InstrumentId> = moments.keys().copied().collect();
    let ats: Vec<jiff_sqlx::Timestamp> = moments.values().map(|at| at.to_sqlx()).collect();
    let rows = sqlx::query!(
        r#"select distinct on (t.instrument_id) t.instrument_id as "id: InstrumentId", t.at, t.sequence,
                  t.price, t.volume, t.bid, t.ask
           from unnest($1::uuid[], $2::timestamptz[]) as wanted (id, at)
           join market.ticks t on t.instrument_id = wanted.id and t.at = wanted.at
           order by t.instrument_id, t.sequence desc"#,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
    )
    .fetch_all(tx.conn())
    .await?;
    let ticks = rows.into_iter().map(|row| {
        let tick = Tick {
            at: row.at.to_jiff(),
            sequence: row.sequence,
            price: row.price,
            volume: row.volume,
            bid: row.bid,
            ask: row.ask,
        };
        (row.id, tick)
    });
    Ok(ticks.collect())
}

/// The last close of an instrument before a trading day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CloseBefore {
    pub(crate) day: Date,
    /// As it was traded, in the unit in which the instrument is quoted.
    pub(crate) close: f64,
    /// By what splits and stock dividends divide it since.
    pub(crate) ratio: f64,
}

/// The last close of each instrument before its trading day.
pub(crate) async fn closes_before(
    tx: &mut SystemTx,
    days: &BTreeMap<InstrumentId, Date>,
) -> db::Result<HashMap<InstrumentId, CloseBefore>> {
    let ids: Vec<InstrumentId> = days.keys().copied().collect();
    let days: Vec<jiff_sqlx::Date> = days.values().copied().map(Into::into).collect();
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", last.day as "day!: jiff_sqlx::Date", last.close,
                  market.split_ratio(wanted.id, last.day, wanted.day) as "ratio!"
           from unnest($1::uuid[], $2::date[]) as wanted (id, day)
           cross join lateral (
               select close, (at at time zone 'UTC')::date as day
               from market.bars_1d
               where instrument_id = wanted.id and at < wanted.day::timestamp at time zone 'UTC'
               order by at desc
               limit 1
           ) last"#,
        &ids as &[InstrumentId],
        &days as &[jiff_sqlx::Date],
    )
    .fetch_all(tx.conn())
    .await?;
    let closes = rows.into_iter().map(|row| {
        let before = CloseBefore {
            day: row.day.to_jiff(),
            close: row.close,
            ratio: row.ratio,
        };
        (row.id, before)
    });
    Ok(closes.collect())
}
