use std::{collections::BTreeMap, sync::Arc};

use db::UserId;
use identity::Viewer;
use rust_decimal::Decimal;
use web::{App, Problem};

use super::model::{Allocation, Dimension, Facts, divide};
use crate::{
    categories::{self, service::Book},
    fund_weights,
    scope::Scope,
    valuation::{Valuation, Valuations},
};

/// A division, and the valuation that it divides.
pub(crate) struct Divided {
    pub(crate) valuation: Arc<Valuation>,
    pub(crate) allocation: Allocation,
    pub(crate) facts: Facts,
}

/// Divides what a scope names. With `looks_through` funds count as what they are made of.
pub(crate) async fn allocate(
    app: &App,
    valuations: &Valuations,
    viewer: &Viewer,
    scope: &Scope,
    dimension: Dimension,
    looks_through: bool,
) -> Result<Divided, Problem> {
    let valuation = scope.value(app, valuations, viewer).await?;
    divided(app, viewer.user_id, valuation, dimension, looks_through).await
}

/// Divides what was valued.
pub(super) async fn divided(
    app: &App,
    user: UserId,
    valuation: Arc<Valuation>,
    dimension: Dimension,
    looks_through: bool,
) -> Result<Divided, Problem> {
    let mut tx = app.db.read(user).await?;
    let weights = fund_weights::store::list(&mut tx).await?;
    let book = match dimension {
        Dimension::Category => categories::service::book(&mut tx).await?,
        _ => Book::default(),
    };
    drop(tx);
    let mut facts = facts(&book, &valuation);
    if looks_through {
        facts.weights = weights;
    }
    let allocation = divide(&valuation, dimension, &facts);
    Ok(Divided {
        valuation,
        allocation,
        facts,
    })
}

/// Own categories by their upper ones.
fn facts(book: &Book, valuation: &Valuation) -> Facts {
    let membership = book.membership(valuation);
    let top = |id| categories::top(id, &book.categories).0.to_string();
    Facts {
        categories: membership
            .of
            .iter()
            .map(|(id, members)| {
                let mut weights: BTreeMap<String, Decimal> = BTreeMap::new();
                for member in members {
                    *weights.entry(top(member.category_id)).or_default() += member.weight;
                }
                (*id, weights.into_iter().collect())
            })
            .collect(),
        cash_category: membership.cash.map(top),
        names: book
            .categories
            .iter()
            .map(|category| {
                let name = category.details.category_name.clone();
                (category.id.0.to_string(), name)
            })
            .collect(),
        ..Facts::default()
    }
}
