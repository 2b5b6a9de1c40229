//! Bars of files. A person states them, so they are stored whatever they say; what the rules would keep apart of a
//! source becomes findings.

use std::{collections::HashMap, sync::Arc};

use calendar::Calendar;
use db::SystemTx;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sources::Bar;

use super::{
    findings::{self, Found},
    rules::{Doubt, Known, gap, review},
    store,
};
use crate::{
    InstrumentId,
    bars::{self, Interval, day, midnight},
    corporate_actions, exchanges,
    feeds::Want,
    ticks,
};

/// So many sessions tell when they usually begin.
const SESSIONS: usize = 3;

/// Looks over the bars of a file as they come.
pub(crate) struct Review {
    interval: Interval,
    now: Timestamp,
    calendars: HashMap<String, Option<Arc<Calendar>>>,
    of: HashMap<InstrumentId, Looked>,
    /// Not looked at yet.
    waiting: Vec<(InstrumentId, Bar, Place)>,
}

/// Where a bar comes from, and what it can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Of the file.
    New,
    /// Of the file, among stored bars that are not known.
    Alone,
    /// Stored before, beside one of the file.
    Stored,
}

/// What is known of an instrument, and what was found.
struct Looked {
    calendar: Option<Arc<Calendar>>,
    /// Of corporate actions.
    ex_dates: Vec<Date>,
    /// The first and the last bar that were stored before.
    stored: Vec<Bar>,
    /// Both ends of what was looked at.
    ends: Option<(Bar, Bar)>,
    /// The first bars of the last sessions.
    starts: Vec<Bar>,
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
        if ids.is_empty() {
            return Ok(());
        }
        let mut calendars = exchanges::calendars(tx.conn(), &ids).await?;
        let mut ex_dates: HashMap<InstrumentId, Vec<Date>> = HashMap::new();
        for action in corporate_actions::of_instruments(tx.conn(), &ids).await? {
            let of = ex_dates.entry(action.instrument_id).or_default();
            of.push(action.terms.ex_date);
        }
        for id in &ids {
            let calendar = calendars.remove(id).and_then(|name| {
                let found = || Calendar::get(&name).map(Arc::new);
                self.calendars
                    .entry(name.clone())
                    .or_insert_with(found)
                    .clone()
            });
            let looked = Looked {
                calendar,
                ex_dates: ex_dates.remove(id).unwrap_or_default(),
                stored: Vec::new(),
                ends: None,
                starts: Vec::new(),
                found: Found::of_stored(),
                doubted: 0,
            };
            self.of.insert(*id, looked);
        }
        if self.interval == Interval::Day {
            self.mark_ends(tx, &ids).await
        } else {
            self.learn_starts(tx, &ids).await
        }
    }

    /// Of days: a file may go on at either end of what is stored.
    async fn mark_ends(&mut self, tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<()> {
        for (id, bar) in store::daily_ends(tx, ids).await? {
            if let Some(of) = self.of.get_mut(&id) {
                of.stored.push(bar);
            }
        }
        Ok(())
    }

    async fn learn_starts(&mut self, tx: &mut SystemTx, ids: &[InstrumentId]) -> db::Result<()> {
        for (id, at) in store::last_times(tx, self.interval, ids).await? {
            if let Some(of) = self.of.get_mut(&id) {
                let zone = of.zone();
                of.begin(&Bar::flat(at, 1.0), &zone);
            }
        }
        Ok(())
    }

    /// Notes a bar that is about to be stored, and the stored ones beside it as far as they are known.
    pub(crate) fn note(&mut self, id: InstrumentId, bar: bars::Bar, beside: &[bars::Bar]) {
        let stored = beside.iter().map(|bar| (id, (*bar).into(), Place::Stored));
        self.waiting.extend(stored);
        self.waiting.push((id, bar.into(), Place::New));
    }

    /// The same of a bar that lies among stored ones of which nothing is known.
    pub(crate) fn note_alone(&mut self, id: InstrumentId, bar: bars::Bar) {
        self.waiting.push((id, bar.into(), Place::Alone));
    }

    /// Looks at what was noted: each bar beside the one before it, in whichever order the file has them.
    pub(crate) fn look(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        // Of one time the bar of the file comes first, and then the one that is stored.
        waiting.sort_by_key(|(id, bar, place)| (*id, bar.at, *place == Place::Stored));
        waiting.dedup_by_key(|(id, bar, _)| (*id, bar.at));
        for rows in waiting.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some((id, ..)) = rows.first() else {
                continue;
            };
            let Some(of) = self.of.get_mut(id) else {
                continue;
            };
            let looking = Looking {
                now: self.now,
                is_daily: self.interval == Interval::Day,
                zone: of.zone(),
                calendar: of.calendar.clone(),
            };
            let bars = rows.iter().map(|(_, bar, place)| (*bar, *place));
            of.look(bars.collect(), &looking);
        }
        waiting.clear();
        self.waiting = waiting;
    }

    /// Writes down what was found so far; how many bars are doubted.
    pub(crate) async fn write(&mut self, tx: &mut SystemTx, source: &str) -> db::Result<u64> {
        self.look();
        let want = Want::Bars(self.interval).as_str();
        let found = self.of.iter().map(|(id, of)| (*id, &of.found));
        findings::store_all(tx, found, (want, source), self.now).await?;
        Ok(self.of.values().map(|of| of.doubted).sum())
    }

    /// Looks at the beginnings of a file of shorter bars than days: beside the closes of the days before.
    pub(crate) async fn finish(&mut self, tx: &mut SystemTx) -> db::Result<()> {
        self.look();
        let firsts = self
            .of
            .iter()
            .filter_map(|(id, of)| Some((*id, of.ends?.0)));
        let firsts: HashMap<InstrumentId, Bar> = firsts.collect();
        let days = firsts.iter().map(|(id, bar)| (*id, day(bar.at))).collect();
        let looking = Looking {
            now: self.now,
            is_daily: false,
            zone: TimeZone::UTC,
            calendar: None,
        };
        for (id, before) in ticks::closes_before(tx, &days).await? {
            let (Some(first), Some(of)) = (firsts.get(&id), self.of.get_mut(&id)) else {
                continue;
            };
            let close = Bar::flat(midnight(before.day), before.close / before.ratio);
            let doubt = gap(first, Some(&close), &looking.known(&[], &of.ex_dates));
            of.doubt(first, doubt.into_iter().collect(), true, &looking);
        }
        Ok(())
    }
}

/// With what the bars of an instrument are looked at.
struct Looking {
    now: Timestamp,
    is_daily: bool,
    zone: TimeZone,
    calendar: Option<Arc<Calendar>>,
}

impl Looking {
    fn known<'k>(&'k self, before: &'k [Bar], ex_dates: &'k [Date]) -> Known<'k> {
        Known {
            now: self.now,
            before,
            explained: ex_dates,
            settled: &[],
            zone: self.zone.clone(),
            calendar: self.calendar.as_deref(),
            is_daily: self.is_daily,
        }
    }
}

impl Looked {
    fn zone(&self) -> TimeZone {
        let calendar = self.calendar.as_ref();
        calendar.map_or(TimeZone::UTC, |calendar| calendar.zone().clone())
    }

    fn look(&mut self, mut bars: Vec<(Bar, Place)>, looking: &Looking) {
        let (Some((first, _)), Some((last, _))) = (bars.first(), bars.last()) else {
            return;
        };
        let ends = self.ends.map_or((*first, *last), |(before, after)| {
            let first = if before.at < first.at { before } else { *first };
            (first, if after.at > last.at { after } else { *last })
        });
        let known = self
            .ends
            .into_iter()
            .flat_map(|(first, last)| [first, last]);
        let known = known.chain(self.stored.iter().copied());
        bars.extend(known.map(|bar| (bar, Place::Stored)));
        bars.sort_by_key(|(bar, place)| (bar.at, *place == Place::Stored));
        bars.dedup_by_key(|(bar, _)| bar.at);
        self.compare(&bars, looking);
        self.ends = Some(ends);
    }

    fn compare(&mut self, bars: &[(Bar, Place)], looking: &Looking) {
        let series: Vec<Bar> = bars.iter().map(|(bar, _)| *bar).collect();
        let mut former = Place::Stored;
        for (at, (bar, place)) in bars.iter().enumerate() {
            let before = series.get(..at).unwrap_or_default();
            match (place, former) {
                (Place::New, _) => {
                    let doubts = review(bar, before, &looking.known(&self.starts, &self.ex_dates));
                    self.doubt(bar, doubts, true, looking);
                    if !looking.is_daily {
                        self.begin(bar, &looking.zone);
                    }
                }
                (Place::Alone, _) => {
                    let doubts = review(bar, &[], &looking.known(&[], &self.ex_dates));
                    self.doubt(bar, doubts, true, looking);
                }
                (Place::Stored, Place::New) => {
                    let doubt = gap(bar, before.last(), &looking.known(&[], &self.ex_dates));
                    self.doubt(bar, doubt.into_iter().collect(), false, looking);
                }
                (Place::Stored, _) => {}
            }
            former = *place;
        }
    }

    /// Remembers the beginnings of sessions, as long as they come in their order.
    fn begin(&mut self, bar: &Bar, zone: &TimeZone) {
        let day = |bar: &Bar| zone.to_datetime(bar.at).date();
        match self.starts.last() {
            Some(last) if last.at > bar.at => self.starts.clear(),
            Some(last) if day(last) == day(bar) => return,
            _ => {}
        }
        self.starts.push(*bar);
        if self.starts.len() > SESSIONS {
            self.starts.remove(0);
        }
    }

    fn doubt(&mut self, bar: &Bar, doubts: Vec<Doubt>, counts: bool, looking: &Looking) {
        let example = || {
            let when = if looking.is_daily {
                day(bar.at).to_string()
            } else {
                bar.at.to_string()
            };
            format!("{when}: opens at {}, closes at {}", bar.open, bar.close)
        };
        if !self.found.is_good(doubts, example) && counts {
            self.doubted += 1;
        }
    }
}
