//! What a broker's file states as the result, against what its transactions come to.
//!
//! Positions and balances that a file states are kept with its import. Every valuation compares the
//! latest ones with the books of their day; what differs is a finding, and figures say that they are
//! unreconciled until it is gone or accepted.

pub(crate) mod store;

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Asset, AssetIndex, Books, Finding, Severity};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use statements::Statement;

use crate::portfolios::PortfolioId;

/// A position or a balance as a file states it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) what: What,
    pub(crate) on: Date,
    pub(crate) quantity: Decimal,
    pub(crate) cost: Option<Decimal>,
}

/// Shares of an instrument, or cash of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Position(InstrumentId),
    Cash(Currency),
}

/// Shares that differ by less are the same.
const SHARES: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// Everything that a statement states, over all its accounts.
pub(crate) fn stated(
    statement: &Statement,
    portfolio_id: PortfolioId,
    find: impl Fn(&statements::Security) -> Option<InstrumentId>,
) -> Vec<Stated> {
    let mut sums: BTreeMap<(What, Date), (Decimal, Option<Decimal>)> = BTreeMap::new();
    for position in &statement.positions {
        let Some(instrument) = find(&position.security) else {
            continue;
        };
        let key = (What::Position(instrument), position.on);
        let sum = sums
            .entry(key)
            .or_insert((Decimal::ZERO, Some(Decimal::ZERO)));
        sum.0 += position.quantity;
        sum.1 = sum.1.zip(position.cost).map(|(sum, cost)| sum + cost);
    }
    for balance in &statement.balances {
        let key = (What::Cash(balance.currency), balance.on);
        let sum = sums.entry(key).or_insert((Decimal::ZERO, None));
        sum.0 += balance.amount;
    }
    sums.into_iter()
        .map(|((what, on), (quantity, cost))| Stated {
            portfolio_id,
            what,
            on,
            quantity: money::round_to_store(quantity),
            cost: cost.map(money::round_to_store),
        })
        .collect()
}

/// What differs from the books of one portfolio.
pub(crate) fn findings(
    books: &Books,
    assets: &[Asset],
    tracks_cash: bool,
    stated: &[Stated],
    find: impl Fn(InstrumentId) -> Option<AssetIndex>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in stated {
        match one.what {
            What::Position(id) => {
                let asset = find(id);
                let steps = asset.and_then(|asset| books.quantity_steps.get(&asset));
                let computed = level(steps.map(Vec::as_slice), one.on);
                let symbol = asset
                    .and_then(|asset| assets.get(asset.0 as usize))
                    .map_or("an instrument", |asset| asset.symbol.as_str());
                if (computed - one.quantity).abs() >= SHARES {
                    findings.push(position(symbol, one, computed));
                }
            }
            What::Cash(currency) if tracks_cash => {
                let steps = books.cash_steps.get(&currency);
                let computed = level(steps.map(Vec::as_slice), one.on);
                let unit = Decimal::new(1, currency.digits());
                if (computed - one.quantity).abs() >= unit {
                    findings.push(cash(currency, one, computed));
                }
            }
            What::Cash(_) => {}
        }
    }
    findings
}

/// The level at the close of a day.
fn level(steps: Option<&[(Date, Decimal)]>, on: Date) -> Decimal {
    let steps = steps.unwrap_or_default();
    let next = steps.partition_point(|(day, _)| *day <= on);
    next.checked_sub(1)
        .and_then(|last| steps.get(last))
        .map_or(Decimal::ZERO, |(_, level)| *level)
}

fn position(symbol: &str, stated: &Stated, computed: Decimal) -> Finding {
    let gap = (stated.quantity - computed).normalize();
    let (says, books, on) = (stated.quantity.normalize(), computed.normalize(), stated.on);
    let remedy = if gap > Decimal::ZERO {
        format!(
            "Record what brought {gap} {symbol}: a purchase, a transfer in, or a split that the file does not list."
        )
    } else {
        format!(
            "Record what took {} {symbol}: a sale, a transfer out, or a split that the file does not list.",
            -gap
        )
    };
    Finding {
        code: "unreconciled_position",
        severity: Severity::Warning,
        message: format!(
            "The broker states {says} {symbol} at the close of {on}, the transactions come to {books}."
        ),
        remedy,
        transaction: None,
        symbol: Some(symbol.to_owned()),
        currency: None,
        date: Some(on),
        gap: Some(gap),
    }
}

fn cash(currency: Currency, stated: &Stated, computed: Decimal) -> Finding {
    let round = |amount| money::round_to_currency(amount, currency);
    let (says, books, on) = (round(stated.quantity), round(computed), stated.on);
    let gap = round(stated.quantity - computed);
    let remedy = if gap > Decimal::ZERO {
        format!(
            "Record the deposit or income of {gap} {currency} that is missing on or before this day."
        )
    } else {
        format!(
            "Record the withdrawal or charge of {} {currency} that is missing on or before this day.",
            -gap
        )
    };
    Finding {
        code: "unreconciled_cash",
        severity: Severity::Warning,
        message: format!(
            "The broker states {says} {currency} in cash at the close of {on}, the transactions come to {books}."
        ),
        remedy,
        transaction: None,
        symbol: Some(currency.to_string()),
        currency: Some(currency),
        date: Some(on),
        gap: Some(gap),
    }
}
