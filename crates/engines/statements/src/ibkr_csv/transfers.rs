//! Transfers of an activity statement.

use ledger::TransactionKind;
use rust_decimal::Decimal;

use super::{
    instruments::Instruments,
    sections::{Line, Report},
    trades::account_of,
    vocabulary::{Column, Section},
};
use crate::{
    Row, Statement, code,
    draft::{Draft, product},
    model::Refusal,
    payments::{self, Payment, Purpose},
    text::shown,
};

pub(super) fn take(
    report: &Report,
    instruments: &Instruments,
    account: Option<&String>,
    statement: &mut Statement,
) {
    for line in report.of(Section::Transfers) {
        if !line.is_sum(&[Column::Date]) {
            let outcome = row(&line, instruments, account);
            statement.take(line.number_of_line(), outcome);
        }
    }
}

/// The statement knows the value of transferred shares, not their cost; the note says so.
fn row(
    line: &Line<'_>,
    instruments: &Instruments,
    account: Option<&String>,
) -> Result<Row, Refusal> {
    let date = line.date(&[Column::Date])?;
    let is_incoming = match &*line.text(Column::Direction).to_lowercase() {
        "in" | "ein" | "entrada" => true,
        "out" | "aus" | "salida" => false,
        other => {
            return Err(Refusal::new(
                code::UNKNOWN_TYPE,
                format!("direction “{}” is neither In nor Out", shown(other)),
            ));
        }
    };
    let quantity = line.number(Column::Quantity)?.unwrap_or_default();
    let currency = line.currency()?;
    if quantity.is_zero() {
        let cash = line.need(Column::CashAmount)?.abs();
        let payment = Payment {
            line: line.number_of_line(),
            account: account_of(line, account),
            id: None,
            date,
            currency,
            amount: if is_incoming { cash } else { -cash },
            description: "Transfer".to_owned(),
            security: None,
        };
        return payments::row(payment, Purpose::Funding);
    }
    let kind = if is_incoming {
        TransactionKind::TransferIn
    } else {
        TransactionKind::TransferOut
    };
    let mut draft = Draft::new(line.number_of_line(), date, kind, currency);
    draft.account = account_of(line, account);
    draft.security = instruments.security(line, None)?;
    draft.quantity = Some(if is_incoming {
        quantity
    } else {
        quantity.abs()
    });
    draft.note = Some(format!("Transfer ({})", line.text(Column::Type)));
    if is_incoming {
        let price = line.number(Column::TransferPrice)?;
        let price = price.filter(|price| !price.is_zero());
        draft.amount = Some(if let Some(price) = price {
            product(draft.shares(quantity)?, price)?.abs()
        } else {
            let note = "Transfer; the amount is the value of the day, not the cost";
            draft.note = Some(note.to_owned());
            let value = line.number(Column::MarketValue)?;
            value.map_or(Decimal::ZERO, |value| value.abs())
        });
    }
    draft.check()
}
