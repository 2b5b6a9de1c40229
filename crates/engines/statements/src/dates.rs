//! Dates and moments as files write them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Serialize};

use crate::{Unreadable, code, model::Refusal, text::shown};

/// The order of day, month and year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    /// Found out from all dates of the file; a file that leaves it open is refused.
    #[default]
    Auto,
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// Which comes first in a date that ends with its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Day,
    Month,
}

/// A date with as much of a time as the file gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    /// Time of day on the file's clock.
    pub(crate) time: Option<Time>,
    /// The instant, where the file gives an offset from UTC.
    pub(crate) at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Unreadable,
    /// Readable both ways.
    Ambiguous,
}

/// Reads a date with the order that [`first_of`] found, `None` when it was not needed.
pub(crate) fn parse(field: &str, text: &str, first: Option<First>) -> Result<Moment, Refusal> {
    moment(text, first).map_err(|failure| {
        let remedy = match failure {
            Failure::Unreadable => "is not a date: write it like 2024-12-31",
            Failure::Ambiguous => "may be day first or month first: write it like 2024-12-31",
        };
        Refusal::new(
            code::UNPARSABLE_DATE,
            format!("{field} “{}” {remedy}", shown(text)),
        )
    })
}

/// Decides from all dates of a column whether the day or the month comes first in dates that end
/// with the year. `decimal_comma` counts as day first, since no country writes both decimal commas
/// and months first; nothing else is guessed.
pub(crate) fn first_of<'a>(
    column: &str,
    values: impl Iterator<Item = (u64, &'a str)>,
    decimal_comma: bool,
) -> Result<Option<First>, Unreadable> {
    let mut order = Order::default();
    for (line, text) in values {
        order.observe(line, text);
    }
    order.decide(column, decimal_comma)
}

/// What the dates of a column reveal about the order of day and month.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// Lines of the first date that can only be day first, and only month first.
    day: Option<u64>,
    month: Option<u64>,
    /// The first date that may be either.
    open: Option<(u64, String)>,
}

impl Order {
    pub(crate) fn observe(&mut self, line: u64, text: &str) {
        let by_day = moment(text, Some(First::Day)).map(|found| found.date).ok();
        let by_month = moment(text, Some(First::Month))
            .map(|found| found.date)
            .ok();
        match (by_day, by_month) {
            (Some(_), None) => self.day = self.day.or(Some(line)),
            (None, Some(_)) => self.month = self.month.or(Some(line)),
            (Some(a), Some(b)) if a != b && self.open.is_none() => {
                self.open = Some((line, text.to_owned()));
            }
            _ => {}
        }
    }

    /// See [`first_of`].
    pub(crate) fn decide(
        &self,
        column: &str,
        decimal_comma: bool,
    ) -> Result<Option<First>, Unreadable> {
        match (self.day, self.month, &self.open) {
            (Some(day_first), Some(month_first), _) => Err(Unreadable::MixedDates {
                column: column.to_owned(),
                day_first,
                month_first,
            }),
            (Some(_), None, _) => Ok(Some(First::Day)),
            (None, Some(_), _) => Ok(Some(First::Month)),
            (None, None, Some(_)) if decimal_comma => Ok(Some(First::Day)),
            (None, None, Some((line, value))) => Err(Unreadable::AmbiguousDates {
                line: *line,
                column: column.to_owned(),
                value: shown(value),
            }),
            (None, None, None) => Ok(None),
        }
    }
}

fn moment(text: &str, first: Option<First>) -> Result<Moment, Failure> {
    let text = text.trim();
    let (date, rest) =
        numeric_date(text, first).or_else(|failure| named_date(text).ok_or(failure))?;
    let (time, offset) = time_and_offset(rest)?;
    let at = match (time, offset) {
        (Some(time), Some(offset)) => Some(
            TimeZone::fixed(offset)
                .to_timestamp(DateTime::from_parts(date, time))
                .map_err(|_| Failure::Unreadable)?,
        ),
        _ => None,
    };
    Ok(Moment { date, time, at })
}

/// Years outside of these are placeholders or mistakes.
fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    (1800..=2200).contains(&year).then_some(())?;
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The leading digits (at most nine) and what follows them.
fn digits(text: &str) -> Option<(u32, usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = if length <= 9 {
        text[..length].parse().ok()?
    } else {
        return None;
    };
    Some((value, length, &text[length..]))
}

fn numeric_date(text: &str, first: Option<First>) -> Result<(Date, &str), Failure> {
    let bad = Failure::Unreadable;
    if let Some(found) = compact_date(text) {
        return Ok(found);
    }
    let (a, a_length, rest) = digits(text).ok_or(bad)?;
    let separator = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))
        .ok_or(bad)?;
    let (b, b_length, rest) = digits(&rest[1..]).ok_or(bad)?;
    let (c, c_length, rest) = rest.strip_prefix(separator).and_then(digits).ok_or(bad)?;
    if b_length > 2 {
        return Err(bad);
    }
    if a_length == 4 && c_length <= 2 {
        return date(a, b, c).map(|found| (found, rest)).ok_or(bad);
    }
    let year = match c_length {
        4 => c,
        2 if c < 70 => 2000 + c,
        2 => 1900 + c,
        _ => return Err(bad),
    };
    if a_length > 2 {
        return Err(bad);
    }
    let by_day = date(year, b, a);
    let by_month = date(year, a, b);
    let found = match if separator == '.' {
        Some(First::Day)
    } else {
        first
    } {
        Some(First::Day) => by_day,
        Some(First::Month) => by_month,
        None => match (by_day, by_month) {
            (Some(one), Some(other)) if one != other => return Err(Failure::Ambiguous),
            (one, other) => one.or(other),
        },
    };
    found.map(|found| (found, rest)).ok_or(bad)
}

/// `20241231`, also with hours, minutes and seconds attached.
fn compact_date(text: &str) -> Option<(Date, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(length, 8 | 14) {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse().ok();
    Some((date(part(0, 4)?, part(4, 6)?, part(6, 8)?)?, &text[8..]))
}

/// `31 Dec 2024`, `31-Dec-24`, `Dec 31, 2024`, `December 31 2024`.
fn named_date(text: &str) -> Option<(Date, &str)> {
    let is_gap = |c: char| matches!(c, ' ' | '-' | ',' | '.' | '/');
    let mut rest = text;
    let (mut numbers, mut lengths, mut month) = ([0; 2], [0; 2], None);
    let mut count = 0;
    for _ in 0..3 {
        rest = rest.trim_start_matches(is_gap);
        if let Some((value, length, after)) = digits(rest) {
            *numbers.get_mut(count)? = value;
            lengths[count] = length;
            count += 1;
            rest = after;
        } else {
            let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let found = month_of(&rest[..length])?;
            if month.replace(found).is_some() {
                return None;
            }
            rest = &rest[length..];
        }
    }
    let [day, year] = numbers;
    let year = match lengths[1] {
        4 => year,
        2 => 2000 + year,
        _ => return None,
    };
    Some((date(year, month?, day)?, rest))
}

fn month_of(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let place = MONTHS
        .iter()
        .position(|month| word.len() >= 3 && month.starts_with(&word))?;
    u32::try_from(place + 1).ok()
}

/// The rest of a moment after its date.
fn time_and_offset(rest: &str) -> Result<(Option<Time>, Option<Offset>), Failure> {
    let rest = rest
        .strip_prefix([';', 'T', 't', ','])
        .unwrap_or(rest)
        .trim();
    // Some exports name the date on which an entry took effect; the entry itself was earlier.
    if rest.is_empty() || rest.starts_with("as of ") {
        return Ok((None, None));
    }
    let (time, rest) = clock(rest).ok_or(Failure::Unreadable)?;
    // A remark in brackets names the zone of an offset already given.
    let zone = rest.split('[').next().unwrap_or_default().trim();
    // A name such as EST says too little to fix the instant and is passed over.
    let is_name = zone.len() <= 5 && zone.bytes().all(|byte| byte.is_ascii_uppercase());
    match zone {
        "Z" | "z" | "UTC" | "GMT" => Ok((Some(time), Some(Offset::UTC))),
        _ if is_name => Ok((Some(time), None)),
        _ => offset(zone)
            .map(|offset| (Some(time), Some(offset)))
            .ok_or(Failure::Unreadable),
    }
}

fn clock(text: &str) -> Option<(Time, &str)> {
    let (first, length, rest) = digits(text)?;
    let (hour, minute, second, rest) = if length == 6 {
        (first / 10_000, first / 100 % 100, first % 100, rest)
    } else {
        let (minute, _, rest) = digits(rest.strip_prefix(':')?)?;
        match rest.strip_prefix(':').and_then(digits) {
            Some((second, _, rest)) => (first, minute, second, rest),
            None => (first, minute, 0, rest),
        }
    };
    let (nanosecond, rest) = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => nanoseconds(fraction)?,
        None => (0, rest),
    };
    let (half, after) = rest.trim_start().split_at_checked(2).unwrap_or_default();
    let (hour, rest) = match half {
        "PM" | "pm" => (hour % 12 + 12, after),
        "AM" | "am" => (hour % 12, after),
        _ => (hour, rest),
    };
    // A leap second has no place of its own in civil time.
    let second = if second == 60 { 59 } else { second };
    let small = |value: u32| i8::try_from(value).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()?;
    Some((time, rest))
}

fn nanoseconds(text: &str) -> Option<(i32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let kept = &text[..length.min(9)];
    let value: i32 = kept.parse().ok()?;
    let power = u32::try_from(9 - kept.len()).ok()?;
    Some((value * 10_i32.pow(power), &text[length..]))
}

/// `+02:00`, `-0500`, `+01`.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (first, length, rest) = digits(&text[1..])?;
    let (hours, minutes) = match (length, rest.strip_prefix(':')) {
        (2, None) if rest.is_empty() => (first, 0),
        (4, None) if rest.is_empty() => (first / 100, first % 100),
        (2, Some(rest)) => (first, rest.parse().ok()?),
        _ => return None,
    };
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(u32::checked_mul(minutes, 60)?)?;
    Offset::from_seconds(sign * i32::try_from(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, first: Option<First>) -> String {
        match moment(text, first) {
            Ok(Moment {
                date, time: None, ..
            }) => date.to_string(),
            Ok(Moment {
                date,
                time: Some(time),
                at: None,
            }) => format!("{date} {time}"),
            Ok(Moment { at: Some(at), .. }) => at.to_string(),
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn dates_in_many_hands() {
        for (text, expected) in [
            ("2024-01-31", "2024-01-31"),
            ("2024/01/31", "2024-01-31"),
            ("2024.1.31", "2024-01-31"),
            ("20240131", "2024-01-31"),
            ("31.01.2024", "2024-01-31"),
            ("3.4.24", "2024-04-03"),
            ("31/01/2024", "2024-01-31"),
            ("01/31/2024", "2024-01-31"),
            ("12/12/2021", "2021-12-12"),
            ("03/04/2024", "Ambiguous"),
            ("31 Jan 2024", "2024-01-31"),
            ("31-JAN-24", "2024-01-31"),
            ("January 31, 2024", "2024-01-31"),
            ("20240131;093000", "2024-01-31 09:30:00"),
            ("20240131093000", "2024-01-31 09:30:00"),
            ("2024-01-31, 09:30:00", "2024-01-31 09:30:00"),
            ("2024-01-31 9:30 PM", "2024-01-31 21:30:00"),
            ("2024-01-31 09:30:00 EST", "2024-01-31 09:30:00"),
            ("2024-01-31T09:30:00.5Z", "2024-01-31T09:30:00.5Z"),
            ("2024-01-31 09:30:00 UTC", "2024-01-31T09:30:00Z"),
            ("2024-01-31T23:30:00-05:00", "2024-02-01T04:30:00Z"),
            ("2024-01-31 09:30:00+0200", "2024-01-31T07:30:00Z"),
            ("10/31/2023 as of 10/30/2023", "2023-10-31"),
        ] {
            assert_eq!(read(text, None), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "<invalid>",
            "20xx-08-23",
            "2024-13-01",
            "2024-02-30",
            "0001-01-01",
            "31/31/2024",
            "2024-01-31 noon",
            "Smarch 1, 2024",
            "1.2",
            "2024-01-31T25:00",
            "9999999999",
            "1-2-345",
            "2024-01-31T10:00+99:00",
        ] {
            assert_eq!(read(text, None), "Unreadable", "{text}");
        }
    }

    #[test]
    fn a_whole_column_settles_the_order() {
        let column = |values: &[&'static str], comma| {
            first_of(
                "date",
                values.iter().enumerate().map(|(i, v)| (i as u64 + 2, *v)),
                comma,
            )
        };
        assert_eq!(
            column(&["03/04/2024", "13/04/2024"], false),
            Ok(Some(First::Day))
        );
        assert_eq!(
            column(&["03/04/2024", "04/13/2024"], false),
            Ok(Some(First::Month))
        );
        assert_eq!(column(&["03/04/2024"], true), Ok(Some(First::Day)));
        assert_eq!(
            column(&["2024-03-04", "05.04.2024", "5/5/2024", ""], false),
            Ok(None)
        );
        let open = column(&["5/5/2024", "03/04/2024"], false)
            .unwrap_err()
            .to_string();
        assert!(
            open.starts_with("line 3: date “03/04/2024” may be day first or month first"),
            "{open}"
        );
        let mixed = column(&["13/04/2024", "04/13/2024"], false)
            .unwrap_err()
            .to_string();
        assert!(
            mixed.contains("line 2 can only be day first, line 3 only month first"),
            "{mixed}"
        );
    }
}
