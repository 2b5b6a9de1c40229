use std::collections::BTreeMap;

use db::{UserId, UserTx};
use market::{Instrument, InstrumentId};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Error,
    drift::{Band, judge},
    error::refused,
    model::{Assignment, AssignmentBody, AssignmentType, Category, CategoryId},
    rules::{Membership, Rule, top},
    store,
    suggestions::{Suggestion, suggest},
};
use crate::{
    allocation::{self, Worth},
    private_assets,
    report::stored,
    valuation::Valuation,
};

/// Digits of a drift in percent.
const PERCENT_DIGITS: u32 = 4;

/// Categories with all that puts instruments into them.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) categories: Vec<Category>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) decided: Vec<Assignment>,
}

/// Reads all of it.
pub(crate) async fn book(tx: &mut UserTx) -> Result<Book, Error> {
    Ok(Book {
        categories: store::list(tx).await?,
        rules: store::list_rules(tx).await?,
        decided: store::list_assignments(tx).await?,
    })
}

/// A category beside what is held of it.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the words of the wire")]
pub(crate) struct Drift {
    /// The category.
    pub(crate) category_id: CategoryId,
    /// Its name.
    pub(crate) category_name: String,
    /// The category above it.
    pub(crate) parent_id: Option<CategoryId>,
    /// What is held of it, and of those below it.
    #[schema(value_type = String)]
    pub(crate) value: Decimal,
    /// The same in percent of everything that is owned; absent when that is nothing.
    #[schema(value_type = Option<String>)]
    pub(crate) percent: Option<Decimal>,
    /// Its target, in percent of the same.
    #[schema(value_type = Option<String>)]
    pub(crate) target_allocation_percent: Option<Decimal>,
    /// How many percentage points it is above its target, below zero when it is under it.
    #[schema(value_type = Option<String>)]
    pub(crate) drift: Option<Decimal>,
    /// What would have to be bought to reach the target, below zero what would have to be sold.
    #[schema(value_type = Option<String>)]
    pub(crate) to_target: Option<Decimal>,
    /// Whether it is where it should be.
    pub(crate) band: Band,
}

/// Where an instrument belongs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Placed {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(crate) instrument_id: InstrumentId,
    /// Its symbol.
    pub(crate) symbol: String,
    /// Its name.
    pub(crate) name: String,
    /// Its categories; none where it belongs nowhere.
    pub(crate) assignments: Vec<Assignment>,
    /// Where it might belong.
    pub(crate) suggestion: Option<Suggestion>,
}

impl Book {
    /// Where everything belongs that is held.
    pub(crate) fn membership(&self, valuation: &Valuation) -> Membership {
        Membership::new(held(valuation), &self.rules, &self.decided)
    }

    /// Every holding with its categories, the largest first.
    pub(crate) fn placed(&self, valuation: &Valuation) -> Vec<Placed> {
        let membership = self.membership(valuation);
        let instruments: Vec<&Instrument> = held(valuation).collect();
        let suggested = suggest(&instruments, &self.categories, &membership, &self.decided);
        let mut suggested: BTreeMap<InstrumentId, Suggestion> = suggested
            .into_iter()
            .map(|suggestion| (suggestion.instrument_id, suggestion))
            .collect();
        instruments
            .into_iter()
            .map(|instrument| Placed {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                assignments: membership.get(instrument.id).to_vec(),
                suggestion: suggested.remove(&instrument.id),
            })
            .collect()
    }

    /// Every category beside its target.
    pub(crate) fn drifts(&self, valuation: &Valuation) -> Vec<Drift> {
        let values = self.values(valuation);
        let worth = allocation::worth(valuation);
        self.categories
            .iter()
            .map(|category| drift(category, &values, worth))
            .collect()
    }

    /// What is held of each category, those below it included.
    fn values(&self, valuation: &Valuation) -> BTreeMap<CategoryId, Decimal> {
        let membership = self.membership(valuation);
        let mut values: BTreeMap<CategoryId, Decimal> = BTreeMap::new();
        let mut add = |id: CategoryId, value: Decimal| {
            *values.entry(id).or_default() += value;
            let above = top(id, &self.categories);
            if above != id {
                *values.entry(above).or_default() += value;
            }
        };
        for holding in valuation.open_holdings() {
            let id = valuation.instrument(holding.asset).id;
            for member in membership.get(id) {
                let part = holding.value * member.weight / Decimal::ONE_HUNDRED;
                add(member.category_id, part);
            }
        }
        if let Some(cash) = membership.cash {
            add(cash, valuation.totals.cash);
        }
        values
    }
}

/// The instruments that are held, the largest value first.
fn held(valuation: &Valuation) -> impl Iterator<Item = &Instrument> {
    valuation
        .open_holdings()
        .map(|holding| valuation.instrument(holding.asset))
}

fn drift(category: &Category, values: &BTreeMap<CategoryId, Decimal>, worth: Worth) -> Drift {
    let details = &category.details;
    let value = values.get(&category.id).copied().unwrap_or_default();
    let share = (value * Decimal::ONE_HUNDRED).checked_div(worth.assets);
    let target = details.target_allocation_percent;
    Drift {
        category_id: category.id,
        category_name: details.category_name.clone(),
        parent_id: details.parent_id,
        value: stored(value),
        percent: share.map(|share| share.round_dp(PERCENT_DIGITS).normalize()),
        target_allocation_percent: target,
        drift: share
            .zip(target)
            .map(|(share, target)| (share - target).round_dp(PERCENT_DIGITS).normalize()),
        to_target: target
            .map(|target| stored(worth.assets * target / Decimal::ONE_HUNDRED - value)),
        band: share.map_or(Band::NoTarget, |share| judge(share, details)),
    }
}

/// Puts an instrument into a category, or keeps it out. Accepting a suggestion keeps its confidence.
pub(crate) async fn assign(
    tx: &mut UserTx,
    user: UserId,
    valuation: &Valuation,
    (category, instrument): (CategoryId, InstrumentId),
    body: AssignmentBody,
) -> Result<Assignment, Error> {
    store::lock(tx, category).await?;
    private_assets::service::visible(tx, instrument)
        .await?
        .ok_or(Error::NoInstrument)?;
    let weight = body.checked_weight().map_err(Error::Invalid)?;
    let confidence = match body.assignment_type {
        AssignmentType::Manual => Decimal::ONE,
        AssignmentType::RuleBased => {
            let detail = "Rules are stated by themselves; choose manual or suggested.";
            return Err(refused("assignment_type", "not_acceptable", detail));
        }
        AssignmentType::Suggested => {
            let placed = book(tx).await?.placed(valuation);
            let suggested = placed.into_iter().filter_map(|placed| placed.suggestion);
            suggested
                .filter(|s| s.instrument_id == instrument && s.category_id == category)
                .map(|suggestion| suggestion.confidence)
                .next()
                .ok_or_else(|| {
                    let detail = "This is not suggested at the moment; assign it by hand.";
                    refused("assignment_type", "not_suggested", detail)
                })?
        }
    };
    let decided = Assignment {
        instrument_id: instrument,
        category_id: category,
        assignment_type: body.assignment_type,
        assignment_confidence: confidence,
        weight,
        is_declined: body.is_declined,
    };
    store::upsert_assignment(tx, user, &decided).await?;
    Ok(decided)
}
