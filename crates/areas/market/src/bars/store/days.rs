use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::PgConnection;

use super::super::{
    ROLLUP,
    day_api::DayBar,
    model::{DailyBar, day, midnight},
    running::Running,
};
use crate::InstrumentId;

pub(in crate::bars) async fn on_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    date: Date,
) -> db::Result<HashMap<InstrumentId, DailyBar>> {
    let rows = sqlx::query!(
        "select instrument_id, open, high, low, close, adjusted_close, volume
         from market.bars_1d
         where instrument_id = any($1) and at = $2",
        ids as &[InstrumentId],
        jiff_sqlx::Timestamp::from(midnight(date)) as _,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let bar = DailyBar {
                date,
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            };
            (row.instrument_id, bar)
        })
        .collect())
}

/// The bars of these instruments on a day, in the order of symbols.
pub(in crate::bars) async fn list_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    date: Date,
) -> db::Result<Vec<DayBar>> {
    Ok(sqlx::query_as!(
        DayBar,
        "select b.instrument_id, i.symbol, i.exchange, i.currency, i.quote_unit, b.open, b.high, b.low,
                b.close, b.adjusted_close, b.volume, b.source
         from market.bars_1d b
         join market.instruments i on i.id = b.instrument_id
         where b.instrument_id = any ($1) and b.at = $2
         order by i.symbol, i.id",
        ids as &[InstrumentId],
        jiff_sqlx::Timestamp::from(midnight(date)) as _,
    )
    .fetch_all(conn)
    .await?)
}

/// The last days of those instruments whose last bar was computed.
pub(in crate::bars) async fn last_computed(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, Running>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!: InstrumentId", b.at,
                  (select until from market.computed_days c
                   where c.instrument_id = wanted.id and c.date = (b.at at time zone 'UTC')::date) as until
           from unnest($1::uuid[]) as wanted (id)
           cross join lateral (
               select at, source from market.bars_1d
               where instrument_id = wanted.id
               order by at desc
               limit 1
           ) b
           where b.source = $2"#,
        ids as &[InstrumentId],
        ROLLUP,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let running = Running {
                date: day(row.at.to_jiff()),
                until: row.until.map(jiff_sqlx::Timestamp::to_jiff),
            };
            (row.id, running)
        })
        .collect())
}
