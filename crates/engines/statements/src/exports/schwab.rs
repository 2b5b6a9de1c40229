//! Schwab's brokerage transactions, in dollars, month first. A title may stand above the header and
//! a total below the last line.

mod corporate;
mod options;

use ledger::TransactionKind;
use money::Currency;

use crate::{
    Format, Row, Statement,
    dates::First,
    draft::Draft,
    model::Refusal,
    numbers::negated,
    securities::{Named, filled},
};

use super::{
    sheet::{Line, Sheet, begin, nothing, take_all, unknown_type},
    splits::{AddedShares, file_splits},
    sums::gross,
};

pub(crate) const LAYOUTS: &[&str] =
    &["date action symbol description quantity price feescomm amount"];

pub(crate) fn read(sheet: &Sheet) -> Statement {
    sheet.learn_numbers(&["quantity", "price", "feescomm", "amount"]);
    sheet.set_first(First::Month);
    let mut statement = Statement::new(Format::Schwab);
    let mut splits = Vec::new();
    let mut halves = corporate::Halves::default();
    for line in sheet.lines() {
        let at = line.number_in_file();
        let action = line.text("action").to_lowercase();
        if line
            .first_text()
            .to_lowercase()
            .starts_with("transactions total")
        {
            statement.take(at, Err(nothing("the line sums up the others")));
        } else if action == "stock split" {
            match added(&line) {
                Ok(split) => splits.push(split),
                Err(refusal) => statement.take(at, Err(refusal)),
            }
        } else if corporate::is_half(&action) {
            halves.push(action, line);
        } else {
            let outcome = line.check_width().and_then(|()| row(&line, &action));
            take_all(&mut statement, at, outcome.map(|row| vec![row]));
        }
    }
    halves.file(&mut statement);
    file_splits(&mut statement, splits);
    statement.rows.sort_by_key(|row| row.line);
    statement.rejected.sort_by_key(|rejection| rejection.line);
    statement
}

fn entry(line: &Line<'_>, kind: TransactionKind) -> Result<Draft, Refusal> {
    let mut draft = begin(line, line.moment("date")?, kind, Currency::USD);
    let symbol = line.text("symbol");
    draft.security = if symbol.is_empty() {
        None
    } else {
        options::contract(symbol).or_else(|| named(line).security())
    };
    draft.note = filled(line.text("description"));
    Ok(draft)
}

fn named<'l>(line: &Line<'l>) -> Named<'l> {
    Named {
        symbol: line.text("symbol"),
        name: line.text("description"),
        currency: Some(Currency::USD),
        ..Named::default()
    }
}

/// A forward split, of which the shares that were added are stated.
fn added(line: &Line<'_>) -> Result<AddedShares, Refusal> {
    line.check_width()?;
    Ok(AddedShares {
        draft: entry(line, TransactionKind::Split)?,
        added: line.needed("quantity")?,
    })
}

fn row(line: &Line<'_>, action: &str) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    match action {
        // The dividend that pays for the shares has a line of its own.
        "buy" | "reinvest shares" | "buy to open" => trade(line, Kind::Buy),
        "sell" | "sell to close" => trade(line, Kind::Sell),
        "sell short" | "sell to open" => trade(line, Kind::Short),
        "buy to close" | "buy to cover" => trade(line, Kind::Cover),
        "expired" => shares(line, Kind::Expiry),
        "assigned" => shares(line, Kind::Assignment),
        "exchange or exercise" => shares(line, Kind::Exercise),
        "stock div dist" | "stock dividend" => shares(line, Kind::StockDividend),
        "journaled shares" | "security transfer" | "stock plan activity" => {
            let gives = line.needed("quantity")? < rust_decimal::Decimal::ZERO;
            shares(
                line,
                if gives {
                    Kind::TransferOut
                } else {
                    Kind::TransferIn
                },
            )
        }
        // What was paid for a fraction of a share, whose quantity is not stated.
        "cash in lieu" | "return of capital" => cash(line, Kind::ReturnOfCapital),
        "bank interest" | "credit interest" | "bond interest" | "margin interest" | "interest" => {
            cash(line, Kind::Interest)
        }
        "journal"
        | "moneylink transfer"
        | "moneylink deposit"
        | "moneylink withdrawal"
        | "wire sent"
        | "wire received"
        | "wire funds"
        | "wire funds received"
        | "wire funds adj"
        | "internal transfer"
        | "funds received"
        | "funds paid"
        | "visa purchase"
        | "atm withdrawal" => transfer(line),
        "advisor fee"
        | "adr mgmt fee"
        | "service fee"
        | "misc cash entry"
        | "margin fee"
        | "foreign transaction fee" => cash(line, Kind::Fee),
        "foreign tax paid"
        | "foreign tax reclaim"
        | "nra tax adj"
        | "nra withholding"
        | "tax withholding" => cash(line, Kind::Tax),
        _ if is_dividend(action) => cash(line, Kind::Dividend),
        "spin-off" => Err(corporate::spin_off(line)),
        _ => Err(unknown_type("Schwab", line.text("action"))),
    }
}

/// Dividends of every tax treatment, and those that are reinvested by a line of their own.
fn is_dividend(action: &str) -> bool {
    matches!(
        action,
        "qualified dividend"
            | "non-qualified div"
            | "cash dividend"
            | "special dividend"
            | "special qual div"
            | "special non qual div"
            | "pr yr cash div"
            | "pr yr special div"
            | "pr yr non-qual div"
            | "reinvest dividend"
            | "qual div reinvest"
            | "pr yr div reinvest"
            | "long term cap gain"
            | "short term cap gain"
            | "long term cap gain reinvest"
            | "short term cap gain reinvest"
            | "div adjustment"
    )
}

/// The amount is the cash that moved, after charges.
fn trade(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    draft.quantity = line.number("quantity")?.map(|shares| shares.abs());
    draft.price = line.number("price")?;
    draft.fees = line.number_or_zero("feescomm")?.abs();
    if let Some(cash) = line.number("amount")? {
        draft.amount = Some(gross(&draft, cash)?);
    }
    draft.check()
}

fn shares(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    draft.quantity = line.number("quantity")?.map(|shares| shares.abs());
    // What transferred shares were worth is not what they had cost.
    if kind != TransactionKind::TransferIn {
        draft.price = line.number("price")?;
    }
    draft.check()
}

fn cash(line: &Line<'_>, kind: TransactionKind) -> Result<Row, Refusal> {
    let mut draft = entry(line, kind)?;
    let moved = line.needed("amount")?;
    draft.amount = Some(match kind {
        TransactionKind::Fee | TransactionKind::Tax => negated(moved),
        _ => moved,
    });
    draft.check()
}

fn transfer(line: &Line<'_>) -> Result<Row, Refusal> {
    let moved = line.needed("amount")?;
    let kind = if moved < rust_decimal::Decimal::ZERO {
        TransactionKind::Withdrawal
    } else {
        TransactionKind::Deposit
    };
    let mut draft = entry(line, kind)?;
    draft.security = None;
    draft.amount = Some(moved.abs());
    draft.check()
}
