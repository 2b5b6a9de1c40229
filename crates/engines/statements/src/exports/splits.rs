//! Splits of which a file states the shares that were added, not the ratio.

use std::collections::HashMap;

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use rust_decimal::Decimal;

use crate::{Row, Statement, draft::Draft, model::Refusal};

use super::sheet::not_supported;

/// A split whose ratio depends on what was held.
#[derive(Debug)]
pub(crate) struct AddedShares {
    pub(crate) draft: Draft,
    pub(crate) added: Decimal,
}

/// Finds the ratio of each split from the shares that the file itself shows to be held on the day
/// before, and files it; without such shares the ratio is unknown and the split refused.
pub(crate) fn file_splits(statement: &mut Statement, mut splits: Vec<AddedShares>) {
    if splits.is_empty() {
        return;
    }
    splits.sort_by_key(|split| split.draft.date);
    let mut trades: Vec<(Date, String, Decimal)> =
        statement.rows.iter().filter_map(moved).collect();
    trades.sort_by_key(|(date, ..)| *date);
    let mut trades = trades.into_iter().peekable();
    let mut held: HashMap<String, Decimal> = HashMap::new();
    for split in splits {
        while let Some((_, symbol, change)) = trades.next_if(|(date, ..)| *date < split.draft.date)
        {
            let position = held.entry(symbol).or_default();
            *position = position.checked_add(change).unwrap_or_default();
        }
        let line = split.draft.line;
        let outcome = ratio(split, &mut held).and_then(Draft::check);
        statement.take(line, outcome);
    }
    statement.rows.sort_by_key(|row| row.line);
}

fn moved(row: &Row) -> Option<(Date, String, Decimal)> {
    use TransactionKind as Kind;
    let quantity = row.quantity?;
    let change = match row.kind {
        Kind::Buy | Kind::ReinvestedDividend | Kind::StockDividend | Kind::TransferIn => quantity,
        Kind::Sell | Kind::TransferOut => -quantity,
        _ => return None,
    };
    Some((row.date, row.security.as_ref()?.symbol.clone(), change))
}

fn ratio(split: AddedShares, held: &mut HashMap<String, Decimal>) -> Result<Draft, Refusal> {
    let AddedShares { mut draft, added } = split;
    let symbol = draft
        .security
        .as_ref()
        .map(|security| security.symbol.clone())
        .unwrap_or_default();
    let before = held.get(&symbol).copied().unwrap_or_default();
    let after = before.checked_add(added).unwrap_or_default();
    if before <= Decimal::ZERO || after <= Decimal::ZERO {
        return Err(not_supported(format!(
            "the split of {symbol} states {added} new shares but not its ratio, and the file does \
             not show how many were held: enter the split with its ratio"
        )));
    }
    held.insert(symbol, after);
    draft.ratio = Some(plain_ratio(after, before));
    Ok(draft)
}

/// The simplest ratio, with old shares up to a hundred, that shares stated to eight digits or so
/// leave open; otherwise the shares themselves.
pub(crate) fn plain_ratio(to: Decimal, from: Decimal) -> Ratio {
    const LARGEST: u32 = 100;
    const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 6);
    let exact = Ratio {
        to: to.normalize(),
        from: from.normalize(),
    };
    let Some(quotient) = to.checked_div(from) else {
        return exact;
    };
    (1..=LARGEST)
        .find_map(|old| {
            let old = Decimal::from(old);
            let new = quotient.checked_mul(old)?;
            let whole = new.round();
            let gap = new.checked_sub(whole)?.abs();
            (whole >= Decimal::ONE && gap <= whole.checked_mul(ROUNDING)?).then_some(Ratio {
                to: whole.normalize(),
                from: old,
            })
        })
        .unwrap_or(exact)
}
