//! The trades of an activity statement.

use std::collections::HashSet;

use ledger::TransactionKind;
use rust_decimal::Decimal;

use super::{
    instruments::{Instruments, is_option},
    sections::{Line, Report},
    vocabulary::{Category, Column, Section, category},
};
use crate::{
    Statement, code,
    draft::{self, Draft, product},
    fills::{
        Fill,
        conversion::{CurrencyTrade, charge, pair},
    },
    ibkr::apply_codes,
    model::Refusal,
    securities::filled,
    text::shown,
    words::normalized,
};

/// Currency and symbol.
type Key = (String, String);

fn key(line: &Line<'_>) -> Key {
    (
        line.text(Column::Currency).to_owned(),
        line.text(Column::Symbol).to_owned(),
    )
}

/// Orders restate their executions where the statement has these; lots never are trades.
pub(super) fn take(
    report: &Report,
    instruments: &Instruments,
    account: Option<&String>,
    statement: &mut Statement,
) -> Vec<Fill> {
    let is_execution = |line: &Line<'_>| {
        matches!(
            &*normalized(line.text(Column::Discriminator)),
            "trade" | "execution"
        )
    };
    let executed: HashSet<Key> = report
        .of(Section::Trades)
        .filter(is_execution)
        .map(|line| key(&line))
        .collect();
    let mut fills = Vec::new();
    for line in report.of(Section::Trades) {
        let discriminator = normalized(line.text(Column::Discriminator));
        match &*discriminator {
            "closedlot" | "lot" | "washsale" => continue,
            "order" if executed.contains(&key(&line)) => continue,
            "order" | "trade" | "execution" | "tradecancel" | "" => {}
            other => {
                let message = format!("“{}” is no order, trade or lot", shown(other));
                let refusal = Refusal::new(code::UNKNOWN_TYPE, message);
                statement.take(line.number_of_line(), Err(refusal));
                continue;
            }
        }
        let outcome = match category(&normalized(line.text(Column::Category))) {
            Category::Forex => conversion(&line, account).map(|rows| {
                for row in rows {
                    statement.take(line.number_of_line(), Ok(row));
                }
            }),
            Category::Other => Err(Refusal::new(
                code::NOT_SUPPORTED_YET,
                format!(
                    "trades of “{}” are settled by margin, which is not supported yet: enter their \
                     gains by hand",
                    shown(line.text(Column::Category))
                ),
            )),
            _ => fill(&line, instruments, account).map(|mut fill| {
                fill.cancels |= discriminator == "tradecancel";
                fills.push(fill);
            }),
        };
        if let Err(refusal) = outcome {
            statement.take(line.number_of_line(), Err(refusal));
        }
    }
    fills
}

pub(super) fn account_of(line: &Line<'_>, account: Option<&String>) -> Option<String> {
    filled(line.text(Column::Account)).or_else(|| account.cloned())
}

fn fill(
    line: &Line<'_>,
    instruments: &Instruments,
    account: Option<&String>,
) -> Result<Fill, Refusal> {
    let quantity = line.need(Column::Quantity)?;
    let price = line.number(Column::Price)?;
    let proceeds = line.number(Column::Proceeds)?;
    let multiplier = multiplier(quantity, price, proceeds);
    let security = instruments
        .security(line, multiplier)?
        .ok_or_else(|| Refusal::missing("Symbol", "export the statement once more"))?;
    let date = line.date(&[Column::DateTime, Column::Date])?;
    let currency = line.currency()?;
    let mut fill = Fill::new(line.number_of_line(), date, security, quantity, currency);
    fill.account = account_of(line, account);
    let commission = charge(line.number(Column::Commission)?);
    match commission_currency(line)? {
        Some(other) if other != currency && !commission.is_zero() => {
            fill.foreign_fee = Some((commission, other));
        }
        _ => fill.fees = commission,
    }
    fill.price = price;
    fill.amount = match (proceeds, price) {
        (Some(amount), _) => amount.abs(),
        (None, Some(price)) => {
            let shares = fill.shares()?;
            product(shares.abs(), price)?
        }
        (None, None) => {
            return Err(Refusal::missing(
                "Proceeds",
                "export the statement once more",
            ));
        }
    };
    // A statement gives codes to every trade, so that the realised gain adds nothing to them.
    apply_codes(&mut fill, line.text(Column::Code));
    Ok(fill)
}

fn commission_currency(line: &Line<'_>) -> Result<Option<money::Currency>, Refusal> {
    line.commission_currency
        .map(|text| draft::currency("Comm", text).map(|(currency, _)| currency))
        .transpose()
}

/// The shares of one contract, where the proceeds show them.
fn multiplier(
    quantity: Decimal,
    price: Option<Decimal>,
    proceeds: Option<Decimal>,
) -> Option<Decimal> {
    let plain = quantity.checked_mul(price?)?;
    let exact = proceeds?.checked_div(plain)?.abs();
    let rounded = exact.round();
    let is_whole = exact
        .checked_sub(rounded)
        .is_some_and(|gap| gap.abs() < Decimal::new(5, 2));
    (is_whole && rounded > Decimal::ZERO).then_some(rounded)
}

fn conversion(line: &Line<'_>, account: Option<&String>) -> Result<Vec<crate::Row>, Refusal> {
    let (base, quote) = pair(line.text(Column::Symbol))?;
    let quantity = line.need(Column::Quantity)?;
    let price = line.number(Column::Price)?;
    let amount = match (line.number(Column::Proceeds)?, price) {
        (Some(amount), _) => amount.abs(),
        (None, Some(price)) => product(quantity.abs(), price)?,
        (None, None) => {
            return Err(Refusal::missing(
                "Proceeds",
                "export the statement once more",
            ));
        }
    };
    let date = line.date(&[Column::DateTime, Column::Date])?;
    let trade = CurrencyTrade {
        base,
        quote,
        quantity,
        amount,
        price,
        commission: charge(line.number(Column::Commission)?),
        paid_in: commission_currency(line)?.unwrap_or(quote),
    };
    let mut draft = Draft::new(
        line.number_of_line(),
        date,
        TransactionKind::Conversion,
        quote,
    );
    draft.account = account_of(line, account);
    trade.rows(draft)
}

/// True for a position in money, which the cash report states too.
pub(super) fn is_money(line: &Line<'_>) -> bool {
    !is_option(line) && category(&normalized(line.text(Column::Category))) == Category::Forex
}
