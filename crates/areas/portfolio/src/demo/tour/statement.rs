//! The statement of the side account.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{OptionRight, TransactionKind};
use market::{AssetClass, SecurityKey};
use money::{Currency, round_to_currency};
use rust_decimal::Decimal;
use statements::{OptionTerms, Row, Security};

use super::{PARENT, Stage};
use crate::demo::SIMULATED;

/// Bought, with a dividend that is reinvested.
pub(super) const REINVESTED: &str = "HLCY";
/// What the put is about.
const UNDERLYING: &str = "CRVN";
/// Has no price after it is bought.
const UNPRICED: &str = "UNLD";
const DOLLAR: Currency = Currency::USD;

/// What the broker says is held of [`REINVESTED`] in the end: a share more than the books.
pub(super) fn stated_quantity() -> Decimal {
    Decimal::new(31_25, 2)
}

fn draft(line: u64, kind: TransactionKind, date: Date, amount: Decimal, note: &str) -> Row {
    Row {
        line,
        account: None,
        external_id: Some(format!("tour-{line:02}")),
        date,
        executed_at: None,
        kind,
        security: None,
        quantity: None,
        price: None,
        amount: round_to_currency(amount, DOLLAR),
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: DOLLAR,
        settlement: None,
        ratio: None,
        target: None,
        cost_share: None,
        acquired_on: None,
        note: Some(note.to_owned()),
    }
}

fn share(symbol: &str) -> Security {
    Security {
        symbol: symbol.to_owned(),
        isin: None,
        exchange: Some(SIMULATED.to_owned()),
        name: None,
        asset_class: None,
        currency: Some(DOLLAR),
        option: None,
    }
}

/// A right to sell a hundred shares at a twentieth below the price of the day.
fn put(stage: &Stage<'_>, written_on: Date, expires_on: Date) -> (Security, OptionTerms) {
    let price = stage.close(UNDERLYING, written_on);
    let strike = (price * Decimal::new(95, 2)).round();
    let terms = OptionTerms {
        underlying: UNDERLYING.to_owned(),
        expires_on,
        strike,
        right: OptionRight::Put,
        multiplier: Decimal::ONE_HUNDRED,
    };
    let security = Security {
        symbol: format!("{UNDERLYING} {}P{strike}", expires_on.strftime("%y%m%d")),
        name: Some(format!("{UNDERLYING} put {strike}")),
        asset_class: Some("option".to_owned()),
        option: Some(terms.clone()),
        ..share(UNDERLYING)
    };
    (security, terms)
}

fn trade(row: Row, symbol: &str, quantity: Decimal, price: Decimal) -> Row {
    Row {
        amount: round_to_currency(quantity * price, DOLLAR),
        quantity: Some(quantity),
        price: Some(price),
        fees: Decimal::new(1_95, 2),
        security: Some(share(symbol)),
        ..row
    }
}

/// A put that is written for three percent of its strike, and assigned.
fn written_put(stage: &Stage<'_>) -> [Row; 2] {
    let (written_on, assigned_on) = (stage.day(120), stage.day(70));
    let (put, terms) = put(stage, written_on, assigned_on);
    let premium = (terms.strike * Decimal::new(3, 2)).round_dp(2);
    let one = |row: Row| Row {
        quantity: Some(Decimal::ONE),
        security: Some(put.clone()),
        ..row
    };
    let amount = premium * terms.multiplier;
    [
        Row {
            price: Some(premium),
            ..one(draft(
                5,
                TransactionKind::Short,
                written_on,
                amount,
                "Put written",
            ))
        },
        one(draft(
            8,
            TransactionKind::Assignment,
            assigned_on,
            Decimal::ZERO,
            "Put assigned",
        )),
    ]
}

/// Every booking.
pub(super) fn rows(stage: &Stage<'_>) -> Vec<Row> {
    use TransactionKind as Kind;
    let none = Decimal::ZERO;
    let at_close = |line, kind, days: i64, symbol: &str, quantity: i64, note: &str| {
        let date = stage.day(days);
        let price = stage.close(symbol, date);
        let row = draft(line, kind, date, none, note);
        trade(row, symbol, Decimal::from(quantity), price)
    };
    let money = |line, kind, days: i64, amount: i64, note: &str| {
        draft(line, kind, stage.day(days), Decimal::from(amount), note)
    };
    let paid_on = stage.day(100);
    let dividend = draft(
        6,
        Kind::ReinvestedDividend,
        paid_on,
        none,
        "Dividend, reinvested",
    );
    let price = stage.close(REINVESTED, paid_on);
    let unpriced = draft(12, Kind::Buy, stage.day(40), none, "Not listed any more");
    let mut rows = vec![
        money(1, Kind::Deposit, 400, 60_000, "Opening transfer"),
        at_close(2, Kind::Buy, 390, REINVESTED, 40, "Opening position"),
        at_close(3, Kind::Buy, 380, PARENT, 60, "Opening position"),
        at_close(4, Kind::Buy, 300, "BRWD", 20, "Opening position"),
        Row {
            fees: none,
            ..trade(dividend, REINVESTED, Decimal::new(25, 2), price)
        },
        at_close(7, Kind::Short, 90, "LMFG", 30, "Sold short"),
        at_close(9, Kind::Sell, 65, "ECHV", 15, "Bought at another broker"),
        money(10, Kind::Withdrawal, 60, 58_000, "Down payment"),
        money(11, Kind::Deposit, 48, 35_000, "Paid back"),
        trade(
            unpriced,
            UNPRICED,
            Decimal::from(40),
            Decimal::new(12_50, 2),
        ),
    ];
    rows.extend(written_put(stage));
    rows
}

/// The instruments of the rows, in words that find or make simulated ones.
pub(super) fn keys(stage: &Stage<'_>, rows: &[Row]) -> Vec<SecurityKey> {
    let securities = rows.iter().filter_map(|row| row.security.as_ref());
    // Several rows are about one instrument.
    let securities: BTreeMap<&str, &Security> = securities
        .map(|security| (security.symbol.as_str(), security))
        .collect();
    securities
        .into_values()
        .filter(|security| stage.instrument(&security.symbol).is_none())
        .map(|security| SecurityKey {
            symbol: security.symbol.clone(),
            isin: None,
            exchange: security.exchange.clone(),
            name: security.name.clone(),
            asset_class: security.asset_class.as_deref().and_then(AssetClass::parse),
            currency: security.currency,
            quote_unit: None,
            option: security.option.clone(),
        })
        .collect()
}
