//! What is private, in the words of its owner.

pub(crate) mod appraisals;

use db::{SystemTx, UserId, UserTx};
use market::{AssetClass, InstrumentId};
use money::Currency;
use uuid::Uuid;

use super::{
    CustomInstrument, Error, Kind, PrivateAsset,
    input::{Details, NewPrivateAsset},
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
    symbol: Option<String>,
    asset_class: Option<String>,
    sector: Option<String>,
    industry: Option<String>,
    country: Option<String>,
    isin: Option<String>,
}

impl TryFrom<Row> for PrivateAsset {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let id = row.instrument_id.to_string();
        let currency = row.currency.as_deref().map(Currency::new);
        let Some(Ok(currency)) = currency else {
            return Err(inconsistent("currency", id));
        };
        let class = row.asset_class.as_deref().map(AssetClass::parse);
        let instrument = match (row.symbol, class) {
            (None, None) => None,
            (Some(symbol), Some(Some(asset_class))) => Some(CustomInstrument {
                symbol,
                asset_class,
                sector: row.sector,
                industry: row.industry,
                country: row.country,
                isin: row.isin,
            }),
            _ => return Err(inconsistent("asset_class", id)),
        };
        Ok(Self {
            instrument_id: InstrumentId(row.instrument_id),
            name: row.name,
            kind: Kind::parse(&row.kind).ok_or_else(|| inconsistent("kind", id))?,
            instrument,
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

/// All of them, by the word that stands for them; those that are deleted as well.
pub(crate) async fn list_with_deleted(tx: &mut UserTx) -> db::Result<Vec<PrivateAsset>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.instrument_id, a.name, a.kind, a.note, a.version,
                  a.deleted_at is not null as "is_deleted!", i.currency,
                  a.symbol, a.asset_class, a.sector, a.industry, a.country, a.isin
           from portfolio.private_assets a
           join market.instruments i on i.id = a.instrument_id
           order by lower(coalesce(a.symbol, a.name)), a.instrument_id"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(PrivateAsset::try_from).collect()
}

/// All that are there, by the word that stands for them.
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
                  a.deleted_at is not null as "is_deleted!", i.currency,
                  a.symbol, a.asset_class, a.sector, a.industry, a.country, a.isin
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

/// The handle of the one for which a word stands: a symbol of an instrument, a name of anything else.
pub(crate) async fn find(tx: &mut UserTx, word: &str) -> db::Result<Option<InstrumentId>> {
    let found = sqlx::query_scalar!(
        "select instrument_id from portfolio.private_assets
         where deleted_at is null and lower(coalesce(symbol, name)) = lower($1)",
        word,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(InstrumentId))
}

pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    new: &NewPrivateAsset,
) -> Result<(), Error> {
    let details = &new.details;
    let (word, of) = (details.word(), details.instrument.as_ref());
    sqlx::query!(
        "insert into portfolio.private_assets (user_id, instrument_id, name, kind, note, symbol,
                                               asset_class, sector, industry, country, isin)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        user.0,
        id.0,
        details.name,
        details.kind.as_str(),
        details.note,
        of.map(|of| of.symbol.as_str()),
        of.map(|of| of.asset_class.as_str()),
        of.and_then(|of| of.sector.as_deref()),
        of.and_then(|of| of.industry.as_deref()),
        of.and_then(|of| of.country.as_deref()),
        of.and_then(|of| of.isin.as_deref()),
    )
    .execute(tx.conn())
    .await
    .map_err(|error| name_taken(error, word))?;
    appraisals::upsert(tx, user, id, &new.appraisals).await
}

pub(crate) async fn update(
    tx: &mut UserTx,
    id: InstrumentId,
    details: &Details,
) -> Result<(), Error> {
    let (word, of) = (details.word(), details.instrument.as_ref());
    sqlx::query!(
        "update portfolio.private_assets
         set name = $2, kind = $3, note = $4, symbol = $5, asset_class = $6, sector = $7,
             industry = $8, country = $9, isin = $10, version = version + 1
         where instrument_id = $1",
        id.0,
        details.name,
        details.kind.as_str(),
        details.note,
        of.map(|of| of.symbol.as_str()),
        of.map(|of| of.asset_class.as_str()),
        of.and_then(|of| of.sector.as_deref()),
        of.and_then(|of| of.industry.as_deref()),
        of.and_then(|of| of.country.as_deref()),
        of.and_then(|of| of.isin.as_deref()),
    )
    .execute(tx.conn())
    .await
    .map_err(|error| name_taken(error, word))?;
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

/// Brings back those of these that are deleted, with the values that went with them. Where the
/// name or the symbol is another one's by now, a mark behind it tells them apart.
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
         set deleted_at = null, version = a.version + 1,
             name = case when a.symbol is null and is_taken.now
                    then left(a.name, 90) || ' (' || right(a.instrument_id::text, 6) || ')'
                    else a.name end,
             symbol = case when is_taken.now
                      then left(a.symbol, 43) || '-' || upper(right(a.instrument_id::text, 6))
                      else a.symbol end
         from portfolio.private_assets former,
              lateral (select exists (
                  select from portfolio.private_assets other
                  where other.user_id = former.user_id and other.deleted_at is null
                    and lower(coalesce(other.symbol, other.name))
                        = lower(coalesce(former.symbol, former.name))) as now) is_taken
         where former.user_id = a.user_id and former.instrument_id = a.instrument_id
           and a.instrument_id = any($1) and a.deleted_at is not null",
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

fn name_taken(error: sqlx::Error, word: &str) -> Error {
    let error = db::Error::from(error);
    if error.constraint() == Some("private_assets_name_key") {
        return Error::NameTaken {
            name: word.to_owned(),
        };
    }
    error.into()
}
