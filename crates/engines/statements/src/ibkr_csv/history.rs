//! Transaction histories. All amounts are in the base currency of the account, whatever the currency
//! of the instrument.

use money::Currency;
use rust_decimal::Decimal;

use super::{
    sections::{Line, Report},
    vocabulary::{Column, Section},
};
use crate::{
    Format, StatedBalance, Statement, code, draft,
    fills::{self, Effect, Fill, conversion::charge},
    ibkr::{self, described},
    model::Refusal,
    payments::{self, Payment},
    securities::{Named, filled},
    text::shown,
};

pub(super) fn read(report: &Report) -> Statement {
    let mut statement = Statement::new(Format::IbkrTransactionHistory);
    let base = base_currency(report);
    let mut traded = Vec::new();
    for line in report.of(Section::History) {
        let outcome = match &base {
            Err(refusal) => Err(refusal.clone()),
            Ok(base) => take(&line, *base, &mut traded, &mut statement),
        };
        if let Err(refusal) = outcome {
            statement.take(line.number_of_line(), Err(refusal));
        }
    }
    fills::take(&mut statement, traded);
    match base.and_then(|base| balance(report, base)) {
        Ok(found) => statement.balances.extend(found),
        Err(refusal) => statement.take(1, Err(refusal)),
    }
    report.unknown.refuse("section", &mut statement);
    fills::sort_by_line(&mut statement);
    statement
}

fn base_currency(report: &Report) -> Result<Currency, Refusal> {
    let names = ["basecurrency", "basiswährung", "divisabase"];
    let text = report
        .field(Section::Summary, &names)
        .ok_or_else(|| Refusal::missing("Base Currency", "export the section Summary too"))?;
    draft::currency("Base Currency", &text).map(|(currency, _)| currency)
}

fn take(
    line: &Line<'_>,
    base: Currency,
    traded: &mut Vec<Fill>,
    statement: &mut Statement,
) -> Result<(), Refusal> {
    let word = line.text(Column::Type);
    let effect = match &*word.to_lowercase() {
        "buy" | "sell" => Effect::Unknown,
        "assignment" | "exercise" | "expiration" | "expiry" => Effect::Closes,
        _ => {
            statement.take(line.number_of_line(), payment(line, base, word));
            return Ok(());
        }
    };
    let mut fill = fill(line, base, word)?;
    fill.effect = effect;
    ibkr::settle_in_cash(&mut fill);
    traded.push(fill);
    Ok(())
}

fn fill(line: &Line<'_>, base: Currency, word: &str) -> Result<Fill, Refusal> {
    let quantity = line.need(Column::Quantity)?;
    let quantity = match &*word.to_lowercase() {
        "buy" => quantity.abs(),
        "sell" => -quantity.abs(),
        _ => quantity,
    };
    let symbol = line.text(Column::Symbol);
    let mut security = Named {
        symbol,
        name: line.text(Column::Description),
        ..Named::default()
    }
    .security()
    .ok_or_else(|| Refusal::missing("Symbol", "export the history once more"))?;
    if let Some(terms) = crate::option_symbols::parse(symbol, None) {
        crate::option_symbols::adopt(&mut security, terms);
    }
    let date = line.date(&[Column::Date])?;
    let mut fill = Fill::new(line.number_of_line(), date, security, quantity, base);
    fill.account = filled(line.text(Column::Account));
    fill.fees = charge(line.number(Column::Commission)?);
    fill.amount = line.number(Column::Amount)?.unwrap_or_default().abs();
    // In the currency of the instrument; it is kept where that is the base currency.
    fill.price = line.number(Column::Price)?;
    fill.event = match &*word.to_lowercase() {
        "assignment" => Some(fills::OptionEvent::Assignment),
        "exercise" => Some(fills::OptionEvent::Exercise),
        "expiration" | "expiry" => Some(fills::OptionEvent::Expiry),
        _ => None,
    };
    Ok(fill)
}

/// Exchanges of currencies and their revaluation only show what they cost or brought in the base
/// currency, in which all cash is stated here; they are charges, or negative ones.
fn payment(line: &Line<'_>, base: Currency, word: &str) -> Result<crate::Row, Refusal> {
    let purpose = ibkr::payments::purpose(word).ok_or_else(|| {
        Refusal::new(
            code::UNKNOWN_TYPE,
            format!("transaction type “{}” is not known", shown(word)),
        )
    })?;
    let amount = match line.number(Column::NetAmount)? {
        Some(amount) => amount,
        None => line.need(Column::Amount)?,
    };
    let description = line.text(Column::Description);
    let symbol = line.text(Column::Symbol);
    let is_pair = fills::conversion::pair(symbol).is_ok();
    let security = described(description).or_else(|| {
        Named {
            symbol: if is_pair { "" } else { symbol },
            ..Named::default()
        }
        .security()
    });
    payments::row(
        Payment {
            line: line.number_of_line(),
            account: filled(line.text(Column::Account)),
            id: None,
            date: line.date(&[Column::Date])?,
            currency: base,
            amount,
            description: description.to_owned(),
            security,
        },
        purpose,
    )
}

/// The balance of all currencies together, in the base currency, as the rows are.
fn balance(report: &Report, base: Currency) -> Result<Option<StatedBalance>, Refusal> {
    let Some(line) = report
        .of(Section::Summary)
        .find(|line| line.text(Column::FieldName) == "Ending Cash")
    else {
        return Ok(None);
    };
    let mut accounts: Vec<String> = report
        .of(Section::History)
        .filter_map(|line| filled(line.text(Column::Account)))
        .collect();
    accounts.dedup();
    let amount: Option<Decimal> = line.number(Column::FieldValue)?;
    let Some(amount) = amount else {
        return Ok(None);
    };
    Ok(Some(StatedBalance {
        line: line.number_of_line(),
        account: accounts.pop().filter(|_| accounts.is_empty()),
        currency: base,
        on: report.last_day()?,
        amount,
    }))
}
