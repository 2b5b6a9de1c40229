//! Kraken: public `OHLC`, which has the latest 720 bars of a length and none before, and `Ticker`. Errors stand in an array with status 200.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::IgnoredAny};
use url::Url;

use crate::{
    Answer, Bar, BarSeries, Call, Capability, Context, Description, FetchError, Limit, Payload,
    Provider, ProviderId, Quote, Request, Way,
    reading::{self, Loose},
};

const ID: ProviderId = ProviderId::Kraken;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Kraken",
    gives: &[
        Capability::DailyBars,
        Capability::IntradayBars,
        Capability::Quote,
    ],
    licence: "Public market data for own use; no redistribution without consent.",
    terms_url: "https://www.kraken.com/legal",
    needs_key: false,
    limit: Limit {
        count: 1,
        per: Duration::from_secs(1),
    },
    is_simulated: false,
};

/// Rows of `OHLC` at most, the last of which is still moving: the latest, whatever `since` says.
const MOST: i64 = 720;

pub(crate) struct Kraken {
    base: Url,
}

impl Kraken {
    pub(crate) const ADDRESS: &str = "https://api.kraken.com";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Body<T> {
    #[serde(default)]
    error: Vec<String>,
    result: Option<T>,
}

/// The pair's own name, and `last`, which is a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Rows(Vec<Row>),
    Last(IgnoredAny),
}

/// Time, open, high, low, close, mean price, volume, number of trades.
#[derive(Deserialize)]
struct Row(
    i64,
    Loose,
    Loose,
    Loose,
    Loose,
    IgnoredAny,
    Loose,
    IgnoredAny,
);

#[derive(Deserialize)]
struct Ticker {
    a: Vec<Loose>,
    b: Vec<Loose>,
    c: Vec<Loose>,
    v: Vec<Loose>,
    o: Loose,
}

impl Provider for Kraken {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, _: &Context<'_>) -> Result<Way, FetchError> {
        if let Request::Quote { symbol } = request {
            let call = Call::below(&self.base, ["0", "public", "Ticker"]);
            return Ok(Way::Ask(call.with("pair", symbol)));
        }
        let (from, _, seconds) = request.span(ID)?;
        // Bars after `since`, so that the first one is not left out.
        let since = from.as_second() - 1;
        let call = Call::below(&self.base, ["0", "public", "OHLC"])
            .with("pair", request.subject())
            .with("interval", &(seconds / 60).to_string())
            .with("since", &since.to_string());
        Ok(Way::Ask(call))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        if matches!(request, Request::Quote { .. }) {
            return quote(request, answer, context).map(Payload::Quote);
        }
        let (from, to, length) = request.span(ID)?;
        let result: BTreeMap<String, Member> = result(request, answer, context)?;
        let rows = result.into_values().find_map(|member| match member {
            Member::Rows(rows) => Some(rows),
            Member::Last(_) => None,
        });
        let rows = rows.ok_or_else(|| reading::garbage(ID, "result", "no rows of any pair"))?;
        let mut bars = Vec::with_capacity(rows.len());
        for row in &rows {
            // The last row is still moving.
            if row.0 + length <= context.now.as_second() {
                bars.push(bar(row)?);
            }
        }
        let series = BarSeries {
            time_zone: Some("UTC".to_owned()),
            bars,
            ..BarSeries::default()
        };
        Ok(Payload::Bars(series.between(from, to)))
    }

    fn reach(&self, request: &Request, now: Timestamp) -> Option<Timestamp> {
        let (_, _, seconds) = request.span(ID).ok()?;
        let moving = now.as_second().div_euclid(seconds) * seconds;
        Timestamp::from_second(moving - (MOST - 1) * seconds).ok()
    }
}

fn result<T: serde::de::DeserializeOwned>(
    request: &Request,
    answer: &Answer,
    context: &Context<'_>,
) -> Result<T, FetchError> {
    let errors: Body<IgnoredAny> = reading::json(ID, &answer.body)?;
    if let Some(said) = errors.error.first() {
        return Err(trouble(request, said, context));
    }
    let body: Body<T> = reading::json(ID, &answer.body)?;
    body.result
        .ok_or_else(|| reading::garbage(ID, "result", "neither a result nor an error"))
}

fn trouble(request: &Request, said: &str, context: &Context<'_>) -> FetchError {
    let provider = ID;
    if said.starts_with("EQuery:Unknown asset") {
        let symbol = request.subject().to_owned();
        return FetchError::NotFound { provider, symbol };
    }
    // `EService: Throttled: 1763800000` says until when.
    if let Some((_, until)) = said.split_once("Throttled:") {
        let until = until.trim().parse::<i64>().ok();
        let seconds = until.map(|until| (until - context.now.as_second()).max(0));
        return FetchError::Throttled {
            provider,
            retry_after: seconds.map(SignedDuration::from_secs),
        };
    }
    if said.contains("Rate limit exceeded") || said.contains("Temporary lockout") {
        return FetchError::Throttled {
            provider,
            retry_after: None,
        };
    }
    let said = said.to_owned();
    if said.starts_with("EService") || said.starts_with("EGeneral:Internal") {
        return FetchError::Failing {
            provider,
            status: 200,
            said,
        };
    }
    FetchError::Refused {
        provider,
        status: 200,
        said,
    }
}

fn bar(row: &Row) -> Result<Bar, FetchError> {
    let at = reading::instant(ID, row.0)?;
    let place = at.to_string();
    Ok(Bar {
        at,
        open: row.1.value(ID, &place)?,
        high: row.2.value(ID, &place)?,
        low: row.3.value(ID, &place)?,
        close: row.4.value(ID, &place)?,
        adjusted_close: None,
        volume: Some(row.6.value(ID, &place)?),
    })
}

fn quote(request: &Request, answer: &Answer, context: &Context<'_>) -> Result<Quote, FetchError> {
    let result: BTreeMap<String, Ticker> = result(request, answer, context)?;
    let ticker = result.into_values().next();
    let ticker = ticker.ok_or_else(|| reading::garbage(ID, "result", "no pair"))?;
    let first = |values: &[Loose], place| values.first().map(|v| v.value(ID, place)).transpose();
    let price = first(&ticker.c, "c")?;
    Ok(Quote {
        price: price.ok_or_else(|| reading::garbage(ID, "c", "no last price"))?,
        quotation: None,
        // The price a day ago: Kraken never closes.
        previous_close: Some(ticker.o.value(ID, "o")?),
        volume: ticker.v.get(1).map(|v| v.value(ID, "v")).transpose()?,
        bid: first(&ticker.b, "b")?,
        ask: first(&ticker.a, "a")?,
        at: Some(context.now),
    })
}
