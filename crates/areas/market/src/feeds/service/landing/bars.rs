//! Bars: of days, and of parts of a day.

use db::SystemTx;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;
use sources::{Bar, BarSeries, Split};

use super::{super::expected, Landed, RefreshError, Turn, splits};
use crate::{
    AssetClass,
    bars::Interval,
    feeds::{self, model::Attempt, want::Want},
    quality::{
        self, Kind,
        rules::{Doubt, Known, judge, quotation},
    },
};

/// The last bar of days is fresh for this long: a weekend and a holiday.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);

pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    series: BarSeries,
    attempt: &mut Attempt,
) -> Result<Option<Landed>, RefreshError> {
    let Want::Bars(interval) = turn.plan.want else {
        "bars came, although none were asked for".clone_into(&mut attempt.reason);
        return Ok(None);
    };
    let stated = series.bars.len();
    let bars = prepared(turn, interval, &series);
    if bars.is_empty() {
        attempt.reason = if stated == 0 {
            "no bars in the span".to_owned()
        } else {
            format!("of {stated} bars none is over and begins on the clock")
        };
        return Ok(None);
    }
    let splits = splits::supported(&series.splits, &before(turn, &bars), &bars);
    let verdicts = verdicts(turn, interval, &series, &bars, &splits);
    let (id, source) = (turn.plan.of.id, turn.candidate.id.as_str());
    let mut good = Vec::with_capacity(bars.len());
    for (bar, doubts) in bars.iter().zip(&verdicts) {
        if doubts.is_empty() {
            good.push(*bar);
        } else if quality::store::insert(tx, id, Kind::Bar(interval), source, bar, doubts, turn.now)
            .await?
        {
            attempt.quarantined += 1;
        }
    }
    attempt.stored = feeds::store_bars(tx, id, interval, source, &good).await?;
    let times: Vec<Timestamp> = good.iter().map(|bar| bar.at).collect();
    quality::store::settle(tx, id, interval, &times, turn.now).await?;
    attempt.reason = format!(
        "{} bars came, {} were new or corrected, {} are doubted",
        bars.len(),
        attempt.stored,
        attempt.quarantined
    );
    if interval == Interval::Day && !turn.plan.of.is_simulated {
        attempt.reason += &splits::state(tx, turn, &splits).await?;
    }
    let left_out = off_the_clock(turn, interval, &series);
    if left_out > 0 {
        let told = format!(", {left_out} are left out since they do not begin on the clock");
        attempt.reason.push_str(&told);
    }
    Ok(Some(landed(turn, &bars, &good)))
}

/// In the unit in which the instrument is quoted, of the length that is wanted, and none that is still being made or
/// that begins between two of them: written to the bar in which it begins it would be a shifted one.
fn prepared(turn: &Turn<'_>, interval: Interval, series: &BarSeries) -> Vec<Bar> {
    let of = &turn.plan.of;
    if of.is_simulated {
        return continued(&series.bars, &turn.plan.before);
    }
    let factor = quotation(series.quotation, of.currency.as_deref(), of.quote_unit).unwrap_or(1.0);
    let is_over = |bar: &Bar| {
        // A bar of a day lies at its midnight, and is asked for after the close; what lies after the
        // present is for the rules.
        interval == Interval::Day
            || bar.at > turn.now
            || bar
                .at
                .saturating_add(interval.length())
                .is_ok_and(|end| end <= turn.now)
    };
    let asked = turn.plan.asked_of(turn.candidate.id, interval);
    let on_clock = series.bars.iter().filter(|bar| asked.begins(bar.at));
    let stated: Vec<Bar> = on_clock.copied().collect();
    let whole = if asked == interval {
        stated
    } else {
        together(interval, &stated)
    };
    let bars = whole.iter().filter(|bar| is_over(bar));
    bars.map(|bar| scaled(bar, factor)).collect()
}

fn off_the_clock(turn: &Turn<'_>, interval: Interval, series: &BarSeries) -> usize {
    let asked = turn.plan.asked_of(turn.candidate.id, interval);
    let off = series.bars.iter().filter(|bar| !asked.begins(bar.at));
    off.count()
}

/// Longer bars from shorter ones, as roll-ups make them: first and last price, the extremes, the sum of what was
/// traded.
fn together(interval: Interval, bars: &[Bar]) -> Vec<Bar> {
    let is_price = |price: &f64| price.is_finite() && *price > 0.0;
    let one = |part: &[Bar]| {
        let (first, last) = (part.first()?, part.last()?);
        let at = interval.floor(first.at);
        // What is no price must not vanish among those that are.
        let broken = part.iter().find(|bar| {
            let prices = [bar.open, bar.high, bar.low, bar.close];
            !prices.iter().all(is_price)
        });
        if let Some(broken) = broken {
            return Some(Bar { at, ..*broken });
        }
        let volumes = part.iter().filter_map(|bar| bar.volume);
        Some(Bar {
            at,
            open: first.open,
            high: part.iter().map(|bar| bar.high).fold(first.high, f64::max),
            low: part.iter().map(|bar| bar.low).fold(first.low, f64::min),
            close: last.close,
            adjusted_close: None,
            volume: volumes.reduce(|sum, volume| sum + volume),
        })
    };
    let same = |one: &Bar, other: &Bar| interval.floor(one.at) == interval.floor(other.at);
    bars.chunk_by(same).filter_map(one).collect()
}

fn scaled(bar: &Bar, factor: f64) -> Bar {
    if factor.total_cmp(&1.0).is_eq() {
        return *bar;
    }
    // Beyond the sixth digit is noise of the division.
    let price = |stated: f64| (stated * factor * 1e6).round() / 1e6;
    Bar {
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        adjusted_close: bar.adjusted_close.map(price),
        ..*bar
    }
}

fn verdicts(
    turn: &Turn<'_>,
    interval: Interval,
    series: &BarSeries,
    bars: &[Bar],
    splits: &[Split],
) -> Vec<Vec<Doubt>> {
    let of = &turn.plan.of;
    if let Err(doubt) = quotation(series.quotation, of.currency.as_deref(), of.quote_unit) {
        return vec![vec![doubt]; bars.len()];
    }
    let calendar = of.trading();
    let is_daily = interval == Interval::Day;
    let stated = series.time_zone.as_deref().filter(|_| !is_daily);
    let zone = stated
        .and_then(|name| TimeZone::get(name).ok())
        .or_else(|| calendar.as_ref().map(|calendar| calendar.zone().clone()))
        .filter(|_| !is_daily);
    let stated_splits = splits.iter().map(|split| split.date);
    let explained: Vec<Date> = turn
        .plan
        .explained
        .iter()
        .copied()
        .chain(stated_splits)
        .collect();
    let before = before(turn, bars);
    let settled = [turn.plan.there.as_slice(), &turn.plan.accepted].concat();
    let known = Known {
        now: turn.now,
        before: &before,
        explained: &explained,
        settled: &settled,
        zone: zone.unwrap_or(TimeZone::UTC),
        calendar: calendar.as_ref(),
        is_daily,
    };
    judge(bars, &known)
}

/// What is stored before the first of the bars: a source need not give again what it is asked for again.
fn before(turn: &Turn<'_>, bars: &[Bar]) -> Vec<Bar> {
    let plan = turn.plan;
    let last = plan.before.last().map(|bar| bar.at);
    let first = bars.first().map(|bar| bar.at);
    let between = plan.there.iter().filter(|bar| {
        last.is_none_or(|last| bar.at > last) && first.is_some_and(|first| bar.at < first)
    });
    plan.before.iter().chain(between).copied().collect()
}

/// Made-up bars after the last that is there, at its level.
fn continued(bars: &[Bar], before: &[Bar]) -> Vec<Bar> {
    let Some(last) = before.last() else {
        return bars.to_vec();
    };
    let same = bars.iter().find(|bar| bar.at == last.at).or(bars.first());
    let factor = same.map_or(1.0, |bar| last.close / bar.close);
    let cents = |price: f64| (price * factor * 100.0).round().max(1.0) / 100.0;
    let scaled = bars.iter().filter(|bar| bar.at > last.at).map(|bar| Bar {
        open: cents(bar.open),
        high: cents(bar.high),
        low: cents(bar.low),
        close: cents(bar.close),
        adjusted_close: bar.adjusted_close.map(cents),
        ..*bar
    });
    scaled.collect()
}

fn landed(turn: &Turn<'_>, bars: &[Bar], good: &[Bar]) -> Landed {
    let plan = turn.plan;
    // Times that were there before and came again from somebody else tell whether two sources agree.
    let is_other = plan.of.source.as_deref() != Some(turn.candidate.id.as_str());
    let pairs: Vec<(f64, f64)> = good
        .iter()
        .filter(|_| is_other && plan.want == Want::Bars(Interval::Day))
        .filter_map(|bar| {
            let former = plan.there.iter().find(|former| former.at == bar.at)?;
            Some((former.close, bar.close))
        })
        .collect();
    let expected = expected::values(plan, turn.now).max(bars.len());
    let last: Timestamp = bars.last().map_or(turn.now, |bar| bar.at);
    Landed {
        parts: quality::Parts {
            freshness: quality::freshness(turn.now.duration_since(last), FRESH_FOR),
            completeness: completeness(plan.of.asset_class, bars, expected),
            agreement: quality::agreement(&pairs),
            validation: quality::share(good.len(), bars.len()),
        },
        data: json!({
            "bars": bars.len(),
            "first": bars.first().map(|bar| bar.at),
            "last": bars.last().map(|bar| bar.at),
        }),
    }
}

/// Of as many bars as the calendar lets expect, and of their volumes where the class of assets has any.
fn completeness(class: AssetClass, bars: &[Bar], expected: usize) -> f64 {
    if matches!(class, AssetClass::Index | AssetClass::Forex) {
        return quality::share(bars.len(), expected);
    }
    let with_volume = bars.iter().filter(|bar| bar.volume.is_some()).count();
    quality::share(bars.len() + with_volume, 2 * expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(at: &str, prices: [f64; 4], volume: Option<f64>) -> Bar {
        let [open, high, low, close] = prices;
        Bar {
            at: at.parse().unwrap(),
            open,
            high,
            low,
            close,
            adjusted_close: None,
            volume,
        }
    }

    #[test]
    fn quarters_of_an_hour_become_the_hours_of_the_clock() {
        let quarters = [
            bar("2024-06-03T13:30:00Z", [10.0, 11.0, 9.5, 10.5], Some(100.0)),
            bar("2024-06-03T13:45:00Z", [10.5, 10.6, 10.0, 10.2], None),
            bar("2024-06-03T14:00:00Z", [10.2, 12.0, 10.1, 11.0], Some(50.0)),
        ];
        let hours = together(Interval::Hour, &quarters);
        assert_eq!(
            hours,
            [
                bar("2024-06-03T13:00:00Z", [10.0, 11.0, 9.5, 10.2], Some(100.0)),
                bar("2024-06-03T14:00:00Z", [10.2, 12.0, 10.1, 11.0], Some(50.0)),
            ]
        );
    }

    #[test]
    fn a_broken_quarter_breaks_its_hour() {
        let quarters = [
            bar("2024-06-03T13:30:00Z", [10.0, 11.0, 9.5, 10.5], None),
            bar("2024-06-03T13:45:00Z", [10.5, f64::NAN, 10.0, 10.2], None),
        ];
        let hours = together(Interval::Hour, &quarters);
        assert_eq!(
            (hours.len(), hours[0].at.to_string().as_str()),
            (1, "2024-06-03T13:00:00Z")
        );
        assert!(hours[0].high.is_nan());
    }
}
