use db::SystemTx;
use jiff::Timestamp;
use money::Currency;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    error::Error,
    model::{AssetClass, Instrument, InstrumentId, NewInstrument, SecurityKey},
};

/// Symbol, exchange and ISIN name an instrument; migrations give the index this name.
const IDENTITY_KEY: &str = "instruments_identity_key";

/// The columns as stored; [`Instrument`] is what they mean.
struct Row {
    id: InstrumentId,
    symbol: String,
    exchange: String,
    name: String,
    asset_class: AssetClass,
    currency: Option<String>,
    sector: Option<String>,
    country: Option<String>,
    isin: Option<String>,
    is_simulated: bool,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Instrument {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let currency = row
            .currency
            .map(|code| currency(&code, row.id))
            .transpose()?;
        Ok(Self {
            id: row.id,
            symbol: row.symbol,
            exchange: row.exchange,
            name: row.name,
            asset_class: row.asset_class,
            currency,
            sector: row.sector,
            country: row.country,
            isin: row.isin,
            is_simulated: row.is_simulated,
            updated_at: row.updated_at,
        })
    }
}

fn currency(code: &str, id: InstrumentId) -> db::Result<Currency> {
    Currency::new(code).map_err(|error| db::Error::Inconsistent {
        table: "market.instruments",
        column: "currency",
        row: id.to_string(),
        reason: error.to_string(),
    })
}

fn instruments(rows: Vec<Row>) -> db::Result<Vec<Instrument>> {
    rows.into_iter().map(Instrument::try_from).collect()
}

pub(super) async fn get(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Option<Instrument>> {
    sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where id = $1",
        id as InstrumentId,
    )
    .fetch_optional(conn)
    .await?
    .map(Instrument::try_from)
    .transpose()
}

pub(crate) async fn require(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> Result<Instrument, Error> {
    get(conn, id).await?.ok_or(Error::NotFound)
}

/// Locks the row until the end of the transaction, so that its version cannot change meanwhile.
pub(super) async fn require_for_update(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> Result<Instrument, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where id = $1
         for update",
        id as InstrumentId,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(Instrument::try_from(row.ok_or(Error::NotFound)?)?)
}

pub(super) async fn list_by_id(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<Vec<Instrument>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where id = any ($1)",
        ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?;
    instruments(rows)
}

/// One more than `limit` where there are more. `after` is symbol and id of the last row before.
pub(super) async fn list(
    conn: &mut PgConnection,
    text: &str,
    after: Option<&(String, InstrumentId)>,
    limit: i64,
) -> db::Result<Vec<Instrument>> {
    let text = without_nul(text);
    let rows = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where ($1 = '' or starts_with(symbol, upper($1))
                or position(lower($1) in lower(name)) > 0)
           and ($2::text is null or (symbol, id) > ($2, $3))
         order by symbol, id
         limit $4::bigint + 1",
        text,
        after.map(|(symbol, _)| without_nul(symbol)),
        after.map(|(_, id)| *id) as Option<InstrumentId>,
        limit,
    )
    .fetch_all(conn)
    .await?;
    instruments(rows)
}

pub(super) async fn search(
    conn: &mut PgConnection,
    text: &str,
    limit: i64,
) -> db::Result<Vec<Instrument>> {
    let text = without_nul(text);
    let rows = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where starts_with(symbol, upper($1)) or position(lower($1) in lower(name)) > 0
         order by symbol = upper($1) desc, starts_with(symbol, upper($1)) desc, symbol, id
         limit $2",
        text,
        limit,
    )
    .fetch_all(conn)
    .await?;
    instruments(rows)
}

/// PostgreSQL's texts cannot hold the character, so no text of a table contains it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// Every instrument that one of the keys could mean.
pub(super) async fn list_candidates(
    conn: &mut PgConnection,
    keys: &[SecurityKey],
) -> db::Result<Vec<Instrument>> {
    let symbols: Vec<_> = keys.iter().map(|key| key.symbol.as_str()).collect();
    let isins: Vec<_> = keys.iter().filter_map(|key| key.isin.as_deref()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, updated_at
         from market.instruments
         where symbol = any ($1) or isin = any ($2)
         order by symbol, id",
        &symbols as &[&str],
        &isins as &[&str],
    )
    .fetch_all(conn)
    .await?;
    instruments(rows)
}

/// One writer of instruments at a time, so that two imports do not create the same one twice.
pub(super) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.instruments', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut SystemTx, new: &NewInstrument) -> Result<Instrument, Error> {
    let inserted = sqlx::query_as!(
        Row,
        "insert into market.instruments
             (id, symbol, exchange, name, asset_class, currency, sector, country, isin, is_simulated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         returning id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                   is_simulated, updated_at",
        Uuid::now_v7(),
        new.symbol,
        new.exchange,
        new.name,
        new.asset_class.as_str(),
        new.currency.as_ref().map(Currency::as_str),
        new.sector,
        new.country,
        new.isin,
        new.is_simulated,
    )
    .fetch_one(tx.conn())
    .await;
    match inserted {
        Ok(row) => Ok(row.try_into()?),
        Err(error) => Err(refused(error, &new.symbol, &new.exchange)),
    }
}

pub(super) async fn update(tx: &mut SystemTx, changed: &Instrument) -> Result<Instrument, Error> {
    let updated = sqlx::query_as!(
        Row,
        "update market.instruments
         set name = $2, asset_class = $3, currency = $4, sector = $5, country = $6, isin = $7
         where id = $1
         returning id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                   is_simulated, updated_at",
        changed.id as InstrumentId,
        changed.name,
        changed.asset_class.as_str(),
        changed.currency.as_ref().map(Currency::as_str),
        changed.sector,
        changed.country,
        changed.isin,
    )
    .fetch_one(tx.conn())
    .await;
    match updated {
        Ok(row) => Ok(row.try_into()?),
        Err(error) => Err(refused(error, &changed.symbol, &changed.exchange)),
    }
}

fn refused(error: sqlx::Error, symbol: &str, exchange: &str) -> Error {
    let error = db::Error::from(error);
    if error.constraint() == Some(IDENTITY_KEY) {
        return Error::Taken {
            symbol: symbol.to_owned(),
            exchange: exchange.to_owned(),
        };
    }
    Error::Database(error)
}

pub(super) async fn insert_all(tx: &mut SystemTx, created: &[Instrument]) -> db::Result<()> {
    if created.is_empty() {
        return Ok(());
    }
    let (mut ids, mut symbols, mut exchanges) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut classes) = (Vec::new(), Vec::new());
    let (mut currencies, mut isins) = (Vec::new(), Vec::new());
    for instrument in created {
        ids.push(instrument.id);
        symbols.push(instrument.symbol.as_str());
        exchanges.push(instrument.exchange.as_str());
        names.push(instrument.name.as_str());
        classes.push(instrument.asset_class.as_str());
        currencies.push(instrument.currency.as_ref().map(Currency::as_str));
        isins.push(instrument.isin.as_deref());
    }
    sqlx::query!(
        "insert into market.instruments (id, symbol, exchange, name, asset_class, currency, isin)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::text[])",
        &ids as &[InstrumentId],
        &symbols as &[&str],
        &exchanges as &[&str],
        &names as &[&str],
        &classes as &[&str],
        &currencies as &[Option<&str>],
        &isins as &[Option<&str>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes name, currency and ISIN.
pub(super) async fn update_all(tx: &mut SystemTx, learnt: &[Instrument]) -> db::Result<()> {
    if learnt.is_empty() {
        return Ok(());
    }
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    let (mut currencies, mut isins) = (Vec::new(), Vec::new());
    for instrument in learnt {
        ids.push(instrument.id);
        names.push(instrument.name.as_str());
        currencies.push(instrument.currency.as_ref().map(Currency::as_str));
        isins.push(instrument.isin.as_deref());
    }
    sqlx::query!(
        "update market.instruments i
         set name = l.name, currency = l.currency, isin = l.isin
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
              as l (id, name, currency, isin)
         where i.id = l.id",
        &ids as &[InstrumentId],
        &names as &[&str],
        &currencies as &[Option<&str>],
        &isins as &[Option<&str>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_unused_simulated(tx: &mut SystemTx) -> db::Result<i64> {
    Ok(
        sqlx::query_scalar!(r#"select market.delete_unused_simulated() as "deleted!""#)
            .fetch_one(tx.conn())
            .await?,
    )
}
