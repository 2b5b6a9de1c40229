//! How many values an answer should hold: what its completeness is measured by.

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};

use super::plan::Plan;
use crate::{bars::Interval, feeds::want::Want};

/// Values that the calendar lets expect in the span that is asked for; 0 of what follows no calendar. A series
/// that begins within the span, because the instrument is younger, is not complete by this measure.
pub(super) fn values(plan: &Plan, now: Timestamp) -> usize {
    let Some(calendar) = plan.of.trading() else {
        return 0;
    };
    match plan.want {
        Want::Bars(Interval::Day) | Want::IndexValues => {
            // A made-up series goes on after the day that it has.
            let from = if plan.of.is_simulated {
                plan.from.saturating_add(1.day())
            } else {
                plan.from
            };
            let to = plan.to.min(plan.of.expected_day(now));
            calendar.sessions(from, to).count()
        }
        Want::Bars(interval) => {
            let (from, to) = (plan.span.0, plan.span.1.min(now));
            let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
            let length = interval.length().as_secs().max(1);
            // The session of a day may begin on the day before by UTC, or end on the day after.
            let days = (
                day(from).saturating_sub(1.day()),
                day(to).saturating_add(1.day()),
            );
            let within = |(opens, closes): (Timestamp, Timestamp)| {
                let open = closes.min(to).duration_since(opens.max(from));
                open.max(SignedDuration::ZERO).as_secs() / length
            };
            let sessions = calendar.sessions(days.0, days.1);
            let bars = sessions.map(|session| match session.pause {
                None => within((session.opens_at, session.closes_at)),
                Some((stops, resumes)) => {
                    within((session.opens_at, stops)) + within((resumes, session.closes_at))
                }
            });
            bars.sum::<i64>().unsigned_abs() as usize
        }
        Want::Quote | Want::OptionChain | Want::Fundamentals => 0,
    }
}
