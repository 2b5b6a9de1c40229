//! What puts instruments into categories by what is known of them.

use std::collections::BTreeMap;

use market::{AssetClass, Instrument, InstrumentId};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use super::{
    error::refusal,
    model::{Assignment, AssignmentType, Category, CategoryId, RuleId},
};
use crate::allocation;

const MOST_OPERANDS: usize = 500;
const LONGEST_OPERAND: usize = 100;

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// What kind of thing it is.
    AssetClass,
    /// Sector of the economy.
    Sector,
    /// Part of the world.
    Region,
    /// Country of domicile.
    Country,
    /// Currency in which it is quoted.
    Currency,
    /// Its symbol.
    Symbol,
}

impl Field {
    pub(super) const ALL: [Self; 6] = [
        Self::AssetClass,
        Self::Sector,
        Self::Region,
        Self::Country,
        Self::Currency,
        Self::Symbol,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::AssetClass => "asset_class",
            Self::Sector => "sector",
            Self::Region => "region",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Symbol => "symbol",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::AssetClass => "Asset class",
            Self::Sector => "Sector",
            Self::Region => "Region",
            Self::Country => "Country",
            Self::Currency => "Currency",
            Self::Symbol => "Symbol",
        }
    }
}

/// A rule as stored, and on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Rule {
    /// Names the rule.
    pub(crate) id: RuleId,
    /// The category into which it puts.
    pub(crate) category_id: CategoryId,
    /// What it looks at, and for which values.
    #[serde(flatten)]
    pub(crate) condition: Condition,
}

/// What a rule demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// `asset_class`, `sector`, `region`, `country`, `currency` or `symbol`.
    pub(crate) field: Field,
    /// Values of which one must be the instrument's; case does not matter.
    pub(crate) operands: Vec<String>,
}

impl Condition {
    /// Checks the values, and states them as they are kept.
    pub(super) fn checked(self) -> Result<Self, Vec<FieldError>> {
        let field = self.field;
        let mut errors = Vec::new();
        let mut operands: Vec<String> = Vec::new();
        for stated in &self.operands {
            let text = stated.trim();
            let length = text.chars().count();
            if length == 0 {
                continue;
            }
            if length > LONGEST_OPERAND || text.chars().any(char::is_control) {
                let detail = "A value is one line of at most 100 characters.";
                errors.push(refusal("operands", "invalid_text", detail));
                continue;
            }
            match normalized(field, text) {
                Some(kept) if operands.contains(&kept) => {}
                Some(kept) => operands.push(kept),
                None => errors.push(refusal(
                    "operands",
                    "unknown_value",
                    format!("{text:?} is no {}.", field.label().to_lowercase()),
                )),
            }
        }
        if errors.is_empty() && !(1..=MOST_OPERANDS).contains(&operands.len()) {
            let detail = format!("State 1 to {MOST_OPERANDS} values.");
            errors.push(refusal("operands", "missing_field", detail));
        }
        if errors.is_empty() {
            Ok(Self { field, operands })
        } else {
            Err(errors)
        }
    }

    /// Whether an instrument is meant.
    pub(super) fn matches(&self, instrument: &Instrument) -> bool {
        fact(self.field, instrument)
            .is_some_and(|fact| self.operands.iter().any(|o| o.eq_ignore_ascii_case(&fact)))
    }

    /// Whether cash is meant.
    fn matches_cash(&self) -> bool {
        let cash = AssetClass::Cash.as_str();
        self.field == Field::AssetClass && self.operands.iter().any(|operand| operand == cash)
    }
}

/// A value as rules keep it; `None` when it is none of the field's.
fn normalized(field: Field, text: &str) -> Option<String> {
    match field {
        Field::AssetClass => AssetClass::parse(text).map(|class| class.as_str().to_owned()),
        Field::Currency => Currency::new(text).ok().map(|code| code.to_string()),
        Field::Country => Some(allocation::country(text)),
        Field::Symbol => Some(text.to_uppercase()),
        Field::Sector | Field::Region => Some(text.to_owned()),
    }
}

/// What is known of an instrument.
pub(super) fn fact(field: Field, instrument: &Instrument) -> Option<String> {
    match field {
        Field::AssetClass => Some(instrument.asset_class.as_str().to_owned()),
        Field::Sector => instrument.sector.clone(),
        Field::Region => instrument
            .country
            .as_deref()
            .and_then(allocation::region)
            .map(str::to_owned),
        Field::Country => instrument.country.as_deref().map(allocation::country),
        Field::Currency => instrument.currency.map(|currency| currency.to_string()),
        Field::Symbol => Some(instrument.symbol.clone()),
    }
}

/// Where instruments belong.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    pub(crate) of: BTreeMap<InstrumentId, Vec<Assignment>>,
    /// The category of cash.
    pub(crate) cash: Option<CategoryId>,
}

impl Membership {
    /// Decisions count first, then the first rule whose category was not declined. Rules come in the
    /// order in which they were made.
    pub(crate) fn new<'i>(
        instruments: impl IntoIterator<Item = &'i Instrument>,
        rules: &[Rule],
        decided: &[Assignment],
    ) -> Self {
        let of = instruments
            .into_iter()
            .map(|instrument| (instrument.id, members(instrument, rules, decided)))
            .filter(|(_, members)| !members.is_empty())
            .collect();
        let cash = rules.iter().find(|rule| rule.condition.matches_cash());
        Self {
            of,
            cash: cash.map(|rule| rule.category_id),
        }
    }

    /// Categories of an instrument; none where it belongs nowhere.
    pub(crate) fn get(&self, id: InstrumentId) -> &[Assignment] {
        self.of.get(&id).map_or(&[], Vec::as_slice)
    }
}

fn members(instrument: &Instrument, rules: &[Rule], decided: &[Assignment]) -> Vec<Assignment> {
    let own = || decided.iter().filter(|a| a.instrument_id == instrument.id);
    let accepted: Vec<Assignment> = own().filter(|a| !a.is_declined).cloned().collect();
    if !accepted.is_empty() {
        return accepted;
    }
    let is_declined = |id: CategoryId| own().any(|a| a.category_id == id);
    rules
        .iter()
        .find(|rule| rule.condition.matches(instrument) && !is_declined(rule.category_id))
        .map(|rule| Assignment {
            instrument_id: instrument.id,
            category_id: rule.category_id,
            assignment_type: AssignmentType::RuleBased,
            assignment_confidence: Decimal::ONE,
            weight: Decimal::ONE_HUNDRED,
            is_declined: false,
        })
        .into_iter()
        .collect()
}

/// The upper category of one, itself where it has none.
pub(crate) fn top(id: CategoryId, categories: &[Category]) -> CategoryId {
    categories
        .iter()
        .find(|category| category.id == id)
        .and_then(|category| category.details.parent_id)
        .unwrap_or(id)
}
