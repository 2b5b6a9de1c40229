//! Portfolio Performance's CSV of accounts and securities accounts, German and English: its own
//! export of transactions and what it saves from its tables.
//!
//! Tables write no code for amounts in the base currency and the file does not name it; the euro,
//! which the program proposes, is taken.

mod words;

use ledger::{Settlement, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Statement, Unreadable,
    dates::Moment,
    draft::{self, Draft},
    model::Refusal,
    securities::{Named, filled},
};

use super::{
    sheet::{Line, Sheet, begin, nothing},
    sums::{gross, positive_rate},
};
pub(crate) use words::LAYOUTS;
use words::{
    ACCOUNT, CURRENCY, DATE, FEES, GROSS, GROSS_CURRENCY, NAME, NOTE, PRICE, SHARES, SOURCE,
    SYMBOL, TAXES, TIME, TYPE, VALUE, kind_of,
};

pub(crate) fn read(sheet: &Sheet) -> Result<Statement, Unreadable> {
    sheet.learn_numbers(&[VALUE, GROSS, FEES, TAXES, SHARES, PRICE]);
    sheet.learn_dates(DATE)?;
    let mut statement = Statement::new(Format::PortfolioPerformance);
    sheet.each(&mut statement, |line| Ok(vec![row(line)?]));
    Ok(statement)
}

/// An amount with the code that may stand before it: `USD 1.234,00`.
fn money(line: &Line<'_>, names: &str) -> Result<Option<(Decimal, Option<Currency>)>, Refusal> {
    let Some(amount) = line.number(names)? else {
        return Ok(None);
    };
    let code: String = line
        .text(names)
        .chars()
        .filter(char::is_ascii_alphabetic)
        .collect();
    let (currency, factor) = match &*code {
        "" => (None, Decimal::ONE),
        code => {
            let (currency, factor) = draft::currency("value", code)?;
            (Some(currency), factor)
        }
    };
    Ok(Some((draft::product(amount, factor)?, currency)))
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    let security = security(line);
    let (kind, sign) = kind_of(line.text(TYPE), security.is_some())?;
    if matches!(kind, TransactionKind::Buy | TransactionKind::Sell) && !states_trades(line) {
        return Err(nothing(
            "the cash of a trade, which the file of the securities account states with its fees",
        ));
    }
    let value = money(line, VALUE)?;
    let stated_gross = money(line, GROSS)?;
    let currency = currency(line, value.and_then(|found| found.1))?;
    let mut draft = begin(line, when(line)?, kind, currency);
    draft.fees = money(line, FEES)?.map_or(Decimal::ZERO, |found| found.0.abs());
    draft.taxes = money(line, TAXES)?.map_or(Decimal::ZERO, |found| found.0.abs());
    draft.security = security;
    draft.account = filled(line.text(ACCOUNT));
    draft.note = filled(line.text(NOTE)).or_else(|| filled(line.text(SOURCE)));
    if kind.states_quantity() {
        draft.quantity = line.number(SHARES)?.map(|shares| shares.abs());
        draft.price = money(line, PRICE)?.map(|found| found.0);
    }
    draft.amount = amount(line, &draft, value.map(|found| found.0), stated_gross)?
        .map(|amount| if sign { -amount } else { amount });
    exchange(line, &mut draft, stated_gross)?;
    draft.check()
}

/// The gross amount. `Value` of an export is after charges; the amount of a table before them, with
/// a total beside it.
fn amount(
    line: &Line<'_>,
    draft: &Draft,
    value: Option<Decimal>,
    stated_gross: Option<(Decimal, Option<Currency>)>,
) -> Result<Option<Decimal>, Refusal> {
    let is_table = line.sheet().has("betrag amount");
    let own = stated_gross.filter(|_| !has_foreign_gross(line));
    match (own, value) {
        (Some((amount, _)), _) if !amount.is_zero() => Ok(Some(amount.abs())),
        (_, Some(value)) if is_table => Ok(Some(value.abs())),
        (_, Some(value)) => gross(draft, value).map(Some),
        _ => Ok(None),
    }
}

fn has_foreign_gross(line: &Line<'_>) -> bool {
    let foreign = line.text(GROSS_CURRENCY);
    !foreign.is_empty() && foreign != line.text(CURRENCY)
}

/// A gross amount in the instrument's currency: the row is stated in it and settled in the
/// account's, at the rate that leads from one to the other.
fn exchange(
    line: &Line<'_>,
    draft: &mut Draft,
    stated_gross: Option<(Decimal, Option<Currency>)>,
) -> Result<(), Refusal> {
    let (Some((foreign, _)), Some(own), true) =
        (stated_gross, draft.amount, has_foreign_gross(line))
    else {
        return Ok(());
    };
    if foreign.is_zero() || own.is_zero() {
        return Ok(());
    }
    let (currency, factor) = line.currency(GROSS_CURRENCY)?;
    let foreign = draft::product(foreign.abs(), factor)?;
    let rate = positive_rate(own.abs(), foreign)?;
    draft.settlement = Some(Settlement {
        currency: draft.currency,
        fx_rate: rate,
    });
    draft.fees = draft::unit_price(draft.fees, rate)?;
    draft.taxes = draft::unit_price(draft.taxes, rate)?;
    draft.amount = Some(if own < Decimal::ZERO {
        -foreign
    } else {
        foreign
    });
    draft.price = None;
    draft.currency = currency;
    Ok(())
}

/// An account's own file repeats the cash of trades without their fees.
fn states_trades(line: &Line<'_>) -> bool {
    line.sheet().has(FEES)
}

fn currency(line: &Line<'_>, stated: Option<Currency>) -> Result<Currency, Refusal> {
    match (stated, line.text(CURRENCY)) {
        (Some(currency), _) => Ok(currency),
        (None, "") => Ok(Currency::EUR),
        (None, text) => draft::currency("currency", text).map(|found| found.0),
    }
}

fn security(line: &Line<'_>) -> Option<crate::Security> {
    Named {
        symbol: line.text(SYMBOL),
        isin: line.text("isin"),
        name: line.text(NAME),
        ..Named::default()
    }
    .security()
}

/// The program's clock has no zone, so it fixes no instant.
fn when(line: &Line<'_>) -> Result<Moment, Refusal> {
    match line.text(TIME) {
        "" => line.moment(DATE),
        time => line.moment_of("date", &format!("{}T{time}", line.text(DATE))),
    }
}
