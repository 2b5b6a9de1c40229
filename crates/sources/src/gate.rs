//! The limit that is kept of a provider before anything is sent to it, by this process.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, MonotonicClock},
    state::{InMemoryState, NotKeyed},
};
use jiff::SignedDuration;

use crate::{FetchError, Limit, ProviderId};

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock>;

pub(crate) struct Gate {
    state: Mutex<State>,
}

/// The limit that is kept, and who counts; nobody where others do.
struct State {
    limit: Limit,
    limiter: Option<Arc<Limiter>>,
}

impl Gate {
    pub(crate) fn new(limit: Limit) -> Self {
        Self {
            state: Mutex::new(State::new(limit)),
        }
    }

    /// Waits for the turn, when it comes soon.
    pub(crate) async fn pass(
        &self,
        provider: ProviderId,
        limit: Limit,
        longest: Duration,
    ) -> Result<(), FetchError> {
        let limiter = {
            // A holder that panicked left a value that is whole: nothing is written in parts.
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.limit != limit {
                *state = State::new(limit);
            }
            state.limiter.clone()
        };
        let Some(limiter) = limiter else {
            return Ok(());
        };
        while let Err(refused) = limiter.check() {
            let wait = refused.wait_time_from(limiter.clock().now());
            if wait > longest {
                return Err(FetchError::Limited {
                    provider,
                    retry_after: SignedDuration::try_from(wait).ok(),
                });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

impl State {
    fn new(limit: Limit) -> Self {
        let limiter = (!limit.is_quota()).then(|| {
            let quota = quota(limit);
            Arc::new(RateLimiter::direct_with_clock(quota, MonotonicClock))
        });
        Self { limit, limiter }
    }
}

/// Half of the requests may come at once, the others come back one by one, so that no span of the limit's length
/// sees more than the limit: after `b` at once the next follow at `p`, `2p` … with `p = per / (count − b + 1)`, and
/// of those `count − b` lie within.
fn quota(limit: Limit) -> Quota {
    let count = NonZeroU32::new(limit.count).unwrap_or(NonZeroU32::MIN);
    let at_once = NonZeroU32::new(count.get() / 2).unwrap_or(NonZeroU32::MIN);
    let each = limit.per / (count.get() - at_once.get() + 1);
    Quota::with_period(each.max(Duration::from_nanos(1)))
        .unwrap_or_else(|| Quota::per_second(count))
        .allow_burst(at_once)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn no_span_of_the_length_of_a_limit_sees_more_than_the_limit() {
        for (count, seconds) in [(1, 1), (2, 60), (5, 1), (8, 60), (25, 600), (60, 60)] {
            let per = Duration::from_secs(seconds);
            let clock = FakeRelativeClock::default();
            let limiter =
                RateLimiter::direct_with_clock(quota(Limit { count, per }), clock.clone());
            // Somebody who asks all the time, for three spans.
            let step = per / 1_000;
            let mut sent = Vec::new();
            for tick in 0_u32..3_000 {
                while limiter.check().is_ok() {
                    sent.push(tick);
                }
                clock.advance(step);
            }
            let most = sent
                .iter()
                .map(|first| {
                    let within = first + 1_000;
                    sent.iter()
                        .filter(|at| *at >= first && **at < within)
                        .count()
                })
                .max();
            let most = most.unwrap_or_default();
            let count = usize::try_from(count).unwrap();
            assert!(most <= count, "{most} of {count} in {seconds} seconds");
            assert!(sent.len() >= 2 * count, "only {} came through", sent.len());
        }
    }
}
