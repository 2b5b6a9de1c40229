//! Positions and balances that an activity statement states.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{
    instruments::Instruments,
    sections::{Line, Report, is_currency},
    trades::{account_of, is_money},
    vocabulary::{Column, Section, is_ending_cash},
};
use crate::{StatedBalance, StatedPosition, Statement, model::Refusal, words::normalized};

pub(super) fn take(
    report: &Report,
    instruments: &Instruments,
    account: Option<&String>,
    statement: &mut Statement,
) {
    let day = report.last_day();
    let is_lot = |line: &Line<'_>| normalized(line.text(Column::Discriminator)) == "lot";
    let summed: HashSet<String> = report
        .of(Section::OpenPositions)
        .filter(|line| !is_lot(line))
        .map(|line| line.text(Column::Symbol).to_owned())
        .collect();
    for line in report.of(Section::OpenPositions) {
        let restates = is_lot(&line) && summed.contains(line.text(Column::Symbol));
        if restates || line.text(Column::Symbol).is_empty() || is_money(&line) {
            continue;
        }
        match position(&line, instruments, account, &day) {
            Ok(found) => statement.positions.push(found),
            Err(refusal) => statement.take(line.number_of_line(), Err(refusal)),
        }
    }
    for line in report.of(Section::CashReport) {
        let label = normalized(line.text(Column::CurrencySummary));
        if !is_ending_cash(&label) || !is_currency(line.text(Column::Currency)) {
            continue;
        }
        match balance(&line, account, &day) {
            Ok(found) => statement.balances.push(found),
            Err(refusal) => statement.take(line.number_of_line(), Err(refusal)),
        }
    }
}

fn position(
    line: &Line<'_>,
    instruments: &Instruments,
    account: Option<&String>,
    day: &Result<Date, Refusal>,
) -> Result<StatedPosition, Refusal> {
    let multiplier = line.number(Column::Multiplier)?;
    Ok(StatedPosition {
        line: line.number_of_line(),
        account: account_of(line, account),
        security: instruments
            .security(line, multiplier)?
            .ok_or_else(|| Refusal::missing("Symbol", "export the statement once more"))?,
        on: day.clone()?,
        quantity: line.need(Column::Quantity)?,
        cost: line.number(Column::CostBasis)?,
        price: line.number(Column::ClosePrice)?,
    })
}

fn balance(
    line: &Line<'_>,
    account: Option<&String>,
    day: &Result<Date, Refusal>,
) -> Result<StatedBalance, Refusal> {
    Ok(StatedBalance {
        line: line.number_of_line(),
        account: account_of(line, account),
        currency: line.currency()?,
        on: day.clone()?,
        amount: line.need(Column::Total)?,
    })
}
