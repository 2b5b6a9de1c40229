//! How a part of the allocation came about.

use rust_decimal::Decimal;
use web::Problem;

use super::{
    model::{Dimension, cash_of, members},
    pages::WHOLE,
    service::{self, Divided},
};
use crate::trail::{self, Amount, Asked, Input, Place, Step, Trail, figures};

/// The part of what nobody knows, in the address.
pub(super) const UNKNOWN: &str = "?";

figures! {
    /// Figures of a part of everything.
    Allocation {
        Value: "allocation_value", "Value of a part", "Of every holding that belongs to the part, its value × the percent of it that counts there; a fund counts as what it is made of, where that is known and asked for. Cash is a part of its own, save where it is divided by currency, account or own category. The largest part takes what rounding leaves, so that all parts add up to the net worth.";
        Share: "allocation_share", "Share of a part", "The value of the part over everything that is owned: holdings and cash above zero, debts not subtracted.";
    }
}

/// `None` when there is no such part.
pub(crate) async fn trail(asked: Asked<'_>, figure: Allocation) -> Result<Option<Trail>, Problem> {
    let query = asked.query;
    let Some(dimension) = Dimension::parse(query.by.trim()) else {
        return Ok(None);
    };
    let looks_through = query.look_through != WHOLE;
    let valuation = asked.valuation.clone();
    let divided =
        service::divided(asked.app, asked.user, valuation, dimension, looks_through).await?;
    Ok(explain(
        asked.place(),
        &divided,
        (dimension, &query.of),
        figure,
    ))
}

fn explain(
    place: Place<'_>,
    divided: &Divided,
    (dimension, of): (Dimension, &str),
    figure: Allocation,
) -> Option<Trail> {
    let key = (of != UNKNOWN).then_some(of);
    let allocation = &divided.allocation;
    let mut slices = allocation.slices.iter();
    let slice = slices.find(|slice| slice.key.as_deref() == key)?;
    let inputs = inputs(place, divided, dimension, key);
    let mut steps = vec![Step::new(slice.label.clone(), place.money(slice.value))];
    let result = match figure {
        Allocation::Value => place.money(slice.value),
        Allocation::Share => {
            let share = Amount::ratio(slice.share.ok_or("nothing is owned"));
            steps.push(Step::new(
                "Everything that is owned",
                place.money(allocation.worth.assets),
            ));
            steps.push(Step::new("The part over the whole", share.clone()));
            share
        }
    };
    let trail = Trail::new(figure, result).about(&slice.label);
    Some(trail.inputs(inputs).steps(steps))
}

fn inputs(
    place: Place<'_>,
    divided: &Divided,
    dimension: Dimension,
    key: Option<&str>,
) -> Vec<Input> {
    let valuation = place.valuation;
    if dimension == Dimension::Account {
        let owned = valuation.portfolios.iter().zip(&valuation.parts);
        let own = owned.filter(|(portfolio, _)| Some(portfolio.id.0.to_string().as_str()) == key);
        return own
            .map(|(portfolio, part)| {
                let scope = crate::scope::Scope::known(Some(portfolio.id), valuation.known_on);
                let way = trail::Way::new(&scope).with("base", Some(valuation.base));
                let href = way.href(trail::Whole::Value);
                let text = format!("Holdings and cash of {}", portfolio.name);
                let worth = place.money(part.value);
                place.worth(text, worth, valuation.as_of, Some(href))
            })
            .collect();
    }
    let held = valuation.open_holdings();
    let mut inputs: Vec<Input> = Vec::new();
    let members = members(valuation, dimension, &divided.facts, key);
    for holding in held {
        let own = members.iter().filter(|(asset, _)| *asset == holding.asset);
        for (_, value) in own {
            let input = trail::priced(place, holding);
            let percent = (value * Decimal::ONE_HUNDRED)
                .checked_div(holding.value)
                .unwrap_or(Decimal::ONE_HUNDRED)
                .round_dp(2)
                .normalize();
            let text = if percent == Decimal::ONE_HUNDRED {
                input.text
            } else {
                format!("{}, {percent} % of it", input.text)
            };
            inputs.push(Input {
                text,
                amount: place.money(*value),
                ..input
            });
        }
    }
    let cash = cash_of(valuation, dimension, &divided.facts, key);
    if !cash.is_zero() {
        let scope = crate::scope::Scope::known(None, valuation.known_on);
        let href = scope.href("/portfolio/cash", None);
        inputs.push(place.booked("Cash", place.money(cash), Some(href)));
    }
    inputs
}
