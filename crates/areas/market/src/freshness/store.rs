use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::model::{After, FigureSource, Filter, Fresh};
use crate::{AssetClass, InstrumentId, feeds};

#[expect(
    clippy::struct_excessive_bools,
    reason = "columns that do not depend on each other"
)]
struct Row {
    id: InstrumentId,
    symbol: String,
    exchange: String,
    asset_class: AssetClass,
    is_simulated: bool,
    last_day: Option<jiff_sqlx::Date>,
    source: Option<String>,
    expected_day: jiff_sqlx::Date,
    is_behind: bool,
    score: Option<f64>,
    tried_at: Option<jiff_sqlx::Timestamp>,
    is_held: bool,
    is_watched: bool,
}

impl From<Row> for Fresh {
    fn from(row: Row) -> Self {
        Self {
            instrument_id: row.id,
            symbol: row.symbol,
            exchange: row.exchange,
            asset_class: row.asset_class,
            is_simulated: row.is_simulated,
            last_day: row.last_day.map(jiff_sqlx::Date::to_jiff),
            expected_day: row.expected_day.to_jiff(),
            is_behind: row.is_behind,
            source: row.source,
            quality_score: row.score,
            tried_at: row.tried_at.map(jiff_sqlx::Timestamp::to_jiff),
            is_held: row.is_held,
            is_watched: row.is_watched,
        }
    }
}

/// Instruments that can have prices of a source, the stalest first. One more than `limit` where there are more.
pub(super) async fn list(
    tx: &mut SystemTx,
    filter: Filter,
    now: Timestamp,
    after: Option<&After>,
    limit: i64,
) -> db::Result<Vec<Fresh>> {
    let expected = feeds::expected_days(tx, now).await?;
    // Before every day that can be written.
    let day = |day: Date| (day > Date::MIN).then(|| jiff_sqlx::Date::from(day));
    let rows = sqlx::query_as!(
        Row,
        r#"select i.id as "id!: InstrumentId", i.symbol as "symbol!", i.exchange as "exchange!",
                  i.asset_class as "asset_class!: AssetClass", i.is_simulated as "is_simulated!",
                  i.last_day as "last_day?: jiff_sqlx::Date", i.source as "source?",
                  i.expected_day as "expected_day!: jiff_sqlx::Date",
                  (i.last_day is null or i.last_day < i.expected_day) as "is_behind!",
                  quality.score::float8 as "score?", tried.tried_at as "tried_at?: jiff_sqlx::Timestamp",
                  exists (select from market.interests n
                          where n.instrument_id = i.id and n.until > $1 and n.reason = 'held') as "is_held!",
                  exists (select from market.interests n
                          where n.instrument_id = i.id and n.until > $1 and n.reason = 'watched') as "is_watched!"
           from (
               select i.id, i.symbol, i.exchange, i.asset_class, i.is_simulated, last.source,
                      (last.at at time zone 'UTC')::date as last_day,
                      e.day as expected_day
               from market.instruments i
               left join market.exchanges x on x.mic = i.mic
               join unnest($2::text[], $3::date[]) as e (calendar, day)
                   on e.calendar = market.trading_calendar(i.asset_class, x.calendar)
               left join lateral (
                   select at, source from market.bars_1d
                   -- A day that is computed from its minutes is not the official one yet.
                   where instrument_id = i.id and source <> 'rollup' and at <= $1
                   order by at desc
                   limit 1
               ) last on true
               where market.is_fetched(i.asset_class, i.is_active, i.is_private)
                 and ($4::text is null or i.asset_class = $4)
           ) i
           left join market.refreshes tried on tried.instrument_id = i.id and tried.want = 'bars_1d'
           left join lateral (
               select c.data_quality_score as score
               from market.market_data_cache c
               where c.instrument_id = i.id and c.data_type = 'price_history'
                 and c.parameters ->> 'interval' = '1d' and c.data_source = i.source
               order by c.cached_at desc
               limit 1
           ) quality on true
           where ($5::boolean is null or $5 = (i.last_day is null or i.last_day < i.expected_day))
             and ($6::text is null or exists (
                 select from market.interests n
                 where n.instrument_id = i.id and n.until > $1 and n.reason = $6))
             and ($7::text is null
                  or (coalesce(i.last_day, '-infinity'), i.symbol, i.id)
                     > (coalesce($8::date, '-infinity'), $7, $9::uuid))
           order by coalesce(i.last_day, '-infinity'), i.symbol, i.id
           limit $10::bigint + 1"#,
        now.to_sqlx() as _,
        &expected.calendars,
        &expected.days as &[jiff_sqlx::Date],
        filter.asset_class.map(AssetClass::as_str),
        filter.is_behind,
        filter.interest,
        after.map(|(_, symbol, _)| symbol.as_str()),
        after.and_then(|(last, ..)| day(*last)) as Option<jiff_sqlx::Date>,
        after.map(|(.., id)| *id) as Option<InstrumentId>,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Fresh::from).collect())
}

/// The latest of each kind of figure.
pub(super) async fn of_instrument(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<FigureSource>> {
    Ok(sqlx::query_as!(
        FigureSource,
        r#"select latest.figure as "figure!", latest.at as "at!", latest.source as "source!",
                  latest.observed_at as "observed_at!", quality.score::float8 as quality_score
           from (
               (select 0 as place, 'quote' as figure, at, source, observed_at from market.quotes
                where instrument_id = $1)
               union all
               -- Minutes of more than a week ago are packed.
               (select 1, interval, at, source, observed_at from market.bars
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
               union all
               (select distinct on (data_type) 6,
                       case data_type when 'options_chain' then 'option_chain'
                                      when 'series' then 'index_values' else data_type end,
                       cached_at, coalesce(data_source, ''), cached_at
                from market.market_data_cache
                where instrument_id = $1 and data_type in ('fundamentals', 'options_chain', 'series')
                order by data_type, cached_at desc)
           ) latest
           left join lateral (
               select c.data_quality_score as score
               from market.market_data_cache c
               where c.instrument_id = $1 and c.data_source = latest.source
                 and case latest.figure
                         when 'quote' then c.data_type = 'quote'
                         when 'fundamentals' then c.data_type = 'fundamentals'
                         when 'option_chain' then c.data_type = 'options_chain'
                         when 'index_values' then c.data_type = 'series'
                         else c.data_type = 'price_history' and c.parameters ->> 'interval' = latest.figure
                     end
               order by c.cached_at desc
               limit 1
           ) quality on true
           order by latest.place, latest.figure"#,
        id as InstrumentId,
    )
    .fetch_all(conn)
    .await?)
}
