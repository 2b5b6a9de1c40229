use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx as _;
use money::{Currency, FxTable};
use sqlx::PgConnection;

use super::{CloseObservation, RateObservation};
use crate::{InstrumentId, bars::store::unit};

pub(super) async fn closes(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    on: Date,
    from: Timestamp,
    to: Option<Timestamp>,
) -> db::Result<Vec<CloseObservation>> {
    let rows = sqlx::query!(
        r#"with before as (
               select wanted.id as instrument_id, last.at, last.close, last.source, last.observed_at
               from unnest($1::uuid[]) as wanted (id)
               left join lateral (
                   select at, close, source, observed_at
                   from (
                       (select at, close, source, observed_at
                        from market.bars_1d
                        where instrument_id = wanted.id
                          and at < $2::date + 1 and observed_at < $3
                        order by at desc
                        limit 1)
                       union all
                       (select at, close, source, observed_at
                        from market.bar_versions
                        where interval = '1d' and instrument_id = wanted.id and not is_refused
                          and at < $2::date + 1 and observed_at < $3 and replaced_at >= $3
                        order by at desc
                        limit 1)
                   ) known
                   order by at desc
                   limit 1
               ) last on true
           )
           select instrument_id as "instrument_id!: InstrumentId",
                  (at at time zone 'UTC')::date as "date!: jiff_sqlx::Date", close as "close!",
                  source as "source!", i.quote_unit = 'minor' as "is_minor!",
                  nullif(observed_at, '-infinity') as "observed_at?: jiff_sqlx::Timestamp"
           from (
               select * from before where at is not null
               union all
               select b.instrument_id, s.at, s.close, s.source, s.observed_at
               from before b
               cross join lateral (
                   select at, close, source, observed_at
                   from market.bars_1d
                   where instrument_id = b.instrument_id
                     and at >= coalesce(b.at, '-infinity') and at < $2::date + 1
                   union all
                   select at, close, source, observed_at
                   from market.bar_versions
                   where interval = '1d' and instrument_id = b.instrument_id and not is_refused
                     and at >= coalesce(b.at, '-infinity') and at < $2::date + 1
               ) s
               where s.observed_at >= $3 and ($4::timestamptz is null or s.observed_at < $4)
           ) all_of_them
           join market.instruments i on i.id = all_of_them.instrument_id
           order by observed_at, instrument_id, at"#,
        ids as &[InstrumentId],
        jiff_sqlx::Date::from(on) as _,
        from.to_sqlx() as _,
        to.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| CloseObservation {
            instrument_id: row.instrument_id,
            date: row.date.to_jiff(),
            close: unit(row.is_minor).in_currency(row.close),
            source: row.source,
            observed_at: row.observed_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

pub(super) async fn rates_as_known(
    conn: &mut PgConnection,
    on: Date,
    at: Timestamp,
) -> db::Result<FxTable> {
    let rows = sqlx::query!(
        r#"select base as "base!", quote as "quote!",
                  array_agg(date order by date) as "dates!: Vec<jiff_sqlx::Date>",
                  array_agg(rate order by date) as "rates!"
           from (
               select base, quote, date, rate
               from market.fx_rates
               where date <= $1 and observed_at < $2
               union all
               select base, quote, date, rate
               from market.fx_rate_versions
               where date <= $1 and observed_at < $2 and replaced_at >= $2
           ) known
           group by base, quote"#,
        jiff_sqlx::Date::from(on) as _,
        at.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    let mut table = FxTable::new();
    for row in rows {
        let (base, quote) = (code(&row.base)?, code(&row.quote)?);
        let dates = row.dates.into_iter().map(jiff_sqlx::Date::to_jiff);
        let days = dates.zip(row.rates);
        table.extend(days.map(|(date, rate)| (date, base, quote, rate)));
    }
    Ok(table)
}

pub(super) async fn rates(
    conn: &mut PgConnection,
    on: Date,
    from: Timestamp,
    to: Option<Timestamp>,
) -> db::Result<Vec<RateObservation>> {
    let rows = sqlx::query!(
        r#"select base as "base!", quote as "quote!", date as "date!: jiff_sqlx::Date",
                  rate as "rate!", source as "source!",
                  observed_at as "observed_at!: jiff_sqlx::Timestamp"
           from (
               select base, quote, date, rate, source, observed_at from market.fx_rates
               union all
               select base, quote, date, rate, source, observed_at from market.fx_rate_versions
           ) stated
           where date <= $1 and observed_at >= $2 and ($3::timestamptz is null or observed_at < $3)
           order by observed_at, base, quote, date"#,
        jiff_sqlx::Date::from(on) as _,
        from.to_sqlx() as _,
        to.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RateObservation {
                base: code(&row.base)?,
                quote: code(&row.quote)?,
                date: row.date.to_jiff(),
                rate: row.rate,
                source: row.source,
                observed_at: row.observed_at.to_jiff(),
            })
        })
        .collect()
}

fn code(code: &str) -> db::Result<Currency> {
    Currency::new(code).map_err(|error| db::Error::Inconsistent {
        table: "market.fx_rates",
        column: "base, quote",
        row: code.to_owned(),
        reason: error.to_string(),
    })
}

pub(super) async fn first_changed_day(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
    since: Timestamp,
) -> db::Result<Option<Date>> {
    let first = sqlx::query_scalar!(
        r#"select least(
               (select min(at) from market.bars_1d
                where instrument_id = any($1) and observed_at >= $2),
               (select min(at) from market.bar_versions
                where instrument_id = any($1) and interval = '1d' and replaced_at >= $2
                  and not is_refused),
               (select min(date)::timestamp at time zone 'UTC' from market.fx_rates
                where observed_at >= $2),
               (select min(date)::timestamp at time zone 'UTC' from market.simulated_fx_rates
                where observed_at >= $2),
               -- What an instrument is concerns every day of it.
               (select '0001-01-01'::timestamp at time zone 'UTC' from market.instruments
                where id = any($1) and updated_at >= $2 and updated_at > created_at limit 1)
           ) as "first?: jiff_sqlx::Timestamp""#,
        ids as &[InstrumentId],
        since.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(first.map(|at| at.to_jiff().to_zoned(TimeZone::UTC).date()))
}
