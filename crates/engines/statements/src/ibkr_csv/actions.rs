//! Corporate actions of an activity statement.

use super::{
    sections::{Line, Report},
    trades::account_of,
    vocabulary::{Column, Section},
};
use crate::{
    Statement,
    ibkr::actions::{self, Leg},
    model::Refusal,
};

const DATES: [Column; 2] = [Column::Date, Column::DateTime];

pub(super) fn take(report: &Report, account: Option<&String>, statement: &mut Statement) {
    let mut legs = Vec::new();
    for line in report.of(Section::CorporateActions) {
        if line.is_sum(&DATES) || line.text(Column::Description).is_empty() {
            continue;
        }
        match leg(&line, account) {
            Ok(leg) => legs.push(leg),
            Err(refusal) => statement.take(line.number_of_line(), Err(refusal)),
        }
    }
    actions::take(statement, legs);
}

fn leg(line: &Line<'_>, account: Option<&String>) -> Result<Leg, Refusal> {
    let description = line.text(Column::Description).to_owned();
    Ok(Leg {
        line: line.number_of_line(),
        account: account_of(line, account),
        id: None,
        date: line.date(&DATES)?,
        currency: line.currency()?,
        kind: String::new(),
        security: actions::bracketed(&description),
        description,
        quantity: line.number(Column::Quantity)?.unwrap_or_default(),
        proceeds: line.number(Column::Proceeds)?.unwrap_or_default(),
        cancels: line
            .text(Column::Code)
            .split(';')
            .any(|code| code.trim() == "Ca"),
    })
}
