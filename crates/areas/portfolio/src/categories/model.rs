use market::InstrumentId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::FieldError;

use super::error::refusal;

/// Percents are kept with four digits after the point.
const PERCENT_DIGITS: u32 = 4;
const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 2_000;
/// The colour of a category that states none.
pub(super) const DEFAULT_COLOR: &str = "#3b82f6";

/// Names a category of one person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub(crate) struct CategoryId(pub(crate) Uuid);

/// Names a rule of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct RuleId(pub(crate) Uuid);

/// By what a category sorts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CategoryType {
    /// What kind of thing it is.
    AssetClass,
    /// Sector of the economy.
    Sector,
    /// Where it is.
    Geography,
    /// What it is held for.
    Strategy,
    /// How much it may lose.
    RiskLevel,
    /// Anything else.
    #[default]
    Custom,
}

impl CategoryType {
    pub(super) const ALL: [Self; 6] = [
        Self::AssetClass,
        Self::Sector,
        Self::Geography,
        Self::Strategy,
        Self::RiskLevel,
        Self::Custom,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::AssetClass => "asset_class",
            Self::Sector => "sector",
            Self::Geography => "geography",
            Self::Strategy => "strategy",
            Self::RiskLevel => "risk_level",
            Self::Custom => "custom",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::AssetClass => "Asset class",
            Self::Sector => "Sector",
            Self::Geography => "Geography",
            Self::Strategy => "Strategy",
            Self::RiskLevel => "Risk level",
            Self::Custom => "Anything else",
        }
    }
}

/// What a person decides about a category: what a client sends, and gets back as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Details {
    /// Unique among one's own, regardless of case; 1 to 100 characters.
    pub(crate) category_name: String,
    /// A category above this one; there are two levels.
    #[serde(default)]
    pub(crate) parent_id: Option<CategoryId>,
    /// `asset_class`, `sector`, `geography`, `strategy`, `risk_level` or `custom`.
    #[serde(default)]
    pub(crate) category_type: CategoryType,
    /// Free text.
    #[serde(default)]
    pub(crate) category_description: Option<String>,
    /// Such as `#3b82f6`.
    #[serde(default = "default_color")]
    pub(crate) category_color: String,
    /// Percent of everything that is owned. The targets of one level add up to at most 100, those
    /// below a category to at most its own.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) target_allocation_percent: Option<Decimal>,
    /// Percent below which it is too low.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) min_allocation_percent: Option<Decimal>,
    /// Percent above which it is too high.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) max_allocation_percent: Option<Decimal>,
    /// How many percentage points it may be away from its target; 5 unless given.
    #[serde(default = "default_threshold")]
    #[schema(value_type = String)]
    pub(crate) rebalance_threshold: Decimal,
    /// How many percent of its target it may be away from it; no such limit unless given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) relative_threshold: Option<Decimal>,
}

impl Details {
    /// A category of which nothing is decided but its name.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            category_name: name.to_owned(),
            parent_id: None,
            category_type: CategoryType::default(),
            category_description: None,
            category_color: default_color(),
            target_allocation_percent: None,
            min_allocation_percent: None,
            max_allocation_percent: None,
            rebalance_threshold: default_threshold(),
            relative_threshold: None,
        }
    }
}

fn default_color() -> String {
    DEFAULT_COLOR.to_owned()
}

pub(super) fn default_threshold() -> Decimal {
    Decimal::from(5)
}

/// A category as stored, and on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Category {
    /// Names the category.
    pub(crate) id: CategoryId,
    /// What its owner decided.
    #[serde(flatten)]
    pub(crate) details: Details,
    /// Grows with every edit; the `ETag`.
    #[serde(skip)]
    pub(crate) version: i32,
}

/// How an instrument came into a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssignmentType {
    /// By hand.
    #[default]
    Manual,
    /// By a rule; never stored.
    RuleBased,
    /// By a suggestion that was accepted.
    Suggested,
}

impl AssignmentType {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::RuleBased => "rule_based",
            Self::Suggested => "suggested",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Manual => "by hand",
            Self::RuleBased => "by rule",
            Self::Suggested => "accepted suggestion",
        }
    }
}

/// What was decided about an instrument and a category.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the words of the wire")]
pub(crate) struct Assignment {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(crate) instrument_id: InstrumentId,
    /// The category.
    pub(crate) category_id: CategoryId,
    /// How it came there.
    pub(crate) assignment_type: AssignmentType,
    /// How sure that is, 0 to 1.
    #[schema(value_type = String)]
    pub(crate) assignment_confidence: Decimal,
    /// The percent of the holding that counts.
    #[schema(value_type = String)]
    pub(crate) weight: Decimal,
    /// Whether neither rule nor suggestion may put it there.
    pub(crate) is_declined: bool,
}

/// What a client sends to put an instrument into a category, or to keep it out.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignmentBody {
    /// `manual`, or `suggested` to accept what is suggested now.
    #[serde(default)]
    pub(crate) assignment_type: AssignmentType,
    /// The percent of the holding that counts; 100 unless given. The weights of an instrument add up
    /// to at most 100.
    #[serde(default = "whole")]
    #[schema(value_type = String)]
    pub(crate) weight: Decimal,
    /// `true` to keep it out.
    #[serde(default)]
    pub(crate) is_declined: bool,
}

fn whole() -> Decimal {
    Decimal::ONE_HUNDRED
}

impl AssignmentBody {
    /// The weight as it is kept.
    pub(super) fn checked_weight(self) -> Result<Decimal, Vec<FieldError>> {
        let weight = self.weight.round_dp(PERCENT_DIGITS).normalize();
        if weight > Decimal::ZERO && weight <= Decimal::ONE_HUNDRED {
            Ok(weight)
        } else {
            let detail = "The weight must be above 0 and at most 100 percent.";
            Err(vec![refusal("weight", "out_of_range", detail)])
        }
    }
}

impl Details {
    /// Checks the fields, and states them as they are kept.
    pub(super) fn checked(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let category_name = self.category_name.trim().to_owned();
        let length = category_name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || category_name.chars().any(char::is_control) {
            let detail = "The name must be one line of 1 to 100 characters.";
            errors.push(refusal("category_name", "invalid_length", detail));
        }
        let description = self
            .category_description
            .filter(|text| !text.trim().is_empty());
        let is_wrong =
            |text: &String| text.contains('\0') || text.chars().count() > LONGEST_DESCRIPTION;
        if description.as_ref().is_some_and(is_wrong) {
            let detail = "The description has at most 2,000 characters, and no character NUL.";
            errors.push(refusal("category_description", "invalid_text", detail));
        }
        let category_color = self.category_color.trim().to_lowercase();
        let digits = category_color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            let detail = "The colour must be written as # and six digits, such as #3b82f6.";
            errors.push(refusal("category_color", "invalid_color", detail));
        }
        let mut percent = |pointer: &str, stated: Decimal| {
            let kept = stated.round_dp(PERCENT_DIGITS).normalize();
            if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&kept) {
                let detail = "The percent must be from 0 to 100.";
                errors.push(refusal(pointer, "out_of_range", detail));
            }
            kept
        };
        let kept = Self {
            category_name,
            parent_id: self.parent_id,
            category_type: self.category_type,
            category_description: description,
            category_color,
            target_allocation_percent: self
                .target_allocation_percent
                .map(|stated| percent("target_allocation_percent", stated)),
            min_allocation_percent: self
                .min_allocation_percent
                .map(|stated| percent("min_allocation_percent", stated)),
            max_allocation_percent: self
                .max_allocation_percent
                .map(|stated| percent("max_allocation_percent", stated)),
            rebalance_threshold: percent("rebalance_threshold", self.rebalance_threshold),
            relative_threshold: self
                .relative_threshold
                .map(|stated| percent("relative_threshold", stated)),
        };
        kept.check_order(&mut errors);
        if errors.is_empty() {
            Ok(kept)
        } else {
            Err(errors)
        }
    }

    fn check_order(&self, errors: &mut Vec<FieldError>) {
        let is_above = |left: Option<Decimal>, right: Option<Decimal>| {
            left.zip(right).is_some_and(|(left, right)| left > right)
        };
        let (min, max) = (self.min_allocation_percent, self.max_allocation_percent);
        let target = self.target_allocation_percent;
        if is_above(min, target) || is_above(min, max) {
            let detail = "The minimum must not be above the target or the maximum.";
            errors.push(refusal("min_allocation_percent", "out_of_order", detail));
        }
        if is_above(target, max) {
            let detail = "The maximum must not be below the target.";
            errors.push(refusal("max_allocation_percent", "out_of_order", detail));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn read(body: serde_json::Value) -> Result<Details, Vec<String>> {
        let details: Details = serde_json::from_value(body).expect("a body");
        details
            .checked()
            .map_err(|errors| errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn what_is_left_out_takes_its_default() {
        let kept = read(json!({ "category_name": " Core ", "category_color": "#AABBCC" }));
        let kept = kept.expect("acceptable");
        assert_eq!(kept.category_name, "Core");
        assert_eq!(kept.category_color, "#aabbcc");
        assert_eq!(kept.rebalance_threshold, dec("5"));
        assert_eq!(kept.category_type, CategoryType::Custom);
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let cases = [
            (json!({ "category_name": " " }), "category_name"),
            (
                json!({ "category_name": "A", "category_color": "red" }),
                "category_color",
            ),
            (
                json!({ "category_name": "A", "target_allocation_percent": "101" }),
                "target_allocation_percent",
            ),
            (
                json!({ "category_name": "A", "rebalance_threshold": "-1" }),
                "rebalance_threshold",
            ),
            (
                json!({ "category_name": "A", "target_allocation_percent": "10", "min_allocation_percent": "11" }),
                "min_allocation_percent",
            ),
            (
                json!({ "category_name": "A", "target_allocation_percent": "10", "max_allocation_percent": "9" }),
                "max_allocation_percent",
            ),
        ];
        for (body, pointer) in cases {
            assert_eq!(read(body.clone()), Err(vec![pointer.to_owned()]), "{body}");
        }
    }
}
