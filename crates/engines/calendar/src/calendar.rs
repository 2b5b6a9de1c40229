use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::{
    rule::Rule,
    rules::{self, ALL},
    session::{Day, Session},
};

/// From this year on the calendars state every closure.
pub const FIRST_YEAR: i16 = 2000;
/// No exchange is closed for longer; the search for a session ends here.
const LONGEST_CLOSURE_DAYS: usize = 40;

/// The hours of regular trading from a day on, in minutes after the midnight with which the trading
/// day begins; negative where it opens on the evening before.
#[derive(Clone, Copy)]
pub(crate) struct Hours {
    pub(crate) from: Date,
    /// Hold in these months alone; empty for all.
    pub(crate) months: &'static [i8],
    /// Hold on these weekdays alone; empty for all.
    pub(crate) weekdays: &'static [Weekday],
    /// The time zone by whose clock they are stated, where the exchange follows one abroad; one of these
    /// for all hours of an exchange.
    pub(crate) abroad: Option<&'static str>,
    pub(crate) opens: i32,
    pub(crate) closes: i32,
    pub(crate) pause: Option<(i32, i32)>,
}

/// A rule by which sessions end early, and when.
#[derive(Clone, Copy)]
pub(crate) struct EarlyClose {
    pub(crate) rule: Rule,
    /// In minutes after midnight.
    pub(crate) closes: i32,
}

/// A rule by which there are sessions with hours of their own, on whatever day: a late opening, an hour
/// in the evening of a holiday, a Saturday.
#[derive(Clone, Copy)]
pub(crate) struct Special {
    pub(crate) rule: Rule,
    pub(crate) opens: i32,
    pub(crate) closes: i32,
}

/// Everything that is stated about an exchange.
pub(crate) struct Rules {
    pub(crate) code: &'static str,
    pub(crate) zone: &'static str,
    /// From which day on which days are the weekend, in the order of days.
    pub(crate) weekends: &'static [(Date, &'static [Weekday])],
    /// In the order of days; of two that hold the later one counts.
    pub(crate) hours: &'static [Hours],
    pub(crate) holidays: &'static [&'static [Rule]],
    pub(crate) early_closes: &'static [EarlyClose],
    pub(crate) special: &'static [Special],
    /// The first year of which every session and every closure is stated.
    pub(crate) known_from: i16,
    /// The last year of the tables, where some holidays follow the moon or the sun.
    pub(crate) known_until: Option<i16>,
}

/// The trading calendar of an exchange.
#[derive(Clone)]
pub struct Calendar {
    rules: &'static Rules,
    zone: TimeZone,
    /// The clock abroad that some of its hours follow.
    abroad: Option<TimeZone>,
}

impl Calendar {
    /// The calendar of this name: a market identifier code such as `XNYS` ([`Calendar::codes`] tells
    /// which), `24/7` for crypto or `24/5` for currencies. `None` for any other name.
    pub fn get(code: &str) -> Option<Self> {
        let rules = ALL.iter().copied().find(|rules| rules.code == code)?;
        let zones = TimeZoneDatabase::bundled();
        let zone = zones.get(rules.zone).ok()?;
        let abroad = match rules.hours.iter().find_map(|hours| hours.abroad) {
            Some(name) => Some(zones.get(name).ok()?),
            None => None,
        };
        Some(Self {
            rules,
            zone,
            abroad,
        })
    }

    /// The names of all calendars.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|rules| rules.code)
    }

    /// The name of this calendar.
    pub fn code(&self) -> &'static str {
        self.rules.code
    }

    /// The time zone of the exchange.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first year of which every session and every closure is stated: [`FIRST_YEAR`], or a later one
    /// where the tables begin later.
    pub fn known_from(&self) -> i16 {
        self.rules.known_from
    }

    /// The last year whose holidays are stated, where they follow the moon or the equinox or are decreed
    /// year by year. Of later years the calendar tells what rules tell, so a day that it takes for a
    /// session may be a holiday.
    pub fn known_until(&self) -> Option<i16> {
        self.rules.known_until
    }

    /// Whether every session and every closure of the year of this day is stated.
    pub fn knows(&self, date: Date) -> bool {
        let until = self.rules.known_until.unwrap_or(i16::MAX);
        (self.rules.known_from..=until).contains(&date.year())
    }

    /// What a day is: a session with its hours, a weekend, or a holiday with its name.
    pub fn day(&self, date: Date) -> Day {
        if let Some(session) = self.special(date) {
            return Day::Session(session);
        }
        let mut weekends = self.rules.weekends.iter().rev();
        let weekend = weekends.find(|(from, _)| *from <= date);
        if weekend.is_some_and(|(_, days)| days.contains(&date.weekday())) {
            return Day::Weekend;
        }
        let mut holidays = self.rules.holidays.iter().copied().flatten();
        if let Some(holiday) = holidays.find(|rule| rule.falls_on(date)) {
            return Day::Holiday(holiday.name);
        }
        // Without hours there is no session: none are stated for the time before the first ones.
        match self.regular(date) {
            Some(session) => Day::Session(session),
            None => Day::Holiday("before the first session"),
        }
    }

    fn regular(&self, date: Date) -> Option<Session> {
        let mut hours = self.rules.hours.iter().rev();
        let hours = hours.find(|hours| hours.hold_on(date))?;
        let mut early = self.rules.early_closes.iter();
        let early = early.find(|early| early.rule.falls_on(date));
        let closes = early.map_or(hours.closes, |early| early.closes);
        // A session that ends by the pause has none.
        let pause = hours.pause.filter(|(_, until)| *until < closes);
        let clock = match (hours.abroad, &self.abroad) {
            (Some(_), Some(abroad)) => abroad,
            _ => &self.zone,
        };
        let pause = match pause {
            Some((from, until)) => {
                Some((instant(clock, date, from)?, instant(clock, date, until)?))
            }
            None => None,
        };
        Some(Session {
            date,
            opens_at: instant(clock, date, hours.opens)?,
            closes_at: instant(clock, date, closes)?,
            pause,
            early_close: early.map(|early| early.rule.name),
            special: None,
        })
    }

    fn special(&self, date: Date) -> Option<Session> {
        let mut special = self.rules.special.iter();
        let special = special.find(|special| special.rule.falls_on(date))?;
        Some(Session {
            date,
            opens_at: instant(&self.zone, date, special.opens)?,
            closes_at: instant(&self.zone, date, special.closes)?,
            pause: None,
            early_close: None,
            special: Some(special.rule.name),
        })
    }

    /// The session of a day, if the exchange trades on it.
    pub fn session(&self, date: Date) -> Option<Session> {
        match self.day(date) {
            Day::Session(session) => Some(session),
            Day::Weekend | Day::Holiday(_) => None,
        }
    }

    /// The sessions from one day to another, both included.
    pub fn sessions(&self, from: Date, to: Date) -> impl Iterator<Item = Session> + '_ {
        let days = std::iter::successors(Some(from), |day| day.tomorrow().ok());
        days.take_while(move |day| *day <= to)
            .filter_map(|day| self.session(day))
    }

    /// The last session before a day.
    pub fn previous_session(&self, date: Date) -> Option<Session> {
        let days = std::iter::successors(date.yesterday().ok(), |day| day.yesterday().ok());
        let mut near = days.take(LONGEST_CLOSURE_DAYS);
        near.find_map(|day| self.session(day))
    }

    /// The first session after a day.
    pub fn next_session(&self, date: Date) -> Option<Session> {
        let days = std::iter::successors(date.tomorrow().ok(), |day| day.tomorrow().ok());
        let mut near = days.take(LONGEST_CLOSURE_DAYS);
        near.find_map(|day| self.session(day))
    }

    /// Whether regular trading goes on at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.around(at).any(|session| session.is_open_at(at))
    }

    /// The session in which an instant lies, the pause at midday included.
    pub fn session_at(&self, at: Timestamp) -> Option<Session> {
        self.around(at)
            .find(|session| session.opens_at <= at && at < session.closes_at)
    }

    /// The first instant at or after this one at which regular trading goes on.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        let here = self.local_day(at);
        self.around(at)
            .chain(self.next_session(here.tomorrow().ok()?))
            .find_map(|session| session.next_open(at))
    }

    /// The last session that has ended by an instant: the one whose daily bar can be expected.
    pub fn last_closed(&self, at: Timestamp) -> Option<Session> {
        let after = self.local_day(at).checked_add(2.days()).ok()?;
        let latest = std::iter::successors(self.previous_session(after), |session| {
            self.previous_session(session.date)
        });
        let mut few = latest.take(4);
        few.find(|session| session.closes_at <= at)
    }

    fn local_day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The sessions of the day before, of the day and of the day after, on the exchange's clock: a
    /// trading day may begin on the evening before.
    fn around(&self, at: Timestamp) -> impl Iterator<Item = Session> + '_ {
        let here = self.local_day(at);
        let from = here.yesterday().unwrap_or(here);
        let to = here.tomorrow().unwrap_or(here);
        self.sessions(from, to)
    }
}

fn instant(clock: &TimeZone, date: Date, minutes: i32) -> Option<Timestamp> {
    let midnight = date.at(0, 0, 0, 0);
    let local = midnight.checked_add(minutes.minutes()).ok()?;
    clock.to_ambiguous_timestamp(local).compatible().ok()
}

impl std::fmt::Debug for Calendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Calendar").field(&self.rules.code).finish()
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.rules.code == other.rules.code
    }
}

impl Eq for Calendar {}

impl Hours {
    fn hold_on(&self, date: Date) -> bool {
        self.from <= date
            && (self.months.is_empty() || self.months.contains(&date.month()))
            && (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
    }
}

impl Rules {
    /// Monday to Friday with these hours.
    pub(crate) const fn weekdays(
        code: &'static str,
        zone: &'static str,
        hours: &'static [Hours],
        holidays: &'static [&'static [Rule]],
        early_closes: &'static [EarlyClose],
    ) -> Self {
        Self {
            code,
            zone,
            weekends: rules::SATURDAY_SUNDAY,
            hours,
            holidays,
            early_closes,
            special: &[],
            known_from: FIRST_YEAR,
            known_until: None,
        }
    }

    pub(crate) const fn special(self, special: &'static [Special]) -> Self {
        Self { special, ..self }
    }

    pub(crate) const fn known_from(self, known_from: i16) -> Self {
        Self { known_from, ..self }
    }

    pub(crate) const fn known_until(self, year: i16) -> Self {
        Self {
            known_until: Some(year),
            ..self
        }
    }
}
