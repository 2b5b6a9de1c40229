//! Losses whose instrument was bought again close to the sale.
//!
//! Many tax laws defer such a loss; they differ in the details, so this is a flag and no computation
//! of tax. The rule here: a sale at a loss, and a purchase of the same instrument (or a reinvested
//! dividend) within thirty days before or after it in any of the valued portfolios. For a short
//! position the roles are swapped: a cover at a loss, and another short sale. Not counted are
//! - the lot out of which was sold: selling a part of one purchase replaces nothing;
//! - shares of an earlier purchase that were gone once the loss was made;
//! - shares that another loss has claimed before.

use std::{collections::HashMap, sync::OnceLock};

use jiff::{ToSpan, civil::Date};
use ledger::{AssetIndex, Event, Finding, Realization, Severity, Side};
use market::InstrumentId;
use money::round_computed;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    portfolios::PortfolioId,
    valuation::{Part, PlacedFinding, Valuation},
};

/// The name of this kind of finding.
pub(crate) const CODE: &str = "wash_sale";

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
    #[serde(skip)]
    side: Side,
}

/// All such losses of a valuation, once somebody has asked for them: most pages never do.
#[derive(Debug, Default)]
pub(crate) struct WashSales {
    found: OnceLock<Vec<WashSale>>,
}

impl WashSales {
    /// What they take in memory for each sale, if every fourth is one.
    pub(crate) const BYTES_PER_SALE: usize = (size_of::<WashSale>() + 128) / 4;
}

/// All such losses, oldest first.
pub(super) fn wash_sales(valuation: &Valuation) -> &[WashSale] {
    valuation.wash_sales.found.get_or_init(|| {
        claims(&valuation.parts)
            .into_iter()
            .map(|claim| flag(valuation, &claim))
            .collect()
    })
}

/// The same as findings, one for each sale, the latest first.
pub(crate) fn findings(valuation: &Valuation) -> Vec<PlacedFinding> {
    wash_sales(valuation)
        .chunk_by(|left, right| left.sale == right.sale)
        .rev()
        .filter_map(|flags| {
            let first = flags.first()?;
            let mut portfolios = valuation.portfolios.iter();
            let portfolio = portfolios.find(|portfolio| portfolio.id == first.portfolio_id)?;
            Some(PlacedFinding::of(portfolio, finding(first, flags)))
        })
        .collect()
}

fn finding(first: &WashSale, flags: &[WashSale]) -> Finding {
    let mut days: Vec<String> = flags.iter().map(|f| f.replaced_on.to_string()).collect();
    days.dedup();
    let quantity: Decimal = flags.iter().map(|flag| flag.quantity).sum();
    Finding {
        code: CODE,
        severity: Severity::Information,
        message: sentence(
            first.side,
            (quantity, &first.symbol),
            first.sold_on,
            &days.join(", "),
        ),
        remedy: "Nothing is wrong: many tax laws defer such a loss. Look at it in the report of gains, and accept it once you know what yours does."
            .to_owned(),
        transaction: Some(first.sale),
        symbol: Some(first.symbol.clone()),
        currency: None,
        date: Some(first.sold_on),
        gap: None,
    }
}

fn sentence(
    side: Side,
    (quantity, symbol): (Decimal, &str),
    sold_on: Date,
    bought_on: &str,
) -> String {
    let (sold, bought) = match side {
        Side::Long => ("sold", "bought"),
        Side::Short => ("covered", "sold short"),
    };
    let quantity = quantity.normalize();
    format!(
        "{quantity} {symbol} were {sold} at a loss on {sold_on} and {bought} again on {bought_on}, within {WINDOW_DAYS} days."
    )
}

fn flag(valuation: &Valuation, claim: &Claim<'_>) -> WashSale {
    let instrument = valuation.instrument(claim.sale.asset);
    let symbol = instrument.symbol.clone();
    let quantity = claim.quantity.normalize();
    let (side, sold_on) = (claim.sale.side, claim.sale.sold_on);
    let message = sentence(
        side,
        (quantity, &symbol),
        sold_on,
        &claim.bought_on.to_string(),
    );
    WashSale {
        code: CODE,
        message,
        portfolio_id: valuation.portfolios[claim.part].id,
        instrument_id: instrument.id,
        symbol,
        sale: claim.sale.entry,
        lot: claim.sale.lot,
        sold_on,
        replaced_in: valuation.portfolios[claim.bought_in].id,
        replacement: claim.purchase,
        replaced_on: claim.bought_on,
        quantity,
        loss: claim.loss.normalize(),
        side,
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ledger::{Asset, CostBasis, Entry, Ratio, Rules, replay};
    use money::{Currency, FxTable};

    use super::*;

    const ACME: AssetIndex = AssetIndex(0);

    /// Trades of one day each, replayed; ids count from 1.
    fn part(cost_basis: CostBasis, events: &[(Date, Event)]) -> Part {
        let entries: Vec<Entry> = events
            .iter()
            .zip(1..)
            .map(|((date, event), id)| Entry {
                id: Uuid::from_u128(id),
                date: *date,
                executed_at: None,
                event: *event,
                fees: Decimal::ZERO,
                taxes: Decimal::ZERO,
                currency: Currency::EUR,
                settlement: None,
                lots: Vec::new(),
            })
            .collect();
        let rules = Rules {
            base: Currency::EUR,
            cost_basis,
            tracks_cash: false,
        };
        let assets = [Asset::new("ACME", Currency::EUR)];
        Part {
            books: replay(&entries, &assets, &FxTable::new(), &rules),
            entries,
            rules,
            value: Decimal::ZERO,
            transfers: Vec::new(),
        }
    }

    fn buy(quantity: i64, amount: i64) -> Event {
        Event::Buy {
            asset: ACME,
            quantity: quantity.into(),
            amount: amount.into(),
        }
    }

    fn sell(quantity: i64, amount: i64) -> Event {
        Event::Sell {
            asset: ACME,
            quantity: quantity.into(),
            amount: amount.into(),
        }
    }

    /// Purchase, shares and loss of every claim.
    fn found(part: Part) -> Vec<(u128, Decimal, Decimal)> {
        claims(&[part])
            .iter()
            .map(|claim| (claim.purchase.as_u128(), claim.quantity, claim.loss))
            .collect()
    }

    #[test]
    fn a_sale_of_a_part_of_one_purchase_replaces_nothing() {
        let events = [
            (date(2025, 1, 2), buy(10, 1000)),
            (date(2025, 1, 10), sell(4, 200)),
        ];
        assert_eq!(found(part(CostBasis::Fifo, &events)), []);
    }

    #[test]
    fn an_earlier_purchase_counts_as_far_as_it_is_still_held() {
        // First in first out sells the old shares at a loss of 500 and keeps the new ones; last in
        // first out sells the new ones at no loss, and five old ones at a loss of 250.
        let events = [
            (date(2024, 1, 2), buy(10, 1000)),
            (date(2025, 1, 2), buy(5, 250)),
            (date(2025, 1, 10), sell(10, 500)),
        ];
        let new = (2, 5.into(), 250.into());
        assert_eq!(found(part(CostBasis::Fifo, &events)), [new]);
        assert_eq!(found(part(CostBasis::Lifo, &events)), []);
    }

    #[test]
    fn thirty_days_count_and_thirty_one_do_not() {
        let events = |day| {
            [
                (date(2024, 1, 2), buy(10, 1000)),
                (date(2025, 1, 10), sell(10, 500)),
                (day, buy(10, 500)),
            ]
        };
        let claimed = [(3, 10.into(), 500.into())];
        assert_eq!(
            found(part(CostBasis::Fifo, &events(date(2025, 2, 9)))),
            claimed
        );
        assert_eq!(found(part(CostBasis::Fifo, &events(date(2025, 2, 10)))), []);
        // With average cost a later purchase counts all the same.
        assert_eq!(
            found(part(CostBasis::Average, &events(date(2025, 2, 9)))),
            claimed
        );
    }

    #[test]
    fn a_share_replaces_one_share_and_counts_as_it_was_before_a_split() {
        // Two losses of 100 for five shares each, a split two for one, and twelve new shares: six old
        // ones. The first loss claims five of them, the second the one that is left.
        let events = [
            (date(2024, 1, 2), buy(10, 500)),
            (date(2025, 1, 10), sell(5, 150)),
            (date(2025, 1, 11), sell(5, 150)),
            (date(2025, 1, 12), buy(1, 30)),
            (
                date(2025, 1, 14),
                Event::Split {
                    asset: ACME,
                    ratio: Ratio {
                        to: 2.into(),
                        from: 1.into(),
                    },
                },
            ),
            (date(2025, 1, 20), buy(10, 150)),
        ];
        let claims = found(part(CostBasis::Fifo, &events));
        assert_eq!(
            claims,
            [
                (4, 1.into(), 20.into()),
                (6, 4.into(), 80.into()),
                (6, 1.into(), 20.into())
            ]
        );
    }
}
