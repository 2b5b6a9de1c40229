//! What the table of instruments is asked, and in [`writing`] what is written into it.

mod figures;
pub(super) mod history;
pub(super) mod search;
mod writing;

pub(crate) use figures::update_figures;
pub(crate) use writing::update_all;
pub(super) use writing::{
    delete_private, delete_unused_simulated, insert, insert_all, lock, update,
};

use std::collections::BTreeSet;

use db::SystemTx;
use jiff::Timestamp;
use ledger::OptionRight;
use money::{Currency, QuoteUnit};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::{
    error::Error,
    matching::Known,
    model::{
        AssetClass, CapBucket, Facts, Instrument, InstrumentId, OptionTerms, PeBucket, SecurityKey,
    },
};
use crate::exchanges;

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

/// What prices are stated in, of this word.
pub(crate) fn quote_unit(word: &str, id: InstrumentId) -> db::Result<QuoteUnit> {
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

/// Every instrument that one of the keys could mean, and by which words they may be meant.
pub(super) async fn list_candidates(
    conn: &mut PgConnection,
    keys: &[SecurityKey],
) -> db::Result<Known> {
    let symbols: Vec<_> = keys.iter().map(|key| key.symbol.as_str()).collect();
    let isins: Vec<_> = keys.iter().filter_map(|key| key.isin.as_deref()).collect();
    let former = history::list_bearers(conn, &symbols).await?;
    let bearers: Vec<_> = former.iter().map(|former| former.id).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, symbol, exchange, name, asset_class, currency, sector, country, isin,
                is_simulated, is_private, quote_unit, multiplier, underlying_id, strike, option_right,
                expires_on, mic, industry, market_cap, market_cap_bucket, pe_ratio,
                pe_bucket, figi, cusip, is_active, listed_on, delisted_on, updated_at
         from market.instruments
         where not is_private and (symbol = any ($1) or isin = any ($2) or id = any ($3))
         order by symbol, id",
        &symbols as &[&str],
        &isins as &[&str],
        &bearers as &[InstrumentId],
    )
    .fetch_all(&mut *conn)
    .await?;
    let words: BTreeSet<&str> = keys
        .iter()
        .filter_map(|key| key.exchange.as_deref())
        .collect();
    Ok(Known {
        instruments: instruments(rows)?,
        former,
        mics: exchanges::mics(conn, &words).await?,
    })
}
