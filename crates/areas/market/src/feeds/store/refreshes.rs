//! How fresh what instruments have is, and when it was last asked for.

use std::collections::HashMap;

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use sources::ProviderId;

use crate::{
    AssetClass, InstrumentId,
    feeds::{
        model::{ExpectedDays, Freshness},
        want::{Refresh, Want},
    },
    instruments::store::quote_unit,
};

/// Of which instruments it is asked how fresh they are.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::feeds) struct Scope {
    /// This one alone.
    pub(in crate::feeds) only: Option<InstrumentId>,
    /// Those that somebody holds, watches or is shown at this moment, and indices.
    pub(in crate::feeds) followed_at: Option<Timestamp>,
}

/// How fresh the bars of instruments are that are traded. The stalest first.
pub(in crate::feeds) async fn freshness(
    tx: &mut SystemTx,
    scope: Scope,
    limit: i64,
) -> db::Result<Vec<Freshness>> {
    let at = |at: Option<Timestamp>| at.map(jiff_sqlx::Timestamp::from);
    let rows = sqlx::query!(
        r#"select i.id as "id: InstrumentId", i.symbol, i.exchange, i.mic,
                  i.asset_class as "asset_class: AssetClass", i.currency, i.quote_unit,
                  e.calendar as "calendar?", i.is_simulated,
                  (last.at at time zone 'UTC')::date as "last_day?: jiff_sqlx::Date",
                  last.source as "source?", tried.tried_at as "tried_at?: jiff_sqlx::Timestamp",
                  tried.reason as "reason?",
                  i.asset_class <> 'index' and not exists (
                      select from market.interests n
                      where n.instrument_id = i.id and n.until > $3 and n.reason <> 'shown'
                  ) as "is_only_shown!",
                  -- Looked for where it is of one instrument.
                  case when $1::uuid is null then false else exists (
                      select from market.instruments n
                      where n.symbol = i.symbol and n.id <> i.id and n.is_active and not n.is_private
                  ) end as "has_namesake!"
           from market.instruments i
           left join market.exchanges e on e.mic = i.mic
           left join market.refreshes tried on tried.instrument_id = i.id and tried.want = 'bars_1d'
           left join lateral (
               select at, source from market.bars_1d
               where instrument_id = i.id and source <> 'rollup'
                 and at <= coalesce($3::timestamptz, 'infinity')
               order by at desc limit 1
           ) last on true
           where market.is_fetched(i.asset_class, i.is_active, i.is_private)
             and ($1::uuid is null or i.id = $1)
             and ($3::timestamptz is null or i.asset_class = 'index' or exists (
                 select from market.interests n where n.instrument_id = i.id and n.until > $3
             ))
           order by last.at nulls first, i.symbol, i.id
           limit $2"#,
        scope.only as Option<InstrumentId>,
        limit,
        at(scope.followed_at) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(Freshness {
            id: row.id,
            symbol: row.symbol,
            exchange: row.exchange,
            mic: row.mic,
            asset_class: row.asset_class,
            currency: row.currency,
            quote_unit: quote_unit(&row.quote_unit, row.id)?,
            calendar: row.calendar,
            is_simulated: row.is_simulated,
            last_day: row.last_day.map(jiff_sqlx::Date::to_jiff),
            source: row.source,
            tried_at: row.tried_at.map(jiff_sqlx::Timestamp::to_jiff),
            reason: row.reason,
            has_namesake: row.has_namesake,
            is_only_shown: row.is_only_shown,
        });
    }
    Ok(found)
}

/// Names of the calendars that exchanges keep.
pub(in crate::feeds) async fn calendars(tx: &mut SystemTx) -> db::Result<Vec<String>> {
    let names = sqlx::query_scalar!(
        r#"select distinct calendar as "calendar!" from market.exchanges where calendar is not null"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(names)
}

/// Instruments whose last stated bar lies before the day that their calendar expects, and that are not left alone:
/// first what somebody holds or watches and indices, then what was never or longest ago tried. What is followed is
/// left alone for a day at most.
pub(in crate::feeds) async fn list_behind(
    tx: &mut SystemTx,
    expected: &ExpectedDays,
    now: Timestamp,
    limit: i64,
) -> db::Result<Vec<InstrumentId>> {
    let ids = sqlx::query_scalar!(
        r#"select i.id as "id: InstrumentId"
           from market.instruments i
           left join market.exchanges e on e.mic = i.mic
           left join market.refreshes tried on tried.instrument_id = i.id and tried.want = 'bars_1d'
           join unnest($1::text[], $2::date[]) as expected (calendar, day)
             on expected.calendar = market.trading_calendar(i.asset_class, e.calendar)
           cross join lateral (
               select i.asset_class = 'index' or exists (
                   select from market.interests n
                   where n.instrument_id = i.id and n.until > $3 and n.reason <> 'shown'
               ) as is_followed
           ) interest
           left join lateral (
               select at from market.bars_1d
               where instrument_id = i.id and source <> 'rollup' and at <= $3
               order by at desc limit 1
           ) last on true
           where market.is_fetched(i.asset_class, i.is_active, i.is_private)
             and (tried.next_at is null or tried.next_at <= $3
                  or (interest.is_followed and tried.tried_at <= $3 - interval '1 day'))
             and (last.at is null or (last.at at time zone 'UTC')::date < expected.day)
           order by interest.is_followed desc, tried.tried_at nulls first, i.symbol, i.id
           limit $4"#,
        &expected.calendars,
        &expected.days as &[jiff_sqlx::Date],
        now.to_sqlx() as _,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Day of the last daily bar that somebody stated, up to today: what stands after it is no sign of freshness.
pub(in crate::feeds) async fn last_day(
    tx: &mut SystemTx,
    id: InstrumentId,
    now: Timestamp,
) -> db::Result<Option<Date>> {
    let day = sqlx::query_scalar!(
        r#"select (at at time zone 'UTC')::date as "day!: jiff_sqlx::Date"
           from market.bars_1d
           where instrument_id = $1 and source <> 'rollup' and at <= $2
           order by at desc
           limit 1"#,
        id as InstrumentId,
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(day.map(jiff_sqlx::Date::to_jiff))
}

/// How a refresh ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::feeds) struct Conclusion<'c> {
    /// When.
    pub(in crate::feeds) at: Timestamp,
    /// How often in a row nothing has come.
    pub(in crate::feeds) misses: u32,
    /// Not before then again.
    pub(in crate::feeds) next_at: Option<Timestamp>,
    /// Why nothing came.
    pub(in crate::feeds) reason: Option<&'c str>,
}

/// Notes how a refresh ended, also where nobody was asked.
pub(in crate::feeds) async fn conclude(
    tx: &mut SystemTx,
    id: InstrumentId,
    want: Want,
    end: Conclusion<'_>,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.refreshes (instrument_id, want, tried_at, misses, next_at, reason)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (instrument_id, want) do update
         set tried_at = excluded.tried_at, misses = excluded.misses, next_at = excluded.next_at,
             reason = excluded.reason",
        id as InstrumentId,
        want.as_str(),
        end.at.to_sqlx() as _,
        i32::try_from(end.misses).unwrap_or(i32::MAX),
        end.next_at.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
        end.reason,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets what is left alone be asked for again, of one instrument or all, and of what was tried since a moment or all:
/// something has changed that may help.
pub(in crate::feeds) async fn ask_again(
    tx: &mut SystemTx,
    only: Option<InstrumentId>,
    tried_since: Option<Timestamp>,
) -> db::Result<()> {
    // In one order, so that two who do this wait for each other and do not stand in each other's way.
    sqlx::query!(
        "update market.refreshes r set misses = 0, next_at = null
         from (
             select instrument_id, want from market.refreshes
             where ($1::uuid is null or instrument_id = $1) and ($2::timestamptz is null or tried_at >= $2)
               and (misses > 0 or next_at is not null)
             order by instrument_id, want
             for update
         ) left_alone
         where r.instrument_id = left_alone.instrument_id and r.want = left_alone.want",
        only as Option<InstrumentId>,
        tried_since.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// When everything was last tried that instruments can have.
pub(in crate::feeds) async fn refreshes(
    tx: &mut SystemTx,
    ids: &[InstrumentId],
) -> db::Result<HashMap<(InstrumentId, Want), Refresh>> {
    let rows = sqlx::query!(
        r#"select r.instrument_id as "id: InstrumentId", r.want, r.tried_at, r.fetched_at, r.misses,
                  r.next_at,
                  (select c.fetched_at from market.option_chains c
                   where r.want = 'option_chain' and c.underlying_id = r.instrument_id
                     and c.pending <> '{}'
                     and not exists (
                         select from market.option_chains later
                         where later.underlying_id = c.underlying_id and later.fetched_at > c.fetched_at
                     )) as "unfinished_since?: jiff_sqlx::Timestamp"
           from market.refreshes r
           where r.instrument_id = any($1)"#,
        ids as &[InstrumentId],
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let refresh = Refresh {
                tried_at: Some(row.tried_at.to_jiff()),
                fetched_at: row.fetched_at.map(jiff_sqlx::Timestamp::to_jiff),
                unfinished_since: row.unfinished_since.map(jiff_sqlx::Timestamp::to_jiff),
                misses: row.misses.unsigned_abs(),
                next_at: row.next_at.map(jiff_sqlx::Timestamp::to_jiff),
            };
            Some(((row.id, row.want.parse().ok()?), refresh))
        })
        .collect())
}

/// Notes that something was tried, and by whom it was given.
pub(in crate::feeds) async fn put_refresh(
    tx: &mut SystemTx,
    id: InstrumentId,
    want: Want,
    at: Timestamp,
    by: Option<&str>,
) -> db::Result<()> {
    sqlx::query!(
        "insert into market.refreshes as r (instrument_id, want, tried_at, fetched_at, source)
         values ($1, $2, $3, case when $4::text is null then null else $3::timestamptz end, $4)
         on conflict (instrument_id, want) do update
         set tried_at = excluded.tried_at,
             fetched_at = coalesce(excluded.fetched_at, r.fetched_at),
             source = coalesce(excluded.source, r.source)",
        id as InstrumentId,
        want.as_str(),
        at.to_sqlx() as _,
        by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many instruments have each kind of data, and when it came last.
pub(in crate::feeds) async fn list_kept(
    tx: &mut SystemTx,
) -> db::Result<Vec<(String, i64, Option<Timestamp>)>> {
    let rows = sqlx::query!(
        r#"select want, count(*) filter (where fetched_at is not null) as "number!",
                  max(fetched_at) as "last?: jiff_sqlx::Timestamp"
           from market.refreshes
           group by want
           order by want"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.want,
                row.number,
                row.last.map(jiff_sqlx::Timestamp::to_jiff),
            )
        })
        .collect())
}

/// Notes how a provider spells symbols, where nobody has said so before; returns of how many instruments.
pub(in crate::feeds) async fn insert_spellings(
    tx: &mut SystemTx,
    provider: ProviderId,
    known: &[(InstrumentId, String)],
) -> db::Result<u64> {
    let ids: Vec<InstrumentId> = known.iter().map(|(id, _)| *id).collect();
    let names: Vec<String> = known.iter().map(|(_, name)| name.clone()).collect();
    let done = sqlx::query!(
        "insert into market.provider_symbols (instrument_id, provider, symbol)
         select n.id, $1, n.name from unnest($2::uuid[], $3::text[]) as n (id, name)
         on conflict (instrument_id, provider) do nothing",
        provider.as_str(),
        &ids as &[InstrumentId],
        &names,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// The last bars before a day, the oldest first: what the next ones are compared with.
pub(in crate::feeds) async fn list_before(
    tx: &mut SystemTx,
    id: InstrumentId,
    before: Date,
    limit: i64,
) -> db::Result<Vec<sources::Bar>> {
    let rows = sqlx::query!(
        "select at, open, high, low, close, adjusted_close, volume
         from market.bars_1d
         where instrument_id = $1 and at < $2::date::timestamp at time zone 'UTC'
         order by at desc
         limit $3",
        id as InstrumentId,
        jiff_sqlx::Date::from(before) as _,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let bars = rows.into_iter().rev().map(|row| sources::Bar {
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
