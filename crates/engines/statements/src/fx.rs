//! Files of exchange rates, streamed.

use std::io::BufRead;

use jiff::civil::Date;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Rejection, Unreadable, code,
    dates::{self, First},
    lines::{Line, Lines, Step, Stream},
    model::Refusal,
    numbers::{self, Style, is_blank},
    words::normalized,
};

/// Lines read ahead to find out whether day or month comes first.
const SAMPLE: usize = 1_000;

const EXAMPLE: &str = "date,base,quote,rate";

/// Currencies for which the European Central Bank publishes or has published a reference rate. At
/// least half of the columns must be among them: `date,SPY` is no file of rates.
const REFERENCE_RATES: [&str; 41] = [
    "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CYP", "CZK", "DKK", "EEK", "GBP", "HKD", "HRK",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "LTL", "LVL", "MTL", "MXN", "MYR", "NOK",
    "NZD", "PHP", "PLN", "ROL", "RON", "RUB", "SEK", "SGD", "SIT", "SKK", "THB", "TRL", "TRY",
    "USD", "ZAR",
];

/// One rate: units of `quote` for one unit of `base`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FxRow {
    /// Line counted from 1.
    pub line: u64,
    /// Day of the rate.
    pub date: Date,
    /// The currency of which one unit is priced.
    pub base: Currency,
    /// The currency in which it is priced.
    pub quote: Currency,
    /// Units of `quote` for one unit of `base`, above zero.
    pub rate: Decimal,
}

#[derive(Debug)]
enum Layout {
    /// The European Central Bank's: a day a line, a column for each currency, all for one euro.
    Wide { quotes: Vec<(usize, Currency)> },
    /// A rate a line.
    Long {
        base: usize,
        quote: usize,
        rate: usize,
    },
}

/// Streams the rates of a file. Made by [`fx`].
#[derive(Debug)]
pub struct FxReader<R> {
    stream: Stream<R>,
    date: usize,
    layout: Layout,
    first: Option<First>,
    /// In the wide layout: the currency whose cell comes next.
    cell: usize,
}

/// Opens a file of exchange rates: either `Date,USD,JPY,...` as the European Central Bank publishes
/// its reference rates (units for one euro; cells that are empty or `N/A` were not quoted and are
/// passed over), or `date,base,quote,rate`.
pub fn fx<R: BufRead>(reader: R) -> Result<FxReader<R>, Unreadable> {
    let (mut lines, header) = Lines::open(reader, EXAMPLE)?;
    let (date, layout) = layout(&header)?;
    let mut ahead: Vec<Line> = Vec::new();
    lines.read_ahead(&mut ahead, SAMPLE);
    let texts = ahead.iter().map(|line| (line.number, line.text(date)));
    let first = dates::first_of("date", texts, false)?;
    Ok(FxReader {
        stream: Stream::new(lines, ahead),
        date,
        layout,
        first,
        cell: 0,
    })
}

fn layout(header: &Line) -> Result<(usize, Layout), Unreadable> {
    let names: Vec<String> = (0..header.len())
        .map(|at| header.text(at).to_owned())
        .collect();
    let find = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&normalized(name).as_str()))
    };
    let date = find(&["date", "day", "timeperiod"]);
    let base = find(&["base", "from", "basecurrency", "fromcurrency"]);
    let quote = find(&["quote", "to", "quotecurrency", "tocurrency"]);
    let rate = find(&["rate", "value", "close", "fxrate"]);
    if let (Some(date), Some(base), Some(quote), Some(rate)) = (date, base, quote, rate) {
        return Ok((date, Layout::Long { base, quote, rate }));
    }
    let quotes: Vec<(usize, Option<Currency>)> = names
        .iter()
        .enumerate()
        .filter(|(place, name)| Some(*place) != date && !name.is_empty())
        .map(|(place, name)| (place, currency_of_header(name)))
        .collect();
    let all_known: Option<Vec<(usize, Currency)>> = quotes
        .into_iter()
        .map(|(place, code)| Some((place, code?)))
        .collect();
    let usual = |quotes: &Vec<(usize, Currency)>| {
        let known = quotes
            .iter()
            .filter(|(_, code)| REFERENCE_RATES.contains(&code.as_str()));
        known.count() * 2 >= quotes.len().max(1)
    };
    if let (Some(date), Some(quotes)) = (date, all_known.filter(usual)) {
        return Ok((date, Layout::Wide { quotes }));
    }
    let columns = [
        ("date", date),
        ("base", base),
        ("quote", quote),
        ("rate", rate),
    ];
    let missing: Vec<String> = columns
        .iter()
        .filter(|(_, at)| at.is_none())
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if missing.len() == columns.len() {
        return Err(Unreadable::NoHeader { example: EXAMPLE });
    }
    Err(Unreadable::MissingColumns {
        missing,
        header: names,
    })
}

/// Three capital letters: the names of other columns are longer or in lower case.
fn currency_of_header(name: &str) -> Option<Currency> {
    let is_code = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| Currency::new(name).ok())?
}

impl<R: BufRead> Iterator for FxReader<R> {
    type Item = Result<FxRow, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Layout::Wide { quotes } = &self.layout
                && self.cell < quotes.len()
                && self.stream.current.number > 0
            {
                let (column, quote) = quotes[self.cell];
                self.cell += 1;
                if is_blank(self.stream.current.text(column)) {
                    continue;
                }
                let row = self.row(Currency::EUR, quote, column);
                return Some(row.map_err(|refusal| refusal.at(self.stream.current.number)));
            }
            match self.stream.advance() {
                Step::Line => {}
                Step::End => return None,
                Step::Broken(rejection) => return Some(Err(rejection)),
            }
            self.cell = 0;
            if let Layout::Long { base, quote, rate } = self.layout {
                let row = self
                    .pair(base, quote)
                    .and_then(|(base, quote)| self.row(base, quote, rate));
                return Some(row.map_err(|refusal| refusal.at(self.stream.current.number)));
            }
        }
    }
}

impl<R: BufRead> FxReader<R> {
    fn pair(&self, base: usize, quote: usize) -> Result<(Currency, Currency), Refusal> {
        let code = |field: &str, column: usize| {
            Currency::new(self.stream.current.text(column)).map_err(|invalid| {
                Refusal::new(code::UNKNOWN_CURRENCY, format!("{field} {invalid}"))
            })
        };
        Ok((code("base", base)?, code("quote", quote)?))
    }

    fn row(&self, base: Currency, quote: Currency, column: usize) -> Result<FxRow, Refusal> {
        let line = &self.stream.current;
        let when = line.text(self.date);
        if when.is_empty() {
            return Err(Refusal::missing("date", "write it like 2024-12-31"));
        }
        let date = dates::parse("date", when, self.first)?.date;
        let text = line.text(column);
        let field = format!("rate of {quote}");
        if is_blank(text) {
            return Err(Refusal::missing(
                &field,
                "write the units for one of the base currency",
            ));
        }
        let rate = numbers::parse(&field, text, Style::POINT)?;
        if rate <= Decimal::ZERO {
            let message = format!("{field} {rate} is not above zero");
            return Err(Refusal::new(code::NON_POSITIVE_PRICE, message));
        }
        if base == quote {
            let message = format!("base and quote are both {base}: its rate to itself is 1");
            return Err(Refusal::new(code::SAME_CURRENCY, message));
        }
        Ok(FxRow {
            line: line.number,
            date,
            base,
            quote,
            rate,
        })
    }
}
