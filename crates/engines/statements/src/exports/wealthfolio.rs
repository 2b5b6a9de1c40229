//! Wealthfolio's activities and holdings.

use ledger::{Ratio, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, StatedBalance, StatedPosition, Statement, Unreadable,
    draft::{self, product},
    model::Refusal,
    securities::{Named, filled},
};

use super::sheet::{Line, Sheet, begin, not_supported, scaled, unknown_type};

pub(crate) const LAYOUTS: &[&str] = &[
    "date symbol quantity activitytype unitprice currency fee amount",
    "date type symbol quantity unitprice currency fee amount instrumenttype|subtype|fxrate",
    // A table of symbols, quantities and prices may be anything; holdings have cash among them.
    "date symbol quantity price currency !type !action !activitytype !fee !fees !isin !name !amount \
     !high !close !side =$CASH",
];

/// What holdings call cash.
const CASH: &str = "$CASH";
const KIND: &str = "activitytype type";

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&["quantity", "unitprice price", "fee", "amount", "fxrate"]);
    sheet.learn_dates("date")?;
    let mut statement = Statement::new(Format::Wealthfolio);
    if sheet.has(KIND) {
        // A split states no currency, and needs none.
        let usual = sheet.first_currency("currency").unwrap_or(Currency::USD);
        sheet.each(&mut statement, |line| Ok(vec![row(line, usual)?]));
    } else {
        for line in sheet.lines() {
            if let Err(refusal) = holding(&line, &mut statement) {
                statement.take(line.number_in_file(), Err(refusal));
            }
        }
    }
    Ok(statement)
}

fn kind_of(line: &Line<'_>) -> Result<TransactionKind, Refusal> {
    use TransactionKind as Kind;
    let word = line.text(KIND);
    let subtype = line.text("subtype").to_uppercase();
    Ok(match (&*word.to_uppercase(), &*subtype) {
        ("BUY", _) => Kind::Buy,
        ("SELL", _) => Kind::Sell,
        // The shares are those that the dividend bought.
        ("DIVIDEND", "DRIP") => Kind::ReinvestedDividend,
        ("DIVIDEND", "DIVIDEND_IN_KIND") | ("INTEREST", "STAKING_REWARD") => Kind::StockDividend,
        ("DIVIDEND", _) => Kind::Dividend,
        ("INTEREST", _) => Kind::Interest,
        ("DEPOSIT", _) | ("CREDIT", "BONUS") => Kind::Deposit,
        ("WITHDRAWAL", _) => Kind::Withdrawal,
        ("FEE" | "CREDIT", _) => Kind::Fee,
        ("TAX", _) => Kind::Tax,
        ("SPLIT", _) => Kind::Split,
        ("TRANSFER_IN", _) if line.text("symbol").is_empty() => Kind::Deposit,
        ("TRANSFER_OUT", _) if line.text("symbol").is_empty() => Kind::Withdrawal,
        ("TRANSFER_IN" | "ADD_HOLDING", _) => Kind::TransferIn,
        ("TRANSFER_OUT" | "REMOVE_HOLDING", _) => Kind::TransferOut,
        ("ADJUSTMENT", _) => {
            return Err(not_supported(
                "type ADJUSTMENT does not say what changed: enter its effect by hand",
            ));
        }
        _ => return Err(unknown_type("Wealthfolio", word)),
    })
}

fn row(line: &Line<'_>, usual: Currency) -> Result<Row, Refusal> {
    let kind = kind_of(line)?;
    let is_split = kind == TransactionKind::Split;
    let (currency, factor) = match line.text("currency") {
        "" if is_split => (usual, Decimal::ONE),
        _ => line.currency("currency")?,
    };
    let mut draft = begin(line, line.moment("date")?, kind, currency);
    draft.security = Named {
        symbol: line.text("symbol"),
        asset_class: line.text("instrumenttype"),
        ..Named::default()
    }
    .security();
    draft.account = filled(line.text("account"));
    draft.note = note(line);
    draft.fees = scaled(line.number("fee")?, factor)?.unwrap_or_default();
    let quantity = line.number("quantity")?;
    if is_split {
        // New shares for one old, in either of the columns.
        let to = quantity
            .filter(|to| !to.is_zero())
            .or(line.number("amount")?);
        draft.ratio = to.map(|to| Ratio {
            to,
            from: Decimal::ONE,
        });
        draft.fees = Decimal::ZERO;
        return draft.check();
    }
    draft.quantity = quantity.map(|shares| shares.abs());
    draft.price = scaled(line.number("unitprice")?, factor)?;
    draft.amount = scaled(line.number("amount")?, factor)?;
    if line.text(KIND).eq_ignore_ascii_case("CREDIT") && kind == TransactionKind::Fee {
        // A charge given back.
        draft.amount = draft.amount.map(crate::numbers::negated);
    }
    draft.check()
}

/// The rate into the account's currency is kept as words, since that currency is not stated.
fn note(line: &Line<'_>) -> Option<String> {
    let comment = filled(line.text("comment comments note notes"));
    let rate = filled(line.text("fxrate")).map(|rate| format!("fx rate {rate}"));
    match (comment, rate) {
        (Some(comment), Some(rate)) => Some(format!("{comment}, {rate}")),
        (comment, rate) => comment.or(rate),
    }
}

fn holding(line: &Line<'_>, statement: &mut Statement) -> Result<(), Refusal> {
    line.check_width()?;
    let on = line.moment("date")?.date;
    let (currency, factor) = line.currency("currency")?;
    let quantity = line.needed("quantity")?;
    if line.text("symbol").eq_ignore_ascii_case(CASH) {
        statement.balances.push(StatedBalance {
            line: line.number_in_file(),
            account: None,
            currency,
            on,
            amount: product(quantity, factor)?,
        });
        return Ok(());
    }
    let security = Named {
        symbol: line.text("symbol"),
        currency: Some(currency),
        ..Named::default()
    }
    .security()
    .ok_or_else(|| Refusal::missing("symbol", "write a ticker"))?;
    let price = line.number("price")?;
    statement.positions.push(StatedPosition {
        line: line.number_in_file(),
        account: None,
        security,
        on,
        quantity,
        cost: None,
        price: price
            .map(|price| draft::product(price, factor))
            .transpose()?,
    });
    Ok(())
}
