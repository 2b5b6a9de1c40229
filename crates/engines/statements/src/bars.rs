//! Price files, streamed.

mod layout;
pub(crate) mod parquet;

use std::io::BufRead;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::{
    Rejection, Unreadable,
    bursar_csv::without_guard,
    code,
    dates::{self, First},
    lines::{Line, Lines, Step, Stream},
    model::Refusal,
    numbers::{self, Evidence, Style, is_blank},
    text::shown,
};
use layout::{Columns, Layout};

/// Lines read ahead to find out how dates and decimals are written.
const SAMPLE: usize = 1_000;
/// Lines read ahead when the sample leaves the order of day and month open: bars of minutes may
/// stay within the first twelve days of a month for long.
const LARGE_SAMPLE: usize = 100_000;

const EXAMPLE: &str = "date,open,high,low,close,volume";

/// When a bar begins, as exactly as the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BarTime {
    /// A day.
    Date(Date),
    /// A time on the clock of the market, which the file does not name.
    DateTime(DateTime),
    /// An instant.
    Instant(Timestamp),
}

impl BarTime {
    /// The day: as stated, or that of the instant in UTC.
    pub fn date(self) -> Date {
        match self {
            Self::Date(date) => date,
            Self::DateTime(at) => at.date(),
            Self::Instant(at) => TimeZone::UTC.to_datetime(at).date(),
        }
    }
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// Line counted from 1.
    pub line: u64,
    /// The instrument, where the file names it; upper case.
    pub symbol: Option<String>,
    /// When the bar begins.
    pub at: BarTime,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Last price adjusted for splits and dividends, where given.
    pub adjusted_close: Option<f64>,
    /// Units traded, where given.
    pub volume: Option<f64>,
}

/// Streams the bars of a price file. Made by [`bars`].
#[derive(Debug)]
pub struct BarsReader<R> {
    stream: Stream<R>,
    layout: Layout,
    first: Option<First>,
    style: Style,
    /// In a file with a column per instrument: the instrument whose cell comes next.
    cell: usize,
}

/// Opens a price CSV. The header names the columns in any order and case:
///
/// - time: `date`, `time`, `timestamp`, `datetime` or a first column without a name; a `date` and a
///   `time` column are put together. Dates as in statements, `20130102`, Unix seconds, milli-, micro-
///   or nanoseconds;
/// - prices: `open`, `high`, `low`, `close` (also `price`, `last`), `adj close`; what is absent beside
///   a close is taken from the prices that are there;
/// - `volume` (also `22.35M`), `symbol` or `ticker`.
///
/// A header `date,AAPL,MSFT,...` is read as one close per instrument, where an empty cell means that
/// there is none. Values outside of sense are rejected by line; bars that occur twice are the
/// caller's to judge.
pub fn bars<R: BufRead>(reader: R) -> Result<BarsReader<R>, Unreadable> {
    let (mut lines, header) = Lines::open(reader, EXAMPLE)?;
    let layout = Layout::of(&header)?;
    let mut ahead = Vec::new();
    lines.read_ahead(&mut ahead, SAMPLE);
    let mut style = style_of(&lines, &layout, &ahead);
    let order = |ahead: &[Line], style: Style| {
        let texts = ahead
            .iter()
            .map(|line| (line.number, line.text(layout.date())));
        dates::first_of("date", texts, style.has_decimal_comma())
    };
    let first = match order(&ahead, style) {
        Err(Unreadable::AmbiguousDates { .. }) => {
            lines.read_ahead(&mut ahead, LARGE_SAMPLE);
            style = style_of(&lines, &layout, &ahead);
            order(&ahead, style)?
        }
        other => other?,
    };
    Ok(BarsReader {
        stream: Stream::new(lines, ahead),
        layout,
        first,
        style,
        cell: 0,
    })
}

/// A comma is a decimal comma only where it does not separate fields.
fn style_of<R: BufRead>(lines: &Lines<R>, layout: &Layout, ahead: &[Line]) -> Style {
    let mut evidence = Evidence::default();
    if lines.delimiter() != b',' {
        let prices = layout.prices();
        for (line, column) in ahead
            .iter()
            .flat_map(|line| prices.iter().map(move |at| (line, *at)))
        {
            evidence.observe(line.text(column));
        }
    }
    evidence.decide(numbers::DecimalSeparator::Auto)
}

impl<R: BufRead> Iterator for BarsReader<R> {
    type Item = Result<BarRow, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Layout::Wide { symbols, .. } = &self.layout
                && self.cell < symbols.len()
                && self.stream.current.number > 0
            {
                self.cell += 1;
                if let Some(found) = self.wide_cell(self.cell - 1) {
                    return Some(found.map_err(|refusal| refusal.at(self.stream.current.number)));
                }
                continue;
            }
            match self.stream.advance() {
                Step::Line => {}
                Step::End => return None,
                Step::Broken(rejection) => return Some(Err(rejection)),
            }
            if let Layout::Long(columns) = &self.layout {
                let row = self.bar(columns);
                return Some(row.map_err(|refusal| refusal.at(self.stream.current.number)));
            }
            self.cell = 0;
        }
    }
}

impl<R: BufRead> BarsReader<R> {
    /// The next cell of a file with a column per instrument; `None` where nothing is quoted.
    fn wide_cell(&self, cell: usize) -> Option<Result<BarRow, Refusal>> {
        let Layout::Wide { date, symbols } = &self.layout else {
            return None;
        };
        let (column, symbol) = symbols.get(cell)?;
        let line = &self.stream.current;
        if is_blank(line.text(*column)) {
            return None;
        }
        let close = self.price(symbol, *column);
        Some(close.and_then(|close| {
            Ok(BarRow {
                line: line.number,
                symbol: Some(symbol.clone()),
                at: self.time(line.text(*date), "")?,
                open: close,
                high: close,
                low: close,
                close,
                adjusted_close: None,
                volume: None,
            })
        }))
    }

    fn bar(&self, columns: &Columns) -> Result<BarRow, Refusal> {
        let line = &self.stream.current;
        let clock = columns.clock.map_or("", |column| line.text(column));
        let at = self.time(line.text(columns.date), clock)?;
        let close = self.price("close", columns.close)?;
        let or = |name: &str, column: Option<usize>, instead: f64| {
            column.map_or(Ok(instead), |column| self.price(name, column))
        };
        let open = or("open", columns.open, close)?;
        let high = or("high", columns.high, open.max(close))?;
        let low = or("low", columns.low, open.min(close))?;
        let (high, low) = range(open, high, low, close)?;
        let given = |column: Option<usize>| column.filter(|column| !is_blank(line.text(*column)));
        let adjusted_close = given(columns.adjusted_close)
            .map(|column| self.price("adj close", column))
            .transpose()?;
        let volume = given(columns.volume)
            .map(|column| self.volume(column))
            .transpose()?;
        let symbol = match columns.symbol.map(|column| line.text(column)) {
            None => None,
            Some("") => return Err(Refusal::missing("symbol", "write the ticker, such as MSFT")),
            Some(symbol) => Some(without_guard(symbol).to_uppercase()),
        };
        Ok(BarRow {
            line: line.number,
            symbol,
            at,
            open,
            high,
            low,
            close,
            adjusted_close,
            volume,
        })
    }

    fn time(&self, date: &str, clock: &str) -> Result<BarTime, Refusal> {
        if date.is_empty() {
            return Err(Refusal::missing("date", "write it like 2024-12-31"));
        }
        if clock.is_empty() {
            return time(date, self.first);
        }
        time(&format!("{date} {clock}"), self.first)
    }

    fn price(&self, name: &str, column: usize) -> Result<f64, Refusal> {
        check_price(name, self.number(name, column)?)
    }

    fn volume(&self, column: usize) -> Result<f64, Refusal> {
        let text = self.stream.current.text(column);
        let (number, factor) = match text.as_bytes().last() {
            Some(b'K' | b'k') => (&text[..text.len() - 1], 1e3),
            Some(b'M' | b'm') => (&text[..text.len() - 1], 1e6),
            Some(b'B' | b'b') => (&text[..text.len() - 1], 1e9),
            _ => (text, 1.0),
        };
        let volume = parse_float("volume", number, self.style)? * factor;
        check_volume(volume, text)
    }

    fn number(&self, name: &str, column: usize) -> Result<f64, Refusal> {
        parse_float(name, self.stream.current.text(column), self.style)
    }
}

/// Reads a plain number fast and any other spelling by [`numbers::parse`].
fn parse_float(name: &str, text: &str, style: Style) -> Result<f64, Refusal> {
    if !style.has_decimal_comma()
        && let Ok(value) = text.parse::<f64>()
        && value.is_finite()
    {
        return Ok(value);
    }
    if is_blank(text) {
        return Err(Refusal::missing(
            name,
            "write the price, or leave the line out",
        ));
    }
    numbers::parse(name, text, style).map(money::f64_from_decimal)
}

fn check_price(name: &str, price: f64) -> Result<f64, Refusal> {
    if price > 0.0 && price.is_finite() {
        return Ok(price);
    }
    Err(Refusal::new(
        code::NON_POSITIVE_PRICE,
        format!("{name} {price} is not above zero: a price is"),
    ))
}

fn check_volume(volume: f64, text: &str) -> Result<f64, Refusal> {
    if volume < 0.0 {
        return Err(Refusal::new(
            code::NEGATIVE_VOLUME,
            format!("volume {volume} is negative: leave it empty when it is not known"),
        ));
    }
    if volume.is_infinite() {
        return Err(Refusal::new(
            code::NUMBER_TOO_LARGE,
            format!("volume {} is larger than any number", shown(text)),
        ));
    }
    Ok(volume)
}

/// High and low, which enclose open and close. Prices come rounded, so a close may exceed the stated high by a
/// millionth of it, and is the high then.
fn range(open: f64, high: f64, low: f64, close: f64) -> Result<(f64, f64), Refusal> {
    const TOLERANCE: f64 = 1e-6;
    if high < low * (1.0 - TOLERANCE) {
        return Err(Refusal::new(
            code::HIGH_BELOW_LOW,
            format!("high {high} is below low {low}: are the columns exchanged?"),
        ));
    }
    for (name, price) in [("open", open), ("close", close)] {
        if price > high * (1.0 + TOLERANCE) || price < low * (1.0 - TOLERANCE) {
            return Err(Refusal::new(
                code::OUTSIDE_RANGE,
                format!("{name} {price} is not between low {low} and high {high}"),
            ));
        }
    }
    Ok((high.max(open).max(close), low.min(open).min(close)))
}

fn time(text: &str, first: Option<First>) -> Result<BarTime, Refusal> {
    if let Some(date) = iso_date(text.as_bytes()) {
        return Ok(BarTime::Date(date));
    }
    if let Some(at) = unix_time(text) {
        return Ok(BarTime::Instant(at));
    }
    let moment = dates::parse("date", text, first)?;
    Ok(match (moment.at, moment.time) {
        (Some(at), _) => BarTime::Instant(at),
        (None, Some(time)) => BarTime::DateTime(DateTime::from_parts(moment.date, time)),
        (None, None) => BarTime::Date(moment.date),
    })
}

/// The usual spelling, read without detours because a price file consists of it.
fn iso_date(text: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let month = digit(m1)? * 10 + digit(m2)?;
    let day = digit(d1)? * 10 + digit(d2)?;
    if !(1800..=2200).contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Seconds, milli-, micro- or nanoseconds since 1970, told apart by the number of digits (valid from
/// 1973 on; eight digits are a date).
fn unix_time(text: &str) -> Option<Timestamp> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = || whole.parse::<i64>().ok();
    match whole.len() {
        9 | 10 => Timestamp::from_second(value()?).ok(),
        12 | 13 => Timestamp::from_millisecond(value()?).ok(),
        15 | 16 => Timestamp::from_microsecond(value()?).ok(),
        18 | 19 => Timestamp::from_nanosecond(i128::from(value()?)).ok(),
        _ => None,
    }
}
