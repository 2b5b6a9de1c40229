//! The figures of the instruments concerned, without and with an action.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::{Asset, Books, Lot, Position};
use market::{Instrument, InstrumentId};
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::asset_at;
use crate::transactions::entry::Assets;

/// What an action changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// The currency of costs and gains that state no other.
    #[schema(value_type = String)]
    pub(crate) base_currency: Currency,
    /// Before.
    pub(crate) before: Figures,
    /// After.
    pub(crate) after: Figures,
}

/// What a portfolio holds of the instruments concerned, today.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Figures {
    /// One for each instrument concerned.
    pub(crate) positions: Vec<PositionView>,
    /// Balances; empty when the portfolio does not track cash.
    pub(crate) cash: Vec<Balance>,
}

/// A position in an instrument.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct PositionView {
    /// The instrument.
    pub(crate) instrument_id: InstrumentId,
    /// Its symbol.
    pub(crate) symbol: String,
    /// Its currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// Shares.
    #[schema(value_type = String)]
    pub(crate) quantity: Decimal,
    /// Cost in the instrument's currency.
    #[schema(value_type = String)]
    pub(crate) local_cost: Decimal,
    /// Cost.
    #[schema(value_type = String)]
    pub(crate) cost: Decimal,
    /// Proceeds less cost of what was sold.
    #[schema(value_type = String)]
    pub(crate) realized_gain: Decimal,
    /// Gross dividends.
    #[schema(value_type = String)]
    pub(crate) dividends: Decimal,
    /// Open lots, oldest first.
    pub(crate) lots: Vec<LotView>,
}

/// Shares bought together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CorporateActionLot)]
pub(crate) struct LotView {
    /// When they were bought.
    #[schema(value_type = String, format = Date)]
    pub(crate) acquired_on: Date,
    /// Shares.
    #[schema(value_type = String)]
    pub(crate) quantity: Decimal,
    /// Their cost in the instrument's currency.
    #[schema(value_type = String)]
    pub(crate) local_cost: Decimal,
    /// Their cost.
    #[schema(value_type = String)]
    pub(crate) cost: Decimal,
}

/// A cash balance.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CorporateActionCash)]
pub(crate) struct Balance {
    /// Its currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The amount.
    #[schema(value_type = String)]
    pub(crate) amount: Decimal,
}

fn stored(amount: Decimal) -> Decimal {
    money::round_to_store(amount).normalize()
}

/// The figures of some instruments in the books of a portfolio. Balances are listed in each of
/// `currencies`, so that two lists can be compared line by line.
pub(super) fn figures(
    books: &Books,
    instruments: &[Instrument],
    assets: &[Asset],
    concerned: &[InstrumentId],
    currencies: &BTreeSet<Currency>,
) -> Figures {
    let index = Assets::of(instruments);
    let position = |id: &InstrumentId| {
        let at = index.get(*id)?;
        let asset = asset_at(assets, at)?;
        let empty = PositionView {
            instrument_id: *id,
            symbol: asset.symbol.clone(),
            currency: asset.currency,
            quantity: Decimal::ZERO,
            local_cost: Decimal::ZERO,
            cost: Decimal::ZERO,
            realized_gain: Decimal::ZERO,
            dividends: Decimal::ZERO,
            lots: Vec::new(),
        };
        Some(match books.positions.get(&at) {
            Some(position) => filled(empty, position),
            None => empty,
        })
    };
    Figures {
        positions: concerned.iter().filter_map(position).collect(),
        cash: currencies
            .iter()
            .map(|currency| Balance {
                currency: *currency,
                amount: stored(books.cash.get(currency).copied().unwrap_or_default()),
            })
            .collect(),
    }
}

fn filled(empty: PositionView, position: &Position) -> PositionView {
    let lot = |lot: &Lot| LotView {
        acquired_on: lot.acquired_on,
        quantity: lot.quantity.normalize(),
        local_cost: stored(lot.cost),
        cost: stored(lot.cost_base),
    };
    PositionView {
        quantity: position.quantity.normalize(),
        local_cost: stored(position.cost),
        cost: stored(position.cost_base),
        realized_gain: stored(position.realized_base),
        dividends: stored(position.dividends_base),
        lots: position.lots.iter().map(lot).collect(),
        ..empty
    }
}
