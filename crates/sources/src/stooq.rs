//! Stooq: `q/d/l/`, daily bars as CSV. `o=1111111` asks for prices without any adjustment.

use std::time::Duration;

use url::Url;

use crate::{
    Answer, Bar, BarSeries, Call, Capability, Context, Description, FetchError, Limit, Payload,
    Provider, ProviderId, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Stooq;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Stooq",
    gives: &[Capability::DailyBars],
    licence: "For personal use; no redistribution without consent.",
    terms_url: "https://stooq.com/regulations/",
    needs_key: false,
    // The daily number is not published; people report a few hundred.
    limit: Limit {
        count: 200,
        per: Duration::from_hours(24),
    },
    is_simulated: false,
};

pub(crate) struct Stooq {
    base: Url,
}

impl Stooq {
    pub(crate) const ADDRESS: &str = "https://stooq.com";

    pub(crate) fn new(base: Url) -> Self {
        Self { base }
    }
}

impl Provider for Stooq {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, _: &Context<'_>) -> Result<Way, FetchError> {
        let Request::DailyBars { symbol, from, to } = request else {
            return Err(request.unsupported(ID));
        };
        let call = Call::below(&self.base, ["q", "d", "l", ""])
            .with("s", &symbol.to_lowercase())
            .with("d1", &from.strftime("%Y%m%d").to_string())
            .with("d2", &to.strftime("%Y%m%d").to_string())
            .with("i", "d")
            .with("o", "1111111");
        Ok(Way::Ask(call))
    }

    fn read(
        &self,
        request: &Request,
        answer: &Answer,
        _: &Context<'_>,
    ) -> Result<Payload, FetchError> {
        let Request::DailyBars { symbol, from, to } = request else {
            return Err(request.unsupported(ID));
        };
        let said = answer.said();
        if said.starts_with("Exceeded the daily hits limit") {
            return Err(FetchError::Throttled {
                provider: ID,
                retry_after: None,
            });
        }
        if said.starts_with("No data") {
            return Err(FetchError::NotFound {
                provider: ID,
                symbol: symbol.clone(),
            });
        }
        let (from, to) = reading::days(ID, *from, *to)?;
        let series = BarSeries {
            bars: bars(&answer.body)?,
            ..BarSeries::default()
        };
        Ok(Payload::Bars(series.between(from, to)))
    }
}

/// `Date,Open,High,Low,Close` and, except for indices and currencies, `Volume`.
fn bars(body: &[u8]) -> Result<Vec<Bar>, FetchError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body);
    let header = reader
        .headers()
        .map_err(|error| unreadable(&error))?
        .clone();
    let names: Vec<_> = header.iter().collect();
    if !names.starts_with(&["Date", "Open", "High", "Low", "Close"]) {
        let why = format!("“{:.60}” is no header of bars", names.join(","));
        return Err(reading::garbage(ID, "line 1", why));
    }
    let is_whole = body.ends_with(b"\n");
    let mut bars = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("line {line}");
        let cells: Vec<_> = record.iter().collect();
        let [day, open, high, low, close, rest @ ..] = cells.as_slice() else {
            return Err(FetchError::Truncated {
                provider: ID,
                place,
            });
        };
        if cells.len() < names.len() && !is_whole {
            return Err(FetchError::Truncated {
                provider: ID,
                place,
            });
        }
        let value = |text: &str| reading::number(ID, &place, text);
        bars.push(Bar {
            at: reading::midnight(ID, reading::date(ID, &place, day)?)?,
            open: value(open)?,
            high: value(high)?,
            low: value(low)?,
            close: value(close)?,
            adjusted_close: None,
            volume: rest.first().map(|text| value(text)).transpose()?,
        });
    }
    Ok(bars)
}

fn unreadable(error: &csv::Error) -> FetchError {
    let line = error.position().map_or(1, csv::Position::line);
    reading::garbage(ID, format!("line {line}"), error.to_string())
}
