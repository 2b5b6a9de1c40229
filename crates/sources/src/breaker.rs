use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Failures in a row after which a provider is left alone.
const THRESHOLD: u32 = 5;
/// How long at first; doubled with every probe that fails.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
/// How long at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// How long one probe keeps others away.
const PROBE: SignedDuration = SignedDuration::from_secs(60);

/// Leaves a provider alone that fails again and again.
///
/// Closed, everything passes. Five faults in a row open it for a minute, in which nothing is asked.
/// Then one request may try (half open): when it succeeds the breaker closes, when it fails it opens
/// for twice as long as before, an hour at most. A provider that says when it may be asked again
/// opens it until then.
///
/// The value is plain. Whoever asks takes leave with [`Breaker::admit`] where all who ask share it, keeps the
/// value as it was then, and hands both that and what came of it to [`Breaker::learn`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Faults in a row.
    pub failures: u32,
    /// Since when, the first of them.
    #[serde(default)]
    pub failing_since: Option<Timestamp>,
    /// How often it opened in a row.
    pub openings: u32,
    /// Until when nothing is asked.
    pub open_until: Option<Timestamp>,
    /// Until when a probe is on its way.
    pub probe_until: Option<Timestamp>,
}

/// What a request has told about the state of its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answered as it should, be it that there is no such thing.
    Well,
    /// It failed.
    Fault {
        /// When.
        at: Timestamp,
        /// How long it wants to be left alone, where it says so.
        wait: Option<SignedDuration>,
    },
}

/// What a breaker does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Lets everything pass.
    Closed,
    /// Lets nothing pass.
    Open,
    /// Lets one request try.
    HalfOpen,
}

impl Breaker {
    /// What it does at this moment.
    pub fn state(&self, now: Timestamp) -> BreakerState {
        match self.open_until {
            None => BreakerState::Closed,
            Some(until) if now < until => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }

    /// Whether a request may be sent, or when it may be; half open, the first who asks may.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        match self.state(now) {
            BreakerState::Closed => Ok(()),
            BreakerState::Open => Err(self.open_until.unwrap_or(now)),
            BreakerState::HalfOpen => match self.probe_until {
                Some(until) if now < until => Err(until),
                _ => {
                    self.probe_until = Some(later(now, PROBE));
                    Ok(())
                }
            },
        }
    }

    /// Takes up what a request has told that was admitted by `admitted`.
    ///
    /// Of a request that was under way when the breaker opened only a time counts that the provider names: its
    /// success says nothing about the trial that is due, and its failure is not a trial that failed. A trial that
    /// told nothing, since nothing was sent, gives its place back.
    pub fn learn(&mut self, admitted: &Self, signs: &[Sign]) {
        let has_opened =
            |now: &Self| now.open_until.is_some() && now.open_until != admitted.open_until;
        let was_under_way = has_opened(self);
        if !was_under_way && signs.is_empty() && self.probe_until == admitted.probe_until {
            self.probe_until = None;
        }
        for sign in signs {
            match *sign {
                Sign::Well if was_under_way => {}
                Sign::Well => *self = Self::default(),
                // The one before has opened it.
                Sign::Fault { at, wait } if has_opened(self) => {
                    if let Some(wait) = wait {
                        self.leave_alone(at, wait);
                    }
                }
                Sign::Fault { at, wait } => self.failed(at, wait),
            }
        }
    }

    fn leave_alone(&mut self, now: Timestamp, wait: SignedDuration) {
        let until = later(now, wait.min(SignedDuration::from_hours(24)));
        self.open_until = self.open_until.max(Some(until));
    }

    fn failed(&mut self, now: Timestamp, wait: Option<SignedDuration>) {
        self.failures = self.failures.saturating_add(1);
        self.failing_since.get_or_insert(now);
        let was_probe = self.probe_until.take().is_some();
        if let Some(wait) = wait {
            self.leave_alone(now, wait);
        } else if was_probe || self.failures >= THRESHOLD {
            let doubled = COOL_DOWN
                .checked_mul(1 << self.openings.min(6))
                .unwrap_or(LONGEST);
            self.openings = self.openings.saturating_add(1);
            self.open_until = Some(later(now, doubled.min(LONGEST)));
        }
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn five_faults_in_a_row_open_it_and_one_probe_decides() {
        let mut breaker = Breaker::default();
        for second in 0..4 {
            breaker.failed(at(second), None);
            assert_eq!(breaker.admit(at(second)), Ok(()));
        }
        breaker.failed(at(4), None);
        assert_eq!(breaker.state(at(4)), BreakerState::Open);
        assert_eq!(breaker.admit(at(63)), Err(at(64)));
        assert_eq!(breaker.state(at(64)), BreakerState::HalfOpen);
        assert_eq!(breaker.admit(at(64)), Ok(()));
        assert_eq!(breaker.admit(at(65)), Err(at(124)), "one probe at a time");
        breaker.failed(at(66), None);
        assert_eq!(breaker.admit(at(185)), Err(at(186)), "twice as long");
        assert_eq!(breaker.admit(at(186)), Ok(()));
        let probe = breaker;
        breaker.learn(&probe, &[Sign::Well]);
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_success_forgets_the_faults_before() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.failed(at(0), None);
        }
        let former = breaker;
        breaker.learn(&former, &[Sign::Well]);
        for _ in 0..4 {
            breaker.failed(at(1), None);
        }
        assert_eq!(breaker.state(at(1)), BreakerState::Closed);
    }

    fn fault(second: i64) -> Sign {
        Sign::Fault {
            at: at(second),
            wait: None,
        }
    }

    #[test]
    fn who_was_under_way_when_it_opened_neither_closes_it_nor_opens_it_for_longer() {
        let admitted = Breaker::default();
        let mut breaker = Breaker::default();
        breaker.learn(
            &admitted,
            &[fault(0), fault(1), fault(2), fault(3), fault(4)],
        );
        let open = breaker;
        assert_eq!(open.open_until, Some(at(64)));
        for signs in [&[Sign::Well][..], &[fault(5), fault(6)]] {
            breaker.learn(&admitted, signs);
            assert_eq!(breaker, open);
        }
        // Nor does it take the trial from somebody else.
        assert_eq!(breaker.admit(at(70)), Ok(()));
        let trial = breaker;
        breaker.learn(&admitted, &[fault(71)]);
        breaker.learn(&admitted, &[]);
        assert_eq!(breaker, trial);
        // What the provider names itself counts whenever it comes.
        let named = Sign::Fault {
            at: at(72),
            wait: Some(SignedDuration::from_mins(10)),
        };
        breaker.learn(&admitted, &[named]);
        assert_eq!(breaker.open_until, Some(at(672)));
    }

    #[test]
    fn a_trial_that_sent_nothing_gives_its_place_back() {
        let mut breaker = Breaker::default();
        breaker.failed(at(0), Some(SignedDuration::from_secs(100)));
        assert_eq!(breaker.admit(at(100)), Ok(()));
        let trial = breaker;
        assert_eq!(breaker.admit(at(101)), Err(at(160)));
        breaker.learn(&trial, &[]);
        assert_eq!(breaker.admit(at(101)), Ok(()));
    }

    #[test]
    fn a_provider_that_names_a_time_is_left_alone_until_then() {
        let mut breaker = Breaker::default();
        breaker.failed(at(0), Some(SignedDuration::from_secs(300)));
        assert_eq!(breaker.admit(at(299)), Err(at(300)));
        assert_eq!(breaker.admit(at(300)), Ok(()));
    }

    #[test]
    fn it_never_stays_open_longer_than_an_hour_by_itself() {
        let mut breaker = Breaker::default();
        let mut now = 0;
        for _ in 0..40 {
            breaker.failed(at(now), None);
            if let Err(until) = breaker.admit(at(now)) {
                assert!(until <= at(now + 3_600), "{until}");
                now = until.as_second() - 1_700_000_000;
                assert_eq!(breaker.admit(at(now)), Ok(()));
            }
        }
    }
}
