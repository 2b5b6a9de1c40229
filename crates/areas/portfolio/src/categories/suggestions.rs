//! Where an instrument that belongs nowhere might belong, by what is known of it.

use std::collections::BTreeSet;

use market::{AssetClass, Instrument, InstrumentId};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{Assignment, Category, CategoryId},
    rules::{Field, Membership, fact},
};

/// Suggestions of less confidence are not made.
const LEAST: Decimal = Decimal::from_parts(5, 0, 0, false, 1);
/// How sure it is when the category bears the name of what the instrument is.
const NAMED: [(Field, Decimal); 5] = [
    (Field::AssetClass, Decimal::from_parts(9, 0, 0, false, 1)),
    (Field::Sector, Decimal::from_parts(85, 0, 0, false, 2)),
    (Field::Country, Decimal::from_parts(8, 0, 0, false, 1)),
    (Field::Region, Decimal::from_parts(8, 0, 0, false, 1)),
    (Field::Currency, Decimal::from_parts(7, 0, 0, false, 1)),
];
/// When the name of the instrument contains that of the category.
const IN_NAME: Decimal = Decimal::from_parts(6, 0, 0, false, 1);
/// When all that are like the instrument are there; fewer count in proportion.
const ALIKE: Decimal = Decimal::from_parts(75, 0, 0, false, 2);
/// Shorter names of categories are found in too many instruments.
const SHORTEST_WORD: usize = 4;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(crate) instrument_id: InstrumentId,
    /// Where it might belong.
    pub(crate) category_id: CategoryId,
    /// How sure that is, 0 to 1.
    #[schema(value_type = String)]
    pub(crate) confidence: Decimal,
    /// Why.
    pub(crate) reason: String,
}

/// The best proposal for each instrument that belongs nowhere; none that was declined.
pub(crate) fn suggest(
    instruments: &[&Instrument],
    categories: &[Category],
    membership: &Membership,
    decided: &[Assignment],
) -> Vec<Suggestion> {
    let open = instruments
        .iter()
        .filter(|instrument| membership.get(instrument.id).is_empty());
    open.filter_map(|instrument| {
        let is_decided = |id: CategoryId| {
            decided
                .iter()
                .any(|a| a.instrument_id == instrument.id && a.category_id == id)
        };
        let mut best: Option<Suggestion> = None;
        for category in categories.iter().filter(|c| !is_decided(c.id)) {
            let named = by_name(instrument, category);
            let alike = by_likeness(instrument, category, instruments, membership);
            for (confidence, reason) in named.into_iter().chain(alike) {
                if confidence >= LEAST && best.as_ref().is_none_or(|b| confidence > b.confidence) {
                    best = Some(Suggestion {
                        instrument_id: instrument.id,
                        category_id: category.id,
                        confidence,
                        reason,
                    });
                }
            }
        }
        best
    })
    .collect()
}

/// The category bears the name of what the instrument is, or of a word in its name.
fn by_name(instrument: &Instrument, category: &Category) -> Option<(Decimal, String)> {
    let name = &category.details.category_name;
    let wanted = singular(name);
    for (field, confidence) in NAMED {
        let Some(fact) = fact(field, instrument) else {
            continue;
        };
        let is_meant = if field == Field::AssetClass {
            words_of_class(instrument.asset_class).contains(&wanted.as_str())
        } else if field == Field::Country {
            crate::allocation::country(name).eq_ignore_ascii_case(&fact)
        } else {
            singular(&fact) == wanted
        };
        if is_meant {
            let reason = format!("its {} is {fact}", field.label().to_lowercase());
            return Some((confidence, reason));
        }
    }
    let words: BTreeSet<String> = words(&instrument.name);
    let is_within = wanted.chars().count() >= SHORTEST_WORD
        && wanted.split(' ').all(|word| words.contains(word));
    is_within.then(|| (IN_NAME, format!("its name contains {name:?}")))
}

/// Most of those that share its asset class and sector are in the category.
fn by_likeness(
    instrument: &Instrument,
    category: &Category,
    instruments: &[&Instrument],
    membership: &Membership,
) -> Option<(Decimal, String)> {
    let sector = instrument.sector.as_ref()?;
    let alike: Vec<&&Instrument> = instruments
        .iter()
        .filter(|other| {
            other.asset_class == instrument.asset_class
                && other.sector.as_ref() == Some(sector)
                && !membership.get(other.id).is_empty()
        })
        .collect();
    let there = alike
        .iter()
        .filter(|other| {
            let members = membership.get(other.id);
            members
                .iter()
                .any(|member| member.category_id == category.id)
        })
        .count();
    let share = Decimal::from(there).checked_div(Decimal::from(alike.len()))?;
    let confidence = (share * ALIKE).round_dp(4).normalize();
    let reason = format!(
        "{there} of {} alike holdings are there ({sector})",
        alike.len()
    );
    (there > 0).then_some((confidence, reason))
}

/// What people call an asset class, in the singular.
fn words_of_class(class: AssetClass) -> &'static [&'static str] {
    match class {
        AssetClass::Equity => &["equity", "stock", "share"],
        AssetClass::Etf => &["etf", "exchange traded fund"],
        AssetClass::Fund => &["fund", "mutual fund"],
        AssetClass::Bond => &["bond", "fixed income", "treasury"],
        AssetClass::Crypto => &["crypto", "cryptocurrency", "coin", "digital asset"],
        AssetClass::Forex => &["forex", "currency"],
        AssetClass::Commodity => &["commodity", "precious metal"],
        AssetClass::Cash => &["cash", "liquidity"],
        AssetClass::Option => &["option", "derivative"],
        AssetClass::Alternative => &["alternative", "property", "real estate", "private asset"],
        AssetClass::Liability => &["liability", "debt", "loan"],
        AssetClass::Index => &["index"],
    }
}

/// Lower case, with the plural of the last word taken off.
fn singular(text: &str) -> String {
    let text = text.trim().to_lowercase().replace('-', " ");
    match text.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => text.strip_suffix('s').unwrap_or(&text).to_owned(),
    }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(singular)
        .collect()
}
