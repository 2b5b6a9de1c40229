//! Activity statements of Tiger Brokers: the CSV in sections, and the text of the PDF.

mod csv;
mod instruments;
mod text;

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use ledger::OptionRight;
use rust_decimal::Decimal;

use crate::{
    Format, Statement, Unreadable, dates,
    fills::{Fill, OptionEvent},
    model::Refusal,
    table::{PREAMBLE, records},
};

/// The format of a text, if it is one of these statements.
pub(crate) fn format_of(text: &str) -> Option<Format> {
    let is_printed = |line: &str| line.trim_start().starts_with("Activity Statement :");
    let mut start = text.lines().take(PREAMBLE);
    if start.clone().any(|line| line.contains("Tiger Brokers")) && start.any(is_printed) {
        return Some(Format::TigerText);
    }
    let start = records(text, b',', PREAMBLE).ok()?;
    let is_marked = start.iter().any(|record| csv::is_marker(record.get(3)));
    let is_sectioned = |record: &crate::table::Record| {
        (1..=3).all(|place| record.get(place).is_empty()) && record.len() > 4
    };
    (is_marked && start.iter().any(is_sectioned)).then_some(Format::TigerCsv)
}

pub(crate) fn read_csv(text: &str) -> Result<Statement, Unreadable> {
    csv::read(text)
}

pub(crate) fn read_text(text: &str) -> Statement {
    text::read(text)
}

/// The date, and the instant where the zone tells the offset: `2022-03-10, 01:52:40, GMT+8` or
/// `2025-03-01⏎09:30:00, US/Eastern`. The hours of New York change twice a year, so a time there
/// leaves the instant open.
fn moment(text: &str) -> Result<(Date, Option<Timestamp>), Refusal> {
    let words: Vec<&str> = text
        .split([' ', ',', '\n', '\r', '\t'])
        .filter(|word| !word.is_empty())
        .collect();
    let first = words.first().copied().unwrap_or_default();
    let date = dates::parse("Date/Time", first, None)?.date;
    let at = match &*words {
        [day, time, zone] => offset(zone)
            .and_then(|offset| {
                dates::parse("Date/Time", &format!("{day}T{time}{offset}"), None).ok()
            })
            .and_then(|found| found.at),
        _ => None,
    };
    Ok((date, at))
}

/// `GMT+8` as `+08:00`; the zones of Asia that have no summer time by name.
fn offset(zone: &str) -> Option<String> {
    if matches!(zone, "Asia/Hong_Kong" | "Asia/Singapore" | "Asia/Shanghai") {
        return Some("+08:00".to_owned());
    }
    let rest = zone.strip_prefix("GMT").or(zone.strip_prefix("UTC"))?;
    let (sign, rest) = rest.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    matches!(sign, "+" | "-").then(|| format!("{sign}{hours:0>2}:{minutes}"))
}

/// The last day of `2025-01-01 - 2025-12-31` or `2022.03.02 - 2022.03.31`.
fn last_day(period: &str) -> Result<Date, Refusal> {
    let end = period.rsplit(" - ").next().unwrap_or(period);
    dates::parse("Activity Statement", end, None).map(|moment| moment.date)
}

/// Marks the shares that an option's exercise or assignment delivered, which stand among the trades
/// without a word: the same day, the strike as their price, and exactly as many.
fn mark_delivered(fills: &mut [Fill]) {
    type Key = (Option<String>, Date, String, Decimal, Decimal);
    let is_use = |fill: &&Fill| {
        matches!(
            fill.event,
            Some(OptionEvent::Exercise | OptionEvent::Assignment)
        )
    };
    let mut due: HashMap<Key, u32> = HashMap::new();
    for fill in fills.iter().filter(is_use) {
        let (Some(terms), Ok(shares)) = (&fill.security.option, fill.shares()) else {
            continue;
        };
        let moved = match terms.right {
            OptionRight::Call => -shares,
            OptionRight::Put => shares,
        };
        let (account, underlying) = (fill.account.clone(), terms.underlying.clone());
        *due.entry((account, fill.date, underlying, terms.strike, moved))
            .or_default() += 1;
    }
    if due.is_empty() {
        return;
    }
    for fill in fills {
        let Some(price) = fill.price.filter(|_| fill.event.is_none()) else {
            continue;
        };
        let (account, symbol) = (fill.account.clone(), fill.security.symbol.clone());
        match due.get_mut(&(account, fill.date, symbol, price, fill.quantity)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                fill.event = Some(OptionEvent::Exercise);
            }
            _ => {}
        }
    }
}
