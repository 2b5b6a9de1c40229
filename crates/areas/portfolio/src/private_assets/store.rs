use std::collections::HashMap;

use db::{SystemTx, UserId, UserTx};
use jiff::civil::Date;
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

/// All of them, by name.
pub(crate) async fn list(tx: &mut UserTx) -> db::Result<Vec<PrivateAsset>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.instrument_id, a.name, a.kind, a.note, a.version, i.currency
           from portfolio.private_assets a
           join market.instruments i on i.id = a.instrument_id
           order by lower(a.name)"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(PrivateAsset::try_from).collect()
}

/// Those that only simulated portfolios hold.
pub(crate) async fn list_simulated(tx: &mut UserTx) -> db::Result<Vec<InstrumentId>> {
    let ids = sqlx::query_scalar!(
        "select a.instrument_id
         from portfolio.private_assets a
         join portfolio.transactions t
           on t.user_id = a.user_id and t.instrument_id = a.instrument_id
         join portfolio.portfolios p on p.user_id = t.user_id and p.id = t.portfolio_id
         group by a.instrument_id
         having bool_and(p.is_simulated)"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(InstrumentId).collect())
}

pub(crate) async fn require(tx: &mut UserTx, id: InstrumentId) -> Result<PrivateAsset, Error> {
    let row = sqlx::query_as!(
        Row,
        "select a.instrument_id, a.name, a.kind, a.note, a.version, i.currency
         from portfolio.private_assets a
         join market.instruments i on i.id = a.instrument_id
         where a.instrument_id = $1",
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
           where lower(name) in (select lower(wanted) from unnest($1::text[]) wanted)"#,
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

/// Deletes it with its values and with every transaction in it; its handle stays.
pub(crate) async fn delete(tx: &mut UserTx, id: InstrumentId) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.transactions where instrument_id = $1 or target_instrument_id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    let gone = sqlx::query!(
        "delete from portfolio.private_assets where instrument_id = $1",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

/// The values of one, by day.
pub(crate) async fn list_appraisals(
    tx: &mut UserTx,
    id: InstrumentId,
) -> Result<Vec<Appraisal>, Error> {
    let mut all = appraisals(tx, &[id]).await?;
    Ok(all.remove(&id).unwrap_or_default())
}

/// The values of several, each by day. Those without any are absent.
pub(crate) async fn appraisals(
    tx: &mut UserTx,
    ids: &[InstrumentId],
) -> db::Result<HashMap<InstrumentId, Vec<Appraisal>>> {
    let rows = sqlx::query!(
        r#"select instrument_id, date as "date: jiff_sqlx::Date", price
           from portfolio.appraisals
           where instrument_id = any($1)
           order by instrument_id, date"#,
        ids as &[InstrumentId],
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

/// Forgets former versions of transactions in something that is gone.
pub(super) async fn delete_history(tx: &mut SystemTx, id: InstrumentId) -> db::Result<()> {
    sqlx::query!(
        "delete from portfolio.transaction_versions
         where instrument_id = $1 or target_instrument_id = $1",
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
