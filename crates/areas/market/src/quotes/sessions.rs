//! The days of the demo from within: out of each simulated daily bar a course by the minute that opens, closes
//! and has its extremes where the day has them. The same day always has the same course.

use db::Db;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use series::Ohlc;

use super::store;
use crate::{
    bars::{self, Bar, DailyBar, Interval, midnight},
    instruments::{self, SIMULATED_EXCHANGE},
};

/// Minutes of a session, which begins at 14:30 UTC.
const MINUTES: usize = 390;
const OPENS_AT_MINUTE: i64 = 14 * 60 + 30;
/// Sessions of which hours are kept, those with shorter bars, and those with minutes.
const HOURLY: usize = 25;
const SHORTER: usize = 5;
const BY_MINUTE: usize = 2;

/// Stores what is missing of the last sessions of simulated instruments, as far as they have passed.
pub(super) async fn fill(db: &Db, now: Timestamp) -> db::Result<()> {
    let mut tx = db.system("list simulated instruments").await?;
    let ids = store::list_simulated(&mut tx).await?;
    drop(tx);
    for id in ids {
        let mut tx = db.system("fill simulated sessions").await?;
        let Some(instrument) = instruments::get(tx.conn(), id).await? else {
            continue;
        };
        let days = bars::store::list_latest(tx.conn(), id, HOURLY as i64).await?;
        let Some((latest, _)) = days.first() else {
            continue;
        };
        let (from, to) = (
            midnight(latest.date),
            midnight(latest.date.saturating_add(1.day())),
        );
        if !bars::between(tx.conn(), id, Interval::Minute, from, to, 1)
            .await?
            .is_empty()
        {
            continue;
        }
        let courses: Vec<Vec<Bar>> = days
            .iter()
            .map(|(day, _)| passed(course(&instrument.symbol, day), now))
            .collect();
        let kept = [
            (Interval::Minute, BY_MINUTE),
            (Interval::FiveMinutes, SHORTER),
            (Interval::QuarterHour, SHORTER),
            (Interval::Hour, HOURLY),
        ];
        for (interval, sessions) in kept {
            let minutes: Vec<Bar> = courses.iter().take(sessions).flatten().copied().collect();
            let mut rows: Vec<_> = joined(&minutes, interval)
                .into_iter()
                .map(|bar| (id, bar))
                .collect();
            rows.sort_by_key(|(_, bar)| bar.at);
            bars::ingest(&mut tx, interval, SIMULATED_EXCHANGE, &rows).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn passed(mut minutes: Vec<Bar>, now: Timestamp) -> Vec<Bar> {
    minutes.retain(|bar| bar.at + Interval::Minute.length() <= now);
    minutes
}

/// A walk by the minute from the open to the close of a day, stretched as far as its extremes allow.
fn course(symbol: &str, day: &DailyBar) -> Vec<Bar> {
    let mut chance = Chance::of(symbol, day.date);
    let mut walk = vec![0.0];
    let mut level = 0.0;
    for _ in 0..MINUTES {
        level += chance.step();
        walk.push(level);
    }
    let share = |place: usize| place as f64 / MINUTES as f64;
    let straight = |place: usize| day.open + (day.close - day.open) * share(place);
    // What the walk adds at each minute; nothing at both ends.
    let strays: Vec<f64> = walk
        .iter()
        .enumerate()
        .map(|(place, level_here)| level_here - share(place) * level)
        .collect();
    let room = strays.iter().enumerate().filter_map(|(place, stray)| {
        let free = if *stray > 0.0 {
            day.high - straight(place)
        } else {
            straight(place) - day.low
        };
        (stray.abs() > 1e-9).then(|| free.max(0.0) / stray.abs())
    });
    let stretch = room.fold(f64::INFINITY, f64::min);
    let stretch = if stretch.is_finite() { stretch } else { 0.0 };
    let prices: Vec<f64> = strays
        .iter()
        .enumerate()
        .map(|(place, stray)| {
            to_the_cent(straight(place) + stretch * stray).clamp(day.low, day.high)
        })
        .collect();
    by_minute(day, &prices, &mut chance)
}

fn by_minute(day: &DailyBar, prices: &[f64], chance: &mut Chance) -> Vec<Bar> {
    let opening = midnight(day.date);
    let pairs = prices.iter().zip(prices.iter().skip(1)).zip(0..);
    let mut minutes: Vec<Bar> = pairs
        .map(|((open, close), minute)| Bar {
            at: opening + (OPENS_AT_MINUTE + minute).minutes(),
            open: *open,
            high: open.max(*close),
            low: open.min(*close),
            close: *close,
            adjusted_close: None,
            // More is traded after the opening and before the close.
            volume: day.volume.map(|volume| {
                let place = minute as f64 / MINUTES as f64;
                let weight = (1.0 + 3.0 * (2.0 * place - 1.0).powi(4)) / 1.6;
                (volume / MINUTES as f64 * weight * (0.7 + 0.6 * chance.share())).round()
            }),
        })
        .collect();
    // The extremes of the day were touched where the course came nearest to them.
    if let Some(top) = minutes.iter_mut().max_by(|a, b| a.high.total_cmp(&b.high)) {
        top.high = day.high;
    }
    if let Some(bottom) = minutes.iter_mut().min_by(|a, b| a.low.total_cmp(&b.low)) {
        bottom.low = day.low;
    }
    if let Some(first) = minutes.first_mut() {
        first.open = day.open;
    }
    if let Some(last) = minutes.last_mut() {
        last.close = day.close;
    }
    minutes
}

/// Puts minutes together to longer bars.
fn joined(minutes: &[Bar], interval: Interval) -> Vec<Bar> {
    let same = |one: &Bar, other: &Bar| interval.floor(one.at) == interval.floor(other.at);
    let one = |part: &[Bar]| {
        let prices: Vec<Ohlc> = part.iter().map(Bar::prices).collect();
        let whole = series::together(&prices)?;
        Some(Bar {
            at: interval.floor(part.first()?.at),
            open: whole.open,
            high: whole.high,
            low: whole.low,
            close: whole.close,
            adjusted_close: None,
            volume: whole.volume,
        })
    };
    minutes.chunk_by(same).filter_map(one).collect()
}

fn to_the_cent(price: f64) -> f64 {
    if price < 5.0 {
        price
    } else {
        (price * 100.0).round() / 100.0
    }
}

/// A stream of numbers that follows from a symbol and a day (splitmix64).
struct Chance(u64);

impl Chance {
    fn of(symbol: &str, day: Date) -> Self {
        let text = format!("{symbol} {day}");
        // FNV-1a
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around 0, mostly small.
    fn step(&mut self) -> f64 {
        self.share() + self.share() + self.share() - 1.5
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn day() -> DailyBar {
        DailyBar {
            date: date(2026, 3, 5),
            open: 100.0,
            high: 103.25,
            low: 98.5,
            close: 101.75,
            adjusted_close: None,
            volume: Some(1_000_000.0),
        }
    }

    #[test]
    fn the_minutes_of_a_day_add_up_to_its_bar() {
        let day = day();
        let minutes = course("ACME", &day);
        assert_eq!(minutes.len(), MINUTES);
        assert!(minutes.iter().all(|bar| bar.low <= bar.open.min(bar.close)));
        assert!(
            minutes
                .iter()
                .all(|bar| bar.high >= bar.open.max(bar.close))
        );
        let whole = joined(&minutes, Interval::Day);
        assert_eq!(whole.len(), 1);
        let bar = whole[0];
        assert_eq!(
            (bar.open, bar.high, bar.low, bar.close),
            (day.open, day.high, day.low, day.close)
        );
        let traded = bar.volume.unwrap();
        assert!((traded / 1_000_000.0 - 1.0).abs() < 0.1, "{traded}");
        assert_eq!(minutes[0].at.to_string(), "2026-03-05T14:30:00Z");
    }

    #[test]
    fn a_course_follows_from_symbol_and_day() {
        assert_eq!(course("ACME", &day()), course("ACME", &day()));
        assert_ne!(course("ACME", &day()), course("OTHR", &day()));
        let moved = course("ACME", &day())
            .iter()
            .filter(|bar| (bar.open - bar.close).abs() > 0.0)
            .count();
        assert!(moved > 200, "{moved}");
    }

    #[test]
    fn what_has_not_passed_is_left_out_and_longer_bars_begin_on_the_clock() {
        let noon = "2026-03-05T15:30:00Z".parse().unwrap();
        let minutes = passed(course("ACME", &day()), noon);
        assert_eq!(minutes.len(), 60);
        let hours = joined(&minutes, Interval::Hour);
        let times: Vec<String> = hours.iter().map(|bar| bar.at.to_string()).collect();
        assert_eq!(times, ["2026-03-05T14:00:00Z", "2026-03-05T15:00:00Z"]);
    }

    #[test]
    fn minutes_whose_volume_is_unknown_leave_that_of_the_others() {
        let mut minutes = course("ACME", &day());
        minutes.truncate(3);
        minutes[1].volume = None;
        let known = minutes[0].volume.unwrap() + minutes[2].volume.unwrap();
        let whole = joined(&minutes, Interval::Hour);
        assert_eq!(whole[0].volume, Some(known));
    }

    #[test]
    fn a_day_without_movement_stays_flat() {
        let flat = DailyBar {
            open: 10.0,
            high: 10.0,
            low: 10.0,
            close: 10.0,
            volume: None,
            ..day()
        };
        assert!(
            course("ACME", &flat)
                .iter()
                .all(|bar| bar.high <= 10.0 && bar.low >= 10.0)
        );
    }
}
