mod figures;
pub(super) mod history;
pub(super) mod search;

pub(crate) use figures::update_figures;

use db::SystemTx;
use jiff::Timestamp;
use ledger::OptionRight;
use money::{Currency, QuoteUnit};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    error::Error,
    model::{
        AssetClass, CapBucket, Facts, Instrument, InstrumentId, NewInstrument, OptionTerms,
        PeBucket, SecurityKey,
    },
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
    is_private: bool,
    quote_unit: String,
    multiplier: Decimal,
    underlying_id: Option<InstrumentId>,
    strike: Option<Decimal>,
    option_right: Option<String>,
    expires_on: Option<jiff_sqlx::Date>,
    mic: Option<String>,
    industry: Option<String>,
    market_cap: Option<Decimal>,
    market_cap_bucket: Option<String>,
    pe_ratio: Option<Decimal>,
    pe_bucket: Option<String>,
    figi: Option<String>,
    cusip: Option<String>,
    is_active: bool,
    listed_on: Option<jiff_sqlx::Date>,
    delisted_on: Option<jiff_sqlx::Date>,
    updated_at: Timestamp,
}

impl Row {
    fn facts(&self) -> Facts {
        let day = |date: Option<jiff_sqlx::Date>| date.map(jiff_sqlx::Date::to_jiff);
        Facts {
            mic: self.mic.clone(),
            industry: self.industry.clone(),
            market_cap: self.market_cap.map(|cap| cap.normalize()),
            market_cap_bucket: self.market_cap_bucket.as_deref().and_then(CapBucket::parse),
            pe_ratio: self.pe_ratio.map(|ratio| ratio.normalize()),
            pe_bucket: self.pe_bucket.as_deref().and_then(PeBucket::parse),
            figi: self.figi.clone(),
            cusip: self.cusip.clone(),
            is_active: self.is_active,
            listed_on: day(self.listed_on),
            delisted_on: day(self.delisted_on),
        }
    }

    fn option(&self) -> Option<OptionTerms> {
        Some(OptionTerms {
            underlying: self.underlying_id?,
            strike: self.strike?.normalize(),
            right: right_of_word(self.option_right.as_deref()?)?,
            expires_on: self.expires_on?.to_jiff(),
        })
    }
}

fn right_of_word(word: &str) -> Option<OptionRight> {
    [OptionRight::Call, OptionRight::Put]
        .into_iter()
        .find(|right| word_of_right(*right) == word)
}

fn word_of_right(right: OptionRight) -> &'static str {
    match right {
        OptionRight::Call => "call",
        OptionRight::Put => "put",
    }
}

impl TryFrom<Row> for Instrument {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let option = row.option();
        let facts = row.facts();
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
            is_private: row.is_private,
            quote_unit: quote_unit(&row.quote_unit, row.id)?,
            multiplier: row.multiplier.normalize(),
            option,
            facts,
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

fn quote_unit(word: &str, id: InstrumentId) -> db::Result<QuoteUnit> {
    let known = [QuoteUnit::Major, QuoteUnit::Minor];
    known
        .into_iter()
        .find(|unit| unit.as_str() == word)
        .ok_or_else(|| db::Error::Inconsistent {
            table: "market.instruments",
            column: "quote_unit",
            row: id.to_string(),
            reason: format!("“{word}” is no unit of prices"),
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
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
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
    // What is private is not on the market: only its owner's portfolio area shows it.
    let listed = get(conn, id).await?.filter(|found| !found.is_private);
    listed.ok_or(Error::NotFound)
}

/// Locks the row until the end of the transaction, so that its version cannot change meanwhile.
pub(super) async fn require_for_update(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> Result<Instrument, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
         from market.instruments
         where id = $1 and not is_private
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
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
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
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
         from market.instruments
         where not is_private
           and ($1 = '' or symbol ~>=~ upper($1) and symbol ~<~ (upper($1) || U&'\\+10FFFF')
                or lower(name) like $5)
           and ($2::text is null or (symbol, id) > ($2, $3))
         order by symbol, id
         limit $4::bigint + 1",
        text,
        after.map(|(symbol, _)| without_nul(symbol)),
        after.map(|(_, id)| *id) as Option<InstrumentId>,
        limit,
        search::containing(&text),
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
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
         from market.instruments
         where not is_private and (symbol = any ($1) or isin = any ($2))
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

pub(super) async fn update(tx: &mut SystemTx, changed: &Instrument) -> Result<Instrument, Error> {
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

pub(super) async fn insert_all(tx: &mut SystemTx, created: &[Instrument]) -> db::Result<()> {
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

pub(super) async fn delete_unused_simulated(tx: &mut SystemTx) -> db::Result<i64> {
    Ok(
        sqlx::query_scalar!(r#"select market.delete_unused_simulated() as "deleted!""#)
            .fetch_one(tx.conn())
            .await?,
    )
}

pub(super) async fn delete_private(tx: &mut SystemTx, id: InstrumentId) -> db::Result<()> {
    sqlx::query!(
        "delete from market.instruments where id = $1 and is_private",
        id as InstrumentId,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
