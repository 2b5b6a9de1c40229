//! Which column of a price file holds what.

use crate::{Unreadable, lines::Line, words::normalized};

/// The two shapes of price files.
#[derive(Debug)]
pub(super) enum Layout {
    /// One bar a line.
    Long(Columns),
    /// One day a line, one close for each instrument.
    Wide {
        date: usize,
        symbols: Vec<(usize, String)>,
    },
}

#[derive(Debug)]
pub(super) struct Columns {
    pub(super) date: usize,
    /// Time of day, where it has a column of its own.
    pub(super) clock: Option<usize>,
    pub(super) open: Option<usize>,
    pub(super) high: Option<usize>,
    pub(super) low: Option<usize>,
    pub(super) close: usize,
    pub(super) adjusted_close: Option<usize>,
    pub(super) volume: Option<usize>,
    pub(super) symbol: Option<usize>,
}

const DATE: [&str; 5] = ["date", "datetime", "timestamp", "day", "gmttime"];
const CLOCK: [&str; 3] = ["time", "hour", "timeutc"];
const CLOSE: [&str; 5] = ["close", "closelast", "price", "last", "closingprice"];
const ADJUSTED: [&str; 4] = [
    "adjclose",
    "adjustedclose",
    "closeadj",
    "adjustedclosingprice",
];
const VOLUME: [&str; 3] = ["volume", "vol", "vold"];
const SYMBOL: [&str; 3] = ["symbol", "ticker", "code"];

impl Layout {
    pub(super) fn of(header: &Line) -> Result<Self, Unreadable> {
        let names: Vec<String> = (0..header.len())
            .map(|at| header.text(at).to_owned())
            .collect();
        Self::of_names(&names)
    }

    pub(super) fn of_names(names: &[String]) -> Result<Self, Unreadable> {
        let plain: Vec<String> = names.iter().map(|name| normalized(name)).collect();
        let find = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|name| plain.iter().position(|other| other == name))
        };
        let clock = find(&CLOCK);
        // Names such as `datetime_new_york` say in which zone, and an index has no name at all.
        let date = find(&DATE)
            .or_else(|| plain.iter().position(|name| name.starts_with("datetime")))
            .or(clock)
            .or_else(|| (names.len() > 1 && plain[0].is_empty()).then_some(0));
        let clock = clock.filter(|place| Some(*place) != date);
        let missing = |name: &str| {
            let missing = vec![name.to_owned()];
            Unreadable::MissingColumns {
                missing,
                header: names.to_vec(),
            }
        };
        if let (Some(date), Some(close)) = (date, find(&CLOSE)) {
            return Ok(Self::Long(Columns {
                date,
                clock,
                open: find(&["open"]),
                high: find(&["high"]),
                low: find(&["low"]),
                close,
                adjusted_close: find(&ADJUSTED),
                volume: find(&VOLUME),
                symbol: find(&SYMBOL),
            }));
        }
        let symbols: Vec<(usize, String)> = names
            .iter()
            .enumerate()
            .filter(|(place, name)| Some(*place) != date && !name.is_empty())
            .map(|(place, name)| (place, name.clone()))
            .collect();
        let known = ["open", "high", "low", "volume", "symbol", "ticker"];
        let are_tickers = !symbols.is_empty()
            && symbols
                .iter()
                .all(|(place, name)| !known.contains(&plain[*place].as_str()) && is_ticker(name));
        match date {
            Some(date) if are_tickers => Ok(Self::Wide { date, symbols }),
            Some(_) => Err(missing("close")),
            None if names.len() < 2 || names.iter().any(|name| is_value(name)) => {
                Err(Unreadable::NoHeader {
                    example: super::EXAMPLE,
                })
            }
            None => Err(missing("date")),
        }
    }

    pub(super) fn date(&self) -> usize {
        match self {
            Self::Long(columns) => columns.date,
            Self::Wide { date, .. } => *date,
        }
    }

    /// The columns that hold prices.
    pub(super) fn prices(&self) -> Vec<usize> {
        match self {
            Self::Long(columns) => {
                let optional = [columns.open, columns.high, columns.low];
                optional
                    .into_iter()
                    .flatten()
                    .chain([columns.close])
                    .collect()
            }
            Self::Wide { symbols, .. } => symbols.iter().map(|(column, _)| *column).collect(),
        }
    }
}

fn is_ticker(name: &str) -> bool {
    name.bytes().any(|byte| byte.is_ascii_uppercase())
        && name.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".-^=/&_:".contains(&byte)
        })
}

/// A first line of values is a file without a header.
fn is_value(name: &str) -> bool {
    name.bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
}
