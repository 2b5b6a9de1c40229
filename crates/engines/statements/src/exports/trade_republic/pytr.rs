//! The table of the program pytr, in German, English or Dutch words. Values are net and in euro,
//! the currency of every Trade Republic account.

use ledger::TransactionKind;
use money::Currency;

use crate::{
    Row, Statement, Unreadable,
    model::Refusal,
    securities::{Named, filled},
};

use super::super::{
    sheet::{Line, Sheet, begin, unknown_type},
    sums::gross,
};

const DATE: &str = "date datum";
const KIND: &str = "typ type transactietype";
const VALUE: &str = "wert value waardenetto";
const NOTE: &str = "notiz note opmerking";
const SHARES: &str = "stück shares aantal";
const FEES: &str = "gebühren fees kosten";
const TAXES: &str = "steuern taxes belasting";

pub(super) fn read(sheet: &Sheet, statement: &mut Statement) -> Result<(), Unreadable> {
    sheet.learn_numbers(&[VALUE, SHARES, FEES, TAXES]);
    sheet.learn_dates(DATE)?;
    sheet.each(statement, |line| Ok(vec![row(line)?]));
    Ok(())
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    let word = line.text(KIND);
    let kind = match word.to_lowercase().as_str() {
        "kauf" | "buy" | "aankoop" | "sparplan" => Kind::Buy,
        "verkauf" | "sell" | "verkoop" => Kind::Sell,
        "dividende" | "dividend" => Kind::Dividend,
        "zinsen" | "interest" | "rente" => Kind::Interest,
        "einlage" | "deposit" | "storting" => Kind::Deposit,
        "entnahme" | "removal" | "withdrawal" | "onttrekking" => Kind::Withdrawal,
        "gebühren" | "fees" | "kosten" => Kind::Fee,
        "steuern" | "taxes" | "belasting" | "steuerrückerstattung" | "tax refund" => Kind::Tax,
        _ => return Err(unknown_type("Trade Republic", word)),
    };
    let moved = line.needed(VALUE)?;
    let mut draft = begin(line, line.moment(DATE)?, kind, Currency::EUR);
    draft.fees = line.number_or_zero(FEES)?.abs();
    draft.taxes = line.number_or_zero(TAXES)?.abs();
    let is_share = !line.text("isin").is_empty();
    if is_share {
        draft.security = Named {
            isin: line.text("isin"),
            name: line.text(NOTE),
            ..Named::default()
        }
        .security();
    } else {
        draft.note = filled(line.text(NOTE));
    }
    match kind {
        Kind::Buy | Kind::Sell => {
            draft.quantity = line.number(SHARES)?.map(|shares| shares.abs());
            draft.amount = Some(gross(&draft, moved)?);
        }
        Kind::Fee | Kind::Tax => draft.amount = Some(crate::numbers::negated(moved)),
        Kind::Deposit | Kind::Withdrawal => draft.amount = Some(moved.abs()),
        _ => draft.amount = Some(gross(&draft, moved)?),
    }
    draft.check()
}
