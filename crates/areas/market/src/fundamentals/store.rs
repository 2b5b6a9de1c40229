use db::SystemTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use sources::Fact;
use sqlx::PgConnection;

use super::model::{After, Fundamental};
use crate::InstrumentId;

/// Figures that one statement stores at most.
const CHUNK: usize = 10_000;

/// Stores what is new or corrected, and returns how many that were.
pub(crate) async fn upsert(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
    facts: &[Fact],
    now: Timestamp,
) -> db::Result<u64> {
    let mut stored = 0;
    for chunk in facts.chunks(CHUNK) {
        stored += upsert_chunk(tx, id, source, chunk, now).await?;
    }
    Ok(stored)
}

async fn upsert_chunk(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
    facts: &[Fact],
    now: Timestamp,
) -> db::Result<u64> {
    let texts = |of: fn(&Fact) -> &str| -> Vec<&str> { facts.iter().map(of).collect() };
    let starts: Vec<Option<jiff_sqlx::Date>> =
        facts.iter().map(|fact| fact.from.map(Into::into)).collect();
    let ends: Vec<jiff_sqlx::Date> = facts.iter().map(|fact| fact.to.into()).collect();
    let filed: Vec<Option<jiff_sqlx::Date>> = facts
        .iter()
        .map(|fact| fact.filed.map(Into::into))
        .collect();
    let values: Vec<Decimal> = facts.iter().map(|fact| fact.value).collect();
    let years: Vec<Option<i16>> = facts.iter().map(|fact| fact.fiscal_year).collect();
    let periods: Vec<Option<&str>> = facts
        .iter()
        .map(|fact| fact.fiscal_period.as_deref())
        .collect();
    let done = sqlx::query!(
        "insert into market.fundamentals as f
             (instrument_id, source, observed_at, taxonomy, concept, unit, period_start, period_end, value,
              fiscal_year, fiscal_period, form, filed)
         select distinct on (n.taxonomy, n.concept, n.unit, n.period_end, n.period_start, n.filed)
                $1::uuid, $2, $3::timestamptz, n.taxonomy, n.concept, n.unit, n.period_start, n.period_end,
                n.value, n.fiscal_year, n.fiscal_period, n.form, n.filed
         from unnest($4::text[], $5::text[], $6::text[], $7::date[], $8::date[], $9::numeric[],
                     $10::smallint[], $11::text[], $12::text[], $13::date[]) with ordinality
              as n (taxonomy, concept, unit, period_start, period_end, value, fiscal_year,
                    fiscal_period, form, filed, place)
         order by n.taxonomy, n.concept, n.unit, n.period_end, n.period_start, n.filed, n.place desc
         on conflict on constraint fundamentals_statement_key do update
         set value = excluded.value, form = excluded.form, fiscal_year = excluded.fiscal_year,
             fiscal_period = excluded.fiscal_period, observed_at = excluded.observed_at
         where f.value <> excluded.value",
        id as InstrumentId,
        source,
        now.to_sqlx() as _,
        &texts(|fact| &fact.taxonomy) as &[&str],
        &texts(|fact| &fact.concept) as &[&str],
        &texts(|fact| &fact.unit) as &[&str],
        &starts as &[Option<jiff_sqlx::Date>],
        &ends as &[jiff_sqlx::Date],
        &values,
        &years as &[Option<i16>],
        &periods as &[Option<&str>],
        &texts(|fact| &fact.form) as &[&str],
        &filed as &[Option<jiff_sqlx::Date>],
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// The last value of each concept in each unit; or all periods of one concept, the last first, each as it was
/// reported last. At most `limit` of those after a place.
pub(crate) async fn list(
    conn: &mut PgConnection,
    id: InstrumentId,
    concept: Option<&str>,
    after: Option<&After>,
    limit: i64,
) -> db::Result<Vec<Fundamental>> {
    let rows = sqlx::query!(
        r#"select taxonomy, concept, unit, period_start as "period_start?: jiff_sqlx::Date",
                  period_end as "period_end: jiff_sqlx::Date", value, fiscal_year, fiscal_period, form,
                  filed as "filed?: jiff_sqlx::Date", source, observed_at
           from (
               select distinct on (source, taxonomy, concept, unit,
                                   case when $2::text is null then null else period_end end,
                                   case when $2::text is null then null else period_start end)
                      taxonomy, concept, unit, period_start, period_end, value, fiscal_year,
                      fiscal_period, form, filed, source, observed_at
               from market.fundamentals
               where instrument_id = $1 and ($2::text is null or concept = $2)
               order by source, taxonomy, concept, unit,
                        case when $2::text is null then null else period_end end,
                        case when $2::text is null then null else period_start end,
                        period_end desc, filed desc nulls last, period_start desc nulls last
           ) last
           -- Days from each period to the end of time: the latest comes first, and one without a first day last.
           cross join lateral (
               select date '9999-12-31' - period_end as to_end,
                      date '9999-12-31' - coalesce(period_start, date '0001-01-01') as to_start
           ) days
           where $4::text is null
              or (concept, to_end, to_start, unit, taxonomy, source)
                 > ($4, date '9999-12-31' - $5::date,
                    date '9999-12-31' - coalesce($6::date, date '0001-01-01'), $7, $8, $9)
           order by concept, to_end, to_start, unit, taxonomy, source
           limit $3"#,
        id as InstrumentId,
        concept,
        limit,
        after.map(|(concept, ..)| concept.as_str()),
        after.map(|(_, to, ..)| (*to).into()) as Option<jiff_sqlx::Date>,
        after.and_then(|(_, _, from, ..)| from.map(Into::into)) as Option<jiff_sqlx::Date>,
        after.map(|(.., unit, _, _)| unit.as_str()),
        after.map(|(.., taxonomy, _)| taxonomy.as_str()),
        after.map(|(.., source)| source.as_str()),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Fundamental {
            taxonomy: row.taxonomy,
            concept: row.concept,
            unit: row.unit,
            period_start: row.period_start.map(jiff_sqlx::Date::to_jiff),
            period_end: row.period_end.to_jiff(),
            value: row.value.normalize(),
            fiscal_year: row.fiscal_year,
            fiscal_period: row.fiscal_period,
            form: row.form,
            filed: row.filed.map(jiff_sqlx::Date::to_jiff),
            source: row.source,
            observed_at: row.observed_at.to_jiff(),
        })
        .collect())
}

/// The last value that a source stated of a concept in a unit.
pub(crate) async fn last_value(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
    concept: &str,
    unit: &str,
) -> db::Result<Option<Decimal>> {
    Ok(sqlx::query_scalar!(
        "select value from market.fundamentals
         where instrument_id = $1 and source = $2 and concept = $3 and unit = $4
         order by period_end desc, filed desc nulls last
         limit 1",
        id as InstrumentId,
        source,
        concept,
        unit,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// How many concepts a source has ever stated of an instrument.
pub(crate) async fn count_concepts(
    tx: &mut SystemTx,
    id: InstrumentId,
    source: &str,
) -> db::Result<usize> {
    let count = sqlx::query_scalar!(
        r#"select count(distinct concept) as "count!" from market.fundamentals
           where instrument_id = $1 and source = $2"#,
        id as InstrumentId,
        source,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count.unsigned_abs() as usize)
}
