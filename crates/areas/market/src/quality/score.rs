use jiff::SignedDuration;

/// What comes by the day is fresh for this long: a weekend and a holiday.
pub(crate) const DAILY_FRESH_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);

/// Values by the day that are there and with which new ones are compared.
pub(crate) const COMPARED: i64 = 30;

/// What the quality of fetched data is made of; each part from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// 1 within the lifetime; halved with every further lifetime that passes.
    pub freshness: f64,
    /// Share of the expected values that are there.
    pub completeness: f64,
    /// 1 where a second source says the same, 0 where it differs by a per cent or more; a half where there is
    /// none to compare with.
    pub agreement: f64,
    /// Share of the values that raise no doubt.
    pub validation: f64,
}

impl Parts {
    /// 0.3 · freshness + 0.25 · completeness + 0.2 · agreement + 0.25 · validation, to two digits.
    pub fn score(&self) -> f64 {
        let sum = 0.3 * self.freshness.clamp(0.0, 1.0)
            + 0.25 * self.completeness.clamp(0.0, 1.0)
            + 0.2 * self.agreement.clamp(0.0, 1.0)
            + 0.25 * self.validation.clamp(0.0, 1.0);
        (sum * 100.0).round() / 100.0
    }
}

/// How fresh something of this age is.
pub fn freshness(age: SignedDuration, lifetime: SignedDuration) -> f64 {
    let lifetime = lifetime.as_secs_f64().max(1.0);
    let over = (age.as_secs_f64() / lifetime - 1.0).max(0.0);
    0.5_f64.powf(over)
}

/// How complete so many of so many expected values are.
pub fn share(there: usize, expected: usize) -> f64 {
    if expected == 0 {
        return 1.0;
    }
    (there as f64 / expected as f64).min(1.0)
}

/// How well closes of two sources agree: by the mean difference of those they share.
pub fn agreement(pairs: &[(f64, f64)]) -> f64 {
    if pairs.is_empty() {
        return 0.5;
    }
    let sum: f64 = pairs
        .iter()
        .map(|(one, other)| (one - other).abs() / one.abs().max(other.abs()).max(f64::MIN_POSITIVE))
        .sum();
    1.0 - (sum / pairs.len() as f64 / 0.01).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_one_for_the_best_and_nought_for_the_worst() {
        let best = Parts {
            freshness: 1.0,
            completeness: 1.0,
            agreement: 1.0,
            validation: 1.0,
        };
        let worst = Parts {
            freshness: 0.0,
            completeness: 0.0,
            agreement: 0.0,
            validation: 0.0,
        };
        let alone = Parts {
            agreement: 0.5,
            ..best
        };
        assert_eq!(
            (best.score(), worst.score(), alone.score()),
            (1.0, 0.0, 0.9)
        );
    }

    #[test]
    fn parts_follow_their_formulas() {
        let hour = SignedDuration::from_hours(1);
        assert!((freshness(hour, hour) - 1.0).abs() < 1e-12);
        assert!((freshness(hour * 3, hour) - 0.25).abs() < 1e-12);
        assert!((share(3, 4) - 0.75).abs() < 1e-12);
        assert!((share(5, 4) - 1.0).abs() < 1e-12);
        assert!((agreement(&[]) - 0.5).abs() < 1e-12);
        assert!((agreement(&[(100.0, 100.0), (100.0, 99.5)]) - 0.75).abs() < 1e-12);
        assert!(agreement(&[(100.0, 50.0)]).abs() < 1e-12);
    }
}
