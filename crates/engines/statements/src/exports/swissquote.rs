//! Swissquote's transactions, day first. Times are those of the bank's clock, whose zone is not
//! stated, so they fix no instant. The net amount is what moved in cash.

use std::collections::{HashMap, VecDeque};

use ledger::{Settlement, TransactionKind};
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, dates::First, draft::Draft, model::Refusal, numbers::negated,
    securities::Named,
};

use super::{
    sheet::{Line, Sheet, begin, not_supported, take_all, unknown_type},
    sums::{minus, plus, positive_rate},
};

pub(crate) const LAYOUTS: &[&str] = &[
    "date order transaction symbol name isin quantity unitprice costs accruedinterest netamount \
     balance currency",
];

pub(crate) fn read(sheet: &Sheet) -> Statement {
    sheet.learn_numbers(&["quantity", "unitprice", "costs", "netamount", "balance"]);
    sheet.set_first(First::Day);
    let mut statement = Statement::new(Format::Swissquote);
    // Sides of exchanges whose other side has not come yet.
    let mut open: HashMap<(&str, &str, bool), VecDeque<Line<'_>>> = HashMap::new();
    for line in sheet.lines() {
        let at = line.number_in_file();
        let Some(gives) = exchange_side(&line) else {
            let outcome = line.check_width().and_then(|()| rows(&line));
            take_all(&mut statement, at, outcome);
            continue;
        };
        let (date, order) = (line.text("date"), line.text("order"));
        let other = open
            .get_mut(&(date, order, !gives))
            .and_then(VecDeque::pop_front);
        match other {
            Some(other) => {
                let (given, received) = if gives { (line, other) } else { (other, line) };
                let outcome = exchange(&given, &received).map(|row| vec![row]);
                take_all(&mut statement, at, outcome);
            }
            None => open
                .entry((date, order, gives))
                .or_default()
                .push_back(line),
        }
    }
    for line in open.into_values().flatten() {
        let lost = not_supported(
            "the other side of this exchange of currency is not in the file: export a period that \
             holds both",
        );
        statement.take(line.number_in_file(), Err(lost));
    }
    statement.rejected.sort_by_key(|rejection| rejection.line);
    statement
}

/// Whether a line is one side of an exchange, and gives.
fn exchange_side(line: &Line<'_>) -> Option<bool> {
    match line.text("transaction").to_lowercase().as_str() {
        "forex debit" => Some(true),
        "forex credit" => Some(false),
        _ => None,
    }
}

fn exchange(given: &Line<'_>, received: &Line<'_>) -> Result<Row, Refusal> {
    given.check_width()?;
    received.check_width()?;
    let (currency, _) = given.currency("currency")?;
    let (into, _) = received.currency("currency")?;
    let amount = given.needed("netamount")?.abs();
    let moment = given.moment("date")?;
    let mut draft = begin(given, moment, TransactionKind::Conversion, currency);
    draft.amount = Some(amount);
    draft.settlement = Some(Settlement {
        currency: into,
        fx_rate: positive_rate(received.needed("netamount")?.abs(), amount)?,
    });
    draft.check()
}

fn entry(line: &Line<'_>, kind: TransactionKind) -> Result<Draft, Refusal> {
    let (currency, _) = line.currency("currency")?;
    let mut draft = begin(line, line.moment("date")?, kind, currency);
    draft.security = Named {
        symbol: line.text("symbol"),
        isin: line.text("isin"),
        name: line.text("name"),
        ..Named::default()
    }
    .security();
    Ok(draft)
}

fn rows(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    use TransactionKind as Kind;
    let word = line.text("transaction");
    let costs = line.number_or_zero("costs")?.abs();
    let cash = line.needed("netamount")?;
    let kind = match word.to_lowercase().as_str() {
        "buy" => return trade(line, Kind::Buy, costs),
        "sell" => return trade(line, Kind::Sell, costs),
        "dividend" | "capital gain" => Kind::Dividend,
        "return of capital" | "capital repayment" => Kind::ReturnOfCapital,
        "interests" | "interest" => Kind::Interest,
        "custody fees" | "fees" => Kind::Fee,
        "tax" | "taxes" | "tax statement" => Kind::Tax,
        "debit" | "withdrawal" => Kind::Withdrawal,
        "credit" | "deposit" | "payment" => Kind::Deposit,
        _ => return Err(unknown_type("Swissquote", word)),
    };
    let mut draft = entry(line, kind)?;
    draft.amount = Some(match kind {
        // Costs of a dividend are the tax withheld from it.
        Kind::Dividend | Kind::ReturnOfCapital => {
            draft.taxes = costs;
            plus(cash, costs)?
        }
        Kind::Withdrawal => {
            draft.fees = costs;
            minus(cash.abs(), costs)?
        }
        Kind::Deposit => {
            draft.fees = costs;
            plus(cash.abs(), costs)?
        }
        Kind::Fee | Kind::Tax => negated(cash),
        _ => cash,
    });
    Ok(vec![draft.check()?])
}

/// Interest that a bond had accrued is paid with its price and booked apart.
fn trade(line: &Line<'_>, kind: TransactionKind, costs: Decimal) -> Result<Vec<Row>, Refusal> {
    let mut draft = entry(line, kind)?;
    let accrued = line.number_or_zero("accruedinterest")?.abs();
    let cash = line.needed("netamount")?.abs();
    let is_purchase = kind == TransactionKind::Buy;
    draft.quantity = line.number("quantity")?.map(|shares| shares.abs());
    draft.price = line.number("unitprice")?;
    draft.fees = costs;
    draft.amount = Some(if is_purchase {
        minus(minus(cash, costs)?, accrued)?
    } else {
        minus(plus(cash, costs)?, accrued)?
    });
    let mut rows = vec![draft.check()?];
    if !accrued.is_zero() {
        let mut interest = entry(line, TransactionKind::Interest)?;
        interest.amount = Some(if is_purchase {
            negated(accrued)
        } else {
            accrued
        });
        rows.push(interest.check()?);
    }
    Ok(rows)
}
