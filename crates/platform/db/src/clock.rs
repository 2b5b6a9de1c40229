//! The one place that reads the clock.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The time as the program sees it: of the system, or fixed and moved by hand in tests and replays.
/// Clones of a fixed clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    fixed: Option<Arc<Mutex<Timestamp>>>,
}

impl Clock {
    /// The clock of the operating system.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at the given instant until it is advanced.
    pub fn fixed(at: Timestamp) -> Self {
        Self {
            fixed: Some(Arc::new(Mutex::new(at))),
        }
    }

    /// The current instant, in whole microseconds, as PostgreSQL keeps them.
    pub fn now(&self) -> Timestamp {
        let now = match &self.fixed {
            Some(fixed) => *fixed.lock().unwrap_or_else(PoisonError::into_inner),
            None => system_now(),
        };
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// The current calendar day in a time zone.
    pub fn today(&self, zone: &TimeZone) -> Date {
        self.now().to_zoned(zone.clone()).date()
    }

    /// Moves a fixed clock; the end of representable time stops it. The system clock cannot be
    /// moved and stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Some(fixed) = &self.fixed {
            let mut at = fixed.lock().unwrap_or_else(PoisonError::into_inner);
            *at = at.saturating_add(by).unwrap_or(*at);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that may read the clock"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_by_hand_and_for_all_its_clones() {
        let clock = Clock::fixed("2026-03-01T23:30:00Z".parse().expect("instant"));
        let clone = clock.clone();
        assert_eq!(clock.now(), clone.now());
        clock.advance(SignedDuration::from_mins(45));
        assert_eq!(clone.now().to_string(), "2026-03-02T00:15:00Z");
        assert_eq!(clone.today(&TimeZone::UTC).to_string(), "2026-03-02");
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        assert_eq!(clone.today(&zone).to_string(), "2026-03-01");
    }

    #[test]
    fn instants_survive_the_database() {
        let clock = Clock::fixed("2026-03-01T00:00:00.123456789Z".parse().expect("instant"));
        assert_eq!(clock.now().to_string(), "2026-03-01T00:00:00.123456Z");
        assert_eq!(Clock::system().now().as_nanosecond() % 1000, 0);
    }
}
