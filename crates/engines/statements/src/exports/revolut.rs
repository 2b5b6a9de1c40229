//! Revolut's trading account statement. Times are UTC.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, Unreadable, draft::Draft, model::Refusal, numbers::negated,
    securities::Named,
};

use super::{
    sheet::{Line, Sheet, begin, nothing, take_all, unknown_type},
    splits::{AddedShares, file_splits},
};

pub(crate) const LAYOUTS: &[&str] =
    &["date ticker type quantity pricepershare totalamount currency fxrate"];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["quantity", "pricepershare", "totalamount"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Revolut);
    let mut splits = Vec::new();
    for line in sheet.lines() {
        let at = line.number_in_file();
        let word = line.text("type").to_uppercase();
        if word == "STOCK SPLIT" {
            match added(&line) {
                Ok(split) => splits.push(split),
                Err(refusal) => statement.take(at, Err(refusal)),
            }
        } else {
            let outcome = line.check_width().and_then(|()| row(&line, &word));
            take_all(&mut statement, at, outcome.map(|row| vec![row]));
        }
    }
    file_splits(&mut statement, splits);
    Ok(statement)
}

fn added(line: &Line<'_>) -> Result<AddedShares, Refusal> {
    line.check_width()?;
    Ok(AddedShares {
        draft: entry(line, TransactionKind::Split)?,
        added: line.needed("quantity")?,
    })
}

fn entry(line: &Line<'_>, kind: TransactionKind) -> Result<Draft, Refusal> {
    let (currency, _) = line.currency("currency")?;
    let mut draft = begin(line, line.moment_utc("date")?, kind, currency);
    draft.security = Named {
        symbol: line.text("ticker"),
        currency: Some(currency),
        ..Named::default()
    }
    .security();
    Ok(draft)
}

fn row(line: &Line<'_>, word: &str) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    let moved = line.number_or_zero("totalamount")?;
    let kind = match word {
        _ if word.starts_with("BUY") => Kind::Buy,
        _ if word.starts_with("SELL") => Kind::Sell,
        "DIVIDEND" => Kind::Dividend,
        "DIVIDEND TAX (CORRECTION)" => Kind::Tax,
        "CUSTODY FEE" | "ROBO MANAGEMENT FEE" => Kind::Fee,
        "CASH TOP-UP" => Kind::Deposit,
        "CASH WITHDRAWAL" => Kind::Withdrawal,
        // Revolut moved its customers from one of its companies to another.
        _ if word.starts_with("TRANSFER FROM REVOLUT") && moved.is_zero() => {
            return Err(nothing("the shares moved between companies of Revolut"));
        }
        _ if word.starts_with("TRANSFER FROM REVOLUT") && moved < Decimal::ZERO => Kind::Withdrawal,
        _ if word.starts_with("TRANSFER FROM REVOLUT") => Kind::Deposit,
        _ => return Err(unknown_type("Revolut", line.text("type"))),
    };
    let mut draft = entry(line, kind)?;
    draft.amount = Some(match kind {
        Kind::Dividend => moved,
        Kind::Fee | Kind::Tax => negated(moved),
        _ => moved.abs(),
    });
    if kind.states_quantity() {
        draft.quantity = line.number("quantity")?.map(|shares| shares.abs());
        draft.price = line.number("pricepershare")?;
    }
    if matches!(kind, Kind::Deposit | Kind::Withdrawal) {
        draft.security = None;
    }
    draft.check()
}
