use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::AssetIndex;
use market::{Instrument, InstrumentId};
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::regions;
use crate::{
    fund_weights::{self, FundWeights},
    report::stored,
    valuation::{Holding, Valuation},
};

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// By what everything is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// What kind of thing it is.
    #[default]
    AssetClass,
    /// Sector of the economy.
    Sector,
    /// Part of the world.
    Region,
    /// Country of domicile.
    Country,
    /// Currency in which it is quoted.
    Currency,
    /// The portfolio that holds it.
    Account,
    /// Own categories.
    Category,
}

/// Every dimension with its word in the address and its label.
pub(crate) const DIMENSIONS: [(&str, &str, Dimension); 7] = [
    ("asset_class", "Asset class", Dimension::AssetClass),
    ("sector", "Sector", Dimension::Sector),
    ("region", "Region", Dimension::Region),
    ("country", "Country", Dimension::Country),
    ("currency", "Currency", Dimension::Currency),
    ("account", "Account", Dimension::Account),
    ("category", "Category", Dimension::Category),
];

impl Dimension {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        DIMENSIONS
            .iter()
            .find(|(key, ..)| key.eq_ignore_ascii_case(word))
            .map(|(.., dimension)| *dimension)
    }

    pub(crate) fn key(self) -> &'static str {
        self.entry().0
    }

    pub(crate) fn label(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        DIMENSIONS
            .iter()
            .find(|(.., dimension)| *dimension == self)
            .map_or(("asset_class", "Asset class"), |(key, label, _)| {
                (*key, *label)
            })
    }

    /// The weights of a fund that tell its parts in this dimension.
    fn weights(self) -> Option<fund_weights::Dimension> {
        match self {
            Self::AssetClass => Some(fund_weights::Dimension::AssetClass),
            Self::Sector => Some(fund_weights::Dimension::Sector),
            Self::Region | Self::Country => Some(fund_weights::Dimension::Country),
            Self::Currency | Self::Account | Self::Category => None,
        }
    }
}

/// What divides holdings beside what is known of their instruments.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What funds are made of; empty to take every fund as one thing.
    pub(crate) weights: FundWeights,
    /// Categories of an instrument with the percent of it that counts to each.
    pub(crate) categories: BTreeMap<InstrumentId, Vec<(String, Decimal)>>,
    /// The category of cash.
    pub(crate) cash_category: Option<String>,
    /// Names of categories.
    pub(crate) names: BTreeMap<String, String>,
}

/// Everything, divided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Allocation {
    /// By what: `asset_class`, `sector`, `region`, `country`, `currency`, `account` or `category`.
    pub(crate) dimension: &'static str,
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(crate) as_of: Date,
    /// Whether what brokers state differs from the books, and nobody accepted it.
    pub(crate) is_unreconciled: bool,
    /// What is owned, owed, and left.
    pub(crate) worth: Worth,
    /// The parts, largest first and the unknown one last; they add up to the net worth.
    pub(crate) slices: Vec<Slice>,
}

/// A part of the whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Slice {
    /// What it is; `null` for what nobody knows.
    pub(crate) key: Option<String>,
    /// The same for people.
    pub(crate) label: String,
    /// Its value; below zero where more is owed than owned.
    #[schema(value_type = String)]
    pub(crate) value: Decimal,
    /// Its value over everything that is owned; absent when that is nothing.
    pub(crate) share: Option<f64>,
    /// Holdings that are part of it, cash not counted.
    pub(crate) holdings: usize,
}

/// What is owned and what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the words of the wire")]
pub(crate) struct Worth {
    /// Holdings and cash balances above zero.
    #[schema(value_type = String)]
    pub(crate) assets: Decimal,
    /// Debts, short positions and cash balances below zero, as a positive amount.
    #[schema(value_type = String)]
    pub(crate) liabilities: Decimal,
    /// The difference.
    #[schema(value_type = String)]
    pub(crate) net_worth: Decimal,
}

impl Worth {
    /// A part of what is owned, as a ratio.
    pub(crate) fn share(self, value: Decimal) -> Option<f64> {
        value.checked_div(self.assets).map(money::f64_from_decimal)
    }
}

/// What is owned, what is owed, and the difference; a holding or balance counts as a whole.
pub(crate) fn worth(valuation: &Valuation) -> Worth {
    let cash = valuation.cash.iter().filter_map(|balance| balance.value);
    let held = valuation.open_holdings().map(|holding| holding.value);
    let owed: Decimal = cash.chain(held).filter(Decimal::is_sign_negative).sum();
    let (net_worth, liabilities) = (stored(valuation.totals.value), stored(-owed));
    Worth {
        assets: net_worth + liabilities,
        liabilities,
        net_worth,
    }
}

/// A part while it is added up. `None` is what nobody knows.
type Parts = BTreeMap<Option<String>, (Decimal, usize)>;

/// Divides a valuation. The values of the parts are rounded as they are stored, and what rounding
/// leaves goes to the largest, so that they add up to the net worth exactly.
pub(crate) fn divide(valuation: &Valuation, dimension: Dimension, facts: &Facts) -> Allocation {
    let mut parts = Parts::new();
    if dimension == Dimension::Account {
        accounts(valuation, &mut parts);
    } else {
        for holding in valuation.open_holdings() {
            let instrument = valuation.instrument(holding.asset);
            let keys = keys(valuation, holding, instrument, dimension, facts);
            spread(holding.value, &keys, &mut parts);
        }
        cash(valuation, dimension, facts, &mut parts);
    }
    let worth = worth(valuation);
    let mut slices: Vec<Slice> = parts
        .into_iter()
        .filter(|(_, (value, holdings))| *holdings > 0 || !value.is_zero())
        .map(|(key, (value, holdings))| Slice {
            label: label(key.as_deref(), dimension, valuation, facts),
            key,
            value: stored(value),
            share: None,
            holdings,
        })
        .collect();
    settle(&mut slices, worth.net_worth);
    for slice in &mut slices {
        slice.share = worth.share(slice.value);
    }
    slices.sort_by(|a, b| {
        (a.key.is_none().cmp(&b.key.is_none()))
            .then(b.value.cmp(&a.value))
            .then_with(|| a.label.cmp(&b.label))
    });
    Allocation {
        dimension: dimension.key(),
        currency: valuation.base,
        as_of: valuation.as_of,
        is_unreconciled: valuation.is_unreconciled(),
        worth,
        slices,
    }
}

/// A holding's share of a part.
pub(crate) struct Tile {
    pub(crate) asset: AssetIndex,
    pub(crate) part: String,
    pub(crate) value: Decimal,
}

/// What is owned, by holding and part; nothing by account, where a holding may have several.
pub(crate) fn tiles(valuation: &Valuation, dimension: Dimension, facts: &Facts) -> Vec<Tile> {
    let mut tiles = Vec::new();
    if dimension == Dimension::Account {
        return tiles;
    }
    let owned = valuation
        .open_holdings()
        .filter(|holding| holding.value > Decimal::ZERO);
    for holding in owned {
        let instrument = valuation.instrument(holding.asset);
        let keys = keys(valuation, holding, instrument, dimension, facts);
        let mut parts = Parts::new();
        spread(holding.value, &keys, &mut parts);
        tiles.extend(parts.into_iter().map(|(key, (value, _))| Tile {
            asset: holding.asset,
            part: label(key.as_deref(), dimension, valuation, facts),
            value,
        }));
    }
    tiles
}

/// What a part is made of, with the value that counts to it: holdings, or portfolios where it is divided
/// by account. Cash is not among them.
pub(super) fn members(
    valuation: &Valuation,
    dimension: Dimension,
    facts: &Facts,
    part: Option<&str>,
) -> Vec<(AssetIndex, Decimal)> {
    let mut members = Vec::new();
    for holding in valuation.open_holdings() {
        let instrument = valuation.instrument(holding.asset);
        let keys = keys(valuation, holding, instrument, dimension, facts);
        let mut parts = Parts::new();
        spread(holding.value, &keys, &mut parts);
        let own = parts.remove(&part.map(str::to_owned));
        members.extend(own.map(|(value, _)| (holding.asset, value)));
    }
    members
}

/// The cash that counts to a part.
pub(super) fn cash_of(
    valuation: &Valuation,
    dimension: Dimension,
    facts: &Facts,
    part: Option<&str>,
) -> Decimal {
    let mut parts = Parts::new();
    cash(valuation, dimension, facts, &mut parts);
    let own = parts.remove(&part.map(str::to_owned));
    own.map_or(Decimal::ZERO, |(value, _)| value)
}

/// Adds what rounding left to the largest part.
fn settle(slices: &mut [Slice], total: Decimal) {
    let sum: Decimal = slices.iter().map(|slice| slice.value).sum();
    if let Some(largest) = slices.iter_mut().max_by_key(|slice| slice.value.abs()) {
        largest.value = (largest.value + total - sum).normalize();
    }
}

/// What a holding counts to, each with the percent of it; what is missing to 100 is unknown.
fn keys(
    valuation: &Valuation,
    holding: &Holding,
    instrument: &Instrument,
    dimension: Dimension,
    facts: &Facts,
) -> Vec<(Option<String>, Decimal)> {
    if dimension == Dimension::Category {
        let own = facts.categories.get(&instrument.id);
        let own = own.into_iter().flatten();
        return own
            .map(|(id, weight)| (Some(id.clone()), *weight))
            .collect();
    }
    let weights = dimension
        .weights()
        .and_then(|of| facts.weights.get(instrument.id, of));
    if let Some(weights) = weights {
        return weights
            .iter()
            .map(|(key, percent)| (key_of_weight(key, dimension), *percent))
            .collect();
    }
    let key = match dimension {
        Dimension::AssetClass => Some(instrument.asset_class.as_str().to_owned()),
        Dimension::Sector => known(instrument.sector.as_deref()),
        Dimension::Region => instrument
            .country
            .as_deref()
            .and_then(regions::region)
            .map(str::to_owned),
        Dimension::Country => known(
            instrument
                .country
                .as_deref()
                .map(regions::country)
                .as_deref(),
        ),
        Dimension::Currency => Some(valuation.asset_currency(holding.asset).to_string()),
        Dimension::Account | Dimension::Category => None,
    };
    vec![(key, HUNDRED)]
}

fn known(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn key_of_weight(key: &str, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::Region => regions::region(key).map(str::to_owned),
        _ => Some(key.to_owned()),
    }
}

/// Adds a holding to its parts. The last percent takes the remainder, so that nothing is lost.
fn spread(value: Decimal, keys: &[(Option<String>, Decimal)], parts: &mut Parts) {
    let mut left = value;
    let mut percent_left = HUNDRED;
    for (key, percent) in keys {
        percent_left -= percent;
        let part = if percent_left <= Decimal::ZERO {
            left
        } else {
            money::round_to_store(value * percent / HUNDRED)
        };
        left -= part;
        let sum = parts.entry(key.clone()).or_default();
        sum.0 += part;
        sum.1 += 1;
    }
    if percent_left > Decimal::ZERO {
        let sum = parts.entry(None).or_default();
        sum.0 += left;
        sum.1 += 1;
    }
}

/// Cash is a part of its own, save where currencies are asked for.
fn cash(valuation: &Valuation, dimension: Dimension, facts: &Facts, parts: &mut Parts) {
    for balance in &valuation.cash {
        let Some(value) = balance.value else { continue };
        let key = match dimension {
            Dimension::Currency => balance.currency.to_string(),
            Dimension::Category => facts
                .cash_category
                .clone()
                .unwrap_or_else(|| CASH.to_owned()),
            _ => CASH.to_owned(),
        };
        parts.entry(Some(key)).or_default().0 += value;
    }
}

/// The part that cash is, the same as the asset class.
const CASH: &str = "cash";

fn accounts(valuation: &Valuation, parts: &mut Parts) {
    for (portfolio, part) in valuation.portfolios.iter().zip(&valuation.parts) {
        let open = part.books.positions.values();
        let open = open.filter(|position| !position.quantity.is_zero()).count();
        parts.insert(Some(portfolio.id.0.to_string()), (part.value, open));
    }
}

fn label(key: Option<&str>, dimension: Dimension, valuation: &Valuation, facts: &Facts) -> String {
    let Some(key) = key else {
        return match dimension {
            Dimension::Category => "No category".to_owned(),
            _ => "Unknown".to_owned(),
        };
    };
    let named = match dimension {
        Dimension::AssetClass => {
            market::AssetClass::parse(key).map(|class| class.label().to_owned())
        }
        Dimension::Account => valuation
            .portfolios
            .iter()
            .find(|portfolio| portfolio.id.0.to_string() == key)
            .map(|portfolio| portfolio.name.clone()),
        _ if key == CASH => Some("Cash".to_owned()),
        Dimension::Category => facts.names.get(key).cloned(),
        _ => None,
    };
    named.unwrap_or_else(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn part(key: &str, percent: Decimal) -> (Option<String>, Decimal) {
        (Some(key.to_owned()), percent)
    }

    #[test]
    fn a_holding_is_divided_without_loss() {
        let mut parts = Parts::new();
        let third = dec("33.333333");
        let keys = [
            part("a", third),
            part("b", third),
            part("c", dec("33.333334")),
        ];
        spread(dec("100.00000001"), &keys, &mut parts);
        let sum: Decimal = parts.values().map(|(value, _)| value).sum();
        assert_eq!(sum, dec("100.00000001"));
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn what_is_missing_to_the_whole_is_unknown() {
        let mut parts = Parts::new();
        spread(
            dec("200"),
            &[part("a", dec("60")), part("b", dec("15"))],
            &mut parts,
        );
        spread(dec("50"), &[], &mut parts);
        let of = |key: Option<&str>| parts.get(&key.map(str::to_owned)).copied();
        assert_eq!(of(Some("a")), Some((dec("120"), 1)));
        assert_eq!(of(Some("b")), Some((dec("30"), 1)));
        assert_eq!(of(None), Some((dec("100"), 2)));
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_part() {
        let slice = |value| Slice {
            key: None,
            label: String::new(),
            value,
            share: None,
            holdings: 1,
        };
        let mut slices = [slice(dec("0.33")), slice(dec("-0.66")), slice(dec("0.34"))];
        settle(&mut slices, dec("0.02"));
        assert_eq!(
            slices.map(|s| s.value),
            [dec("0.33"), dec("-0.65"), dec("0.34")]
        );
    }

    #[test]
    fn every_dimension_is_found_by_its_word() {
        for (key, _, dimension) in DIMENSIONS {
            assert_eq!(Dimension::parse(key), Some(dimension));
            assert_eq!(dimension.key(), key);
        }
        assert_eq!(Dimension::parse("colour"), None);
    }
}
