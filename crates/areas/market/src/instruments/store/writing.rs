use db::SystemTx;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    super::{
        error::Error,
        model::{Instrument, InstrumentId, NewInstrument},
    },
    Row, word_of_right,
};

/// Symbol, exchange and ISIN name an instrument; migrations give the index this name.
const IDENTITY_KEY: &str = "instruments_identity_key";

/// One writer of instruments at a time, so that two imports do not create the same one twice.
pub(in crate::instruments) async fn lock(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('market.instruments', 0)) as "locked: ()""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::instruments) async fn insert(
    tx: &mut SystemTx,
    new: &NewInstrument,
) -> Result<Instrument, Error> {
    let inserted = sqlx::query_as!(
        Row,
        "insert into market.instruments
             (id, symbol, exchange, name, asset_class, currency, sector, country, isin, is_simulated,
              quote_unit, industry, market_cap, pe_ratio, figi, cusip, is_active, listed_on,
              delisted_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19)
         returning id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                   is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                   expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at",
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
        new.quote_unit.as_str(),
        new.facts.industry,
        new.facts.market_cap,
        new.facts.pe_ratio,
        new.facts.figi,
        new.facts.cusip,
        new.facts.is_active,
        new.facts.listed_on.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        new.facts.delisted_on.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
    )
    .fetch_one(tx.conn())
    .await;
    match inserted {
        Ok(row) => Ok(row.try_into()?),
        Err(error) => Err(refused(error, &new.symbol, &new.exchange)),
    }
}

pub(in crate::instruments) async fn update(
    tx: &mut SystemTx,
    changed: &Instrument,
) -> Result<Instrument, Error> {
    let updated = sqlx::query_as!(
        Row,
        "update market.instruments
         set name = $2, asset_class = $3, currency = $4, sector = $5, country = $6, isin = $7,
             quote_unit = $8, symbol = $9, exchange = $10, industry = $11, market_cap = $12,
             pe_ratio = $13, figi = $14, cusip = $15, is_active = $16, listed_on = $17,
             delisted_on = $18
         where id = $1
         returning id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                   is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                   expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at",
        changed.id as InstrumentId,
        changed.name,
        changed.asset_class.as_str(),
        changed.currency.as_ref().map(Currency::as_str),
        changed.sector,
        changed.country,
        changed.isin,
        changed.quote_unit.as_str(),
        changed.symbol,
        changed.exchange,
        changed.facts.industry,
        changed.facts.market_cap,
        changed.facts.pe_ratio,
        changed.facts.figi,
        changed.facts.cusip,
        changed.facts.is_active,
        changed.facts.listed_on.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        changed.facts.delisted_on.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
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

/// What a new or better known option contract is about, one element for each instrument.
#[derive(Default)]
struct TermColumns {
    multipliers: Vec<Decimal>,
    underlyings: Vec<Option<InstrumentId>>,
    strikes: Vec<Option<Decimal>>,
    rights: Vec<Option<&'static str>>,
    last_days: Vec<Option<jiff_sqlx::Date>>,
}

impl TermColumns {
    fn of(instruments: &[Instrument]) -> Self {
        let mut columns = Self::default();
        for instrument in instruments {
            let terms = instrument.option;
            columns.multipliers.push(instrument.multiplier);
            columns
                .underlyings
                .push(terms.map(|terms| terms.underlying));
            columns.strikes.push(terms.map(|terms| terms.strike));
            columns
                .rights
                .push(terms.map(|terms| word_of_right(terms.right)));
            columns
                .last_days
                .push(terms.map(|terms| terms.expires_on.into()));
        }
        columns
    }
}

pub(in crate::instruments) async fn insert_all(
    tx: &mut SystemTx,
    created: &[Instrument],
) -> db::Result<()> {
    if created.is_empty() {
        return Ok(());
    }
    let (mut ids, mut symbols, mut exchanges) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut classes) = (Vec::new(), Vec::new());
    let (mut currencies, mut isins) = (Vec::new(), Vec::new());
    let (mut private, mut units, mut simulated) = (Vec::new(), Vec::new(), Vec::new());
    for instrument in created {
        ids.push(instrument.id);
        symbols.push(instrument.symbol.as_str());
        exchanges.push(instrument.exchange.as_str());
        names.push(instrument.name.as_str());
        classes.push(instrument.asset_class.as_str());
        currencies.push(instrument.currency.as_ref().map(Currency::as_str));
        isins.push(instrument.isin.as_deref());
        private.push(instrument.is_private);
        units.push(instrument.quote_unit.as_str());
        simulated.push(instrument.is_simulated);
    }
    let terms = TermColumns::of(created);
    sqlx::query!(
        "insert into market.instruments (id, symbol, exchange, name, asset_class, currency, isin,
                                         is_private, multiplier, underlying_id, strike, option_right,
                                         expires_on, quote_unit, is_simulated)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::text[], $8::bool[], $9::numeric[], $10::uuid[],
                              $11::numeric[], $12::text[], $13::date[], $14::text[],
                              $15::bool[])",
        &ids as &[InstrumentId],
        &symbols as &[&str],
        &exchanges as &[&str],
        &names as &[&str],
        &classes as &[&str],
        &currencies as &[Option<&str>],
        &isins as &[Option<&str>],
        &private,
        &terms.multipliers,
        &terms.underlyings as &[Option<InstrumentId>],
        &terms.strikes as &[Option<Decimal>],
        &terms.rights as &[Option<&str>],
        &terms.last_days as &[Option<jiff_sqlx::Date>],
        &units as &[&str],
        &simulated,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes name, currency, ISIN and the terms of an option.
pub(crate) async fn update_all(tx: &mut SystemTx, learnt: &[Instrument]) -> db::Result<()> {
    if learnt.is_empty() {
        return Ok(());
    }
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    let (mut currencies, mut isins, mut units) = (Vec::new(), Vec::new(), Vec::new());
    for instrument in learnt {
        ids.push(instrument.id);
        names.push(instrument.name.as_str());
        currencies.push(instrument.currency.as_ref().map(Currency::as_str));
        isins.push(instrument.isin.as_deref());
        units.push(instrument.quote_unit.as_str());
    }
    let terms = TermColumns::of(learnt);
    sqlx::query!(
        "update market.instruments i
         set name = l.name, currency = l.currency, isin = l.isin, multiplier = l.multiplier,
             underlying_id = l.underlying_id, strike = l.strike, option_right = l.option_right,
             expires_on = l.expires_on, quote_unit = l.quote_unit
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::uuid[],
                     $7::numeric[], $8::text[], $9::date[], $10::text[])
              as l (id, name, currency, isin, multiplier, underlying_id, strike, option_right,
                    expires_on, quote_unit)
         where i.id = l.id",
        &ids as &[InstrumentId],
        &names as &[&str],
        &currencies as &[Option<&str>],
        &isins as &[Option<&str>],
        &terms.multipliers,
        &terms.underlyings as &[Option<InstrumentId>],
        &terms.strikes as &[Option<Decimal>],
        &terms.rights as &[Option<&str>],
        &terms.last_days as &[Option<jiff_sqlx::Date>],
        &units as &[&str],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::instruments) async fn delete_unused_simulated(tx: &mut SystemTx) -> db::Result<i64> {
    Ok(
        sqlx::query_scalar!(r#"select market.delete_unused_simulated() as "deleted!""#)
            .fetch_one(tx.conn())
            .await?,
    )
}

pub(in crate::instruments) async fn delete_private(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> db::Result<()> {
    sqlx::query!(
        "delete from market.instruments where id = $1 and is_private",
        id as InstrumentId,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
