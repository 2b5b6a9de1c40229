//! What a valuation says when something is missing, and what it does with it.

use jiff::civil::{Date, date};
use ledger::{Asset, AssetIndex, Books, CostBasis, Entry, Event, Finding, Ratio, Rules, replay};
use money::{Currency, FxTable};
use performance::{
    NotAvailable, PriceSeries, closing, simple_return, summary, value_asset_daily, value_daily,
};
use rust_decimal::Decimal;
use uuid::Uuid;

const ACME: AssetIndex = AssetIndex(0);
const EUR: Currency = Currency::EUR;

fn acme(currency: Currency) -> [Asset; 1] {
    [Asset::new("ACME".to_owned(), currency)]
}

fn books(currency: Currency, fx: &FxTable, tracks_cash: bool, events: &[(Date, Event)]) -> Books {
    let entries: Vec<Entry> = events
        .iter()
        .zip(0..)
        .map(|((date, event), id)| Entry {
            id: Uuid::from_u128(id),
            date: *date,
            executed_at: None,
            event: *event,
            fees: Decimal::ZERO,
            taxes: Decimal::ZERO,
            currency,
            settlement: None,
            lots: Vec::new(),
        })
        .collect();
    let rules = Rules {
        base: EUR,
        cost_basis: CostBasis::Fifo,
        tracks_cash,
    };
    replay(&entries, &acme(currency), fx, &rules)
}

fn buy(quantity: i64, amount: i64) -> Event {
    Event::Buy {
        asset: ACME,
        quantity: quantity.into(),
        amount: amount.into(),
    }
}

fn day(number: i8) -> Date {
    date(2024, 1, number)
}

fn messages(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect()
}

#[test]
fn without_a_price_a_position_is_worth_its_cost() {
    let fx = FxTable::new();
    let books = books(EUR, &fx, false, &[(day(2), buy(10, 1_000))]);
    let prices = PriceSeries::new([(day(4), 120.0)]);
    let daily = value_daily(
        &books,
        &acme(EUR),
        &[Some(&prices)],
        &fx,
        EUR,
        day(1),
        day(5),
    );
    assert_eq!(daily.value, [0.0, 1_000.0, 1_000.0, 1_200.0, 1_200.0]);
    assert_eq!(
        daily.net_invested,
        [0.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0]
    );
    assert_eq!(daily.inflow, [0.0, 1_000.0, 0.0, 0.0, 0.0]);
    assert_eq!(
        messages(&daily.findings),
        [
            "missing_price: ACME was held from 2024-01-02 on without any price: it is valued at its cost until there is one."
        ]
    );
    let none = closing(&books, &acme(EUR), &[], &fx, EUR, day(5));
    assert!(!none.positions[0].priced);
    assert_eq!(
        (none.value_base, none.unrealized_base),
        (1_000.into(), Decimal::ZERO)
    );
    assert_eq!(none.findings[0].code, "missing_price");
}

#[test]
fn without_a_rate_a_position_is_worth_its_cost_and_cash_nothing() {
    let fx = FxTable::from_iter([(day(4), EUR, Currency::USD, 1.25)]);
    let events = [
        (
            day(2),
            Event::Deposit {
                amount: 3_000.into(),
            },
        ),
        (day(3), buy(10, 1_000)),
    ];
    let books = books(Currency::USD, &fx, true, &events);
    let prices = PriceSeries::new([(day(1), 100.0), (day(4), 110.0)]);
    let assets = acme(Currency::USD);
    let daily = value_daily(&books, &assets, &[Some(&prices)], &fx, EUR, day(1), day(4));
    // What was bought without a rate has no cost in EUR either.
    assert_eq!(daily.value, [0.0, 0.0, 0.0, 880.0 + 1_600.0]);
    assert_eq!(daily.cash, [0.0, 0.0, 0.0, 1_600.0]);
    assert_eq!(
        messages(&daily.findings),
        [
            "missing_rate: There is no exchange rate from USD to EUR on or before 2024-01-03: ACME is valued at its cost until there is one.",
            "missing_rate: There is no exchange rate from USD to EUR on or before 2024-01-02: the USD balance counts as zero until there is one.",
        ]
    );
    let part = value_asset_daily(
        &books,
        ACME,
        &assets,
        Some(&prices),
        &fx,
        EUR,
        day(4),
        day(5),
    );
    assert_eq!(part, [880.0, 880.0]);
    let before = closing(&books, &assets, &[Some(&prices)], &fx, EUR, day(3));
    assert_eq!(
        (before.positions[0].priced, before.cash[0].amount_base),
        (false, None)
    );
    assert_eq!(before.findings.len(), 2);
    let exact = closing(&books, &assets, &[Some(&prices)], &fx, EUR, day(4));
    assert_eq!(
        (exact.value_base, exact.cash_base),
        (2_480.into(), 1_600.into())
    );
    assert_eq!(exact.positions[0].value, 1_100.into());
    assert!(exact.findings.is_empty());
}

#[test]
fn an_old_price_is_used_and_its_age_told() {
    let fx = FxTable::new();
    let books = books(EUR, &fx, false, &[(day(1), buy(10, 1_000))]);
    let prices = PriceSeries::new([(day(1), 101.0)]);
    let on = |to| value_daily(&books, &acme(EUR), &[Some(&prices)], &fx, EUR, day(1), to);
    assert!(on(day(8)).findings.is_empty());
    assert_eq!(
        messages(&on(day(9)).findings),
        [
            "stale_price: The last price of ACME is 8 days old: it is of 2024-01-01 and is used for 2024-01-09."
        ]
    );
    let exact = closing(&books, &acme(EUR), &[Some(&prices)], &fx, EUR, day(9));
    assert_eq!(exact.findings[0].code, "stale_price");
    assert_eq!(exact.positions[0].price_on, Some(day(1)));
    assert_eq!(exact.value_base, 1_010.into());
}

#[test]
fn a_price_from_before_a_split_is_for_old_shares() {
    let fx = FxTable::new();
    let ratio = Ratio {
        to: 2.into(),
        from: 1.into(),
    };
    let events = [
        (day(1), buy(10, 1_000)),
        (day(3), Event::Split { asset: ACME, ratio }),
    ];
    let books = books(EUR, &fx, false, &events);
    let prices = PriceSeries::new([(day(2), 100.0), (day(5), 60.0)]);
    let daily = value_daily(
        &books,
        &acme(EUR),
        &[Some(&prices)],
        &fx,
        EUR,
        day(2),
        day(5),
    );
    assert_eq!(daily.opening.to_bits(), 1_000.0_f64.to_bits());
    assert_eq!(daily.value, [1_000.0, 1_000.0, 1_000.0, 1_200.0]);
    let exact = closing(&books, &acme(EUR), &[Some(&prices)], &fx, EUR, day(4));
    assert_eq!(exact.positions[0].price, Some(50.into()));
    assert_eq!(exact.value_base, 1_000.into());
}

#[test]
fn a_period_is_measured_against_the_day_before_it() {
    let fx = FxTable::new();
    let events = [
        (
            day(1),
            Event::Deposit {
                amount: 1_500.into(),
            },
        ),
        (day(1), buy(10, 1_000)),
        (day(3), Event::Withdrawal { amount: 300.into() }),
    ];
    let books = books(EUR, &fx, true, &events);
    let prices = PriceSeries::new([(day(1), 100.0), (day(2), 110.0), (day(4), 109.0)]);
    let daily = value_daily(
        &books,
        &acme(EUR),
        &[Some(&prices)],
        &fx,
        EUR,
        day(1),
        day(4),
    );
    assert_eq!(daily.value, [1_500.0, 1_600.0, 1_300.0, 1_290.0]);
    assert_eq!(daily.cash, [500.0, 500.0, 200.0, 200.0]);
    let figures = summary(&daily, day(3), day(4));
    assert_eq!(figures.start_value.to_bits(), 1_600.0_f64.to_bits());
    assert_eq!((figures.gain, figures.net_flow), (-10.0, -300.0));
    assert_eq!(figures.net_invested.to_bits(), 1_200.0_f64.to_bits());
    let expected = 1_290.0 / 1_300.0 - 1.0;
    assert!((figures.twr.unwrap() - expected).abs() < 1e-15);
    assert!((figures.simple.unwrap() + 10.0 / 1_600.0).abs() < 1e-15);
    assert!((figures.max_drawdown.unwrap().depth - expected).abs() < 1e-15);
    // Paid 1,600 on the second, got 300 on the third and 1,290 on the fourth.
    let rate = figures.mwr.unwrap().rate;
    let daily_factor = (1.0 + rate).powf(1.0 / 365.0);
    assert!((1_600.0 - 300.0 / daily_factor - 1_290.0 / daily_factor.powi(2)).abs() < 1e-6);
}

#[test]
fn a_period_without_days_has_no_figures() {
    let fx = FxTable::new();
    let books = books(EUR, &fx, false, &[]);
    let daily = value_daily(&books, &[], &[], &fx, EUR, day(5), day(1));
    assert_eq!(daily.last(), None);
    let figures = summary(&daily, day(1), day(9));
    assert_eq!(figures.twr, Err(NotAvailable::EmptyPeriod));
    assert_eq!(figures.simple, Err(NotAvailable::EmptyPeriod));
    assert!(figures.mwr.is_err() && figures.volatility.is_err() && figures.max_drawdown.is_err());
    let empty = value_daily(&books, &[], &[], &fx, EUR, day(1), day(5));
    assert_eq!(simple_return(&empty), Err(NotAvailable::NothingInvested));
    assert_eq!(
        summary(&empty, day(1), day(5)).twr,
        Err(NotAvailable::NothingInvested)
    );
}
