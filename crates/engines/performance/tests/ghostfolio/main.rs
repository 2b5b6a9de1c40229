//! Ghostfolio's own cases, by their definition-independent figures: quantity, average price, investment,
//! fees, dividends, gross and net performance, value.
//!
//! Ghostfolio leaves fees out of its average price, and its gross performance is before fees. So every
//! case is replayed twice: as it is (net) and with the fees struck out (gross). It keeps average cost.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot be read is a failed test"
)]

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use ledger::AssetIndex;
use rust_decimal::Decimal;
use serde_json::{Value, json};

mod case;
#[path = "../reference/mod.rs"]
mod reference;

use case::{Case, State, number, text};

/// Days of which the case does not tell the price that its expectation uses.
const UNPRICED: [(&str, &str); 1] = [(
    "novn-buy-and-sell :: with NOVN.SW buy and sell",
    "2022-03-07",
)];

/// Compares what both sides know and returns how much that was.
fn compare(name: &str, found: &BTreeMap<&'static str, Decimal>, expected: &Value) -> usize {
    let mut compared = 0;
    for (key, figure) in found {
        let pointer = format!("/{}", key.replace('.', "/"));
        let Some(expected) = expected.pointer(&pointer) else {
            continue;
        };
        let difference = (*figure - number(expected)).abs();
        assert!(
            difference < Decimal::new(1, 9),
            "{name}: {key} is {figure}, not {expected}"
        );
        compared += 1;
    }
    compared
}

/// Compares one expectation and returns the number of figures compared.
fn expectation(case: &Case<'_>, now: Date, expectation: &Value) -> usize {
    let (of, expected) = (text(expectation, "of"), &expectation["expected"]);
    let property = of.rsplit('.').next().unwrap();
    match of {
        "calculator.computeSnapshot()" => snapshot(case, &case.at(now), expected),
        "calculator.computeSnapshot().totalLiabilitiesWithCurrencyEffect" => {
            liabilities(case, now, expected)
        }
        "calculator.getInvestments()" => investments(case, expected),
        _ if of.contains("getInvestmentsByGroup") => {
            investments_by_period(case, now, of.contains("month"), expected)
        }
        _ if of.contains("getTransactionPoints") => {
            let one = json!({ property: expected });
            let expected = if expected.is_object() { expected } else { &one };
            compare(
                case.name,
                &case.at(now).figures(AssetIndex(0), true),
                expected,
            )
        }
        _ if of.contains("historicalData.find") => {
            let day = of.split('\'').nth(1).unwrap().parse().unwrap();
            compare(
                case.name,
                &case.at(day).totals(),
                &json!({ property: expected }),
            )
        }
        _ if of.contains("historicalData.map(({ date })") => 0,
        _ if of.contains("historicalData") => day_of_history(case, now, expected),
        _ if of.contains("positions[0].fee") => fee(case, now, of.contains("Base"), expected),
        _ => panic!("{}: no such expectation: {of}", case.name),
    }
}

fn snapshot(case: &Case<'_>, state: &State, expected: &Value) -> usize {
    let positions = expected
        .get("positions")
        .map_or(&[][..], |list| list.as_array().unwrap());
    let compared = positions.iter().map(|position| {
        let symbol = text(position, "symbol");
        let index = case
            .assets
            .iter()
            .position(|asset| asset.symbol == symbol)
            .unwrap();
        let same = case.assets[index].currency == case.rules.base;
        compare(
            case.name,
            &state.figures(AssetIndex(index as u32), same),
            position,
        )
    });
    compared.sum::<usize>() + compare(case.name, &state.totals(), expected)
}

fn day_of_history(case: &Case<'_>, now: Date, expected: &Value) -> usize {
    let day = expected
        .get("date")
        .map_or(now, |day| day.as_str().unwrap().parse().unwrap());
    let state = case.at(day);
    if UNPRICED.contains(&(case.name, day.to_string().as_str())) {
        assert!(
            state
                .net
                .1
                .positions
                .iter()
                .any(|position| !position.priced)
        );
        return 0;
    }
    compare(case.name, &state.totals(), expected)
}

/// `fee` is in the currency of the instrument; `toBeCloseTo` gives a number of digits.
fn fee(case: &Case<'_>, now: Date, in_base: bool, expected: &Value) -> usize {
    let (expected, digits) = expected.as_array().map_or((expected, 9), |pair| {
        (&pair[0], pair[1].as_u64().unwrap() as u32)
    });
    let fees = case.at(now).net.0.positions[&AssetIndex(0)].fees_base;
    let rate = case
        .fx
        .rate(case.assets[0].currency, case.rules.base, now)
        .unwrap()
        .rate;
    let fees = if in_base { fees } else { fees / rate };
    let difference = (fees - number(expected)).abs();
    assert!(
        difference < Decimal::new(5, digits + 1),
        "{}: {fees}, not {expected}",
        case.name
    );
    1
}

/// What is owed. The published sum takes in every activity, also those that are dated after the day of
/// the case.
fn liabilities(case: &Case<'_>, now: Date, expected: &Value) -> usize {
    let owed = case.at(case.last_day().max(now)).owed();
    assert_eq!(owed, number(expected), "{}", case.name);
    1
}

/// The cost of all positions on the days of the transactions.
fn investments(case: &Case<'_>, expected: &Value) -> usize {
    let days = expected.as_array().unwrap();
    for day in days {
        let on = case.at(text(day, "date").parse().unwrap());
        let cost: Decimal = on
            .gross
            .0
            .positions
            .values()
            .map(|position| position.cost)
            .sum();
        assert_eq!(cost, number(&day["investment"]), "{}: {day}", case.name);
    }
    days.len()
}

/// What the cost of all positions changed by in each month or year.
fn investments_by_period(case: &Case<'_>, now: Date, monthly: bool, expected: &Value) -> usize {
    let periods = expected.as_array().unwrap();
    for period in periods {
        let first: Date = text(period, "date").parse().unwrap();
        let next = if monthly {
            first + 1.month()
        } else {
            first + 1.year()
        };
        let cost = |day: Date| case.at(day).gross.1.cost_base;
        let change = cost(now.min(next - 1.day())) - cost(first - 1.day());
        assert_eq!(
            change,
            number(&period["investment"]),
            "{}: {period}",
            case.name
        );
    }
    periods.len()
}

#[test]
fn published_portfolios_are_reproduced() {
    let mut compared = Vec::new();
    for root in reference::roots() {
        let file = reference::json(&root.join("cases/ghostfolio_portfolio_calculator.json"));
        let cases = file["cases"].as_array().unwrap();
        let mut figures = 0;
        for case in cases {
            let read = Case::read(case);
            let now = case["now"]
                .as_str()
                .unwrap_or("2023-07-10")
                .parse()
                .unwrap();
            let of_case: usize = case["expectations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| expectation(&read, now, one))
                .sum();
            assert!(of_case > 0, "nothing of {} could be compared", read.name);
            figures += of_case;
        }
        compared.push(figures);
    }
    // So that a changed format cannot make the comparison empty.
    assert!(
        compared[0] >= 14,
        "only {} own figures were compared",
        compared[0]
    );
    assert!(
        compared.get(1).is_none_or(|figures| *figures >= 150),
        "only {compared:?} figures"
    );
}
