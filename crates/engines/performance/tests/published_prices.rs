//! One share, held from the first close of a published series to the last: return, drawdown and
//! volatility as independent software states them, and a real series with four splits.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a series that cannot be read is a failed test"
)]

use std::path::Path;

use jiff::civil::{Date, date};
use ledger::{Asset, AssetIndex, CostBasis, Entry, Event, Ratio, Rules, replay};
use money::{Currency, FxTable, decimal_from_f64};
use performance::{Daily, PriceSeries, summary, twr_index, value_daily};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

mod reference;

/// Dates and one column of a CSV file without quotes.
fn column(file: &Path, name: &str) -> Vec<(Date, f64)> {
    let text = reference::text(file);
    let mut lines = text.lines();
    let wanted = lines
        .next()
        .unwrap()
        .split(',')
        .position(|header| header == name);
    let wanted = wanted.unwrap_or_else(|| panic!("{} has no column {name}", file.display()));
    let points = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[0].parse().unwrap(), fields[wanted].parse().unwrap())
    });
    points.collect()
}

/// One share bought at the first close, without fees and without a cash balance.
fn held(closes: &[(Date, f64)], splits: &[(Date, u32)]) -> Daily {
    const SHARE: AssetIndex = AssetIndex(0);
    let entry = |id: u128, date, event| Entry {
        id: Uuid::from_u128(id),
        date,
        executed_at: None,
        event,
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: Currency::USD,
        settlement: None,
        lots: Vec::new(),
    };
    let (first, price) = closes[0];
    let amount = decimal_from_f64(price).unwrap();
    let mut entries = vec![entry(
        0,
        first,
        Event::Buy {
            asset: SHARE,
            quantity: Decimal::ONE,
            amount,
        },
    )];
    entries.extend((1..).zip(splits).map(|(id, (day, to))| {
        let ratio = Ratio {
            to: Decimal::from(*to),
            from: Decimal::ONE,
        };
        entry(
            id,
            *day,
            Event::Split {
                asset: SHARE,
                ratio,
            },
        )
    }));
    let assets = [Asset::new("SHARE".to_owned(), Currency::USD)];
    let rules = Rules {
        base: Currency::USD,
        cost_basis: CostBasis::Fifo,
        tracks_cash: false,
    };
    let fx = FxTable::new();
    let books = replay(&entries, &assets, &fx, &rules);
    assert!(books.findings.is_empty(), "{:?}", books.findings);
    let prices = PriceSeries::new(closes.iter().copied());
    let last = closes.last().unwrap().0;
    value_daily(
        &books,
        &assets,
        &[Some(&prices)],
        &fx,
        Currency::USD,
        first,
        last,
    )
}

fn check(root: &Path, case: &Value) {
    let name = &case["name"];
    let file = Path::new(case["prices"].as_str().unwrap())
        .file_name()
        .unwrap();
    let closes = column(
        &root.join("prices").join(file),
        case["column"].as_str().unwrap(),
    );
    let (plain, expected) = (&case["plain"], &case["empyrical"]);
    let day = |key: &str| plain[key].as_str().map(|day| day.parse::<Date>().unwrap());
    let within = |(on, _): &&(Date, f64)| (day("first")..=day("last")).contains(&Some(*on));
    let closes: Vec<_> = closes.iter().filter(within).copied().collect();

    let figures = summary(&held(&closes, &[]), closes[0].0, day("last").unwrap());
    let near = |found: f64, key: &str, tolerance: f64| {
        let expected = expected[key].as_f64().unwrap();
        let error = (found / expected - 1.0).abs();
        assert!(
            error <= tolerance,
            "{key} of {name} is {found}, not {expected}"
        );
    };
    near(figures.twr.unwrap(), "total_return", 1e-9);
    near(figures.simple.unwrap(), "total_return", 1e-9);
    let fall = figures.max_drawdown.unwrap();
    near(fall.depth, "max_drawdown", 1e-9);
    assert_eq!(Some(fall.peak_on), day("drawdown_peak"), "{name}");
    assert_eq!(Some(fall.trough_on), day("drawdown_trough"), "{name}");
    assert_eq!(fall.recovered_on, day("drawdown_recovered"), "{name}");
    // Published volatility knows trading days only; ours has a zero on each holiday as well.
    near(figures.volatility.unwrap(), "annual_volatility", 0.03);
}

#[test]
fn one_share_performs_as_published() {
    for root in reference::roots() {
        let file = reference::json(&root.join("expected/risk_metrics.json"));
        let cases = file["cases"].as_array().unwrap();
        assert!(!cases.is_empty(), "a file of cases is empty");
        for case in cases {
            check(&root, case);
        }
    }
}

/// Ours in the fixtures is split one day after its close of 120; Apple's splits are those in the
/// description of the reference data.
#[test]
fn splits_are_no_loss() {
    const APPLE: [(Date, u32); 4] = [
        (date(2000, 6, 21), 2),
        (date(2005, 2, 28), 2),
        (date(2014, 6, 9), 7),
        (date(2020, 8, 31), 4),
    ];
    let mut roots = reference::roots().into_iter();
    let own = column(&roots.next().unwrap().join("prices/share.csv"), "close");
    let index = twr_index(&held(&own, &[(date(2024, 1, 4), 2)])).unwrap();
    let expected = [1.0, 1.2, 1.2, 1.8, 1.8, 1.8, 2.64];
    assert!(
        index
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found - expected).abs() < 1e-12)
    );
    for root in roots {
        let raw = column(&root.join("prices/aapl_daily_raw_1998_2021.csv"), "close");
        let adjusted = column(
            &root.join("expected/aapl_adjusted_close.csv"),
            "close_split_adjusted",
        );
        let daily = held(&raw, &APPLE);
        let index = twr_index(&daily).unwrap();
        // The published factors have six significant digits.
        let first = adjusted[0].1;
        for (day, close) in &adjusted {
            let level = index[(*day - daily.first).get_days() as usize];
            let error = (level / (close / first) - 1.0).abs();
            assert!(error < 5e-6, "{day}: {level}, not {}", close / first);
        }
    }
}
