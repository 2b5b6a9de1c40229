//! The account history: one line for each coin that moved.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::{Row, Statement, model::Refusal, text::shown};

use super::{
    super::{
        coins::Leg,
        sheet::{Line, Sheet, not_supported, nothing, take_all, unknown_type},
        sums::plus,
    },
    TIMES,
    moves::movement,
    orders::{is_money, swap_of},
};

/// The lines of one exchange have one account, one time and one remark.
fn key<'l>(line: &Line<'l>) -> (&'l str, &'l str, &'l str) {
    (line.text("uid"), line.text("time"), line.text("remark"))
}

pub(super) fn read(sheet: &Sheet, statement: &mut Statement) {
    let mut exchanges: HashMap<(&str, &str, &str), Vec<Line<'_>>> = HashMap::new();
    for line in sheet.lines().filter(is_exchange) {
        exchanges.entry(key(&line)).or_default().push(line);
    }
    for line in sheet.lines() {
        let at = line.number_in_file();
        if is_exchange(&line) {
            if let Some(lines) = exchanges.remove(&key(&line)) {
                take_exchange(statement, &line, &lines);
            }
        } else {
            take_all(
                statement,
                at,
                line.check_width().and_then(|()| single(&line)),
            );
        }
    }
}

fn take_exchange(statement: &mut Statement, first: &Line<'_>, lines: &[Line<'_>]) {
    match exchange(first, lines) {
        Ok(rows) => statement.rows.extend(rows),
        Err(refusal) => {
            for line in lines {
                statement.take(line.number_in_file(), Err(refusal.clone()));
            }
        }
    }
}

fn is_exchange(line: &Line<'_>) -> bool {
    let remark = line.text("remark").to_lowercase();
    matches!(
        &*remark,
        "spot" | "exchange" | "trade" | "convert" | "convert to kcs" | "fast trade"
    )
}

fn goes(line: &Line<'_>) -> Result<bool, Refusal> {
    match line.text("side").to_lowercase().as_str() {
        "withdrawal" | "withdraw" | "out" => Ok(true),
        "deposit" | "in" => Ok(false),
        other => Err(unknown_type("KuCoin", other)),
    }
}

fn exchange(first: &Line<'_>, lines: &[Line<'_>]) -> Result<Vec<Row>, Refusal> {
    let (mut sold, mut bought): (Option<Leg>, Option<Leg>) = (None, None);
    for line in lines {
        line.check_width()?;
        let side = if goes(line)? { &mut sold } else { &mut bought };
        let asset = line.text("currency").to_uppercase();
        let leg = side.get_or_insert_with(|| Leg {
            asset: asset.clone(),
            quantity: Decimal::ZERO,
            fee: Decimal::ZERO,
        });
        if leg.asset != asset {
            return Err(not_supported(
                "exchanges of several coins at one moment cannot be told apart in the account \
                 history: import the list of orders",
            ));
        }
        leg.quantity = plus(leg.quantity, line.needed("amount")?.abs())?;
        leg.fee = plus(leg.fee, line.number_or_zero("fee")?.abs())?;
    }
    match (sold, bought) {
        (Some(sold), Some(bought)) => swap_of(first, first.moment_utc(TIMES)?, sold, bought),
        _ => Err(not_supported(
            "the other side of the exchange is not in the account history: import the list of \
             orders",
        )),
    }
}

fn single(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    let asset = line.text("currency").to_uppercase();
    let quantity = line.needed("amount")?.abs();
    let goes = goes(line)?;
    let found = movement(line, &asset, if goes { -quantity } else { quantity })?;
    let remark = line.text("remark").to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| remark.contains(word));
    if has(&[
        "transfer",
        "subscription",
        "redemption",
        "staked",
        "unstake",
    ]) {
        return Err(nothing(format!(
            "{asset} moved between parts of the account ({})",
            shown(line.text("remark"))
        )));
    }
    let is_present = has(&[
        "reward",
        "bonus",
        "profit",
        "airdrop",
        "distribution",
        "interest",
        "rebate",
        "earn",
    ]);
    if is_present && !goes {
        return found.reward();
    }
    if has(&["deposit", "withdraw"]) || remark.is_empty() {
        return found.transfer();
    }
    if has(&["fee"]) && goes && !is_money(&asset) {
        return found.transfer();
    }
    Err(unknown_type("KuCoin", line.text("remark")))
}
