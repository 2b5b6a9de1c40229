use jiff::Timestamp;
use sqlx::PgConnection;

use crate::InstrumentId;

/// Whose figures the latest bar of an interval holds, and since when they are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Provenance {
    /// `1m` to `1d`.
    pub(crate) interval: String,
    /// When the latest bar begins.
    pub(crate) at: Timestamp,
    pub(crate) source: String,
    pub(crate) observed_at: Timestamp,
}

/// The latest bar of each interval that has any, the shortest interval first.
pub(crate) async fn provenance(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<Provenance>> {
    Ok(sqlx::query_as!(
        Provenance,
        r#"select latest.interval as "interval!", latest.at as "at!", latest.source as "source!",
                  latest.observed_at as "observed_at!"
           from (
               -- Minutes of more than a week ago are packed.
               (select 1 as place, interval, at, source, observed_at from market.bars
                where instrument_id = $1 and interval = '1m' order by at desc limit 1)
               union all
               (select 2, '5m', at, source, observed_at from market.bars_5m
                where instrument_id = $1 order by at desc limit 1)
               union all
               (select 3, '15m', at, source, observed_at from market.bars_15m
                where instrument_id = $1 order by at desc limit 1)
               union all
               (select 4, '1h', at, source, observed_at from market.bars_1h
                where instrument_id = $1 order by at desc limit 1)
               union all
               (select 5, '1d', at, source, observed_at from market.bars_1d
                where instrument_id = $1 order by at desc limit 1)
           ) latest
           order by latest.place"#,
        id as InstrumentId,
    )
    .fetch_all(conn)
    .await?)
}
