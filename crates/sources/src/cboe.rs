//! Cboe: `delayed_quotes/options`, the whole chain of an underlying, a quarter of an hour late. Indices
//! have an underscore before their name.

use std::collections::BTreeSet;

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Call, Capability, Chain, Context, Contract, Description, FetchError, Limit, Payload,
    Provider, ProviderId, Request, Way, occ, reading,
};

const ID: ProviderId = ProviderId::Cboe;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Cboe delayed quotes",
    gives: &[Capability::OptionChain],
    licence: "For personal use, not commercial; no redistribution, and Cboe's pages speak against programs.",
    terms_url: "https://www.cboe.com/terms",
    needs_key: false,
    limit: Limit {
        count: 10,
        per: Duration::from_mins(1),
    },
    is_simulated: false,
};

pub(crate) struct Cboe {
    base: Url,
}

impl Cboe {
    pub(crate) const ADDRESS: &str = "https://cdn.cboe.com/api/global/delayed_quotes";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Body {
    timestamp: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    current_price: Option<f64>,
    options: Vec<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    option: String,
    bid: Option<f64>,
    ask: Option<f64>,
    iv: Option<f64>,
    open_interest: Option<f64>,
    volume: Option<f64>,
    delta: Option<f64>,
    gamma: Option<f64>,
    theta: Option<f64>,
    vega: Option<f64>,
    last_trade_price: Option<f64>,
}

impl Provider for Cboe {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, _: &Context<'_>) -> Result<Way, FetchError> {
        let Request::Chain { symbol, .. } = request else {
            return Err(request.unsupported(ID));
        };
        let symbol = symbol.trim_start_matches(['^', '$']);
        let is_index = request.subject() != symbol;
        let file = format!("{}{symbol}.json", if is_index { "_" } else { "" });
        Ok(Way::Ask(Call::below(&self.base, ["options", &file])))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        _: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        let body: Body = reading::json(ID, &answer.body)?;
        let wanted = match request {
            Request::Chain { expires_on, .. } => *expires_on,
            _ => None,
        };
        let mut contracts = Vec::with_capacity(body.data.options.len());
        let mut expirations = BTreeSet::new();
        for stated in body.data.options {
            let contract = contract(stated)?;
            expirations.insert(contract.expires_on);
            if wanted.is_none_or(|day| day == contract.expires_on) {
                contracts.push(contract);
            }
        }
        contracts.sort_by_key(|contract| (contract.expires_on, contract.strike, contract.right));
        Ok(Payload::Chain(Chain {
            spot: body.data.current_price,
            at: Some(instant(&body.timestamp)?),
            expirations: expirations.into_iter().collect(),
            contracts,
        }))
    }

    /// A file that is not there is a 403: the store behind does not say what it has.
    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status.as_u16() == 403 && text.contains("AccessDenied") {
            return FetchError::NotFound {
                provider: ID,
                symbol: request.subject().to_owned(),
            };
        }
        answer.refusal(ID, request, context.now)
    }
}

fn instant(text: &str) -> Result<Timestamp, FetchError> {
    let at: DateTime = text
        .parse()
        .map_err(|_| reading::garbage(ID, "timestamp", format!("“{text}” is no time")))?;
    TimeZone::UTC
        .to_timestamp(at)
        .map_err(|error| reading::garbage(ID, "timestamp", error.to_string()))
}

fn contract(stated: Stated) -> Result<Contract, FetchError> {
    let Some((expires_on, right, strike)) = occ::parse(&stated.option) else {
        let why = "no option symbol such as AAPL261218C00212500";
        return Err(reading::garbage(ID, stated.option, why));
    };
    // Where nothing was traded there is a zero.
    let priced = |value: Option<f64>| value.filter(|value| *value > 0.0);
    Ok(Contract {
        symbol: stated.option,
        expires_on,
        strike,
        right,
        bid: stated.bid,
        ask: stated.ask,
        last: priced(stated.last_trade_price),
        volume: stated.volume,
        open_interest: stated.open_interest,
        implied_volatility: priced(stated.iv),
        delta: stated.delta,
        gamma: stated.gamma,
        theta: stated.theta,
        vega: stated.vega,
    })
}
