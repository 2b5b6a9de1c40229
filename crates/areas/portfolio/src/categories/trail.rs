//! How the figures of a category came about.

use rust_decimal::Decimal;
use web::Problem;

use super::{
    model::CategoryId,
    rules::top,
    service::{self, Book, Drift},
};
use crate::{
    allocation,
    trail::{self, Amount, Asked, Input, Place, Step, Trail, figures},
};

figures! {
    /// Figures of a category.
    Category {
        Value: "category_value", "Value of a category", "Of every holding in the category, or in one below it, its value × the percent of it that counts there; cash, where a rule puts it there.";
        Share: "category_share", "Share of a category", "The value of the category over everything that is owned: holdings and cash above zero, debts not subtracted.";
        Drift: "category_drift", "Drift of a category", "The share less the target, in percentage points.";
        ToTarget: "category_to_target", "To target", "The target × everything that is owned, less the value of the category: what would have to be bought, or below zero sold.";
    }
}

/// `None` when there is no such category.
pub(crate) async fn trail(asked: Asked<'_>, figure: Category) -> Result<Option<Trail>, Problem> {
    let Ok(id) = asked.query.of.trim().parse().map(CategoryId) else {
        return Ok(None);
    };
    let mut tx = asked.app.db.read(asked.user).await?;
    let book = service::book(&mut tx).await?;
    drop(tx);
    let drifts = book.drifts(asked.valuation);
    let drift = drifts.into_iter().find(|drift| drift.category_id == id);
    Ok(drift.map(|drift| explain(asked.place(), &book, &drift, figure)))
}

/// A percentage as a ratio.
pub(super) fn ratio(percent: Decimal) -> f64 {
    money::f64_from_decimal(percent / Decimal::ONE_HUNDRED)
}

fn explain(place: Place<'_>, book: &Book, drift: &Drift, figure: Category) -> Trail {
    let percent = |percent: Option<Decimal>, why: &str| {
        Amount::ratio(percent.map(ratio).ok_or_else(|| why.to_owned()))
    };
    let share = percent(drift.percent, "nothing is owned");
    let target = percent(drift.target_allocation_percent, "it has no target");
    let owned = allocation::worth(place.valuation).assets;
    let result = match figure {
        Category::Value => place.money(drift.value),
        Category::Share => share.clone(),
        Category::Drift => percent(drift.drift, "it has no target"),
        Category::ToTarget => drift.to_target.map_or_else(
            || Amount::missing("it has no target"),
            |amount| place.money(amount),
        ),
    };
    let mut steps = vec![Step::new("All members", place.money(drift.value))];
    if figure != Category::Value {
        steps.push(Step::new("Everything that is owned", place.money(owned)));
        steps.push(Step::new("Share", share));
    }
    if matches!(figure, Category::Drift | Category::ToTarget) {
        steps.push(Step::new("Target", target.clone()));
        steps.push(Step::new(figure.title(), result.clone()));
    }
    let mut inputs = members(place, book, drift.category_id);
    if matches!(figure, Category::Drift | Category::ToTarget) {
        inputs.push(Input::chosen("Target of the category", target));
    }
    Trail::new(figure, result)
        .about(&drift.category_name)
        .inputs(inputs)
        .steps(steps)
}

/// What belongs to a category or to one below it.
fn members(place: Place<'_>, book: &Book, id: CategoryId) -> Vec<Input> {
    let valuation = place.valuation;
    let membership = book.membership(valuation);
    let counts = |member: CategoryId| member == id || top(member, &book.categories) == id;
    let mut inputs = Vec::new();
    for holding in valuation.open_holdings() {
        let instrument = valuation.instrument(holding.asset);
        for member in membership.get(instrument.id) {
            if !counts(member.category_id) {
                continue;
            }
            let input = trail::priced(place, holding);
            let weight = member.weight.normalize();
            let text = if weight == Decimal::ONE_HUNDRED {
                input.text
            } else {
                format!("{}, {weight} % of it", input.text)
            };
            inputs.push(Input {
                text,
                amount: place.money(holding.value * member.weight / Decimal::ONE_HUNDRED),
                ..input
            });
        }
    }
    if membership.cash.is_some_and(counts) {
        let scope = crate::scope::Scope::known(None, valuation.known_on);
        let href = scope.href("/portfolio/cash", None);
        let cash = place.money(valuation.totals.cash);
        inputs.push(place.booked("Cash", cash, Some(href)));
    }
    inputs
}
