//! Yahoo Finance: `v8/finance/chart` for bars and prices, `v7/finance/options` for chains.
//!
//! Nobody documents these for strangers; what is read is what they have answered for years. The
//! prices of a chart are divided by every later split. They are multiplied back here, so that a bar is
//! what was traded: for that the request reaches to the present, whatever its end. Chains are often
//! refused (401) to whoever brings no cookie of a browser; another provider is asked then.

mod chain;
mod chart;

use http::HeaderValue;
use jiff::{SignedDuration, civil::Date};
use std::time::Duration;
use url::Url;

use crate::{
    Answer, Call, Capability, Context, Description, FetchError, Limit, Payload, Provider,
    ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Yahoo;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Yahoo Finance",
    gives: &[
        Capability::DailyBars,
        Capability::IntradayBars,
        Capability::Quote,
        Capability::OptionChain,
    ],
    licence: "For personal use; no redistribution. There is no published interface, and no promise.",
    terms_url: "https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html",
    needs_key: false,
    limit: Limit {
        count: 60,
        per: Duration::from_mins(1),
    },
    is_simulated: false,
};

/// Yahoo answers programs that do not look like a browser with 429.
const AGENT: HeaderValue = HeaderValue::from_static("Mozilla/5.0 (compatible; bursar)");

pub(crate) struct Yahoo {
    base: Url,
}

impl Yahoo {
    pub(crate) const ADDRESS: &str = "https://query1.finance.yahoo.com";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }

    fn chart(&self, symbol: &str, interval: &str, from: i64, to: i64) -> Call {
        Call::below(&self.base, ["v8", "finance", "chart", symbol])
            .with("period1", &from.to_string())
            .with("period2", &to.to_string())
            .with("interval", interval)
            .with("events", "split")
            .with_agent(AGENT)
    }
}

impl Provider for Yahoo {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        // Every split up to now must be in the answer.
        let end = context.now.as_second() + SignedDuration::from_hours(24).as_secs();
        let call = match request {
            Request::DailyBars { symbol, from, .. } => {
                // A day before: trading days begin earlier in UTC in the east.
                let from = reading::midnight(ID, *from)?.as_second() - 86_400;
                self.chart(symbol, "1d", from, end)
            }
            Request::IntradayBars {
                symbol,
                interval,
                from,
                ..
            } => self.chart(symbol, interval.as_str(), from.as_second(), end),
            Request::Quote { symbol } => {
                Call::below(&self.base, ["v8", "finance", "chart", symbol])
                    .with("range", "1d")
                    .with("interval", "1d")
                    .with_agent(AGENT)
            }
            Request::Chain { symbol, expires_on } => {
                let call = Call::below(&self.base, ["v7", "finance", "options", symbol]);
                dated(call, *expires_on)?.with_agent(AGENT)
            }
            other => return Err(other.unsupported(ID)),
        };
        Ok(Way::Ask(call))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        _: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        match request {
            Request::Chain { symbol, .. } => chain::read(symbol, &answer.body).map(Payload::Chain),
            Request::Quote { symbol } => chart::quote(symbol, &answer.body).map(Payload::Quote),
            _ => chart::bars(request, &answer.body).map(Payload::Bars),
        }
    }

    /// An unknown symbol is a 404, and a span without data a 400; both say so in the body.
    fn refusal(&self, request: &Request, answer: &Answer, context: &Context<'_>) -> FetchError {
        let symbol = request.subject();
        match chart::error_of(symbol, &answer.body) {
            Some(error) if answer.status.as_u16() == 400 => error,
            _ => answer.refusal(ID, request, context.now),
        }
    }
}

fn dated(call: Call, expires_on: Option<Date>) -> Result<Call, FetchError> {
    let Some(day) = expires_on else {
        return Ok(call);
    };
    let second = reading::midnight(ID, day)?.as_second();
    Ok(call.with("date", &second.to_string()))
}
