//! The latest price of an instrument, whoever states it: it is judged by the same rules, and what is doubted is kept
//! apart in the same way.

use calendar::Calendar;
use db::SystemTx;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use sources::{Bar, Quote};

use super::{
    Kind,
    rules::{Doubt, Known, quote},
    store,
};
use crate::{InstrumentId, exchanges::trading_day};

/// A rejected quote of a source is not doubted again for a day.
const REJECTED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What is known of an instrument when a price of it comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before<'b> {
    /// The moment.
    pub(crate) now: Timestamp,
    /// The last price, if there is one.
    pub(crate) prices: &'b [Bar],
    /// Ex-dates of its corporate actions.
    pub(crate) ex_dates: &'b [Date],
    /// When it trades; unless it is known, no day is doubted.
    pub(crate) calendar: Option<&'b Calendar>,
}

/// The doubts about a price of a moment.
pub(crate) fn doubts(one: &Quote, at: Timestamp, before: &Before<'_>) -> Vec<Doubt> {
    let calendar = before.calendar;
    let zone = calendar.map_or(TimeZone::UTC, |calendar| calendar.zone().clone());
    let day = trading_day(calendar, at);
    // An action on any day since the last price explains the gap.
    let since = before
        .prices
        .last()
        .map(|bar| TimeZone::UTC.to_datetime(bar.at).date());
    let is_explained = before
        .ex_dates
        .iter()
        .any(|ex_date| *ex_date <= day && since.is_none_or(|since| *ex_date > since));
    let explained = if is_explained {
        vec![zone.to_datetime(at).date()]
    } else {
        Vec::new()
    };
    let known = Known {
        now: before.now,
        before: before.prices,
        explained: &explained,
        settled: &[],
        zone,
        calendar,
        is_daily: false,
    };
    quote(one, at, &known)
}

/// Keeps a doubtful price apart, unless one of the source waits already or was rejected within a day; whether it was.
pub(crate) async fn keep_apart(
    tx: &mut SystemTx,
    (id, source): (InstrumentId, &str),
    one: &Quote,
    at: Timestamp,
    doubts: &[Doubt],
    now: Timestamp,
) -> db::Result<bool> {
    let since = now.saturating_sub(REJECTED_FOR).unwrap_or(now);
    if store::has_doubtful_quote(tx, id, source, since).await? {
        return Ok(false);
    }
    let bar = Bar {
        volume: one.volume,
        ..Bar::flat(at, one.price)
    };
    store::insert(tx, id, Kind::Quote, source, &bar, doubts, now).await
}
