use std::collections::BTreeSet;

use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::ID;
use crate::{Chain, Contract, FetchError, occ, reading};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    option_chain: OptionChain,
}

#[derive(Deserialize)]
struct OptionChain {
    #[serde(default)]
    result: Option<Vec<Found>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    quote: Underlying,
    /// All days on which contracts end, at midnight UTC; contracts come of one of them.
    #[serde(default)]
    expiration_dates: Vec<i64>,
    #[serde(default)]
    options: Vec<Expiry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Underlying {
    regular_market_price: Option<f64>,
    regular_market_time: Option<i64>,
}

#[derive(Deserialize)]
struct Expiry {
    #[serde(default)]
    calls: Vec<Stated>,
    #[serde(default)]
    puts: Vec<Stated>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stated {
    contract_symbol: String,
    bid: Option<f64>,
    ask: Option<f64>,
    last_price: Option<f64>,
    volume: Option<f64>,
    open_interest: Option<f64>,
    implied_volatility: Option<f64>,
}

pub(super) fn read(symbol: &str, body: &[u8]) -> Result<Chain, FetchError> {
    let body: Body = reading::json(ID, body)?;
    let found = body
        .option_chain
        .result
        .unwrap_or_default()
        .into_iter()
        .next();
    let found = found.ok_or_else(|| FetchError::NotFound {
        provider: ID,
        symbol: symbol.to_owned(),
    })?;
    let mut contracts = Vec::new();
    for stated in found
        .options
        .into_iter()
        .flat_map(|day| day.calls.into_iter().chain(day.puts))
    {
        contracts.push(contract(stated)?);
    }
    contracts
        .sort_by_key(|contract: &Contract| (contract.expires_on, contract.strike, contract.right));
    let mut expirations: BTreeSet<Date> = contracts.iter().map(|one| one.expires_on).collect();
    for second in found.expiration_dates {
        let at = reading::instant(ID, second)?;
        expirations.insert(TimeZone::UTC.to_datetime(at).date());
    }
    let at = found.quote.regular_market_time;
    Ok(Chain {
        spot: found.quote.regular_market_price,
        at: at.map(|at| reading::instant(ID, at)).transpose()?,
        expirations: expirations.into_iter().collect(),
        contracts,
    })
}

fn contract(stated: Stated) -> Result<Contract, FetchError> {
    let Some((expires_on, right, strike)) = occ::parse(&stated.contract_symbol) else {
        let why = "no option symbol such as AAPL261218C00212500";
        return Err(reading::garbage(ID, stated.contract_symbol, why));
    };
    Ok(Contract {
        symbol: stated.contract_symbol,
        expires_on,
        strike,
        right,
        bid: stated.bid,
        ask: stated.ask,
        last: stated.last_price,
        volume: stated.volume,
        open_interest: stated.open_interest,
        implied_volatility: stated.implied_volatility,
        delta: None,
        gamma: None,
        theta: None,
        vega: None,
    })
}
