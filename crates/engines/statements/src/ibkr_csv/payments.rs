//! Dividends, taxes, interest, charges and money from outside in an activity statement.

use std::collections::HashMap;

use super::{
    sections::{Line, Report},
    trades::account_of,
    vocabulary::{Column, Section},
};
use crate::{
    Row, Security, Statement, ibkr,
    model::Refusal,
    payments::{self, Payment, Purpose},
    securities::Named,
};

const DATES: [Column; 2] = [Column::Date, Column::DateTime];

pub(super) fn take(report: &Report, account: Option<&String>, statement: &mut Statement) {
    // Taxes on interest and corrections sometimes leave the instrument out of their description.
    let mut known: HashMap<String, Security> = HashMap::new();
    for line in report.of(Section::Dividends) {
        let description = line.text(Column::Description);
        if let Some(security) = ibkr::described(description) {
            known.insert(security.symbol.clone(), security);
        }
    }
    for line in report.lines() {
        let Some(purpose) = purpose(&line) else {
            continue;
        };
        if line.is_sum(&DATES) {
            continue;
        }
        let outcome = row(&line, purpose, account, &known);
        statement.take(line.number_of_line(), outcome);
    }
}

fn purpose(line: &Line<'_>) -> Option<Purpose> {
    Some(match line.section {
        Section::Dividends => Purpose::Dividend,
        Section::WithholdingTax | Section::TransactionFees | Section::SalesTax => Purpose::Tax,
        Section::Interest => Purpose::Interest,
        Section::Fees => Purpose::Fee,
        Section::Funding => Purpose::Funding,
        _ => return None,
    })
}

fn row(
    line: &Line<'_>,
    purpose: Purpose,
    account: Option<&String>,
    known: &HashMap<String, Security>,
) -> Result<Row, Refusal> {
    let symbol = line.text(Column::Symbol);
    let security = match known.get(symbol) {
        Some(security) => Some(security.clone()),
        None => Named {
            symbol,
            ..Named::default()
        }
        .security()
        .or_else(|| ibkr::described(line.text(Column::Description))),
    };
    payments::row(
        Payment {
            line: line.number_of_line(),
            account: account_of(line, account),
            id: None,
            date: line.date(&DATES)?,
            currency: line.currency()?,
            amount: line.need(Column::Amount)?,
            description: line.text(Column::Description).to_owned(),
            security,
        },
        purpose,
    )
}
