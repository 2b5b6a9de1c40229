//! All ways of choosing cost side by side. Nothing is rewritten: each is a valuation of its own.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use ledger::{AssetIndex, CostBasis};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::valuation::Valuation;

/// Every holding under every cost basis. Amounts are in `currency`, exact and unrounded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct MethodsReport {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(super) currency: Currency,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(super) as_of: Date,
    /// One per instrument, closed ones too.
    pub(super) holdings: Vec<HoldingMethods>,
    /// Their sums.
    pub(super) totals: Methods,
}

/// One instrument under every cost basis.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct HoldingMethods {
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// Its name.
    pub(super) name: String,
    /// Shares held, by any method.
    #[schema(value_type = String)]
    pub(super) quantity: Decimal,
    /// The figures.
    #[serde(flatten)]
    pub(super) methods: Methods,
}

/// The portfolios' own method, and every one.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CostBasisComparison)]
pub(super) struct Methods {
    /// As the portfolios are set.
    pub(super) own: MethodFigures,
    /// First in first out, last in first out, highest cost first, average cost, specific lots.
    pub(super) all: Vec<Method>,
}

/// One cost basis.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CostBasisFigures)]
pub(super) struct Method {
    /// Which.
    #[schema(value_type = String)]
    pub(super) cost_basis: CostBasis,
    /// What it gives.
    #[serde(flatten)]
    pub(super) figures: MethodFigures,
    /// These figures less those of the portfolios' own method.
    pub(super) difference: MethodFigures,
}

/// What a cost basis decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct MethodFigures {
    /// Proceeds less cost of what was sold.
    #[schema(value_type = String)]
    pub(super) realized_gain: Decimal,
    /// Value less cost of what is held.
    #[schema(value_type = String)]
    pub(super) unrealized_gain: Decimal,
    /// Cost of what is held.
    #[schema(value_type = String)]
    pub(super) open_cost: Decimal,
}

impl MethodFigures {
    fn plus(self, more: Self) -> Self {
        self.with(more, |a, b| a + b)
    }

    fn less(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    fn with(self, other: Self, of: fn(Decimal, Decimal) -> Decimal) -> Self {
        Self {
            realized_gain: of(self.realized_gain, other.realized_gain).normalize(),
            unrealized_gain: of(self.unrealized_gain, other.unrealized_gain).normalize(),
            open_cost: of(self.open_cost, other.open_cost).normalize(),
        }
    }
}

/// The figures of each instrument in one valuation.
fn figures(valuation: &Valuation) -> BTreeMap<AssetIndex, MethodFigures> {
    valuation
        .holdings
        .iter()
        .map(|holding| {
            let figures = MethodFigures {
                realized_gain: holding.realized_gain.normalize(),
                unrealized_gain: holding.unrealized_gain.normalize(),
                open_cost: holding.cost.normalize(),
            };
            (holding.asset, figures)
        })
        .collect()
}

impl MethodsReport {
    /// Sets the valuation as the portfolios are set beside one for each method. All are of the same
    /// portfolios on the same day.
    pub(super) fn new(own: &Valuation, all: &[(CostBasis, Arc<Valuation>)]) -> Self {
        let under: Vec<(CostBasis, BTreeMap<AssetIndex, MethodFigures>)> = all
            .iter()
            .map(|(cost_basis, valuation)| (*cost_basis, figures(valuation)))
            .collect();
        let own_figures = figures(own);
        let beside = |own: MethodFigures, of: &dyn Fn(&BTreeMap<_, _>) -> MethodFigures| Methods {
            own,
            all: under
                .iter()
                .map(|(cost_basis, figures)| {
                    let figures = of(figures);
                    Method {
                        cost_basis: *cost_basis,
                        figures,
                        difference: figures.less(own),
                    }
                })
                .collect(),
        };
        let sum = |figures: &BTreeMap<AssetIndex, MethodFigures>| {
            figures
                .values()
                .fold(MethodFigures::default(), |sum, more| sum.plus(*more))
        };
        let holdings = own.holdings.iter().filter(|holding| holding.matters());
        let holdings = holdings.map(|holding| {
            let instrument = own.instrument(holding.asset);
            let of = |figures: &BTreeMap<AssetIndex, MethodFigures>| {
                figures.get(&holding.asset).copied().unwrap_or_default()
            };
            HoldingMethods {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                quantity: holding.quantity.normalize(),
                methods: beside(of(&own_figures), &of),
            }
        });
        Self {
            currency: own.base,
            as_of: own.as_of,
            holdings: holdings.collect(),
            totals: beside(sum(&own_figures), &sum),
        }
    }
}
