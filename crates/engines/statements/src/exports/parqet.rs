//! Parqet's export of activities. Amounts are gross; tax that was given back is negative.

use ledger::TransactionKind;

use crate::{
    Format, Row, Statement, Unreadable,
    model::Refusal,
    securities::{Named, filled},
};

use super::sheet::{Line, Sheet, begin, unknown_type};

pub(crate) const LAYOUTS: &[&str] =
    &["datetime date price shares amount tax fee type assettype identifier currency holding"];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["price", "shares", "amount", "tax", "fee"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Parqet);
    sheet.each(&mut statement, |line| Ok(vec![row(line)?]));
    Ok(statement)
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    let word = line.text("type");
    let kind = match word.to_lowercase().as_str() {
        "buy" => Kind::Buy,
        "sell" => Kind::Sell,
        "dividend" | "distribution" => Kind::Dividend,
        "interest" => Kind::Interest,
        "transferin" => Kind::TransferIn,
        "transferout" => Kind::TransferOut,
        "deposit" => Kind::Deposit,
        "withdrawal" => Kind::Withdrawal,
        "fee" | "fees" | "cost" => Kind::Fee,
        "tax" | "taxes" => Kind::Tax,
        _ => return Err(unknown_type("Parqet", word)),
    };
    let (currency, _) = line.currency("currency")?;
    // The date is the customer's, the instant is given in UTC.
    let mut moment = line.moment("date")?;
    moment.at = line.moment("datetime")?.at;
    let mut draft = begin(line, moment, kind, currency);
    draft.account = filled(line.text("broker"));
    draft.fees = line.number_or_zero("fee")?;
    draft.taxes = line.number_or_zero("tax")?;
    // Prices of dividends are rounded to cents, so the amount alone is kept.
    draft.amount = line.number("amount")?;
    if kind.states_quantity() {
        draft.quantity = line.number("shares")?.map(|shares| shares.abs());
        draft.price = line.number("price")?;
        draft.amount = draft.amount.map(|amount| amount.abs());
    }
    if line.text("assettype") != "Cash" {
        draft.security = Named {
            symbol: line.text("identifier"),
            name: line.text("holdingname"),
            asset_class: match line.text("assettype") {
                "Crypto" => "crypto",
                _ => "",
            },
            exchange: line.text("exchange"),
            ..Named::default()
        }
        .security();
    }
    draft.check()
}
