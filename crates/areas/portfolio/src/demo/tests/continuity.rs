//! The past stays as it was.

use jiff::civil::{Date, date};
use money::Currency;

use crate::demo::{
    calendar::household_start,
    universe::{Universe, universe},
};

/// `later`, one day on, says the same of the past as `earlier`.
fn assert_continues(earlier: &Universe, later: &Universe, first: Date, last: Date) {
    for (old, new) in earlier.instruments.iter().zip(&later.instruments) {
        assert_eq!(old.symbol, new.symbol);
        let kept = old.bars.iter().filter(|bar| bar.date >= first);
        let same = new.bars.iter().filter(|bar| bar.date <= last);
        assert!(kept.eq(same), "bars of {}", old.symbol);
    }
    let kept = earlier.fx.iter().filter(|(day, ..)| *day >= first);
    assert!(
        kept.eq(later.fx.iter().filter(|(day, ..)| *day <= last)),
        "rates"
    );
}

#[test]
fn tomorrow_does_not_change_the_past() {
    for today in [
        date(2026, 3, 31),
        date(2026, 11, 20),
        date(2026, 12, 30),
        date(2029, 6, 11),
    ] {
        let (earlier, later) = (universe(today), universe(today.tomorrow().unwrap()));
        assert_continues(&earlier, &later, household_start(today), today);
        for (old, new) in earlier.portfolios.iter().zip(&later.portfolios) {
            assert!(
                new.rows.starts_with(&old.rows),
                "{} after {today}",
                old.name
            );
        }
    }
}

#[test]
fn at_new_year_only_the_window_and_the_household_move() {
    let eve = date(2026, 12, 31);
    let (earlier, later) = (universe(eve), universe(eve.tomorrow().unwrap()));
    assert_continues(&earlier, &later, date(2021, 1, 1), eve);
    for (universe, start) in [(&earlier, date(2020, 1, 2)), (&later, date(2021, 1, 4))] {
        for portfolio in &universe.portfolios {
            assert_eq!(portfolio.rows[0].date, start);
            let prefix = format!("sim-{}-", start.year());
            for (number, row) in (1_u64..).zip(&portfolio.rows) {
                assert_eq!(row.line, number);
                assert!(row.external_id.as_ref().unwrap().starts_with(&prefix));
            }
            assert!(portfolio.rows.is_sorted_by_key(|row| row.date));
        }
    }
}

/// Charts, browser tests and this expectation change together or not at all.
#[test]
fn the_world_is_this_one_on_every_machine() {
    let universe = universe(date(2026, 11, 21));
    let last = |symbol| {
        let instrument = universe
            .instruments
            .iter()
            .find(|instrument| instrument.symbol == symbol);
        instrument
            .and_then(|instrument| instrument.bars.last())
            .map(|bar| (bar.low, bar.close))
    };
    assert_eq!(last("MWLD"), Some((97.46, 97.96)));
    assert_eq!(last("KSTM"), Some((173.91, 179.91)));
    let dollar = universe
        .fx
        .iter()
        .rfind(|(_, _, quote, _)| *quote == Currency::USD);
    assert_eq!(dollar.map(|(.., rate)| *rate), Some(1.2545));
    let rows: Vec<usize> = universe
        .portfolios
        .iter()
        .map(|portfolio| portfolio.rows.len())
        .collect();
    assert_eq!(rows, [623, 418, 460]);
}

#[test]
fn before_its_epoch_the_universe_is_empty() {
    let universe = universe(date(2018, 12, 31));
    assert!(universe.fx.is_empty());
    assert!(
        universe
            .instruments
            .iter()
            .all(|instrument| instrument.bars.is_empty())
    );
    assert!(
        universe
            .portfolios
            .iter()
            .all(|portfolio| portfolio.rows.is_empty())
    );
}
