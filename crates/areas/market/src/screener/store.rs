use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{After, Screen, Screened};
use crate::{
    AssetClass, InstrumentId,
    instruments::{CapBucket, PeBucket},
};

/// What a form offers to choose from.
#[derive(Debug, Default)]
pub(super) struct Choices {
    pub(super) sectors: Vec<String>,
    pub(super) industries: Vec<String>,
    pub(super) countries: Vec<String>,
    pub(super) currencies: Vec<String>,
    pub(super) exchanges: Vec<String>,
}

/// The columns as stored; [`Screened`] is what they mean.
struct Row {
    id: InstrumentId,
    symbol: String,
    name: String,
    asset_class: AssetClass,
    exchange: String,
    mic: Option<String>,
    currency: Option<String>,
    sector: Option<String>,
    industry: Option<String>,
    country: Option<String>,
    market_cap: Option<f64>,
    pe_ratio: Option<f64>,
    is_simulated: bool,
    date: Option<jiff_sqlx::Date>,
    close: Option<f64>,
    change_percent: Option<f64>,
    volume: Option<f64>,
    low_52w: Option<f64>,
    high_52w: Option<f64>,
    position_52w: Option<f64>,
    key: f64,
}

impl From<Row> for Screened {
    fn from(row: Row) -> Self {
        Self {
            instrument_id: row.id,
            symbol: row.symbol,
            name: row.name,
            asset_class: row.asset_class,
            exchange: row.exchange,
            mic: row.mic,
            currency: row.currency,
            sector: row.sector,
            industry: row.industry,
            country: row.country,
            market_cap: row.market_cap,
            pe_ratio: row.pe_ratio,
            is_simulated: row.is_simulated,
            date: row.date.map(jiff_sqlx::Date::to_jiff),
            price: row.close,
            change_percent: row.change_percent,
            volume: row.volume,
            low_52w: row.low_52w,
            high_52w: row.high_52w,
            position_52w: row.position_52w,
            key: row.key,
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one query and its many parameters")]
/// One more than `limit` where there are more. Rows whose key is unknown come last, whichever way the
/// others are ordered: their key is larger than that of any other.
pub(super) async fn list(
    conn: &mut PgConnection,
    screen: &Screen,
    after: Option<&After>,
    limit: i64,
) -> db::Result<Vec<Screened>> {
    let rows = sqlx::query_as!(
        Row,
        r#"with keyed as (
               select i.id, i.symbol, i.name, i.asset_class, i.exchange, i.mic, i.currency, i.sector,
                      i.industry, i.country, i.market_cap::float8 as market_cap,
                      i.pe_ratio::float8 as pe_ratio, i.is_simulated, f.date, f.close,
                      f.change_percent, f.volume, f.low_52w, f.high_52w, f.position_52w,
                      coalesce(
                          case when $14 then -1 else 1 end * case $13
                              when 'market_cap' then i.market_cap::float8
                              when 'pe_ratio' then i.pe_ratio::float8
                              when 'price' then f.close
                              when 'change' then f.change_percent
                              when 'volume' then f.volume
                              when 'position' then f.position_52w
                          end,
                          1e300) as key
               from market.instruments i
               left join market.daily_figures f on f.instrument_id = i.id
               where not i.is_private and i.is_active
                 and ($1::text is null or i.asset_class = $1)
                 and ($2::text is null or i.mic = $2 or i.exchange = $2
                      or i.mic = (select mic from market.exchanges where code = $2))
                 and ($3::text is null or lower(i.sector) = lower($3))
                 and ($4::text is null or lower(i.industry) = lower($4))
                 and ($5::text is null or lower(i.country) = lower($5))
                 and ($6::text is null or i.currency = $6)
                 and ($7::text is null or i.market_cap_bucket = $7)
                 and ($8::text is null or i.pe_bucket = $8)
                 and ($9::float8 is null or f.close >= $9)
                 and ($10::float8 is null or f.close <= $10)
                 and ($11::float8 is null or f.change_percent >= $11)
                 and ($12::float8 is null or f.change_percent <= $12)
                 and ($15::float8 is null or f.volume >= $15)
                 and ($16::float8 is null or f.position_52w >= $16)
                 and ($17::float8 is null or f.position_52w <= $17)
           )
           select id as "id: InstrumentId", symbol, name, asset_class as "asset_class: AssetClass",
                  exchange, mic, currency, sector, industry, country, market_cap, pe_ratio,
                  is_simulated, date as "date?", close as "close?", change_percent, volume,
                  low_52w as "low_52w?", high_52w as "high_52w?", position_52w, key as "key!"
           from keyed
           where $18::float8 is null or (key, symbol, id) > ($18, $19, $20)
           order by key, symbol, id
           limit $21::bigint + 1"#,
        screen.asset_class.map(AssetClass::as_str),
        screen.exchange,
        screen.sector,
        screen.industry,
        screen.country,
        screen.currency,
        screen.market_cap.map(CapBucket::as_str),
        screen.pe.map(PeBucket::as_str),
        screen.price.min,
        screen.price.max,
        screen.change.min,
        screen.change.max,
        screen.sort.as_str(),
        screen.is_descending,
        screen.volume.min,
        screen.position.min,
        screen.position.max,
        after.map(|(key, _, _)| *key),
        after.map(|(_, symbol, _)| symbol.replace('\0', "")),
        after.map(|(_, _, id)| *id) as Option<Uuid>,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Screened::from).collect())
}

pub(super) async fn choices(conn: &mut PgConnection) -> db::Result<Choices> {
    Ok(sqlx::query_as!(
        Choices,
        r#"select
               coalesce(array(select distinct sector from market.instruments
                              where sector is not null and not is_private order by 1), '{}')
                   as "sectors!",
               coalesce(array(select distinct industry from market.instruments
                              where industry is not null and not is_private order by 1), '{}')
                   as "industries!",
               coalesce(array(select distinct country from market.instruments
                              where country is not null and not is_private order by 1), '{}')
                   as "countries!",
               coalesce(array(select distinct currency from market.instruments
                              where currency is not null and not is_private order by 1), '{}')
                   as "currencies!",
               coalesce(array(select distinct coalesce(mic, exchange) from market.instruments
                              where exchange <> '' and not is_private order by 1), '{}')
                   as "exchanges!""#
    )
    .fetch_one(conn)
    .await?)
}
