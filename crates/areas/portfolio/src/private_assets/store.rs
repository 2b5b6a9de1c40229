use std::collections::HashMap;

use db::{SystemTx, UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use market::InstrumentId;
use money::Currency;
use uuid::Uuid;

use super::{
    Appraisal, Error, Kind, PrivateAsset,
    model::{Details, NewPrivateAsset},
};

/// The columns as stored; [`PrivateAsset`] is what they mean.
struct Row {
    instrument_id: Uuid,
    name: String,
    kind: String,
    note: Option<String>,
    version: i32,
    is_deleted: bool,
    currency: Option<String>,
}

impl TryFrom<Row> for PrivateAsset {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let id = row.instrument_id.to_string();
        let currency = row.currency.as_deref().map(Currency::new);
        let Some(Ok(currency)) = currency else {
            return Err(inconsistent("currency", id));
        };
        Ok(Self {
            instrument_id: InstrumentId(row.instrument_id),
            name: row.name,
            kind: Kind::parse(&row.kind).ok_or_else(|| inconsistent("kind", id))?,
            currency,
            note: row.note,
            version: row.version,
            is_deleted: row.is_deleted,
        })
    }
}

fn inconsistent(column: &'static str, row: String) -> db::Error {
    db::Error::Inconsistent {
        table: "portfolio.private_assets",
        column,
        row,
        reason: "not a value this program writes".to_owned(),
    }
}

/// All of them, by name; those that are deleted as well.
pub(crate) async fn list_with_deleted(tx: &mut UserTx) -> db::Result<Vec<PrivateAsset>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.instrument_id, a.name, a.kind, a.note, a.version,
                  a.deleted_at is not null as "is_deleted!", i.currency
           from portfolio.private_assets a
           join market.instruments i on i.id = a.instrument_id
           order by lower(a.name), a.instrument_id"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(PrivateAsset::try_from).collect()
}

/// All that are there, by name.
pub(crate) async fn list(tx: &mut UserTx) -> db::Result<Vec<PrivateAsset>> {
    let mut assets = list_with_deleted(tx).await?;
    assets.retain(|asset| !asset.is_deleted);
    Ok(assets)
}

/// Those that only simulated portfolios hold, or held.
pub(crate) async fn list_simulated(tx: &mut UserTx) -> db::Result<Vec<InstrumentId>> {
    let ids = sqlx::query_scalar!(
        "select a.instrument_id
         from portfolio.private_assets a
         join (select user_id, portfolio_id, instrument_id from portfolio.transactions
               union
               select user_id, portfolio_id, instrument_id from portfolio.transaction_versions) t
           on t.user_id = a.user_id and t.instrument_id = a.instrument_id
         join portfolio.portfolios p on p.user_id = t.user_id and p.id = t.portfolio_id
         group by a.instrument_id
         having bool_and(p.is_simulated)"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(InstrumentId).collect())
}

/// One that is there.
pub(crate) async fn require(tx: &mut UserTx, id: InstrumentId) -> Result<PrivateAsset, Error> {
    let asset = require_with_deleted(tx, id).await?;
    if asset.is_deleted {
        return Err(Error::NotFound);
    }
    Ok(asset)
}

/// One that is there, or was.
pub(crate) async fn require_with_deleted(
    tx: &mut UserTx,
    id: InstrumentId,
) -> Result<PrivateAsset, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select a.instrument_id, a.name, a.kind, a.note, a.version,
                  a.deleted_at is not null as "is_deleted!", i.currency
           from portfolio.private_assets a
           join market.instruments i on i.id = a.instrument_id
           where a.instrument_id = $1"#,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(row.try_into()?)
}

/// The same, locked until the unit of work ends: of two edits of one version one comes first.
pub(crate) async fn lock(tx: &mut UserTx, id: InstrumentId) -> Result<PrivateAsset, Error> {
    sqlx::query!(
        "select name from portfolio.private_assets where instrument_id = $1 for update",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, id).await
}

/// The handles of those that bear one of the names, by the name in lower case.
pub(crate) async fn list_by_name(
    tx: &mut UserTx,
    names: &[String],
) -> db::Result<HashMap<String, InstrumentId>> {
    let rows = sqlx::query!(
        r#"select lower(name) as "name!", instrument_id from portfolio.private_assets
           where deleted_at is null
             and lower(name) in (select lower(wanted) from unnest($1::text[]) wanted)"#,
        names,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.name, InstrumentId(row.instrument_id)))
        .collect())
}

pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    new: &NewPrivateAsset,
) -> Result<(), Error> {
    let details = &new.details;
    sqlx::query!(
        "insert into portfolio.private_assets (user_id, instrument_id, name, kind, note)
         values ($1, $2, $3, $4, $5)",
        user.0,
        id.0,
        details.name,
        details.kind.as_str(),
        details.note,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| name_taken(error, &details.name))?;
    for appraisal in &new.appraisals {
        upsert_appraisal(tx, user, id, *appraisal).await?;
    }
    Ok(())
}

pub(crate) async fn update(
    tx: &mut UserTx,
    id: InstrumentId,
    details: &Details,
) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.private_assets
         set name = $2, kind = $3, note = $4, version = version + 1
         where instrument_id = $1",
        id.0,
        details.name,
        details.kind.as_str(),
        details.note,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| name_taken(error, &details.name))?;
    Ok(())
}

/// Deletes it with its values and with every transaction in it. Former versions of all of them stay,
/// and so do its name and its handle, by which they are read.
pub(crate) async fn delete(tx: &mut UserTx, id: InstrumentId) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.transactions where instrument_id = $1 or target_instrument_id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    let gone = sqlx::query!(
        "update portfolio.private_assets
         set deleted_at = now(), version = version + 1
         where instrument_id = $1 and deleted_at is null",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if gone.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    sqlx::query!(
        "delete from portfolio.appraisals where instrument_id = $1",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Brings back those of these that are deleted, with the values that went with them. Where another
/// one bears the name by now, a mark behind it tells them apart.
pub(crate) async fn restore(tx: &mut UserTx, ids: &[InstrumentId]) -> db::Result<()> {
    sqlx::query!(
        "insert into portfolio.appraisals (user_id, instrument_id, date, price)
         select v.user_id, v.instrument_id, v.date, v.price
         from portfolio.appraisal_versions v
         join portfolio.private_assets a
           on a.user_id = v.user_id and a.instrument_id = v.instrument_id
         where a.instrument_id = any($1) and v.operation = 'delete' and v.changed_at >= a.deleted_at",
        ids as &[InstrumentId],
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update portfolio.private_assets a
         set deleted_at = null, version = version + 1,
             name = case when exists (
                        select from portfolio.private_assets other
                        where other.user_id = a.user_id and other.deleted_at is null
                          and lower(other.name) = lower(a.name))
                    then left(a.name, 90) || ' (' || right(a.instrument_id::text, 6) || ')'
                    else a.name end
         where a.instrument_id = any($1) and a.deleted_at is not null",
        ids as &[InstrumentId],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Erases one of somebody with everything that was ever known of it, but for its handle.
pub(super) async fn forget(tx: &mut SystemTx, user: UserId, id: InstrumentId) -> Result<(), Error> {
    sqlx::query!(
        "select name from portfolio.private_assets
         where user_id = $1 and instrument_id = $2 for update",
        user.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    sqlx::query!(
        "delete from portfolio.transactions
         where user_id = $1 and (instrument_id = $2 or target_instrument_id = $2)",
        user.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    // The deletion of just now among them.
    sqlx::query!(
        "delete from portfolio.transaction_versions
         where user_id = $1 and (instrument_id = $2 or target_instrument_id = $2)",
        user.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from portfolio.private_assets where user_id = $1 and instrument_id = $2",
        user.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The values of one, by day.
pub(crate) async fn list_appraisals(
    tx: &mut UserTx,
    id: InstrumentId,
) -> Result<Vec<Appraisal>, Error> {
    let mut all = appraisals(tx, &[id], None).await?;
    Ok(all.remove(&id).unwrap_or_default())
}

/// The values of several, each by day: those that are there, or with a moment those that were there
/// before it. Those without any are absent.
pub(crate) async fn appraisals(
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
    pub(crate) price: Option<rust_decimal::Decimal>,
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

/// States the value of a day, or replaces it.
pub(crate) async fn upsert_appraisal(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    appraisal: Appraisal,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.appraisals (user_id, instrument_id, date, price)
         values ($1, $2, $3, $4)
         on conflict (user_id, instrument_id, date) do update set price = excluded.price",
        user.0,
        id.0,
        jiff_sqlx::Date::from(appraisal.date) as jiff_sqlx::Date,
        appraisal.price,
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

pub(crate) async fn delete_appraisal(
    tx: &mut UserTx,
    id: InstrumentId,
    date: Date,
) -> Result<(), Error> {
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

fn name_taken(error: sqlx::Error, name: &str) -> Error {
    let error = db::Error::from(error);
    if error.constraint() == Some("private_assets_name_key") {
        return Error::NameTaken {
            name: name.to_owned(),
        };
    }
    error.into()
}
