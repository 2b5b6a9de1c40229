//! Coinbase Exchange: public `candles` (at most 300 of one request, the newest first) and `ticker`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Deserialize;
use url::Url;

use crate::{
    Answer, Bar, BarSeries, Call, Capability, Context, Description, FetchError, Limit, Payload,
    Provider, ProviderId, Quote, Request, Way,
    reading::{self, Loose},
};

const ID: ProviderId = ProviderId::Coinbase;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Coinbase Exchange",
    gives: &[
        Capability::DailyBars,
        Capability::IntradayBars,
        Capability::Quote,
    ],
    licence: "Market data for own use; no redistribution without consent.",
    terms_url: "https://www.coinbase.com/legal/market_data",
    needs_key: false,
    limit: Limit {
        count: 5,
        per: Duration::from_secs(1),
    },
    is_simulated: false,
};

/// Candles of one answer at most.
const MOST: i64 = 300;

pub(crate) struct Coinbase {
    base: Url,
}

impl Coinbase {
    pub(crate) const ADDRESS: &str = "https://api.exchange.coinbase.com";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

/// Time, low, high, open, close, volume.
#[derive(Deserialize)]
struct Candle(i64, f64, f64, f64, f64, f64);

#[derive(Deserialize)]
struct Ticker {
    price: Loose,
    bid: Option<Loose>,
    ask: Option<Loose>,
    volume: Option<Loose>,
    time: Option<Timestamp>,
}

impl Provider for Coinbase {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, _: &Context<'_>) -> Result<Way, FetchError> {
        let symbol = request.subject();
        if matches!(request, Request::Quote { .. }) {
            let call = Call::below(&self.base, ["products", symbol, "ticker"]);
            return Ok(Way::Ask(call));
        }
        let (from, to, seconds) = request.span(ID)?;
        // A longer span is refused; the oldest part comes first, so that what fails later can be asked for again.
        let most = SignedDuration::from_secs(seconds * (MOST - 1));
        let to = to.min(from.saturating_add(most).unwrap_or(to));
        let call = Call::below(&self.base, ["products", symbol, "candles"])
            .with("granularity", &seconds.to_string())
            .with("start", &from.to_string())
            .with("end", &to.to_string());
        Ok(Way::Ask(call))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        if matches!(request, Request::Quote { .. }) {
            return quote(&answer.body).map(Payload::Quote);
        }
        let (from, to, seconds) = request.span(ID)?;
        let candles: Vec<Candle> = reading::json(ID, &answer.body)?;
        let mut bars = Vec::with_capacity(candles.len());
        for Candle(at, low, high, open, close, volume) in candles {
            // The newest is still moving.
            if at + seconds > context.now.as_second() {
                continue;
            }
            bars.push(Bar {
                at: reading::instant(ID, at)?,
                open,
                high,
                low,
                close,
                adjusted_close: None,
                volume: Some(volume),
            });
        }
        let series = BarSeries {
            time_zone: Some("UTC".to_owned()),
            bars,
            ..BarSeries::default()
        };
        Ok(Payload::Bars(series.between(from, to)))
    }

    fn rest(&self, request: &Request, _: &Payload) -> Option<Request> {
        match request {
            Request::DailyBars { symbol, from, to } => {
                let from = from.checked_add(MOST.days()).ok()?;
                (from <= *to).then(|| Request::DailyBars {
                    symbol: symbol.clone(),
                    from,
                    to: *to,
                })
            }
            Request::IntradayBars {
                symbol,
                interval,
                from,
                to,
            } => {
                // A second after the last candle that was asked for, both ends of which are included.
                let asked = SignedDuration::from_secs(interval.seconds() * (MOST - 1) + 1);
                let from = from.checked_add(asked).ok()?;
                (from < *to).then(|| Request::IntradayBars {
                    symbol: symbol.clone(),
                    interval: *interval,
                    from,
                    to: *to,
                })
            }
            _ => None,
        }
    }

    fn parts(&self, request: &Request) -> u32 {
        let Ok((from, to, seconds)) = request.span(ID) else {
            return 1;
        };
        let candles = to.duration_since(from).as_secs() / seconds;
        u32::try_from(candles / MOST + 1).unwrap_or(u32::MAX)
    }
}

fn quote(body: &[u8]) -> Result<Quote, FetchError> {
    let ticker: Ticker = reading::json(ID, body)?;
    let value = |stated: Option<&Loose>, place| stated.map(|v| v.value(ID, place)).transpose();
    Ok(Quote {
        price: ticker.price.value(ID, "price")?,
        quotation: None,
        previous_close: None,
        volume: value(ticker.volume.as_ref(), "volume")?,
        bid: value(ticker.bid.as_ref(), "bid")?,
        ask: value(ticker.ask.as_ref(), "ask")?,
        at: ticker.time,
    })
}
