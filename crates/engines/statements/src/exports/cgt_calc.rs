//! The plain CSV of cgt-calc: one line a transaction, fees apart, splits by the shares added.

use ledger::TransactionKind;

use crate::{Format, Row, Statement, Unreadable, draft::Draft, model::Refusal, securities::Named};

use super::{
    sheet::{Line, Sheet, begin, take_all, unknown_type},
    splits::{AddedShares, file_splits},
};

pub(crate) const LAYOUTS: &[&str] =
    &["date action symbol quantity price fees currency !datasource !isin !account"];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["quantity", "price", "fees"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::CgtCalc);
    let mut splits = Vec::new();
    for line in sheet.lines() {
        let at = line.number_in_file();
        if line.text("action").eq_ignore_ascii_case("STOCK_SPLIT") {
            match added(&line) {
                Ok(split) => splits.push(split),
                Err(refusal) => statement.take(at, Err(refusal)),
            }
        } else {
            let outcome = line.check_width().and_then(|()| row(&line));
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
    let mut draft = begin(line, line.moment("date")?, kind, currency);
    draft.security = Named {
        symbol: line.text("symbol"),
        ..Named::default()
    }
    .security();
    Ok(draft)
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    let word = line.text("action");
    let kind = match word.to_uppercase().as_str() {
        "BUY" => TransactionKind::Buy,
        "SELL" => TransactionKind::Sell,
        "DIVIDEND" => TransactionKind::Dividend,
        "STOCK_ACTIVITY" => TransactionKind::TransferIn,
        "INTEREST" => TransactionKind::Interest,
        "FEE" => TransactionKind::Fee,
        "TRANSFER" => TransactionKind::Deposit,
        _ => return Err(unknown_type("cgt-calc", word)),
    };
    let mut draft = entry(line, kind)?;
    let (_, factor) = line.currency("currency")?;
    draft.quantity = line.number("quantity")?;
    draft.price = super::sheet::scaled(line.number("price")?, factor)?;
    draft.fees = super::sheet::scaled(line.number("fees")?, factor)?.unwrap_or_default();
    draft.check()
}
