//! Published money-weighted returns, in the format of `xirr.json`.
#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be read is a failed test"
)]

use jiff::civil::Date;
use performance::{xirr, xnpv};
use serde_json::Value;

mod reference;

fn flows(case: &Value) -> Vec<(Date, f64)> {
    let flow = |flow: &Value| {
        (
            flow[0].as_str().unwrap().parse().unwrap(),
            flow[1].as_f64().unwrap(),
        )
    };
    case["flows"].as_array().unwrap().iter().map(flow).collect()
}

fn roots(case: &Value) -> Option<Vec<f64>> {
    let roots = case.get("all_roots_found")?.as_array().unwrap();
    Some(roots.iter().map(|root| root.as_f64().unwrap()).collect())
}

fn check(case: &Value) {
    let name = &case["name"];
    let flows = flows(case);
    let found = xirr(&flows);
    let near = |left: f64, right: f64| (left - right).abs() < 1e-8 * right.abs().max(1.0);
    if let Some(expected) = case["expected_xirr"].as_f64() {
        let rate = found.as_ref().map(|found| found.rate);
        assert!(
            rate.is_ok_and(|rate| near(rate, expected)),
            "{name}: {found:?}, not {expected}"
        );
    }
    // Where none is published, the reference scan may still have found some.
    let all = found.map_or_else(
        |_| Vec::new(),
        |found| {
            let mut all = found.other_roots;
            all.push(found.rate);
            all.sort_by(f64::total_cmp);
            all
        },
    );
    if let Some(expected) = roots(case) {
        assert_eq!(
            all.len(),
            expected.len(),
            "{name}: {all:?}, not {expected:?}"
        );
        let pairs = all.iter().zip(&expected);
        assert!(
            pairs.clone().all(|(left, right)| near(*left, *right)),
            "{name}: {all:?}"
        );
    }
    for value in case
        .get("xnpv")
        .map_or(&[][..], |list| list.as_array().unwrap())
    {
        let (rate, expected) = (
            value["rate"].as_f64().unwrap(),
            value["expected"].as_f64().unwrap(),
        );
        let found = xnpv(rate, &flows).unwrap();
        let tolerance = value["tolerance"].as_f64().unwrap();
        assert!(
            (found - expected).abs() <= tolerance,
            "{name} at {rate}: {found}"
        );
    }
}

#[test]
fn published_rates_are_reproduced() {
    for root in reference::roots() {
        let file = reference::json(&root.join("cases/xirr.json"));
        let cases = file["cases"].as_array().unwrap();
        assert!(!cases.is_empty(), "a file of cases is empty");
        cases.iter().for_each(check);
    }
}

#[test]
fn a_value_that_cannot_be_is_none() {
    assert_eq!(xnpv(0.1, &[]), None);
    assert_eq!(xnpv(-1.0, &[(jiff::civil::date(2024, 1, 1), 1.0)]), None);
}
