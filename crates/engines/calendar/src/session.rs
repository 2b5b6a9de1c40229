use jiff::{Timestamp, civil::Date};

/// What a day is on an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Day {
    /// The exchange trades.
    Session(Session),
    /// It is the exchange's weekend.
    Weekend,
    /// It does not trade, and this is why.
    Holiday(&'static str),
}

/// One day of trading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The trading day on the exchange's clock.
    pub date: Date,
    /// First instant of regular trading.
    pub opens_at: Timestamp,
    /// The instant at which regular trading has ended.
    pub closes_at: Timestamp,
    /// A pause at midday: its first instant and the instant at which trading resumes.
    pub pause: Option<(Timestamp, Timestamp)>,
    /// Why it ends earlier than usual, if it does.
    pub early_close: Option<&'static str>,
    /// Why its hours are its own, or why there is one on such a day, if that is so.
    pub special: Option<&'static str>,
}

impl Session {
    /// Whether trading goes on at an instant: from the opening on, not during the pause, not at the
    /// close itself.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        let pauses = self
            .pause
            .is_some_and(|(from, until)| from <= at && at < until);
        self.opens_at <= at && at < self.closes_at && !pauses
    }

    /// The first instant at or after `at` at which trading goes on in this session.
    pub(crate) fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if at <= self.opens_at {
            return Some(self.opens_at);
        }
        if self.is_open_at(at) {
            return Some(at);
        }
        let resumes = self.pause.map(|(_, until)| until);
        resumes.filter(|until| at < *until)
    }
}
