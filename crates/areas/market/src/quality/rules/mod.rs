//! What makes a bar doubtful. Pure: bars and what is known in, doubts out; whoever calls decides what to do
//! with them.

mod rates;
mod records;

use std::collections::HashSet;

use calendar::{Calendar, Day};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sources::Bar;

pub use rates::{Fixing, rates};
pub use records::{contract, fact, quotation, quote, spot, value};

/// Ratios in which shares are usually split, new for old, both ways.
const SPLITS: [(u32, u32); 26] = [
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (10, 1),
    (12, 1),
    (15, 1),
    (20, 1),
    (25, 1),
    (30, 1),
    (50, 1),
    (3, 2),
    (5, 2),
    (5, 3),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 5),
    (1, 8),
    (1, 10),
    (1, 15),
    (1, 20),
    (1, 25),
];
/// How far a gap may lie from the ratio, since prices move over night as well.
const SPLIT_TOLERANCE: f64 = 0.06;
/// Smaller gaps are markets.
const LEAST_GAP: f64 = 1.4;
/// A factor in this range around a hundred is the unit, not the market.
const HUNDREDFOLD: std::ops::RangeInclusive<f64> = 75.0..=135.0;
/// Sources round: a high may fall short by this share.
const ROUNDING: f64 = 1e-6;
/// So many bars alike in every value are a source that repeats itself.
const STALE_AFTER: usize = 4;

/// A doubt about a bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Doubt {
    /// A price that is zero, negative or no number, or a negative volume.
    NotPositive {
        /// Which.
        field: String,
        /// As stated.
        value: f64,
    },
    /// High or low does not enclose the other prices.
    HighLow,
    /// A hundred times the price before, or a hundredth: pounds and pence mixed up.
    Hundredfold {
        /// Price by the price before.
        factor: f64,
    },
    /// A gap as after a split of which nothing is known.
    Split {
        /// New shares
        to: Decimal,
        /// for old ones.
        from: Decimal,
        /// Whether the bar itself begins before and ends after it.
        is_inside: bool,
    },
    /// The same in every value as the bars before.
    Stale {
        /// So many bars alike.
        count: usize,
    },
    /// A trading day on a weekend, or a session that begins hours from where it always begins.
    TimeZone {
        /// By so many hours, where that can be told.
        hours: Option<i64>,
    },
    /// A trading day on a holiday of the exchange.
    Holiday {
        /// Which.
        name: String,
    },
    /// After the present.
    Future,
    /// Stated in another currency than the one in which the instrument is quoted.
    Currency {
        /// As stated.
        stated: String,
        /// As expected.
        expected: String,
    },
    /// A multiple or a part of the value before that no market makes of it in a day.
    Jump {
        /// Value by the value before.
        factor: f64,
    },
    /// Somebody offers to buy for more than somebody else offers to sell for.
    Crossed,
    /// A contract that had ended before its price was made.
    Expired,
    /// A value that cannot be.
    OutOfRange {
        /// Which.
        field: String,
        /// As stated.
        value: f64,
    },
    /// Reported before its period had ended.
    Premature,
}

/// What is known when a bar is judged.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    /// The moment.
    pub now: Timestamp,
    /// Bars before, the oldest first; those of the series that is judged are added as it goes.
    pub before: &'k [Bar],
    /// Ex-dates of corporate actions: each explains the gap to the first bar since then.
    pub explained: &'k [Date],
    /// Bars that are stored or that a person has accepted. The same statement is not doubted again, and what comes
    /// later is compared with it.
    pub settled: &'k [Bar],
    /// The market's clock.
    pub zone: TimeZone,
    /// When the market trades; unless it is known, no day is doubted.
    pub calendar: Option<&'k Calendar>,
    /// Whether the bars are of days.
    pub is_daily: bool,
}

impl Doubt {
    /// A stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPositive { .. } => "not_positive",
            Self::HighLow => "high_low",
            Self::Hundredfold { .. } => "hundredfold",
            Self::Split { .. } => "split",
            Self::Stale { .. } => "stale",
            Self::TimeZone { .. } => "time_zone",
            Self::Holiday { .. } => "holiday",
            Self::Future => "future",
            Self::Currency { .. } => "currency",
            Self::Jump { .. } => "jump",
            Self::Crossed => "crossed",
            Self::Expired => "expired",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Premature => "premature",
        }
    }

    /// What is doubted and what would settle it, in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotPositive { field, value } => {
                format!("{field} is {value}; it must be positive")
            }
            Self::HighLow => "high and low do not enclose open and close".to_owned(),
            Self::Hundredfold { factor } => format!(
                "{factor:.2} times the price before: the source may mix up a currency and its \
                 hundredth"
            ),
            Self::Split {
                to,
                from,
                is_inside,
            } => format!(
                "{} as by a {to}:{from} split that is not known; state it as a corporate action if \
                 there was one",
                if *is_inside {
                    "within the bar the price falls"
                } else {
                    "a gap"
                }
            ),
            Self::Stale { count } => format!("{count} bars alike in every value"),
            Self::TimeZone { hours: Some(hours) } => {
                format!("the session begins {hours} hours from where it usually does")
            }
            Self::TimeZone { hours: None } => "a trading day on a weekend".to_owned(),
            Self::Holiday { name } => {
                format!("a trading day on a holiday of the exchange: {name}")
            }
            Self::Future => "it lies in the future".to_owned(),
            Self::Currency { stated, expected } => format!(
                "stated in {stated}, although it is quoted in {expected}; mend the currency of the \
                 instrument or the symbol that the source is asked for"
            ),
            Self::Jump { factor } => format!(
                "{factor:.2} times the value before: a slipped comma, unless the currency was devalued; if it is \
                 right, import it from a file"
            ),
            Self::Crossed => "the bid is above the ask".to_owned(),
            Self::Expired => "the contract had ended before its price was made".to_owned(),
            Self::OutOfRange { field, value } => format!("{field} cannot be {value}"),
            Self::Premature => "reported before its period had ended".to_owned(),
        }
    }
}

/// The doubts about each bar of a series, in its order. A doubtful bar is not compared with later ones.
pub fn judge(series: &[Bar], known: &Known<'_>) -> Vec<Vec<Doubt>> {
    let mut trusted: Vec<Bar> = known.before.to_vec();
    let starts = usual_start(known);
    let settled: HashSet<Statement> = known.settled.iter().map(statement).collect();
    let mut verdicts = Vec::with_capacity(series.len());
    for bar in series {
        let doubts = if settled.contains(&statement(bar)) {
            Vec::new()
        } else {
            doubts(bar, &trusted, known, starts)
        };
        if doubts.is_empty() {
            trusted.push(*bar);
        }
        verdicts.push(doubts);
    }
    verdicts
}

/// The doubts about a bar that is stored whatever they are, as it stands after the bars `before`. `known.before` tells
/// when sessions usually begin.
pub fn review(bar: &Bar, before: &[Bar], known: &Known<'_>) -> Vec<Doubt> {
    doubts(bar, before, known, usual_start(known))
}

/// A time and the prices stated for it.
type Statement = (Timestamp, [u64; 4]);

/// As it is stored: with high and low outside.
fn statement(bar: &Bar) -> Statement {
    let bar = bar.enclosed();
    let prices = [bar.open, bar.high, bar.low, bar.close];
    (bar.at, prices.map(f64::to_bits))
}

fn doubts(bar: &Bar, before: &[Bar], known: &Known<'_>, start: Option<i64>) -> Vec<Doubt> {
    let mut doubts = impossible(bar);
    if bar.at > known.now {
        doubts.push(Doubt::Future);
    }
    // Nothing can be compared with what is impossible.
    if !doubts.is_empty() {
        return doubts;
    }
    doubts.extend(gap(bar, before.last(), known));
    doubts.extend(stale(bar, before));
    doubts.extend(slip(bar, before.last(), known, start));
    doubts
}

fn impossible(bar: &Bar) -> Vec<Doubt> {
    let prices = [
        ("open", bar.open),
        ("high", bar.high),
        ("low", bar.low),
        ("close", bar.close),
    ];
    let wrong = |field: &str, value| Doubt::NotPositive {
        field: field.to_owned(),
        value,
    };
    let mut doubts: Vec<_> = prices
        .into_iter()
        .filter(|(_, value)| !(value.is_finite() && *value > 0.0))
        .map(|(field, value)| wrong(field, value))
        .collect();
    let volume = bar
        .volume
        .filter(|volume| !(volume.is_finite() && *volume >= 0.0));
    doubts.extend(volume.map(|value| wrong("volume", value)));
    let (top, bottom) = (bar.open.max(bar.close), bar.open.min(bar.close));
    let is_enclosed = bar.high >= top * (1.0 - ROUNDING) && bar.low <= bottom * (1.0 + ROUNDING);
    if doubts.is_empty() && !is_enclosed {
        doubts.push(Doubt::HighLow);
    }
    doubts
}

/// What a gap after the bar before looks like.
pub fn gap(bar: &Bar, previous: Option<&Bar>, known: &Known<'_>) -> Option<Doubt> {
    let day = known.day(bar);
    let since = previous.map(|previous| known.day(previous));
    // On the ex-date or, where that had no bar to go by, on the first day with one.
    let is_explained = |ex_date: &Date| {
        *ex_date == day || (*ex_date < day && since.is_some_and(|since| *ex_date > since))
    };
    if known.explained.iter().any(is_explained) {
        return None;
    }
    if let Some(previous) = previous {
        if let Some(doubt) = hundredfold(bar.close / previous.close) {
            return Some(doubt);
        }
        // Over night; within a session prices fall without a split.
        let is_overnight = known.is_daily || known.day(previous) != day;
        if is_overnight && let Some(split) = split(previous.close / bar.open, false) {
            return Some(split);
        }
    }
    split(bar.open / bar.close, true)
}

/// A price by the one before that is a mix-up of a currency and its hundredth.
fn hundredfold(factor: f64) -> Option<Doubt> {
    let is_so = HUNDREDFOLD.contains(&factor) || HUNDREDFOLD.contains(&factor.recip());
    is_so.then_some(Doubt::Hundredfold { factor })
}

/// The split whose ratio the fall of a price is near to; the plainest one where several are.
fn split(fall: f64, is_inside: bool) -> Option<Doubt> {
    if fall.max(fall.recip()) < LEAST_GAP {
        return None;
    }
    let distance = |(to, from): (u32, u32)| (fall * f64::from(from) / f64::from(to)).ln().abs();
    let (to, from) = SPLITS
        .into_iter()
        .min_by(|one, other| distance(*one).total_cmp(&distance(*other)))?;
    (distance((to, from)) <= SPLIT_TOLERANCE).then(|| Doubt::Split {
        to: to.into(),
        from: from.into(),
        is_inside,
    })
}

/// Bars without trades repeat the last price by right.
fn stale(bar: &Bar, before: &[Bar]) -> Option<Doubt> {
    bar.volume.filter(|volume| *volume > 0.0)?;
    let same = |other: &&Bar| {
        let values = |bar: &Bar| {
            [
                bar.open,
                bar.high,
                bar.low,
                bar.close,
                bar.volume.unwrap_or(-1.0),
            ]
        };
        values(bar)
            .iter()
            .zip(values(other))
            .all(|(one, other)| one.total_cmp(&other).is_eq())
    };
    let count = 1 + before.iter().rev().take_while(same).count();
    (count >= STALE_AFTER).then_some(Doubt::Stale { count })
}

fn slip(bar: &Bar, previous: Option<&Bar>, known: &Known<'_>, usual: Option<i64>) -> Option<Doubt> {
    let day = known.day(bar);
    // Of earlier years not every closure and every session is stated; and an evening may belong to the
    // session of the next day.
    let calendar = known.calendar.filter(|calendar| {
        day.year() >= calendar.known_from()
            && (known.is_daily || calendar.session_at(bar.at).is_none())
    });
    match calendar.map(|calendar| calendar.day(day)) {
        Some(Day::Weekend) => return Some(Doubt::TimeZone { hours: None }),
        Some(Day::Holiday(name)) => {
            let name = name.to_owned();
            return Some(Doubt::Holiday { name });
        }
        Some(Day::Session(_)) | None => {}
    }
    let is_first = previous.is_none_or(|previous| known.day(previous) != day);
    let usual = usual.filter(|_| is_first && !known.is_daily)?;
    let off = known.second_of_day(bar) - usual;
    // Whole hours and nothing else: a late first trade is no slip.
    (off != 0 && off % 3_600 == 0 && !begins_as_stated(bar, day, known)).then_some(
        Doubt::TimeZone {
            hours: Some(off / 3_600),
        },
    )
}

/// Whether the calendar itself lets this session begin at another time than the ones before.
fn begins_as_stated(bar: &Bar, day: Date, known: &Known<'_>) -> bool {
    let session = known.calendar.and_then(|calendar| calendar.session(day));
    session.is_some_and(|session| session.special.is_some() || session.opens_at == bar.at)
}

/// The second of the day at which the last sessions began, when at least three began alike.
fn usual_start(known: &Known<'_>) -> Option<i64> {
    if known.is_daily {
        return None;
    }
    let mut starts: Vec<(Date, i64)> = Vec::new();
    for bar in known.before {
        let day = known.day(bar);
        if starts.last().is_none_or(|(last, _)| *last != day) {
            starts.push((day, known.second_of_day(bar)));
        }
    }
    let (_, last) = *starts.last()?;
    let alike = starts.iter().rev().take_while(|(_, start)| *start == last);
    (alike.count() >= 3).then_some(last)
}

impl Known<'_> {
    fn day(&self, bar: &Bar) -> Date {
        let zone = if self.is_daily {
            &TimeZone::UTC
        } else {
            &self.zone
        };
        zone.to_datetime(bar.at).date()
    }

    fn second_of_day(&self, bar: &Bar) -> i64 {
        let time = self.zone.to_datetime(bar.at).time();
        time.duration_since(jiff::civil::Time::midnight())
            .max(SignedDuration::ZERO)
            .as_secs()
    }
}

#[cfg(test)]
mod tests;
