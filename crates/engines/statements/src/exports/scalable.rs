//! Scalable Capital's transactions. Times are those of the broker's clock, whose zone is not
//! stated, so they fix no instant. Amounts are gross; their signs follow no rule.

use ledger::TransactionKind;

use crate::{
    Format, Row, Statement, Unreadable,
    model::Refusal,
    securities::{Named, filled},
};

use super::{
    sheet::{Line, Sheet, begin, unknown_type},
    status,
};

pub(crate) const LAYOUTS: &[&str] = &[
    "date time status reference description assettype type isin shares price amount fee tax currency",
];

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["shares", "price", "amount", "fee", "tax"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Scalable);
    sheet.each(&mut statement, |line| Ok(vec![row(line)?]));
    Ok(statement)
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    status::check(line.text("status"), &["executed", "settled"])?;
    let word = line.text("type");
    let stated = line.number("amount")?;
    let kind = match word.to_lowercase().as_str() {
        "buy" | "savings plan" => Kind::Buy,
        "sell" => Kind::Sell,
        "distribution" | "dividend" => Kind::Dividend,
        "interest" => Kind::Interest,
        "deposit" => Kind::Deposit,
        "withdrawal" => Kind::Withdrawal,
        "fee" | "fees" => Kind::Fee,
        "tax" | "taxes" => Kind::Tax,
        "security transfer" | "transfer in" => Kind::TransferIn,
        "transfer out" => Kind::TransferOut,
        _ => return Err(unknown_type("Scalable Capital", word)),
    };
    let (currency, _) = line.currency("currency")?;
    let mut draft = begin(line, line.moment("date")?, kind, currency);
    draft.external_id = filled(line.text("reference"));
    draft.fees = line.number_or_zero("fee")?.abs();
    draft.taxes = line.number_or_zero("tax")?.abs();
    if line.text("isin").is_empty() {
        draft.note = filled(line.text("description"));
    } else {
        draft.security = Named {
            isin: line.text("isin"),
            name: line.text("description"),
            ..Named::default()
        }
        .security();
    }
    draft.amount = match kind {
        Kind::Interest => stated,
        // What a transfer was worth is not what the shares had cost.
        Kind::TransferIn => None,
        _ => stated.map(|amount| amount.abs()),
    };
    if kind.states_quantity() {
        draft.quantity = line.number("shares")?.map(|shares| shares.abs());
        draft.price = line.number("price")?.filter(|_| kind != Kind::TransferIn);
    }
    draft.check()
}
