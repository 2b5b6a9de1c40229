use std::time::Duration;

/// How often, and after which pauses, a request is tried again.
///
/// The pause before try n + 1 is drawn evenly from zero to `base` · 2ⁿ⁻¹, at most `longest` (full
/// jitter: nodes that failed together do not come back together). A provider that names a time is
/// given it, when that is not longer than `longest`; otherwise the caller is told.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// Tries, the first included.
    pub tries: u32,
    /// Longest first pause.
    pub base: Duration,
    /// Longest pause.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 3,
            base: Duration::from_millis(500),
            longest: Duration::from_secs(20),
        }
    }
}

impl Retry {
    /// The pause after try number `failed`, from 1. `chance` is in 0..1.
    pub(crate) fn pause(&self, failed: u32, chance: f64) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1_u32 << failed.saturating_sub(1).min(16));
        doubled.min(self.longest).mul_f64(chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_chance_spreads_them() {
        let retry = Retry::default();
        let most: Vec<_> = (1..=8).map(|n| retry.pause(n, 1.0).as_millis()).collect();
        assert_eq!(
            most,
            [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]
        );
        assert_eq!(retry.pause(3, 0.0), Duration::ZERO);
        assert_eq!(retry.pause(3, 0.25), Duration::from_millis(500));
    }
}
