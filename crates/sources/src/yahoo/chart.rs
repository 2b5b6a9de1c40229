use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use money::Quotation;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::ID;
use crate::{Bar, BarSeries, FetchError, Quote, Request, Split, reading};

#[derive(Deserialize)]
struct Body {
    chart: Chart,
}

#[derive(Deserialize)]
struct Chart {
    result: Option<Vec<Found>>,
    error: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    code: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Found {
    meta: Meta,
    #[serde(default)]
    timestamp: Vec<i64>,
    #[serde(default)]
    events: Events,
    indicators: Indicators,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    currency: Option<String>,
    exchange_timezone_name: Option<String>,
    regular_market_price: Option<f64>,
    regular_market_time: Option<i64>,
    regular_market_volume: Option<f64>,
    chart_previous_close: Option<f64>,
    previous_close: Option<f64>,
}

#[derive(Default, Deserialize)]
struct Events {
    #[serde(default)]
    splits: BTreeMap<String, StatedSplit>,
}

#[derive(Deserialize)]
struct StatedSplit {
    date: i64,
    numerator: f64,
    denominator: f64,
}

#[derive(Deserialize)]
struct Indicators {
    #[serde(default)]
    quote: Vec<Columns>,
    #[serde(default)]
    adjclose: Vec<Adjusted>,
}

#[derive(Default, Deserialize)]
struct Columns {
    #[serde(default)]
    open: Vec<Option<f64>>,
    #[serde(default)]
    high: Vec<Option<f64>>,
    #[serde(default)]
    low: Vec<Option<f64>>,
    #[serde(default)]
    close: Vec<Option<f64>>,
    #[serde(default)]
    volume: Vec<Option<f64>>,
}

#[derive(Default, Deserialize)]
struct Adjusted {
    #[serde(default)]
    adjclose: Vec<Option<f64>>,
}

fn found(symbol: &str, body: &[u8]) -> Result<Found, FetchError> {
    let body: Body = reading::json(ID, body)?;
    if let Some(said) = body.chart.error {
        return Err(error(symbol, &said));
    }
    let mut results = body.chart.result.unwrap_or_default().into_iter();
    results.next().ok_or_else(|| FetchError::NotFound {
        provider: ID,
        symbol: symbol.to_owned(),
    })
}

fn error(symbol: &str, said: &Said) -> FetchError {
    let (provider, text) = (ID, format!("{}: {}", said.code, said.description));
    // “Data doesn't exist for startDate”: nothing was traded in that span.
    if said.code == "Not Found" || said.description.starts_with("Data doesn't exist") {
        let symbol = symbol.to_owned();
        return FetchError::NotFound { provider, symbol };
    }
    FetchError::Refused {
        provider,
        status: 200,
        said: text,
    }
}

/// What the body of a refusal says, when it is one of these.
pub(super) fn error_of(symbol: &str, body: &[u8]) -> Option<FetchError> {
    let body: Body = serde_json::from_slice(body).ok()?;
    body.chart.error.map(|said| error(symbol, &said))
}

pub(super) fn quote(symbol: &str, body: &[u8]) -> Result<Quote, FetchError> {
    let meta = found(symbol, body)?.meta;
    let price = meta.regular_market_price;
    let price =
        price.ok_or_else(|| reading::garbage(ID, "meta", "regularMarketPrice is absent"))?;
    let at = meta.regular_market_time;
    Ok(Quote {
        price,
        quotation: quotation(meta.currency.as_deref())?,
        previous_close: meta.previous_close.or(meta.chart_previous_close),
        volume: meta.regular_market_volume,
        bid: None,
        ask: None,
        at: at.map(|at| reading::instant(ID, at)).transpose()?,
    })
}

fn quotation(code: Option<&str>) -> Result<Option<Quotation>, FetchError> {
    code.map(|code| {
        Quotation::parse(code)
            .map_err(|error| reading::garbage(ID, "meta.currency", error.to_string()))
    })
    .transpose()
}

pub(super) fn bars(request: &Request, body: &[u8]) -> Result<BarSeries, FetchError> {
    let found = found(request.subject(), body)?;
    let zone = match found.meta.exchange_timezone_name.as_deref() {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|error| {
            reading::garbage(ID, "meta.exchangeTimezoneName", error.to_string())
        })?,
    };
    let (from, to, _) = request.span(ID)?;
    let is_daily = matches!(request, Request::DailyBars { .. });
    let splits = splits(&found.events, &zone)?;
    let columns = found.indicators.quote.first();
    let adjusted = found.indicators.adjclose.first();
    let mut bars = Vec::with_capacity(found.timestamp.len());
    for (index, second) in found.timestamp.iter().enumerate() {
        let begun = reading::instant(ID, *second)?;
        let Some(bar) = columns.and_then(|columns| columns.at(index)) else {
            continue;
        };
        let day = zone.to_datetime(begun).date();
        let factor = factor(&splits, day);
        let at = if is_daily {
            reading::midnight(ID, day)?
        } else {
            begun
        };
        let adjusted_close = adjusted.and_then(|column| *column.adjclose.get(index)?);
        bars.push(bar.traded(at, factor, adjusted_close));
    }
    let series = BarSeries {
        quotation: quotation(found.meta.currency.as_deref())?,
        time_zone: found.meta.exchange_timezone_name,
        bars,
        splits,
    };
    Ok(series.between(from, to))
}

fn splits(events: &Events, zone: &TimeZone) -> Result<Vec<Split>, FetchError> {
    let mut splits = Vec::new();
    for split in events.splits.values() {
        let at = reading::instant(ID, split.date)?;
        let part =
            |value: f64| money::decimal_from_f64(value).filter(|value| *value > Decimal::ZERO);
        let (Some(to), Some(from)) = (part(split.numerator), part(split.denominator)) else {
            return Err(reading::garbage(
                ID,
                "events.splits",
                "a ratio that is not positive",
            ));
        };
        splits.push(Split {
            date: zone.to_datetime(at).date(),
            to,
            from,
        });
    }
    splits.sort_by_key(|split| split.date);
    Ok(splits)
}

/// By what the prices of a day were divided: the splits that came later.
fn factor(splits: &[Split], day: jiff::civil::Date) -> f64 {
    let later = splits.iter().filter(|split| split.date > day);
    later
        .map(|split| money::f64_from_decimal(split.to / split.from))
        .product()
}

/// A row as stated.
struct Row {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: Option<f64>,
}

impl Columns {
    /// `None` for a time without trades: Yahoo states it with nulls.
    fn at(&self, index: usize) -> Option<Row> {
        let value = |column: &[Option<f64>]| *column.get(index)?;
        Some(Row {
            open: value(&self.open)?,
            high: value(&self.high)?,
            low: value(&self.low)?,
            close: value(&self.close)?,
            volume: value(&self.volume),
        })
    }
}

impl Row {
    fn traded(&self, at: Timestamp, factor: f64, adjusted_close: Option<f64>) -> Bar {
        // Yahoo's floats carry the noise of their division: 187.1500091552734.
        let price = |stated: f64| (stated * factor * 1e6).round() / 1e6;
        Bar {
            at,
            open: price(self.open),
            high: price(self.high),
            low: price(self.low),
            close: price(self.close),
            adjusted_close,
            volume: self.volume.map(|volume| (volume / factor).round()),
        }
    }
}
