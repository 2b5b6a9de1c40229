//! For how long what did not come is left alone.

use jiff::{SignedDuration, Timestamp};

use super::{
    Freshness,
    want::{Want, is_shown_to_move, next_complete},
};
use crate::bars::Interval;

/// How asking for something ended, of all who might have it. What says more about it comes later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// Nobody who gives such a thing is switched on.
    #[default]
    Nobody,
    /// They have no name for it, or no file.
    Nameless,
    /// Nobody was asked who might have it; the first who was in the way of that is not from this moment on.
    Unasked(Option<Timestamp>),
    /// Nobody was asked, since somebody is left alone until then who had failed.
    LeftAlone(Timestamp),
    /// Whoever was asked does not have it, or refuses it.
    Absent,
    /// What came was of no use.
    Unusable,
    /// Somebody failed.
    Down,
    /// It came, but for its end.
    Partly,
    /// It came, or nothing of it is new.
    Whole,
}

/// So many tries in vain follow each other at the first pace; then the pause doubles each time.
const PATIENT_FOR: u32 = 3;
/// Who waits for the operator is not asked sooner, unless the operator does something.
const UNTIL_SOMEBODY_ACTS: SignedDuration = SignedDuration::from_hours(24);

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Ending {
    /// The ending of both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unasked(one), Self::Unasked(other)) => {
                Self::Unasked(one.into_iter().chain(other).min())
            }
            (Self::LeftAlone(one), Self::LeftAlone(other)) => Self::LeftAlone(one.min(other)),
            // That the others have nothing says little while the one is away who may.
            (Self::LeftAlone(_), Self::Absent | Self::Unusable)
            | (Self::Absent | Self::Unusable, Self::LeftAlone(_)) => Self::Down,
            _ => self.max(other),
        }
    }

    /// Whether something came, so that nobody else is to be asked.
    pub(super) fn has_come(self) -> bool {
        self >= Self::Partly
    }

    /// Whether it says that the thing cannot be had now. Who was not asked has said nothing.
    pub(super) fn is_miss(self) -> bool {
        !self.has_come() && !matches!(self, Self::Nobody | Self::Unasked(_) | Self::LeftAlone(_))
    }
}

impl Want {
    /// Until when it is left alone after this ending, with so many misses in a row. `None` where it is due by its own
    /// rules alone.
    pub(super) fn next_at(
        self,
        of: &Freshness,
        ending: Ending,
        misses: u32,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let after = |pause: SignedDuration| now.checked_add(pause).ok();
        let follows_sessions = matches!(self, Self::OptionChain | Self::IndexValues);
        match ending {
            Ending::Whole if self != Self::Bars(Interval::Day) => None,
            Ending::Unasked(Some(until)) | Ending::LeftAlone(until) => Some(until),
            Ending::Nobody | Ending::Unasked(None) => after(UNTIL_SOMEBODY_ACTS),
            Ending::Nameless | Ending::Absent | Ending::Unusable if follows_sessions => {
                next_complete(of, now).or_else(|| after(DAY))
            }
            _ => {
                let (first, longest) = self.pace(is_shown_to_move(of, now), ending);
                after(pause(misses, first, longest))
            }
        }
    }

    /// After how long it is asked for again at first, and at most.
    fn pace(self, is_moving: bool, ending: Ending) -> (SignedDuration, SignedDuration) {
        let (first, longest) = self.pace_of_absence(is_moving, ending);
        if ending == Ending::Down {
            // Nothing was said of the thing, and the breaker is there for the source: as long as it leaves one alone.
            (first.min(HOUR), longest.min(HOUR))
        } else {
            (first, longest)
        }
    }

    fn pace_of_absence(self, is_moving: bool, ending: Ending) -> (SignedDuration, SignedDuration) {
        match self {
            Self::Bars(Interval::Day) => (HOUR, WEEK),
            // A price that is late may come with the next trade.
            Self::Quote if is_moving && matches!(ending, Ending::Unusable | Ending::Down) => {
                (self.lifetime(), SignedDuration::from_mins(15))
            }
            Self::Quote if is_moving => (self.lifetime(), DAY),
            Self::Bars(Interval::Minute) if is_moving => (SignedDuration::from_mins(14), DAY),
            Self::Bars(Interval::Minute) | Self::Quote | Self::OptionChain | Self::IndexValues => {
                (HOUR, DAY)
            }
            Self::Bars(_) => (SignedDuration::from_hours(20), WEEK),
            Self::Fundamentals => (DAY, WEEK),
        }
    }
}

fn pause(misses: u32, first: SignedDuration, longest: SignedDuration) -> SignedDuration {
    let doublings = misses.saturating_sub(PATIENT_FOR).min(16);
    let doubled = first.checked_mul(1_i32 << doublings);
    doubled.map_or(longest, |doubled| doubled.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssetClass;

    fn share() -> Freshness {
        Freshness {
            asset_class: AssetClass::Equity,
            calendar: Some("XNYS".to_owned()),
            ..Freshness::example()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Monday, 11:00 in New York, and a Saturday.
    const OPEN: &str = "2024-06-03T15:00:00Z";
    const CLOSED: &str = "2024-06-08T15:00:00Z";

    fn minutes(want: Want, ending: Ending, now: &str) -> Vec<i64> {
        let left_alone = |misses| {
            let next = want.next_at(&share(), ending, misses, at(now)).unwrap();
            next.duration_since(at(now)).as_mins()
        };
        [1, 3, 4, 5, 6, 9, 12, 1_000].map(left_alone).to_vec()
    }

    #[test]
    fn what_does_not_come_is_asked_for_less_and_less_often() {
        let days = minutes(Want::Bars(Interval::Day), Ending::Absent, OPEN);
        let hours: Vec<i64> = days.iter().map(|minutes| minutes / 60).collect();
        assert_eq!(hours, [1, 1, 2, 4, 8, 64, 168, 168]);
        let refused = minutes(Want::Quote, Ending::Absent, OPEN);
        assert_eq!(refused, [0, 0, 1, 3, 7, 58, 469, 1_440]);
        let late = minutes(Want::Quote, Ending::Unusable, OPEN);
        assert_eq!(late, [0, 0, 1, 3, 7, 15, 15, 15]);
        let closed = minutes(Want::Quote, Ending::Unusable, CLOSED);
        assert_eq!(closed, [60, 60, 120, 240, 480, 1_440, 1_440, 1_440]);
        let failed = minutes(Want::Bars(Interval::Day), Ending::Down, OPEN);
        assert_eq!(failed, [60; 8], "somebody has to find out that it is back");
        let reports = minutes(Want::Fundamentals, Ending::Absent, OPEN);
        assert_eq!(reports[..3], [1_440, 1_440, 2_880]);
    }

    #[test]
    fn a_chain_that_is_refused_is_asked_for_once_a_session_and_one_that_failed_again() {
        let next = |ending, now: &str| {
            let next = Want::OptionChain.next_at(&share(), ending, 1, at(now));
            next.unwrap().to_string()
        };
        for refused in [Ending::Nameless, Ending::Absent, Ending::Unusable] {
            assert_eq!(next(refused, CLOSED), "2024-06-10T20:20:00Z");
            // During the session that of the same day comes first.
            assert_eq!(next(refused, OPEN), "2024-06-03T20:20:00Z");
        }
        assert_eq!(next(Ending::Down, CLOSED), "2024-06-08T16:00:00Z");
    }

    #[test]
    fn who_was_not_asked_has_said_nothing() {
        let (early, late) = (at(OPEN), at(CLOSED));
        let open = Ending::Unasked(Some(late));
        let both = open.and(Ending::Unasked(Some(early)));
        assert_eq!(
            both.and(Ending::Unasked(None)),
            Ending::Unasked(Some(early))
        );
        assert_eq!(
            open.and(Ending::Nameless),
            open,
            "nor has who has no name for it"
        );
        assert!(!open.is_miss() && !Ending::Nobody.is_miss());
        assert_eq!(open.and(Ending::Absent), Ending::Absent);
        assert!(Ending::Absent.is_miss() && Ending::Nameless.is_miss());
        assert_eq!(Ending::Down.and(Ending::Absent), Ending::Down);
        let left_alone = Ending::LeftAlone(late).and(open);
        assert_eq!(left_alone, Ending::LeftAlone(late));
        assert!(!left_alone.is_miss());
        for other in [Ending::Absent, Ending::Unusable] {
            assert_eq!(left_alone.and(other), Ending::Down);
            assert_eq!(other.and(left_alone), Ending::Down);
        }
        assert!(Ending::Partly.has_come() && !Ending::Partly.is_miss());
        let next = |ending| Want::Quote.next_at(&share(), ending, 0, early);
        assert_eq!(next(open), Some(late));
        assert_eq!(next(Ending::Nobody), Some(at("2024-06-04T15:00:00Z")));
        assert_eq!(next(Ending::Whole), None);
    }
}
