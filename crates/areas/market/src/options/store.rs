use std::collections::HashMap;

use db::SystemTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Chain, Contract, OptionType, in_the_money};
use crate::InstrumentId;

/// When the prices of the last chain were, and who stated it.
pub(crate) async fn last_chain(
    conn: &mut PgConnection,
    underlying: InstrumentId,
) -> db::Result<Option<(Option<Timestamp>, String)>> {
    let row = sqlx::query!(
        "select at, source from market.option_chains
         where underlying_id = $1
         order by fetched_at desc limit 1",
        underlying as InstrumentId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.at.map(jiff_sqlx::Timestamp::to_jiff), row.source)))
}

/// Stores a chain, with the expirations that have still to be asked for; a second one of the same moment takes the
/// place of the first.
pub(crate) async fn insert_chain(
    tx: &mut SystemTx,
    underlying: InstrumentId,
    source: &str,
    fetched_at: Timestamp,
    chain: &sources::Chain,
    pending: &[Date],
) -> db::Result<u64> {
    sqlx::query!(
        "delete from market.option_chains where underlying_id = $1 and fetched_at = $2",
        underlying as InstrumentId,
        fetched_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into market.option_chains (underlying_id, fetched_at, at, spot, source, pending)
         values ($1, $2, $3, $4, $5, $6)",
        underlying as InstrumentId,
        fetched_at.to_sqlx() as _,
        chain.at.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
        chain.spot,
        source,
        &dates(pending) as &[jiff_sqlx::Date],
    )
    .execute(tx.conn())
    .await?;
    let ids = ensure_contracts(tx, underlying, &chain.contracts).await?;
    insert_quotes(tx, underlying, fetched_at, &ids, &chain.contracts).await
}

/// The chain that an expiration belongs to which has still to be asked for.
pub(crate) struct Pending {
    /// When the chain was fetched, which is its name.
    pub(crate) fetched_at: Timestamp,
    /// Who stated it.
    pub(crate) source: String,
    /// The nearest of its expirations that are missing.
    pub(crate) expires_on: Date,
}

/// What is missing of the last chain of an underlying.
pub(crate) async fn next_pending(
    conn: &mut PgConnection,
    underlying: InstrumentId,
) -> db::Result<Option<Pending>> {
    let row = sqlx::query!(
        r#"select fetched_at, source, pending[1] as "day?: jiff_sqlx::Date"
           from market.option_chains
           where underlying_id = $1
           order by fetched_at desc limit 1"#,
        underlying as InstrumentId,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| {
        Some(Pending {
            fetched_at: row.fetched_at.to_jiff(),
            source: row.source,
            expires_on: row.day?.to_jiff(),
        })
    }))
}

/// Adds an expiration to a chain, which is pending no longer: none of its contracts where it cannot be had.
pub(crate) async fn insert_expiration(
    tx: &mut SystemTx,
    underlying: InstrumentId,
    pending: &Pending,
    contracts: &[sources::Contract],
) -> db::Result<u64> {
    sqlx::query!(
        "update market.option_chains set pending = array_remove(pending, $3::date)
         where underlying_id = $1 and fetched_at = $2",
        underlying as InstrumentId,
        pending.fetched_at.to_sqlx() as _,
        jiff_sqlx::Date::from(pending.expires_on) as _,
    )
    .execute(tx.conn())
    .await?;
    let ids = ensure_contracts(tx, underlying, contracts).await?;
    insert_quotes(tx, underlying, pending.fetched_at, &ids, contracts).await
}

fn dates(days: &[Date]) -> Vec<jiff_sqlx::Date> {
    days.iter().copied().map(jiff_sqlx::Date::from).collect()
}

async fn ensure_contracts(
    tx: &mut SystemTx,
    underlying: InstrumentId,
    contracts: &[sources::Contract],
) -> db::Result<HashMap<String, Uuid>> {
    let symbols: Vec<String> = contracts.iter().map(|one| one.symbol.clone()).collect();
    let days: Vec<jiff_sqlx::Date> = contracts.iter().map(|one| one.expires_on.into()).collect();
    let strikes: Vec<Decimal> = contracts.iter().map(|one| one.strike).collect();
    let types: Vec<&str> = contracts
        .iter()
        .map(|one| OptionType::from(one.right).as_str())
        .collect();
    sqlx::query!(
        "insert into market.option_contracts
             (underlying_id, symbol, expiration_date, strike_price, option_type)
         select distinct on (n.symbol) $1::uuid, n.symbol, n.day, n.strike, n.option_type
         from unnest($2::text[], $3::date[], $4::numeric[], $5::text[])
              as n (symbol, day, strike, option_type)
         order by n.symbol
         on conflict on constraint option_contracts_symbol_key do nothing",
        underlying as InstrumentId,
        &symbols,
        &days as &[jiff_sqlx::Date],
        &strikes,
        &types as &[&str],
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        "select id, symbol from market.option_contracts where underlying_id = $1 and symbol = any($2)",
        underlying as InstrumentId,
        &symbols,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.symbol, row.id)).collect())
}

async fn insert_quotes(
    tx: &mut SystemTx,
    underlying: InstrumentId,
    fetched_at: Timestamp,
    ids: &HashMap<String, Uuid>,
    contracts: &[sources::Contract],
) -> db::Result<u64> {
    let known: Vec<(Uuid, &sources::Contract)> = contracts
        .iter()
        .filter_map(|one| Some((*ids.get(&one.symbol)?, one)))
        .collect();
    let column = |of: fn(&sources::Contract) -> Option<f64>| -> Vec<Option<f64>> {
        known.iter().map(|(_, one)| of(one)).collect()
    };
    let ids: Vec<Uuid> = known.iter().map(|(id, _)| *id).collect();
    let done = sqlx::query!(
        "insert into market.option_quotes
             (contract_id, underlying_id, fetched_at, last_price, bid, ask, volume, open_interest,
              implied_volatility, delta, gamma, theta, vega)
         select distinct on (n.id) n.id, $1::uuid, $2::timestamptz, n.last, n.bid, n.ask,
                n.volume::bigint, n.open::bigint, n.iv, n.delta, n.gamma, n.theta, n.vega
         from unnest($3::uuid[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
                     $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[])
              as n (id, last, bid, ask, volume, open, iv, delta, gamma, theta, vega)
         order by n.id
         on conflict on constraint option_quotes_pkey do nothing",
        underlying as InstrumentId,
        fetched_at.to_sqlx() as _,
        &ids,
        &column(|one| one.last) as &[Option<f64>],
        &column(|one| one.bid) as &[Option<f64>],
        &column(|one| one.ask) as &[Option<f64>],
        &column(|one| one.volume) as &[Option<f64>],
        &column(|one| one.open_interest) as &[Option<f64>],
        &column(|one| one.implied_volatility) as &[Option<f64>],
        &column(|one| one.delta) as &[Option<f64>],
        &column(|one| one.gamma) as &[Option<f64>],
        &column(|one| one.theta) as &[Option<f64>],
        &column(|one| one.vega) as &[Option<f64>],
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

#[expect(
    clippy::too_many_lines,
    reason = "three queries and the names of their columns"
)]
/// The last chain of an underlying, all of it or one expiration or type; empty where none was fetched.
pub(super) async fn get_chain(
    conn: &mut PgConnection,
    underlying: InstrumentId,
    expiration: Option<Date>,
    option_type: Option<OptionType>,
    today: Date,
) -> db::Result<Chain> {
    let head = sqlx::query!(
        "select fetched_at, at, spot, source from market.option_chains
         where underlying_id = $1
         order by fetched_at desc limit 1",
        underlying as InstrumentId,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(head) = head else {
        return Ok(Chain::default());
    };
    let expirations = sqlx::query_scalar!(
        r#"select distinct c.expiration_date as "day: jiff_sqlx::Date"
           from market.option_quotes q
           join market.option_contracts c on c.id = q.contract_id
           where q.underlying_id = $1 and q.fetched_at = $2
           order by 1"#,
        underlying as InstrumentId,
        head.fetched_at as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select c.symbol, c.expiration_date as "day: jiff_sqlx::Date", c.strike_price,
                  c.option_type as "option_type: OptionType", q.last_price, q.bid, q.ask, q.volume,
                  q.open_interest, q.implied_volatility, q.delta, q.gamma, q.theta, q.vega
           from market.option_quotes q
           join market.option_contracts c on c.id = q.contract_id
           where q.underlying_id = $1 and q.fetched_at = $2
             and ($3::date is null or c.expiration_date = $3)
             and ($4::text is null or c.option_type = $4)
           order by c.expiration_date, c.strike_price, c.option_type, c.symbol"#,
        underlying as InstrumentId,
        head.fetched_at as _,
        expiration.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        option_type.map(OptionType::as_str),
    )
    .fetch_all(conn)
    .await?;
    let contracts = rows.into_iter().map(|row| {
        let (day, strike) = (row.day.to_jiff(), row.strike_price.normalize());
        Contract {
            symbol: row.symbol,
            expiration_date: day,
            days_to_expiration: (day - today).get_days(),
            strike_price: strike,
            option_type: row.option_type,
            in_the_money: in_the_money(row.option_type, strike, head.spot),
            last_price: row.last_price,
            bid: row.bid,
            ask: row.ask,
            volume: row.volume,
            open_interest: row.open_interest,
            implied_volatility: row.implied_volatility,
            delta: row.delta,
            gamma: row.gamma,
            theta: row.theta,
            vega: row.vega,
        }
    });
    Ok(Chain {
        fetched_at: Some(head.fetched_at.to_jiff()),
        at: head.at.map(jiff_sqlx::Timestamp::to_jiff),
        spot: head.spot,
        source: Some(head.source),
        expirations: expirations
            .into_iter()
            .map(jiff_sqlx::Date::to_jiff)
            .collect(),
        contracts: contracts.collect(),
    })
}

/// Removes chains of before; the last of each underlying stays.
pub(crate) async fn delete_chains(tx: &mut SystemTx, before: Timestamp) -> db::Result<u64> {
    let deleted = sqlx::query!(
        "delete from market.option_chains c
         where c.fetched_at < $1 and exists (
             select from market.option_chains later
             where later.underlying_id = c.underlying_id and later.fetched_at > c.fetched_at
         )",
        before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from market.option_contracts c
         where c.expiration_date < ($1::timestamptz at time zone 'UTC')::date and not exists (
             select from market.option_quotes q where q.contract_id = c.id
         )",
        before.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}
