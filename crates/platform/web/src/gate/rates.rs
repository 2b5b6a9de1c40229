//! How many requests a minute lets through, by the generic cell rate algorithm (`governor`).
//!
//! Counted in this process, or by all nodes together where they share a cache: there in windows of a minute,
//! by keys `ratelimit:{who}:{kind}`, of people `ratelimit:{who}:{route}:{kind}`.

use std::{fmt::Display, num::NonZeroU32};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cache::{Cache, Counted};
use governor::{
    RateLimiter, clock::Clock, middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::ClientAddress;

const WINDOW_S: u32 = 60;

/// Counts one kind of request by who makes it; without a limit it counts nothing.
#[derive(Debug)]
pub(super) struct Limiter<C: Clock> {
    kind: &'static str,
    per_minute: u32,
    governor: Option<Governor<C>>,
}

type Governor<C> = RateLimiter<String, DashMapStateStore<String>, C, StateInformationMiddleware>;

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Which limit.
    pub kind: &'static str,
    /// How many a minute lets through, all at once or spread.
    pub per_minute: u32,
    /// How many are left now.
    pub remaining: u32,
    /// Seconds until all are there again.
    pub reset_s: u32,
    /// Seconds to wait, when none is left.
    pub retry_after_s: Option<u32>,
}

impl<C: Clock> Limiter<C> {
    pub(super) fn new(kind: &'static str, per_minute: u32, clock: C) -> Self {
        let governor = NonZeroU32::new(per_minute).map(|number| {
            let quota = governor::Quota::per_minute(number);
            Governor::new(quota, DashMapStateStore::default(), clock)
        });
        Self {
            kind,
            per_minute,
            governor,
        }
    }

    /// Counts one more, with the other nodes where that is possible, unless that is one too many.
    pub(super) async fn admit(&self, cache: &Cache, who: &str) -> Result<Option<Quota>, Quota> {
        if self.governor.is_none() {
            return Ok(None);
        }
        let Some(counted) = cache.count_shared(who, self.kind).await else {
            return self.check(&who);
        };
        let Counted { count, resets_in } = counted;
        let left = u64::from(self.per_minute).checked_sub(count);
        let seconds = resets_in.as_secs_f64().ceil().max(1.0) as u32;
        let quota = Quota {
            kind: self.kind,
            per_minute: self.per_minute,
            remaining: left.map_or(0, |left| left as u32),
            reset_s: seconds,
            retry_after_s: left.is_none().then_some(seconds),
        };
        if left.is_some() {
            Ok(Some(quota))
        } else {
            Err(quota)
        }
    }

    /// Counts one more, unless that is one too many.
    pub(super) fn check(&self, who: &dyn Display) -> Result<Option<Quota>, Quota> {
        let Some(governor) = &self.governor else {
            return Ok(None);
        };
        let key = format!("ratelimit:{who}:{}", self.kind);
        match governor.check_key(&key) {
            Ok(state) => Ok(Some(self.quota(state.remaining_burst_capacity(), None))),
            Err(refused) => {
                let wait = refused.wait_time_from(governor.clock().now());
                let seconds = wait.as_secs_f64().ceil().max(1.0) as u32;
                Err(self.quota(0, Some(seconds)))
            }
        }
    }

    pub(super) fn tidy(&self) {
        if let Some(governor) = &self.governor {
            governor.retain_recent();
            governor.shrink_to_fit();
        }
    }

    fn quota(&self, remaining: u32, retry_after_s: Option<u32>) -> Quota {
        let used = self.per_minute.saturating_sub(remaining);
        Quota {
            kind: self.kind,
            per_minute: self.per_minute,
            remaining,
            reset_s: (used.saturating_mul(WINDOW_S)).div_ceil(self.per_minute.max(1)),
            retry_after_s,
        }
    }
}

impl Quota {
    /// Writes `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), unless a
    /// closer limit stands there already.
    pub fn write(&self, headers: &mut HeaderMap) {
        if headers.contains_key("ratelimit") {
            return;
        }
        let policy = format!("\"{}\";q={};w={WINDOW_S}", self.kind, self.per_minute);
        let left = format!("\"{}\";r={};t={}", self.kind, self.remaining, self.reset_s);
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Whoever holds an IPv6 address holds the 2^64 beside it, so those count together.
pub fn subject(address: Option<ClientAddress>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(ClientAddress(std::net::IpAddr::V4(address))) => address.to_string(),
        Some(ClientAddress(std::net::IpAddr::V6(address))) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_minute_lets_so_many_through_and_fills_up_again() {
        let clock = FakeRelativeClock::default();
        let limiter = Limiter::new("read", 6, clock.clone());
        for left in (0..6).rev() {
            let quota = limiter
                .check(&"ann")
                .expect("let through")
                .expect("limited");
            assert_eq!((quota.remaining, quota.reset_s), (left, (6 - left) * 10));
        }
        let refused = limiter.check(&"ann").expect_err("one too many");
        assert_eq!((refused.remaining, refused.retry_after_s), (0, Some(10)));
        assert!(limiter.check(&"bob").is_ok(), "others are counted apart");
        clock.advance(Duration::from_secs(9));
        assert_eq!(
            limiter.check(&"ann").expect_err("not yet").retry_after_s,
            Some(1)
        );
        clock.advance(Duration::from_secs(1));
        assert!(limiter.check(&"ann").is_ok());
        assert!(limiter.check(&"ann").is_err());
        clock.advance(Duration::from_mins(2));
        limiter.tidy();
        assert_eq!(
            limiter.governor.as_ref().expect("limited").len(),
            0,
            "nobody is remembered"
        );
    }

    #[test]
    fn no_limit_counts_nothing() {
        let limiter = Limiter::new("read", 0, FakeRelativeClock::default());
        for _ in 0..1000 {
            assert_eq!(limiter.check(&"ann"), Ok(None));
        }
    }

    #[test]
    fn the_headers_are_structured_fields() {
        let quota = Quota {
            kind: "write",
            per_minute: 100,
            remaining: 97,
            reset_s: 2,
            retry_after_s: None,
        };
        let mut headers = HeaderMap::new();
        quota.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"write\";q=100;w=60");
        assert_eq!(headers["ratelimit"], "\"write\";r=97;t=2");
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_together() {
        let of = |text: &str| subject(text.parse().ok().map(ClientAddress));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
