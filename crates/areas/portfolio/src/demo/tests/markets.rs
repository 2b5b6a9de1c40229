//! Instruments, bars and rates are plentiful and look like a market's.

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use ledger::TransactionKind;
use money::{Currency, decimal_from_f64};

use super::{TODAY, find, rows};
use crate::demo::universe::{SimBar, universe};

#[test]
fn there_is_enough_of_everything() {
    let universe = universe(TODAY);
    let instruments = &universe.instruments;
    assert_eq!(instruments.len(), 37);
    let symbols: BTreeSet<_> = instruments
        .iter()
        .map(|instrument| &instrument.symbol)
        .collect();
    let names: BTreeSet<_> = instruments
        .iter()
        .map(|instrument| instrument.name)
        .collect();
    assert_eq!(
        (symbols.len(), names.len()),
        (instruments.len(), instruments.len())
    );
    assert!(
        instruments
            .iter()
            .all(|instrument| instrument.exchange == "SIM")
    );
    let classes: BTreeSet<_> = instruments
        .iter()
        .map(|instrument| instrument.asset_class)
        .collect();
    let expected = [
        "alternative",
        "bond",
        "commodity",
        "crypto",
        "equity",
        "etf",
        "fund",
        "index",
    ];
    assert_eq!(classes, BTreeSet::from(expected));
    let sectors: BTreeSet<_> = instruments
        .iter()
        .filter_map(|instrument| instrument.sector)
        .collect();
    assert!(sectors.len() >= 6, "{sectors:?}");

    let named: Vec<_> = universe
        .portfolios
        .iter()
        .map(|folio| (folio.name, folio.currency))
        .collect();
    assert_eq!(
        named,
        [
            ("Retirement", Currency::EUR),
            ("Brokerage", Currency::USD),
            ("Family reserve", Currency::EUR)
        ]
    );
    let traded: BTreeSet<_> = rows(&universe, TransactionKind::Buy)
        .map(|row| &find(&universe, row).symbol)
        .collect();
    assert_eq!(
        traded.len(),
        instruments.len() - 4,
        "silver and three indices are merely watched"
    );
}

#[test]
fn bars_are_complete_and_well_formed() {
    let universe = universe(TODAY);
    for instrument in &universe.instruments {
        let symbol = &instrument.symbol;
        let all_days = instrument.asset_class == "crypto";
        let expected: Vec<Date> = date(2020, 1, 1)
            .series(1.day())
            .take_while(|day| *day <= TODAY)
            .filter(|day| all_days || !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
            .collect();
        let days: Vec<Date> = instrument.bars.iter().map(|bar| bar.date).collect();
        assert_eq!(days, expected, "{symbol}");
        for SimBar {
            date,
            open,
            high,
            low,
            close,
            volume,
        } in &instrument.bars
        {
            assert!(*low > 0.0 && low <= open && low <= close, "{symbol} {date}");
            assert!(high >= open && high >= close, "{symbol} {date}");
            assert!(*volume >= 0.0 && volume.fract() == 0.0, "{symbol} {date}");
            let cents = decimal_from_f64(*close).expect("finite").scale();
            assert!(cents <= 2, "{symbol} {date}: {close}");
        }
    }
}

#[test]
fn the_market_falls_by_about_a_quarter_and_recovers() {
    let universe = universe(TODAY);
    let world = universe
        .instruments
        .iter()
        .find(|instrument| instrument.symbol == "MWLD")
        .unwrap();
    let (mut peak, mut deepest) = (0.0_f64, 0.0_f64);
    for bar in &world.bars {
        peak = peak.max(bar.close);
        deepest = deepest.min(bar.close / peak - 1.0);
    }
    assert!((-0.30..-0.20).contains(&deepest), "drawdown {deepest}");
    let last = world.bars.last().unwrap();
    assert!(
        last.close > 0.9 * peak,
        "{} after a peak of {peak}",
        last.close
    );
}

#[test]
fn rates_stay_where_currencies_live() {
    for (day, base, quote, rate) in universe(date(2040, 1, 1)).fx {
        let range = match quote {
            Currency::USD => 0.85..1.45,
            Currency::CHF => 0.80..1.20,
            Currency::GBP => 0.68..1.05,
            other => panic!("{other} is not quoted"),
        };
        assert!(
            base == Currency::EUR && range.contains(&rate),
            "{day} {quote} {rate}"
        );
    }
}
