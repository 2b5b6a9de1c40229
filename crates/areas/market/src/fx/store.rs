use db::{SystemTx, copy::CopyWriter};
use jiff::civil::Date;
use money::{Currency, FxTable};
use sqlx::PgConnection;

use super::model::{Pair, Rate};

/// A row for the lists: a rate and where it came from.
pub(super) struct Listed {
    pub(super) rate: Rate,
    pub(super) source: String,
}

/// The pairs that have rates. Jumps along the primary key instead of reading every day.
pub(super) async fn list_pairs(conn: &mut PgConnection) -> db::Result<Vec<Pair>> {
    let rows = sqlx::query!(
        r#"with recursive pairs as (
               (select base, quote from market.fx_rates order by base, quote limit 1)
               union all
               select following.base, following.quote
               from pairs p
               cross join lateral (
                   select r.base, r.quote
                   from market.fx_rates r
                   where (r.base, r.quote) > (p.base, p.quote)
                   order by r.base, r.quote
                   limit 1
               ) following
           )
           select base as "base!", quote as "quote!" from pairs"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| pair(&row.base, &row.quote))
        .collect()
}

pub(super) async fn table(conn: &mut PgConnection, pairs: &[Pair]) -> db::Result<FxTable> {
    let (bases, quotes) = codes(pairs.iter().copied());
    let rows = sqlx::query!(
        r#"select p.base as "base!", p.quote as "quote!", s.dates as "dates!: Vec<jiff_sqlx::Date>",
                  s.rates as "rates!"
           from unnest($1::text[], $2::text[]) as p (base, quote)
           cross join lateral (
               select array_agg(r.date) as dates, array_agg(r.rate) as rates
               from (select date, rate
                     from market.fx_rates
                     where base = p.base and quote = p.quote
                     order by date) r
           ) s
           where s.dates is not null"#,
        &bases as &[String],
        &quotes as &[String],
    )
    .fetch_all(conn)
    .await?;
    let mut table = FxTable::new();
    for row in rows {
        let (base, quote) = pair(&row.base, &row.quote)?;
        let days = row
            .dates
            .into_iter()
            .map(jiff_sqlx::Date::to_jiff)
            .zip(row.rates);
        table.extend(days.map(|(date, rate)| (date, base, quote, rate)));
    }
    Ok(table)
}

/// Rates in the order of day, base and quote, the newest first; one more than `limit` where there
/// are more.
pub(super) async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<&(Date, Currency, Currency)>,
    limit: i64,
) -> db::Result<Vec<Listed>> {
    let date = |date: Date| jiff_sqlx::Date::from(date);
    let rows = sqlx::query!(
        "select base, quote, date, rate, source
         from market.fx_rates
         where ($1::text is null or base = $1)
           and ($2::text is null or quote = $2)
           and date between $3 and $4
           and ($5::date is null or (date, base, quote) < ($5, $6, $7))
         order by date desc, base desc, quote desc
         limit $8::bigint + 1",
        filter.base.as_ref().map(Currency::as_str),
        filter.quote.as_ref().map(Currency::as_str),
        date(filter.from) as _,
        date(filter.to) as _,
        after.map(|(day, ..)| date(*day)) as _,
        after.map(|(_, base, _)| base.as_str()),
        after.map(|(_, _, quote)| quote.as_str()),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (base, quote) = pair(&row.base, &row.quote)?;
            let rate = Rate {
                date: row.date.to_jiff(),
                base,
                quote,
                rate: row.rate,
            };
            Ok(Listed {
                rate,
                source: row.source,
            })
        })
        .collect()
}

/// Which rates a list shows.
pub(super) struct Filter {
    pub(super) base: Option<Currency>,
    pub(super) quote: Option<Currency>,
    pub(super) from: Date,
    pub(super) to: Date,
}

/// A pair with its latest rates, for the overview.
pub(super) struct Recent {
    pub(super) pair: Pair,
    /// In the order of days, never empty.
    pub(super) rates: Vec<(Date, f64)>,
}

/// The last rates of every pair, at most `count` each.
pub(super) async fn recent(
    conn: &mut PgConnection,
    pairs: &[Pair],
    count: i64,
) -> db::Result<Vec<Recent>> {
    let (bases, quotes) = codes(pairs.iter().copied());
    let rows = sqlx::query!(
        r#"select p.base as "base!", p.quote as "quote!", s.dates as "dates!: Vec<jiff_sqlx::Date>",
                  s.rates as "rates!"
           from unnest($1::text[], $2::text[]) as p (base, quote)
           cross join lateral (
               select array_agg(r.date order by r.date) as dates,
                      array_agg(r.rate order by r.date) as rates
               from (select date, rate
                     from market.fx_rates
                     where base = p.base and quote = p.quote
                     order by date desc
                     limit $3) r
           ) s
           where s.dates is not null
           order by 1, 2"#,
        &bases as &[String],
        &quotes as &[String],
        count,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let days = row.dates.into_iter().map(jiff_sqlx::Date::to_jiff);
            Ok(Recent {
                pair: pair(&row.base, &row.quote)?,
                rates: days.zip(row.rates).collect(),
            })
        })
        .collect()
}

/// One writer of rates at a time: what an import knows about the table stays true until its end.
pub(super) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.fx_rates', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// The stored rates of these pairs.
pub(super) async fn list_of_pairs(tx: &mut SystemTx, pairs: &[Pair]) -> db::Result<Vec<Rate>> {
    let (bases, quotes) = codes(pairs.iter().copied());
    let rows = sqlx::query!(
        "select r.base, r.quote, r.date, r.rate
         from market.fx_rates r
         join unnest($1::text[], $2::text[]) as p (base, quote)
           on p.base = r.base and p.quote = r.quote",
        &bases as &[String],
        &quotes as &[String],
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let (base, quote) = pair(&row.base, &row.quote)?;
            Ok(Rate {
                date: row.date.to_jiff(),
                base,
                quote,
                rate: row.rate,
            })
        })
        .collect()
}

/// Adds rates of pairs and days that have none, in bulk.
pub(super) async fn copy(tx: &mut SystemTx, source: &str, rates: &[Rate]) -> db::Result<u64> {
    let columns = ["base", "quote", "date", "rate", "source"];
    let mut writer = CopyWriter::begin(tx.conn(), "market.fx_rates", &columns).await?;
    for rate in rates {
        writer
            .row(|row| {
                row.field(rate.base.as_str())?
                    .field(rate.quote.as_str())?
                    .field(rate.date)?
                    .field(rate.rate)?
                    .field(source)?;
                Ok(())
            })
            .await?;
    }
    writer.finish().await
}

pub(super) async fn insert(tx: &mut SystemTx, source: &str, rates: &[Rate]) -> db::Result<u64> {
    let (bases, quotes) = codes(rates.iter().map(|rate| (rate.base, rate.quote)));
    let dates: Vec<_> = rates
        .iter()
        .map(|rate| jiff_sqlx::Date::from(rate.date))
        .collect();
    let values: Vec<_> = rates.iter().map(|rate| rate.rate).collect();
    let inserted = sqlx::query!(
        "insert into market.fx_rates (base, quote, date, rate, source)
         select base, quote, date, rate, $5
         from unnest($1::text[], $2::text[], $3::date[], $4::float8[])
              as r (base, quote, date, rate)
         on conflict do nothing",
        &bases as &[String],
        &quotes as &[String],
        &dates as &[jiff_sqlx::Date],
        &values as &[f64],
        source,
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected())
}

/// The rates of the sample.
pub(super) async fn simulated_table(conn: &mut PgConnection) -> db::Result<FxTable> {
    let rows = sqlx::query!("select base, quote, date, rate from market.simulated_fx_rates")
        .fetch_all(conn)
        .await?;
    let mut table = FxTable::new();
    for row in rows {
        let (base, quote) = pair(&row.base, &row.quote)?;
        table.extend([(row.date.to_jiff(), base, quote, row.rate)]);
    }
    Ok(table)
}

pub(super) async fn insert_simulated(tx: &mut SystemTx, rates: &[Rate]) -> db::Result<u64> {
    let (bases, quotes) = codes(rates.iter().map(|rate| (rate.base, rate.quote)));
    let dates: Vec<_> = rates
        .iter()
        .map(|rate| jiff_sqlx::Date::from(rate.date))
        .collect();
    let values: Vec<_> = rates.iter().map(|rate| rate.rate).collect();
    let inserted = sqlx::query!(
        "insert into market.simulated_fx_rates (base, quote, date, rate)
         select base, quote, date, rate
         from unnest($1::text[], $2::text[], $3::date[], $4::float8[])
              as r (base, quote, date, rate)
         on conflict do nothing",
        &bases as &[String],
        &quotes as &[String],
        &dates as &[jiff_sqlx::Date],
        &values as &[f64],
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected())
}

fn codes(pairs: impl Iterator<Item = Pair>) -> (Vec<String>, Vec<String>) {
    pairs
        .map(|(base, quote)| (base.to_string(), quote.to_string()))
        .unzip()
}

fn pair(base: &str, quote: &str) -> db::Result<Pair> {
    let read = |column, code: &str| {
        Currency::new(code).map_err(|error| db::Error::Inconsistent {
            table: "market.fx_rates",
            column,
            row: format!("{base}/{quote}"),
            reason: error.to_string(),
        })
    };
    Ok((read("base", base)?, read("quote", quote)?))
}

/// The last day of which a source stated rates of a currency.
pub(crate) async fn last_day(
    conn: &mut PgConnection,
    base: Currency,
    source: &str,
) -> db::Result<Option<Date>> {
    let day = sqlx::query_scalar!(
        r#"select max(date) as "day?: jiff_sqlx::Date"
           from market.fx_rates where base = $1 and source = $2"#,
        base.as_str(),
        source,
    )
    .fetch_one(conn)
    .await?;
    Ok(day.map(jiff_sqlx::Date::to_jiff))
}

/// The last rate of each pair before a day.
pub(crate) async fn last_before(conn: &mut PgConnection, before: Date) -> db::Result<Vec<Rate>> {
    let pairs = list_pairs(conn).await?;
    let (bases, quotes) = codes(pairs.iter().copied());
    let rows = sqlx::query!(
        r#"select last.base as "base!", last.quote as "quote!", last.date as "date!", last.rate as "rate!"
           from unnest($1::text[], $2::text[]) as p (base, quote)
           cross join lateral (
               select r.base, r.quote, r.date, r.rate
               from market.fx_rates r
               where r.base = p.base and r.quote = p.quote and r.date < $3
               order by r.date desc
               limit 1
           ) last"#,
        &bases as &[String],
        &quotes as &[String],
        jiff_sqlx::Date::from(before) as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| rate(&row.base, &row.quote, row.date.to_jiff(), row.rate))
        .collect()
}

/// All rates from a day on.
pub(crate) async fn list_since(conn: &mut PgConnection, from: Date) -> db::Result<Vec<Rate>> {
    let rows = sqlx::query!(
        "select base, quote, date, rate from market.fx_rates where date >= $1",
        jiff_sqlx::Date::from(from) as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| rate(&row.base, &row.quote, row.date.to_jiff(), row.rate))
        .collect()
}

fn rate(base: &str, quote: &str, date: Date, rate: f64) -> db::Result<Rate> {
    let (base, quote) = pair(base, quote)?;
    Ok(Rate {
        date,
        base,
        quote,
        rate,
    })
}

/// Writes rates that a source states now over others of its own; those of files and persons stay. Returns how many
/// are other than before.
pub(super) async fn correct(tx: &mut SystemTx, source: &str, rates: &[Rate]) -> db::Result<u64> {
    let (bases, quotes) = codes(rates.iter().map(|rate| (rate.base, rate.quote)));
    let dates: Vec<jiff_sqlx::Date> = rates.iter().map(|rate| rate.date.into()).collect();
    let values: Vec<f64> = rates.iter().map(|rate| rate.rate).collect();
    let corrected = sqlx::query!(
        "update market.fx_rates f
         set rate = r.rate
         from unnest($1::text[], $2::text[], $3::date[], $4::float8[]) as r (base, quote, date, rate)
         where f.base = r.base and f.quote = r.quote and f.date = r.date and f.source = $5
           and f.rate <> r.rate",
        &bases as &[String],
        &quotes as &[String],
        &dates as &[jiff_sqlx::Date],
        &values as &[f64],
        source,
    )
    .execute(tx.conn())
    .await?;
    Ok(corrected.rows_affected())
}
