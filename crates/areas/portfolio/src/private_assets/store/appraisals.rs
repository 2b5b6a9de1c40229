//! What was stated of something private, day by day.

use std::collections::HashMap;

use db::{UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use market::InstrumentId;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::{Appraisal, Error};

/// The values of one, by day.
pub(crate) async fn list(tx: &mut UserTx, id: InstrumentId) -> Result<Vec<Appraisal>, Error> {
    let mut all = list_of(tx, &[id], None).await?;
    Ok(all.remove(&id).unwrap_or_default())
}

/// The last value of each of these. Those without any are absent.
pub(crate) async fn list_last(
    tx: &mut UserTx,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, Appraisal>> {
    let rows = sqlx::query!(
        r#"select wanted.id as "id!", last.date as "date!: jiff_sqlx::Date",
                  last.price as "price!"
           from unnest($1::uuid[]) wanted(id),
                lateral (select date, price from portfolio.appraisals
                         where instrument_id = wanted.id
                         order by date desc
                         limit 1) last"#,
        ids as &[InstrumentId],
    )
    .fetch_all(tx.conn())
    .await?;
    let last = rows.into_iter().map(|row| {
        let (date, price) = (row.date.to_jiff(), row.price.normalize());
        (InstrumentId(row.id), Appraisal { date, price })
    });
    Ok(last.collect())
}

/// The values of one, the newest first, one more than `limit` where there are more. `before` is the day of the
/// last row before.
pub(crate) async fn list_newest(
    tx: &mut UserTx,
    id: InstrumentId,
    before: Option<Date>,
    limit: i64,
) -> db::Result<Vec<Appraisal>> {
    let rows = sqlx::query!(
        r#"select date as "date: jiff_sqlx::Date", price
           from portfolio.appraisals
           where instrument_id = $1 and ($2::date is null or date < $2)
           order by date desc
           limit $3::bigint + 1"#,
        id.0,
        before.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    let values = rows.into_iter().map(|row| Appraisal {
        date: row.date.to_jiff(),
        price: row.price.normalize(),
    });
    Ok(values.collect())
}

/// The values of several, each by day: those that are there, or with a moment those that were there
/// before it. Those without any are absent.
pub(crate) async fn list_of(
    tx: &mut UserTx,
    ids: &[InstrumentId],
    before: Option<Timestamp>,
) -> db::Result<HashMap<InstrumentId, Vec<Appraisal>>> {
    let rows = sqlx::query!(
        r#"select instrument_id as "instrument_id!", date as "date!: jiff_sqlx::Date",
                  price as "price!"
           from (
               select instrument_id, date, price from portfolio.appraisals
               where instrument_id = any($1)
                 and ($2::timestamptz is null or observed_at < $2)
               union all
               select instrument_id, date, price from portfolio.appraisal_versions
               where instrument_id = any($1) and known_from < $2 and changed_at >= $2
           ) known
           order by instrument_id, date"#,
        ids as &[InstrumentId],
        before.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found: HashMap<InstrumentId, Vec<Appraisal>> = HashMap::new();
    for row in rows {
        let id = InstrumentId(row.instrument_id);
        found.entry(id).or_default().push(Appraisal {
            date: row.date.to_jiff(),
            price: row.price.normalize(),
        });
    }
    Ok(found)
}

/// A value that was stated for a day, or taken back.
#[derive(Clone, Debug)]
pub(crate) struct AppraisalChange {
    pub(crate) instrument_id: InstrumentId,
    pub(crate) date: Date,
    /// `None`: there is none any more.
    pub(crate) price: Option<Decimal>,
    /// `None`: before that was written down.
    pub(crate) at: Option<Timestamp>,
    /// `None`: its owner, or the system.
    pub(crate) by: Option<Uuid>,
}

/// Everything that was ever stated of these about days up to one and became known before a moment,
/// in the order in which it did.
pub(crate) async fn list_changes(
    tx: &mut UserTx,
    ids: &[InstrumentId],
    on: Date,
    before: Option<Timestamp>,
) -> db::Result<Vec<AppraisalChange>> {
    let rows = sqlx::query!(
        r#"select instrument_id as "instrument_id!", date as "date!: jiff_sqlx::Date",
                  price as "price?", nullif(at, '-infinity') as "at?: jiff_sqlx::Timestamp",
                  by as "by?"
           from (
               select instrument_id, date, price, observed_at as at, null::uuid as by
               from portfolio.appraisals
               union all
               select instrument_id, date, price, known_from, null
               from portfolio.appraisal_versions
               union all
               select instrument_id, date, null, changed_at, changed_by
               from portfolio.appraisal_versions
               where operation = 'delete'
           ) stated
           where instrument_id = any($1) and date <= $2
             and ($3::timestamptz is null or at < $3)
           order by stated.at, instrument_id, date"#,
        ids as &[InstrumentId],
        jiff_sqlx::Date::from(on) as jiff_sqlx::Date,
        before.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AppraisalChange {
            instrument_id: InstrumentId(row.instrument_id),
            date: row.date.to_jiff(),
            price: row.price.map(|price| price.normalize()),
            at: row.at.map(jiff_sqlx::Timestamp::to_jiff),
            by: row.by,
        })
        .collect())
}

/// States values of days, or replaces them. Each day is there once at most.
pub(crate) async fn upsert(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    stated: &[Appraisal],
) -> Result<(), Error> {
    let days: Vec<jiff_sqlx::Date> = stated
        .iter()
        .map(|appraisal| jiff_sqlx::Date::from(appraisal.date))
        .collect();
    let prices: Vec<Decimal> = stated.iter().map(|appraisal| appraisal.price).collect();
    sqlx::query!(
        "insert into portfolio.appraisals (user_id, instrument_id, date, price)
         select $1, $2, stated.date, stated.price
         from unnest($3::date[], $4::numeric[]) stated(date, price)
         on conflict (user_id, instrument_id, date) do update set price = excluded.price",
        user.0,
        id.0,
        &days as &[jiff_sqlx::Date],
        &prices,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| {
        let error = db::Error::from(error);
        // Deleted a moment ago.
        if error
            .constraint()
            .is_some_and(|name| name.starts_with("appraisals_user_id"))
        {
            return Error::NotFound;
        }
        error.into()
    })?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut UserTx, id: InstrumentId, date: Date) -> Result<(), Error> {
    let gone = sqlx::query!(
        "delete from portfolio.appraisals where instrument_id = $1 and date = $2",
        id.0,
        jiff_sqlx::Date::from(date) as jiff_sqlx::Date,
    )
    .execute(tx.conn())
    .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NoAppraisal)
    } else {
        Ok(())
    }
}
