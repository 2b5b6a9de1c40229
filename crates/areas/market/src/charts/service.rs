use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use series::{Adjustment, Band, Ohlc};
use sqlx::PgConnection;
use web::components::Drawing;

use super::model::{Indicator, Options, Period};
use crate::{
    Instrument,
    bars::{
        self, Bar, DailyBar, Interval,
        adjusted::{self, Adjust},
        midnight,
    },
    exchanges,
};

/// Bars of one look at the table; more than a span of days holds.
const MOST_BARS: i64 = 50_000;
/// Candles or bars that can be told apart, and points of a line.
const CANDLES: usize = 200;
const POINTS: usize = 400;

/// A bar as it is shown: in the currency of the instrument, adjusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    /// When it begins; of a day midnight UTC.
    pub(super) at: Timestamp,
    /// The trading day.
    pub(super) day: Date,
    pub(super) prices: Ohlc,
}

/// What is known about a span of time, and before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(super) interval: Interval,
    /// With those before the span, of which indicators are made.
    pub(super) bars: Vec<Shown>,
    /// How many stand before the span.
    pub(super) before: usize,
    /// What prices could not be adjusted for.
    pub(super) findings: Vec<String>,
    /// The clock by which the exchange has its days.
    pub(super) zone: TimeZone,
}

impl History {
    /// The clock by which the exchange has its days.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Reads the bars with which a span is shown: the first of the intervals meant for it that reaches its end
/// and has most of its days, or daily bars.
pub(crate) async fn history(
    conn: &mut PgConnection,
    instrument: &Instrument,
    options: &Options,
) -> db::Result<History> {
    let mut zones = exchanges::zones(conn, &[instrument.id]).await?;
    let zone = zones.remove(&instrument.id).unwrap_or(TimeZone::UTC);
    let days = bars::store::list_all(conn, instrument.id).await?;
    let within = match days.last() {
        Some(last) => {
            // The last day may not have begun where its bars are made.
            let reach = days
                .iter()
                .rev()
                .nth(1)
                .map_or(last.date, |before| before.date);
            within_days(conn, instrument, options.period, (reach, last.date), &zone).await?
        }
        None => None,
    };
    let unit = instrument.quote_unit;
    let mut closes: BTreeMap<Date, f64> = days
        .iter()
        .map(|bar| (bar.date, unit.in_currency(bar.close)))
        .collect();
    // A day that has not ended has no daily bar yet.
    for bar in within.iter().flat_map(|(_, bars)| bars) {
        if days.last().is_some_and(|last| bar.day > last.date) {
            closes.insert(bar.day, unit.in_currency(bar.prices.close));
        }
    }
    let (factors, findings) = factors(conn, instrument, options.adjust, &closes).await?;
    let last = closes.keys().next_back().copied();
    let (interval, mut bars) =
        within.unwrap_or_else(|| (Interval::Day, days.iter().map(of_day).collect()));
    for bar in &mut bars {
        let factor = factors.get(&bar.day).copied();
        let price = factor.map_or(1.0, |factor| factor.price);
        let volume = factor.map_or(1.0, |factor| factor.volume);
        let in_currency = |value: f64| unit.in_currency(value) * price;
        bar.prices = Ohlc {
            open: in_currency(bar.prices.open),
            high: in_currency(bar.prices.high),
            low: in_currency(bar.prices.low),
            close: in_currency(bar.prices.close),
            volume: bar.prices.volume.map(|traded| traded * volume),
        };
    }
    let before = before(&bars, options.period, last);
    Ok(History {
        interval,
        bars,
        before,
        findings,
        zone,
    })
}

fn of_day(bar: &DailyBar) -> Shown {
    Shown {
        at: midnight(bar.date),
        day: bar.date,
        prices: Ohlc {
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            volume: bar.volume,
        },
    }
}

async fn factors(
    conn: &mut PgConnection,
    instrument: &Instrument,
    adjust: Adjust,
    closes: &BTreeMap<Date, f64>,
) -> db::Result<(BTreeMap<Date, Adjustment>, Vec<String>)> {
    let Some(basis) = adjust.basis() else {
        return Ok((BTreeMap::new(), Vec::new()));
    };
    let closes: Vec<(Date, f64)> = closes.iter().map(|(day, close)| (*day, *close)).collect();
    let (found, findings) = adjusted::of_closes(conn, instrument, basis, &closes).await?;
    let days = closes.iter().map(|(day, _)| *day);
    Ok((days.zip(found).collect(), findings))
}

/// Bars shorter than a day, if there are any that reach the last day or the one before.
async fn within_days(
    conn: &mut PgConnection,
    instrument: &Instrument,
    period: Period,
    (reach, last): (Date, Date),
    zone: &TimeZone,
) -> db::Result<Option<(Interval, Vec<Shown>)>> {
    let Some(first) = period.first_day(last) else {
        return Ok(None);
    };
    let (from, to) = (midnight(first), midnight(last.saturating_add(4.days())));
    let mut best: Option<(Interval, Vec<Shown>, usize)> = None;
    for interval in period.intervals() {
        let bars = bars::between(conn, instrument.id, *interval, from, to, MOST_BARS).await?;
        let bars: Vec<Shown> = bars.iter().map(|bar| of_time(bar, zone)).collect();
        if bars.last().is_none_or(|bar| bar.day < reach) {
            continue;
        }
        let sessions: BTreeSet<Date> = bars.iter().map(|bar| bar.day).collect();
        let sessions = sessions.len().min(period.sessions().unwrap_or(usize::MAX));
        if best.as_ref().is_none_or(|(_, _, most)| sessions > *most) {
            best = Some((*interval, bars, sessions));
        }
    }
    // A month of which hardly anything is known by the hour is better shown by the day.
    let wanted = match period {
        Period::Month => 15,
        _ => 1,
    };
    Ok(best
        .filter(|(_, _, sessions)| *sessions >= wanted)
        .map(|(interval, bars, _)| (interval, bars)))
}

fn of_time(bar: &Bar, zone: &TimeZone) -> Shown {
    Shown {
        at: bar.at,
        day: bar.at.to_zoned(zone.clone()).date(),
        prices: bar.prices(),
    }
}

/// How many bars stand before the span.
fn before(bars: &[Shown], period: Period, last: Option<Date>) -> usize {
    let first = match period.sessions() {
        Some(wanted) => {
            let days: BTreeSet<Date> = bars.iter().map(|bar| bar.day).collect();
            days.iter().nth(days.len().saturating_sub(wanted)).copied()
        }
        None => last.and_then(|last| period.first_day(last)),
    };
    bars.partition_point(|bar| first.is_some_and(|first| bar.day < first))
}

/// One candle or point, of as many bars as have to share it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) prices: Ohlc,
    pub(super) first: Shown,
    pub(super) last: Shown,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Picture {
    pub(super) groups: Vec<Group>,
    /// Bars of one group at most.
    pub(super) size: usize,
    pub(super) lines: Vec<(Indicator, Vec<Option<f64>>)>,
    pub(super) band: Option<Vec<Option<(f64, f64)>>>,
    pub(super) strength: Option<Vec<Option<f64>>>,
}

/// Puts bars together until they can be told apart: candles with all they span, a line at those closes that
/// give it its shape, the extremes among them. Reckons the indicators from single bars.
pub(crate) fn picture(history: &History, options: &Options) -> Picture {
    let all: Vec<f64> = history.bars.iter().map(|bar| bar.prices.close).collect();
    let shown = history.bars.get(history.before..).unwrap_or_default();
    let prices: Vec<Ohlc> = shown.iter().map(|bar| bar.prices).collect();
    let merged = match options.drawing {
        Drawing::Candles | Drawing::Ohlc => series::merge(&prices, CANDLES),
        Drawing::Line | Drawing::Area => {
            let closes = (0..).zip(&prices);
            let closes: Vec<(f64, f64)> = closes
                .map(|(place, bar): (i32, _)| (place.into(), bar.close))
                .collect();
            series::merge_at(&prices, &series::lttb(&closes, POINTS))
        }
    };
    let sizes = merged.iter().map(|(_, first, last)| last - first + 1);
    let size = sizes.max().unwrap_or(1);
    let ends: Vec<usize> = merged
        .iter()
        .map(|(_, _, last)| history.before + last)
        .collect();
    let groups = merged.iter().filter_map(|(prices, first, last)| {
        Some(Group {
            prices: *prices,
            first: *shown.get(*first)?,
            last: *shown.get(*last)?,
        })
    });
    let mut picture = Picture {
        groups: groups.collect(),
        size,
        ..Picture::default()
    };
    let at_ends = |values: &[Option<f64>]| -> Vec<Option<f64>> {
        ends.iter()
            .map(|end| values.get(*end).copied().flatten())
            .collect()
    };
    for indicator in &options.indicators {
        let line = match indicator {
            Indicator::Sma20 => series::sma(&all, 20),
            Indicator::Sma50 => series::sma(&all, 50),
            Indicator::Sma200 => series::sma(&all, 200),
            Indicator::Ema20 => series::ema(&all, 20),
            Indicator::Bollinger => {
                let bands = series::bollinger(&all, 20, 2.0);
                let edges = |band: &Band| (band.lower, band.upper);
                let at = |end: &usize| bands.get(*end).and_then(|band| band.as_ref().map(edges));
                picture.band = Some(ends.iter().map(at).collect());
                continue;
            }
            Indicator::Rsi => {
                picture.strength = Some(at_ends(&series::rsi(&all, 14)));
                continue;
            }
        };
        picture.lines.push((*indicator, at_ends(&line)));
    }
    picture
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use web::ChartType;

    use super::*;
    use crate::charts::Asked;

    fn days(count: usize) -> History {
        let bar = |place: usize| {
            let day = date(2020, 1, 1).saturating_add((place as i64).days());
            let close = 100.0 + place as f64;
            let prices = Ohlc {
                open: close - 0.5,
                high: close + 1.0,
                low: close - 1.0,
                close,
                volume: Some(10.0),
            };
            Shown {
                at: midnight(day),
                day,
                prices,
            }
        };
        History {
            interval: Interval::Day,
            bars: (0..count).map(bar).collect(),
            before: count / 2,
            findings: Vec::new(),
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn bars_share_a_candle_when_there_are_too_many_and_averages_are_those_of_single_bars() {
        let mut options = Options::new(&Asked::default(), "1Y", ChartType::Candlestick);
        options.indicators = vec![Indicator::Sma20, Indicator::Bollinger, Indicator::Rsi];
        let picture = picture(&days(2_000), &options);
        assert_eq!((picture.groups.len(), picture.size), (200, 5));
        let group = picture.groups[0];
        assert_eq!((group.prices.open, group.prices.close), (1_099.5, 1_104.0));
        assert_eq!(group.prices.volume, Some(50.0));
        let (_, line) = &picture.lines[0];
        assert_eq!(line[0], Some(1_104.0 - 9.5), "the mean of 1085 to 1104");
        let (lower, upper) = picture.band.unwrap()[0].unwrap();
        assert!((upper + lower - 2.0 * (1_104.0 - 9.5)).abs() < 1e-9);
        assert_eq!(
            picture.strength.unwrap()[0],
            Some(100.0),
            "it only ever rose"
        );
    }

    #[test]
    fn a_line_has_more_points_than_there_are_candles() {
        let mut options = Options::new(&Asked::default(), "1Y", ChartType::Candlestick);
        options.drawing = Drawing::Line;
        let picture = picture(&days(2_000), &options);
        assert_eq!(picture.groups.len(), POINTS);
        assert!((3..=5).contains(&picture.size), "{}", picture.size);
        let spanned: usize = picture
            .groups
            .iter()
            .map(|group| (group.last.day - group.first.day).get_days().unsigned_abs() as usize + 1)
            .sum();
        assert_eq!(spanned, 1_000, "every day belongs to one point");
    }

    #[test]
    fn a_line_keeps_the_spike_and_the_fall_of_a_day() {
        let mut history = days(5_000);
        for (place, close) in [(3_001, 90_000.0), (4_444, 0.5)] {
            if let Some(bar) = history.bars.get_mut(place) {
                bar.prices.close = close;
            }
        }
        for drawing in [Drawing::Line, Drawing::Area] {
            let mut options = Options::new(&Asked::default(), "1Y", ChartType::Candlestick);
            options.drawing = drawing;
            options.indicators = vec![Indicator::Sma20];
            let picture = picture(&history, &options);
            let closes: Vec<f64> = picture.groups.iter().map(|g| g.prices.close).collect();
            for extreme in [90_000.0, 0.5] {
                let drawn = closes.iter().any(|close| close.total_cmp(&extreme).is_eq());
                assert!(drawn, "{extreme} is drawn");
            }
            assert_eq!(closes.len(), picture.lines[0].1.len());
        }
    }

    #[test]
    fn days_with_bars_count_where_days_are_meant() {
        let history = days(10);
        let last = history.bars.last().map(|bar| bar.day);
        assert_eq!(before(&history.bars, Period::FiveDays, last), 5);
        assert_eq!(before(&history.bars, Period::Day, last), 9);
        assert_eq!(before(&history.bars, Period::All, last), 0);
    }
}
