//! What bars of all intervals have to be after whatever happened to an instrument, computed plainly.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use market::bars::{Bar, Interval};

/// Where something is traded, and when the regular sessions there are, stated plainly: first and last minute of the day
/// by UTC, which for Sydney begin on the day before.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) code: &'static str,
    sessions: &'static [(&'static str, &'static str, &'static str)],
}

/// A time at a place, and another exchange that turns out to be the right one.
#[derive(Debug)]
pub(crate) struct Place {
    start: &'static str,
    pub(crate) exchanges: [Exchange; 2],
}

const UTC: Exchange = Exchange {
    code: "",
    sessions: &[],
};
const NEW_YORK: Exchange = Exchange {
    code: "XNYS",
    sessions: &[
        ("2024-03-04", "2024-03-04T14:30:00Z", "2024-03-04T21:00:00Z"),
        ("2024-03-05", "2024-03-05T14:30:00Z", "2024-03-05T21:00:00Z"),
        ("2024-03-06", "2024-03-06T14:30:00Z", "2024-03-06T21:00:00Z"),
        ("2024-03-07", "2024-03-07T14:30:00Z", "2024-03-07T21:00:00Z"),
    ],
};
const SYDNEY: Exchange = Exchange {
    code: "XASX",
    sessions: &[
        ("2024-03-05", "2024-03-04T23:00:00Z", "2024-03-05T05:00:00Z"),
        ("2024-03-06", "2024-03-05T23:00:00Z", "2024-03-06T05:00:00Z"),
        ("2024-03-07", "2024-03-06T23:00:00Z", "2024-03-07T05:00:00Z"),
        ("2024-03-08", "2024-03-07T23:00:00Z", "2024-03-08T05:00:00Z"),
    ],
};

pub(crate) static PLACES: [Place; 5] = [
    // No exchange: the day is that of UTC.
    Place {
        start: "2024-03-04T12:00:00Z",
        exchanges: [UTC, NEW_YORK],
    },
    // New York puts its clocks forward on Sunday.
    Place {
        start: "2024-03-08T00:00:00Z",
        exchanges: [
            Exchange {
                code: "XNYS",
                sessions: &[
                    ("2024-03-08", "2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z"),
                    ("2024-03-11", "2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z"),
                ],
            },
            UTC,
        ],
    },
    // Thanksgiving, and the half day after it; and Sydney's sessions over midnight.
    Place {
        start: "2024-11-26T12:00:00Z",
        exchanges: [
            Exchange {
                code: "XNYS",
                sessions: &[
                    ("2024-11-26", "2024-11-26T14:30:00Z", "2024-11-26T21:00:00Z"),
                    ("2024-11-27", "2024-11-27T14:30:00Z", "2024-11-27T21:00:00Z"),
                    ("2024-11-29", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z"),
                ],
            },
            Exchange {
                code: "XASX",
                sessions: &[
                    ("2024-11-27", "2024-11-26T23:00:00Z", "2024-11-27T05:00:00Z"),
                    ("2024-11-28", "2024-11-27T23:00:00Z", "2024-11-28T05:00:00Z"),
                    ("2024-11-29", "2024-11-28T23:00:00Z", "2024-11-29T05:00:00Z"),
                ],
            },
        ],
    },
    // Over midnight, and there all along or never.
    Place {
        start: "2024-03-04T12:00:00Z",
        exchanges: [SYDNEY, NEW_YORK],
    },
    Place {
        start: "2024-03-04T12:00:00Z",
        exchanges: [UTC, SYDNEY],
    },
];

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

impl Place {
    pub(crate) fn start(&self) -> Timestamp {
        time(self.start)
    }

    pub(crate) fn after(&self, days: i64) -> Timestamp {
        self.start() + SignedDuration::from_hours(24 * days)
    }
}

impl Exchange {
    /// The bar of an interval to which a minute belongs: when it is, and the days (UTC) out of which it is made.
    fn bucket(&self, interval: Interval, at: Timestamp) -> Option<(Timestamp, BTreeSet<Date>)> {
        if interval != Interval::Day || self.code.is_empty() {
            return Some((interval.floor(at), BTreeSet::from([day(at)])));
        }
        let mut sessions = self.sessions.iter();
        let (date, opens, closes) =
            sessions.find(|(_, opens, closes)| time(opens) <= at && at < time(closes))?;
        Some((time(&format!("{date}T00:00:00Z")), days_of(opens, closes)))
    }

    /// The days (UTC) of which the session of a day is made.
    fn made_of(&self, date: Date) -> BTreeSet<Date> {
        let mut sessions = self.sessions.iter();
        let session = sessions.find(|(of, ..)| *of == date.to_string());
        session.map_or_else(BTreeSet::new, |(_, opens, closes)| days_of(opens, closes))
    }
}

fn days_of(opens: &str, closes: &str) -> BTreeSet<Date> {
    let last = time(closes) - SignedDuration::from_secs(1);
    BTreeSet::from([day(time(opens)), day(last)])
}

pub(crate) fn flat(at: Timestamp, price: f64, volume: f64) -> Bar {
    Bar {
        at,
        open: price,
        high: price + 1.0,
        low: price,
        close: price + 0.5,
        adjusted_close: None,
        volume: Some(volume),
    }
}

pub(crate) type Bars = BTreeMap<Timestamp, Bar>;

/// Everything that was ever said, and the bars that follow from it, computed plainly.
pub(crate) struct Model {
    pub(crate) place: &'static Place,
    pub(crate) exchange: &'static Exchange,
    own: BTreeMap<(Interval, Timestamp), Bar>,
    pub(crate) ticks: BTreeMap<(Timestamp, i64), f64>,
    /// What was computed when its minutes went.
    stood: BTreeMap<(Interval, Timestamp), Bar>,
    /// Days that have lost their minutes, and those that have lost their ticks.
    pub(crate) minutes_gone: BTreeSet<Date>,
    pub(crate) ticks_gone: BTreeSet<Date>,
    pub(crate) quarters_are_gone: bool,
}

impl Model {
    pub(crate) fn new(place: &'static Place) -> Self {
        Self {
            place,
            exchange: &place.exchanges[0],
            own: BTreeMap::new(),
            ticks: BTreeMap::new(),
            stood: BTreeMap::new(),
            minutes_gone: BTreeSet::new(),
            ticks_gone: BTreeSet::new(),
            quarters_are_gone: false,
        }
    }

    /// What of a source is taken in.
    pub(crate) fn state(&mut self, interval: Interval, rows: &[Bar]) -> usize {
        let is_expired = |bar: &Bar| match interval {
            Interval::Minute => self.minutes_gone.contains(&day(bar.at)),
            Interval::QuarterHour => self.quarters_are_gone,
            _ => false,
        };
        let taken: Vec<Bar> = rows
            .iter()
            .filter(|bar| !is_expired(bar))
            .copied()
            .collect();
        let expired = rows.len() - taken.len();
        self.own
            .extend(taken.into_iter().map(|bar| ((interval, bar.at), bar)));
        expired
    }

    fn minutes(&self) -> Bars {
        let mut minutes = Bars::new();
        for ((at, _), price) in &self.ticks {
            let start = Interval::Minute.floor(*at);
            if self.minutes_gone.contains(&day(start)) {
                continue;
            }
            let traded = Bar {
                close: *price,
                high: *price,
                ..flat(start, *price, 1.0)
            };
            minutes
                .entry(start)
                .and_modify(|bar| add(bar, &traded))
                .or_insert(traded);
        }
        minutes.extend(self.stated(Interval::Minute));
        minutes
    }

    fn stated(&self, interval: Interval) -> Bars {
        let own = self.own.iter().filter(|((of, _), _)| *of == interval);
        own.map(|((_, at), bar)| (*at, *bar)).collect()
    }

    pub(crate) fn bars(&self, interval: Interval) -> Bars {
        if interval == Interval::Minute {
            return self.minutes();
        }
        let stood = self.stood.iter().filter(|((of, _), _)| *of == interval);
        let mut bars: Bars = stood.map(|((_, at), bar)| (*at, *bar)).collect();
        let mut computed = Bars::new();
        for (at, minute) in self.minutes() {
            let Some((start, days)) = self.exchange.bucket(interval, at) else {
                continue;
            };
            if !days.is_disjoint(&self.minutes_gone) {
                continue;
            }
            let minute = Bar {
                at: start,
                ..minute
            };
            computed
                .entry(start)
                .and_modify(|bar| add(bar, &minute))
                .or_insert(minute);
        }
        bars.extend(computed);
        bars.extend(self.stated(interval));
        bars
    }

    /// Minutes and ticks go with their days, quarters of an hour with their month; the others stand.
    pub(crate) fn age(&mut self) {
        for interval in [Interval::FiveMinutes, Interval::Hour, Interval::Day] {
            let bars = self.bars(interval);
            self.stood
                .extend(bars.into_iter().map(|(at, bar)| ((interval, at), bar)));
        }
        let minutes = self.minutes();
        self.minutes_gone.extend(minutes.keys().map(|at| day(*at)));
        self.ticks_gone
            .extend(self.ticks.keys().map(|(at, _)| day(*at)));
        self.ticks.clear();
        self.own.retain(|(interval, _), _| {
            !matches!(interval, Interval::Minute | Interval::QuarterHour)
        });
        self.quarters_are_gone = true;
    }

    /// All days are computed anew, except those of which minutes have gone.
    pub(crate) fn trade_at(&mut self, exchange: &'static Exchange) {
        for (at, bar) in self.bars(Interval::Day) {
            let date = day(at);
            let mut made_of = BTreeSet::from([date]);
            made_of.extend(self.exchange.made_of(date));
            made_of.extend(exchange.made_of(date));
            if made_of.is_disjoint(&self.minutes_gone) {
                self.stood.remove(&(Interval::Day, at));
            } else {
                self.stood.insert((Interval::Day, at), bar);
            }
        }
        self.exchange = exchange;
    }
}

fn add(bar: &mut Bar, next: &Bar) {
    bar.high = bar.high.max(next.high);
    bar.low = bar.low.min(next.low);
    bar.close = next.close;
    bar.volume = Some(bar.volume.unwrap_or(0.0) + next.volume.unwrap_or(0.0));
}
