//! Where a finding can be mended: forms that are filled in with what it says.

use jiff::civil::Date;
use ledger::{Finding, TransactionKind};
use market::Instrument;
use money::{Currency, Quotation, QuoteUnit};
use performance::{PRICE_IN_MAJOR_UNIT, PRICE_IN_MINOR_UNIT, SUSPICIOUS_PRICE};
use rust_decimal::Decimal;

use super::Repair;
use crate::{
    cash, gains,
    scope::Scope,
    valuation::{PlacedFinding, Valuation},
};

pub(super) fn repairs(valuation: &Valuation, scope: &Scope, placed: &PlacedFinding) -> Vec<Repair> {
    let finding = &placed.finding;
    let mut repairs = Vec::new();
    if let Some(id) = finding.transaction {
        repairs.push(Repair {
            label: "Open the transaction",
            href: scope.transaction_href(id),
        });
    }
    match finding.code {
        "missing_price" | "stale_price" => repairs.extend(prices(valuation, finding)),
        SUSPICIOUS_PRICE | PRICE_IN_MINOR_UNIT | PRICE_IN_MAJOR_UNIT => {
            repairs.extend(suspicious(valuation, finding));
        }
        "missing_rate" => repairs.push(Repair {
            label: "Load exchange rates",
            href: "/market/fx/import".to_owned(),
        }),
        "oversell"
        | "exceeds_position"
        | "split_without_position"
        | "without_position"
        | "unreconciled_position" => repairs.extend(shares(valuation, placed)),
        "unreconciled_cash" | "negative_cash" => repairs.extend(money(scope, placed)),
        gains::WASH_SALE => {
            if let Some((sale, day)) = finding.transaction.zip(finding.date) {
                repairs.push(Repair {
                    label: "Look at it in the report of gains",
                    href: gains::sale_href(scope, sale, day),
                });
            }
        }
        _ => {}
    }
    repairs
}

/// The instrument with the currency of its prices.
fn instrument<'v>(
    valuation: &'v Valuation,
    finding: &Finding,
) -> Option<(&'v Instrument, Currency)> {
    let symbol = finding.symbol.as_deref()?;
    let mut pairs = valuation.instruments.iter().zip(&valuation.assets);
    pairs
        .find(|(instrument, _)| instrument.symbol == symbol)
        .map(|(instrument, asset)| (instrument, asset.currency))
}

/// What is private has only the values that its owner enters.
fn value_page(found: &Instrument) -> Repair {
    Repair {
        label: "Enter a value",
        href: format!("/portfolio/private-assets/{}", found.id),
    }
}

fn market_page(found: &Instrument) -> Repair {
    Repair {
        label: "Open the instrument",
        href: format!("/market/instruments/{}", found.id),
    }
}

/// Where prices come from.
fn prices(valuation: &Valuation, finding: &Finding) -> Vec<Repair> {
    let load = Repair {
        label: "Load prices",
        href: "/market/bars/import".to_owned(),
    };
    match instrument(valuation, finding) {
        None => vec![load],
        Some((found, _)) if found.is_private => vec![value_page(found)],
        Some((found, _)) => vec![market_page(found), load],
    }
}

/// The unit in which the prices would fit; the instrument itself where none does.
fn suspicious(valuation: &Valuation, finding: &Finding) -> Option<Repair> {
    let (known, _) = instrument(valuation, finding)?;
    if known.is_private {
        return Some(value_page(known));
    }
    let now = known.quotation()?;
    let fitting = match (finding.code, now.unit) {
        (PRICE_IN_MINOR_UNIT, QuoteUnit::Major) => Quotation::minor(now.currency),
        (PRICE_IN_MAJOR_UNIT, QuoteUnit::Minor) => Some(Quotation::major(now.currency)),
        _ => None,
    };
    Some(match fitting {
        Some(quotation) => Repair {
            label: match (quotation.unit, quotation.currency) {
                (QuoteUnit::Major, _) => "It is quoted in the currency itself",
                (QuoteUnit::Minor, Currency::GBP) => "This instrument is quoted in pence",
                (QuoteUnit::Minor, _) => "It is quoted in a hundredth of the currency",
            },
            href: format!("/market/instruments/{}/edit?currency={quotation}", known.id),
        },
        None => market_page(known),
    })
}

/// Shares that are missing, or too many of them.
fn shares(valuation: &Valuation, placed: &PlacedFinding) -> Vec<Repair> {
    let finding = &placed.finding;
    let known = instrument(valuation, finding);
    let gap = finding.gap;
    let is_too_much = gap.is_some_and(|gap| gap < Decimal::ZERO);
    let offers: &[(&'static str, TransactionKind)] = match finding.code {
        "unreconciled_position" if is_too_much => &[
            ("Record a sale", TransactionKind::Sell),
            ("Record a transfer out", TransactionKind::TransferOut),
        ],
        "unreconciled_position" => &[
            ("Record a transfer in", TransactionKind::TransferIn),
            ("Record a purchase", TransactionKind::Buy),
        ],
        "exceeds_position" if closes_short(valuation, placed) => {
            &[("Record a short sale", TransactionKind::Short)]
        }
        _ => &[("Record a purchase", TransactionKind::Buy)],
    };
    let date = match finding.code {
        // What happens to shares comes before the trades of its day.
        "split_without_position" | "without_position" => {
            finding.date.and_then(|day| day.yesterday().ok())
        }
        _ => finding.date,
    };
    let form = |(label, kind): &(&'static str, TransactionKind)| {
        let mut query = new_transaction(*kind, placed, date);
        query.push("symbol", finding.symbol.as_deref());
        query.push("quantity", gap.map(|gap| gap.abs().normalize()));
        query.push("currency", known.map(|(_, currency)| currency));
        Repair {
            label,
            href: new_href(query),
        }
    };
    offers.iter().map(form).collect()
}

/// Whether the transaction of a finding gives back shares that are owed.
fn closes_short(valuation: &Valuation, placed: &PlacedFinding) -> bool {
    let mut parts = valuation.portfolios.iter().zip(&valuation.parts);
    let part = parts.find(|(portfolio, _)| Some(portfolio.id) == placed.portfolio());
    let mut entries = part.into_iter().flat_map(|(_, part)| &part.entries);
    let entry = entries.find(|entry| Some(entry.id) == placed.finding.transaction);
    entry.is_some_and(|entry| {
        matches!(
            entry.event.kind(),
            TransactionKind::Cover | TransactionKind::Assignment
        )
    })
}

/// Money that is missing in a balance, or too much of it.
fn money(scope: &Scope, placed: &PlacedFinding) -> Vec<Repair> {
    let finding = &placed.finding;
    let (Some(portfolio), Some(currency)) = (placed.portfolio(), finding.currency) else {
        return Vec::new();
    };
    let is_too_much = finding.gap.is_some_and(|gap| gap < Decimal::ZERO);
    let (label, kind) = if is_too_much {
        ("Record a withdrawal", TransactionKind::Withdrawal)
    } else {
        ("Record a deposit", TransactionKind::Deposit)
    };
    let mut query = new_transaction(kind, placed, finding.date);
    query.push("amount", finding.gap.map(|gap| gap.abs().normalize()));
    query.push("currency", Some(currency));
    vec![
        Repair {
            label,
            href: new_href(query),
        },
        Repair {
            label: "Open the cash ledger",
            href: cash::href(portfolio, currency, scope),
        },
    ]
}

fn new_transaction(
    kind: TransactionKind,
    placed: &PlacedFinding,
    date: Option<Date>,
) -> web::QueryString {
    let mut query = web::QueryString::new();
    query.push("type", Some(kind.as_str()));
    query.push("portfolio", placed.portfolio().map(|id| id.0));
    query.push("date", date);
    query
}

fn new_href(query: web::QueryString) -> String {
    format!("/portfolio/transactions/new{}", query.finish())
}
