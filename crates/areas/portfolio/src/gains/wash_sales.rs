//! Losses whose instrument was bought again close to the sale.
//!
//! Many tax laws defer such a loss; they differ in the details, so this is a flag and no computation
//! of tax. The rule here: a sale at a loss, and a purchase of the same instrument (or a reinvested
//! dividend) within thirty days before or after it in any of the valued portfolios. For a short
//! position the roles are swapped: a cover at a loss, and another short sale. Not counted are
//! - the lot out of which was sold: selling a part of one purchase replaces nothing;
//! - shares of an earlier purchase that were gone once the loss was made;
//! - shares that another loss has claimed before.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, Event, Realization, Side};
use market::InstrumentId;
use money::round_computed;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    portfolios::PortfolioId,
    valuation::{Part, Valuation},
};

/// Days before and after a sale within which a purchase replaces what was sold.
const WINDOW_DAYS: i32 = 30;

/// A loss and one purchase that replaced the shares, or a part of them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct WashSale {
    /// The name of this kind of finding: `wash_sale`.
    code: &'static str,
    /// What happened, in one sentence.
    pub(super) message: String,
    /// The portfolio that sold.
    #[schema(value_type = Uuid)]
    pub(super) portfolio_id: PortfolioId,
    /// The instrument.
    #[schema(value_type = Uuid)]
    pub(super) instrument_id: InstrumentId,
    /// Its symbol.
    pub(super) symbol: String,
    /// The sale.
    pub(super) sale: Uuid,
    /// The lot that it closed; absent with average cost.
    pub(super) lot: Option<Uuid>,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) sold_on: Date,
    /// The portfolio that bought.
    #[schema(value_type = Uuid)]
    pub(super) replaced_in: PortfolioId,
    /// The purchase.
    pub(super) replacement: Uuid,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub(super) replaced_on: Date,
    /// Shares sold at a loss that this purchase replaced, as they were on the day of the sale.
    #[schema(value_type = String)]
    pub(super) quantity: Decimal,
    /// The part of the loss that belongs to them, as a positive number.
    #[schema(value_type = String)]
    pub(super) loss: Decimal,
}

/// All such losses, oldest first.
pub(super) fn wash_sales(valuation: &Valuation) -> Vec<WashSale> {
    claims(&valuation.parts)
        .into_iter()
        .map(|claim| flag(valuation, &claim))
        .collect()
}

fn flag(valuation: &Valuation, claim: &Claim<'_>) -> WashSale {
    let instrument = valuation.instrument(claim.sale.asset);
    let symbol = instrument.symbol.clone();
    let (sold, bought) = match claim.sale.side {
        Side::Long => ("sold", "bought"),
        Side::Short => ("covered", "sold short"),
    };
    let quantity = claim.quantity.normalize();
    let message = format!(
        "{quantity} {symbol} were {sold} at a loss on {} and {bought} again on {}, within {WINDOW_DAYS} days.",
        claim.sale.sold_on, claim.bought_on
    );
    WashSale {
        code: "wash_sale",
        message,
        portfolio_id: valuation.portfolios[claim.part].id,
        instrument_id: instrument.id,
        symbol,
        sale: claim.sale.entry,
        lot: claim.sale.lot,
        sold_on: claim.sale.sold_on,
        replaced_in: valuation.portfolios[claim.bought_in].id,
        replacement: claim.purchase,
        replaced_on: claim.bought_on,
        quantity,
        loss: claim.loss.normalize(),
    }
}

/// Shares of one purchase that replace shares of one sale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim<'a> {
    pub(super) part: usize,
    pub(super) sale: &'a Realization,
    pub(super) bought_in: usize,
    pub(super) purchase: Uuid,
    pub(super) bought_on: Date,
    pub(super) quantity: Decimal,
    pub(super) loss: Decimal,
}

/// A purchase, and how many of its shares no loss has claimed. Quantities here are in shares as they
/// are after all splits, so that those of different days compare.
struct Purchase {
    part: usize,
    entry: Uuid,
    date: Date,
    free: Decimal,
}

/// Every claim, in the order of the sales; a sale claims the oldest purchases first.
pub(super) fn claims(parts: &[Part]) -> Vec<Claim<'_>> {
    let mut purchases = purchases(parts);
    let gone = gone(parts);
    let mut losses: Vec<(usize, &Realization)> = parts
        .iter()
        .enumerate()
        .flat_map(|(part, p)| p.books.realizations.iter().map(move |sale| (part, sale)))
        .filter(|(_, sale)| sale.gain_base() < Decimal::ZERO && sale.quantity > Decimal::ZERO)
        .collect();
    losses.sort_by_key(|(_, sale)| sale.sold_on);
    let mut claims = Vec::new();
    for (part, sale) in losses {
        let Some(bought) = purchases.get_mut(&(sale.asset, sale.side)) else {
            continue;
        };
        let scale = parts[part].split_factor(sale.asset, sale.sold_on);
        let mut left = sale.quantity * scale;
        let first = sale.sold_on.saturating_sub(WINDOW_DAYS.days());
        let last = sale.sold_on.saturating_add(WINDOW_DAYS.days());
        let start = bought.partition_point(|purchase| purchase.date < first);
        let near = bought.iter_mut().skip(start);
        for purchase in near.take_while(|purchase| purchase.date <= last) {
            if Some(purchase.entry) == sale.lot {
                continue;
            }
            let claimed = still_there(parts, &gone, purchase, sale).min(left);
            if claimed <= Decimal::ZERO {
                continue;
            }
            purchase.free -= claimed;
            left -= claimed;
            let quantity = claimed.checked_div(scale).unwrap_or(claimed);
            let share = quantity.checked_div(sale.quantity).unwrap_or_default();
            claims.push(Claim {
                part,
                sale,
                bought_in: purchase.part,
                purchase: purchase.entry,
                bought_on: purchase.date,
                quantity: round_computed(quantity),
                loss: round_computed(-sale.gain_base() * share),
            });
        }
    }
    claims
}

/// Shares of a purchase that can replace those of a sale: of an earlier one what the sale left.
fn still_there(parts: &[Part], gone: &Gone, purchase: &Purchase, sale: &Realization) -> Decimal {
    if purchase.date > sale.sold_on {
        return purchase.free;
    }
    let sold = gone.until((purchase.part, purchase.entry), sale.sold_on);
    let kept = held(parts, purchase.part, sale.asset, sale.sold_on);
    (purchase.free - sold).min(kept)
}

/// What opened positions, by instrument and side, oldest first.
fn purchases(parts: &[Part]) -> HashMap<(AssetIndex, Side), Vec<Purchase>> {
    let mut purchases: HashMap<(AssetIndex, Side), Vec<Purchase>> = HashMap::new();
    for (part, p) in parts.iter().enumerate() {
        for entry in &p.entries {
            let (asset, quantity, side) = match entry.event {
                Event::Buy {
                    asset, quantity, ..
                }
                | Event::ReinvestedDividend {
                    asset, quantity, ..
                } => (asset, quantity, Side::Long),
                Event::Short {
                    asset, quantity, ..
                } => (asset, quantity, Side::Short),
                _ => continue,
            };
            let free = quantity.checked_mul(p.split_factor(asset, entry.date));
            purchases.entry((asset, side)).or_default().push(Purchase {
                part,
                entry: entry.id,
                date: entry.date,
                free: free.unwrap_or(quantity),
            });
        }
    }
    for bought in purchases.values_mut() {
        bought.sort_by_key(|purchase| purchase.date);
    }
    purchases
}

/// Shares that left a lot, by day.
struct Gone(HashMap<(usize, Uuid), Vec<(Date, Decimal)>>);

impl Gone {
    fn until(&self, lot: (usize, Uuid), day: Date) -> Decimal {
        let sales = self.0.get(&lot).into_iter().flatten();
        sales
            .filter(|(on, _)| *on <= day)
            .map(|(_, quantity)| *quantity)
            .sum()
    }
}

fn gone(parts: &[Part]) -> Gone {
    let mut gone: HashMap<(usize, Uuid), Vec<(Date, Decimal)>> = HashMap::new();
    for (part, p) in parts.iter().enumerate() {
        for sale in &p.books.realizations {
            let Some(lot) = sale.lot else { continue };
            let quantity = sale.quantity * p.split_factor(sale.asset, sale.sold_on);
            gone.entry((part, lot))
                .or_default()
                .push((sale.sold_on, quantity));
        }
    }
    Gone(gone)
}

/// Shares held, or owed, at the end of a day.
fn held(parts: &[Part], part: usize, asset: AssetIndex, day: Date) -> Decimal {
    let Some(part) = parts.get(part) else {
        return Decimal::ZERO;
    };
    let steps = part.books.quantity_steps.get(&asset);
    let steps = steps.map_or(&[][..], Vec::as_slice);
    let after = steps.partition_point(|(on, _)| *on <= day);
    let last = after.checked_sub(1).and_then(|index| steps.get(index));
    let quantity = last.map_or(Decimal::ZERO, |(_, quantity)| quantity.abs());
    quantity * part.split_factor(asset, day)
}
