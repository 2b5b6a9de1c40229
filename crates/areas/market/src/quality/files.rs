//! Bars of files. A person states them, so they are stored whatever they say; what the rules would keep apart of a
//! source becomes findings.

use std::collections::HashMap;

use calendar::Calendar;
use db::SystemTx;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sources::Bar;

use super::{
    findings::Found,
    rules::{Known, review},
    store,
};
use crate::{
    InstrumentId,
    bars::{self, Interval, day, midnight},
    corporate_actions, exchanges,
    feeds::Want,
};

/// Looks over the bars of a file as they come.
pub(crate) struct Review {
    interval: Interval,
    now: Timestamp,
    calendars: HashMap<String, Calendar>,
    of: HashMap<InstrumentId, Looked>,
    /// Not looked at yet.
    waiting: Vec<(InstrumentId, Bar)>,
}

/// What is known of an instrument, and what was found.
struct Looked {
    calendar: Option<String>,
    /// Of corporate actions.
    ex_dates: Vec<Date>,
    /// The first and the last bar of the file so far.
    ends: Option<(Bar, Bar)>,
    found: Found,
    doubted: u64,
}

impl Review {
    pub(crate) fn new(interval: Interval, now: Timestamp) -> Self {
        Self {
            interval,
            now,
            calendars: HashMap::new(),
            of: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Learns what has to be known of instruments before their bars come.
    pub(crate) async fn open(&mut self, tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<()> {
        let new = |id: &InstrumentId| !self.of.contains_key(id);
        let ids: Vec<InstrumentId> = ids.iter().copied().filter(new).collect();
        let mut calendars = exchanges::calendars(tx.conn(), &ids).await?;
        let mut ex_dates: HashMap<InstrumentId, Vec<Date>> = HashMap::new();
        for action in corporate_actions::of_instruments(tx.conn(), &ids).await? {
            let of = ex_dates.entry(action.instrument_id).or_default();
            of.push(action.terms.ex_date);
        }
        for id in ids {
            let calendar = calendars.remove(&id);
            if let Some(name) = &calendar
                && let Some(found) = Calendar::get(name)
            {
                self.calendars.entry(name.clone()).or_insert(found);
            }
            let looked = Looked {
                calendar,
                ex_dates: ex_dates.remove(&id).unwrap_or_default(),
                ends: None,
                found: Found::of_stored(),
                doubted: 0,
            };
            self.of.insert(id, looked);
        }
        Ok(())
    }

    /// Notes a bar that is about to be stored.
    pub(crate) fn note(&mut self, id: InstrumentId, bar: bars::Bar) {
        self.waiting.push((id, bar.into()));
    }

    /// Looks at what was noted: each bar beside the one before it, in whichever order the file has them.
    pub(crate) fn look(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by_key(|(id, bar)| (*id, bar.at));
        for rows in waiting.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((id, _)) = rows.first() else {
                continue;
            };
            let bars: Vec<Bar> = rows.iter().map(|(_, bar)| *bar).collect();
            self.look_at(*id, &bars);
        }
        waiting.clear();
        self.waiting = waiting;
    }

    fn look_at(&mut self, id: InstrumentId, bars: &[Bar]) {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
            return;
        };
        let ends = self.of.get(&id).and_then(|of| of.ends);
        match ends {
            Some((_, before)) if before.at < first.at => self.judge(id, &[before], bars),
            Some((after, _)) if after.at > last.at => {
                self.judge(id, &[], bars);
                self.judge(id, &[*last], &[after]);
            }
            _ => self.judge(id, &[], bars),
        }
        if let Some(of) = self.of.get_mut(&id) {
            let (before, after) = ends.unwrap_or((*first, *last));
            let earliest = if before.at < first.at { before } else { *first };
            let latest = if after.at > last.at { after } else { *last };
            of.ends = Some((earliest, latest));
        }
    }

    fn judge(&mut self, id: InstrumentId, before: &[Bar], series: &[Bar]) {
        let Some(of) = self.of.get_mut(&id) else {
            return;
        };
        let calendar = of
            .calendar
            .as_ref()
            .and_then(|name| self.calendars.get(name));
        let known = Known {
            now: self.now,
            before,
            explained: &of.ex_dates,
            settled: &[],
            zone: calendar.map_or(TimeZone::UTC, |calendar| calendar.zone().clone()),
            calendar,
            is_daily: self.interval == Interval::Day,
        };
        for (bar, doubts) in series.iter().zip(review(series, &known)) {
            let example = || format!("{}: opens at {}, closes at {}", bar.at, bar.open, bar.close);
            if !of.found.is_good(doubts, example) {
                of.doubted += 1;
            }
        }
    }

    /// Looks beyond both ends of the file at what was there before, and writes the findings down. How many bars are
    /// doubted.
    pub(crate) async fn finish(&mut self, tx: &mut SystemTx, source: &str) -> db::Result<u64> {
        self.look();
        let ends: HashMap<InstrumentId, (Bar, Bar)> = self
            .of
            .iter()
            .filter_map(|(id, of)| Some((*id, of.ends?)))
            .collect();
        let is_daily = self.interval == Interval::Day;
        let spans = ends.iter().map(|(id, (first, last))| {
            let days = (midnight(day(first.at)), midnight(day(last.at)));
            (*id, days.0, days.1)
        });
        for (id, before, after) in store::daily_around(tx, spans).await? {
            let Some((first, last)) = ends.get(&id) else {
                continue;
            };
            if let Some(before) = before {
                self.judge(id, &[before], &[*first]);
            }
            // Of a session that goes on, a day is no next bar.
            if let Some(after) = after.filter(|_| is_daily) {
                self.judge(id, &[*last], &[after]);
            }
        }
        let want = Want::Bars(self.interval).as_str();
        let mut doubted = 0;
        for (id, of) in &self.of {
            of.found.store(tx, *id, want, source, self.now).await?;
            doubted += of.doubted;
        }
        Ok(doubted)
    }
}
