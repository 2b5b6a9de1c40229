//! How far a category is from its target, and whether that is too far.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::Details;

/// Whether a category is where it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::enum_variant_names,
    reason = "\"in band\" is what it is called"
)]
pub(crate) enum Band {
    /// It has neither target nor limits.
    NoTarget,
    /// Within its limits.
    InBand,
    /// Too much of it.
    TooHigh,
    /// Too little of it.
    TooLow,
}

impl Band {
    /// The words and the sign for people: colour alone would not tell.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::NoTarget => "no target",
            Self::InBand => "✓ in band",
            Self::TooHigh => "▲ too high",
            Self::TooLow => "▼ too low",
        }
    }
}

/// Judges a share of everything that is owned, in percent. It is out of band above the maximum, below
/// the minimum, or farther from the target than either threshold: `rebalance_threshold` in percentage
/// points, `relative_threshold` in percent of the target. On a limit is within it.
pub(crate) fn judge(share: Decimal, of: &Details) -> Band {
    let target = of.target_allocation_percent;
    let (min, max) = (of.min_allocation_percent, of.max_allocation_percent);
    let allowed = target.map(|target| {
        let relative = of
            .relative_threshold
            .map(|threshold| target * threshold / Decimal::ONE_HUNDRED);
        relative.map_or(of.rebalance_threshold, |relative| {
            relative.min(of.rebalance_threshold)
        })
    });
    let drift = target.map(|target| share - target).zip(allowed);
    if max.is_some_and(|max| share > max) || drift.is_some_and(|(drift, allowed)| drift > allowed) {
        Band::TooHigh
    } else if min.is_some_and(|min| share < min)
        || drift.is_some_and(|(drift, allowed)| drift < -allowed)
    {
        Band::TooLow
    } else if target.is_none() && min.is_none() && max.is_none() {
        Band::NoTarget
    } else {
        Band::InBand
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn category(limits: &serde_json::Value) -> Details {
        let mut body = json!({ "category_name": "A" });
        let fields = limits.as_object().expect("fields").clone();
        body.as_object_mut().expect("fields").extend(fields);
        serde_json::from_value(body).expect("a category")
    }

    #[test]
    fn a_share_is_judged_by_target_and_thresholds() {
        let of =
            category(&json!({ "target_allocation_percent": "20", "rebalance_threshold": "5" }));
        let cases = [
            (dec("14.99"), Band::TooLow),
            (dec("15"), Band::InBand),
            (dec("25"), Band::InBand),
            (dec("25.01"), Band::TooHigh),
        ];
        for (share, band) in cases {
            assert_eq!(judge(share, &of), band, "{share}");
        }
        // A quarter of 8 is 2, less than 5 points.
        let small =
            category(&json!({ "target_allocation_percent": "8", "relative_threshold": "25" }));
        assert_eq!(judge(dec("10"), &small), Band::InBand);
        assert_eq!(judge(dec("10.01"), &small), Band::TooHigh);
        assert_eq!(judge(dec("5.9"), &small), Band::TooLow);
    }

    #[test]
    fn limits_count_without_a_target() {
        let of =
            category(&json!({ "min_allocation_percent": "5", "max_allocation_percent": "10" }));
        assert_eq!(judge(dec("4.9"), &of), Band::TooLow);
        assert_eq!(judge(dec("5"), &of), Band::InBand);
        assert_eq!(judge(dec("10.1"), &of), Band::TooHigh);
        assert_eq!(judge(dec("50"), &category(&json!({}))), Band::NoTarget);
    }
}
