//! Exports of brokers and exchanges, from small files of our own and from the reference data.

mod hostile;
mod layouts;
pub(crate) mod own;
mod reference;
mod sidekick;
mod variants;

use std::fmt::Write as _;

use statements::{Row, Statement};

use super::support;

/// A row as [`support::row`] shows it, with shares without a price, the target of a corporate action
/// and an option told in words at its end.
fn row(row: &Row) -> String {
    let mut bare = row.clone();
    bare.quantity = row.quantity.filter(|_| row.price.is_some());
    bare.target = None;
    if let Some(security) = &mut bare.security {
        security.option = None;
    }
    let mut text = support::row(&bare);
    if let (Some(quantity), None) = (row.quantity, row.price) {
        write!(text, " moves {}", quantity.normalize()).unwrap();
    }
    if let Some(target) = &row.target {
        write!(text, " into {}", target.symbol).unwrap();
    }
    if let Some(terms) = row.security.as_ref().and_then(|s| s.option.as_ref()) {
        write!(
            text,
            " option {} {} {:?} {} x{}",
            terms.underlying, terms.expires_on, terms.right, terms.strike, terms.multiplier
        )
        .unwrap();
    }
    text
}

/// Everything that a statement says, a line each; of what was not taken, line and code.
fn lines(statement: &Statement) -> String {
    let mut text = String::new();
    for found in &statement.rows {
        writeln!(text, "{}", row(found)).unwrap();
    }
    for (word, list) in [
        ("rejected", &statement.rejected),
        ("skipped", &statement.skipped),
    ] {
        for line in list {
            writeln!(text, "{} {word} {}", line.line, line.code).unwrap();
        }
    }
    for found in &statement.positions {
        let (symbol, quantity) = (&found.security.symbol, found.quantity.normalize());
        writeln!(
            text,
            "{} holds {} {symbol} {quantity}",
            found.line, found.on
        )
        .unwrap();
    }
    for found in &statement.balances {
        let amount = found.amount.normalize();
        writeln!(
            text,
            "{} balance {} {amount} {}",
            found.line, found.on, found.currency
        )
        .unwrap();
    }
    text
}
