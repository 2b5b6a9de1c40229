//! What holds of adjusted and thinned series whatever the prices are, and a history of 23 years.

#![expect(clippy::float_cmp, reason = "the same figures, not figures nearby")]

use jiff::{ToSpan, civil::Date, civil::date};
use proptest::prelude::*;
use series::{Action, Adjustment, Basis, Ohlc, Unapplied, adjustments, lttb, merge, together};

fn day(index: usize) -> Date {
    date(2020, 1, 1) + (index as i64).days()
}

fn closes() -> impl Strategy<Value = Vec<(Date, f64)>> {
    prop::collection::vec(1.0..1_000.0f64, 1..60).prop_map(|prices| {
        prices
            .into_iter()
            .enumerate()
            .map(|(at, price)| (day(at), price))
            .collect()
    })
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = (0..70usize, 0.1..10.0f64, any::<bool>()).prop_map(|(at, size, is_split)| {
        let ex_date = day(at);
        if is_split {
            Action::Split {
                ex_date,
                ratio: size,
            }
        } else {
            Action::Cash {
                ex_date,
                amount: size / 20.0,
            }
        }
    });
    prop::collection::vec(action, 0..8)
}

proptest! {
    #[test]
    fn the_last_day_stands_and_the_order_of_actions_does_not_matter(closes in closes(), actions in actions()) {
        let (found, unapplied) = adjustments(&closes, &actions, Basis::SplitsAndCash);
        prop_assert_eq!(found.len(), closes.len());
        prop_assert_eq!(found.last().copied(), Some(Adjustment { price: 1.0, volume: 1.0 }));
        let mut turned = actions.clone();
        turned.reverse();
        let (again, others) = adjustments(&closes, &turned, Basis::SplitsAndCash);
        prop_assert_eq!(unapplied.len(), others.len());
        for (one, other) in found.iter().zip(&again) {
            prop_assert!((one.price / other.price - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn days_before_a_later_cut_are_moved_by_one_factor_alone(closes in closes(), actions in actions()) {
        // Dropping the last days rescales the rest, and changes no return between two days.
        let (all, _) = adjustments(&closes, &actions, Basis::Splits);
        let kept = &closes[..closes.len().div_ceil(2)];
        let (part, _) = adjustments(kept, &actions, Basis::Splits);
        let scale = all[0].price / part[0].price;
        for (one, other) in all.iter().zip(&part) {
            prop_assert!((one.price / other.price / scale - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_thinned_line_is_part_of_the_line_in_its_order(ys in prop::collection::vec(-1e6..1e6f64, 0..300), count in 0..40usize) {
        let points: Vec<_> = ys.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
        let chosen = lttb(&points, count);
        prop_assert!(chosen.is_sorted_by(|one, next| one < next));
        prop_assert!(chosen.iter().all(|place| *place < points.len()));
        if points.len() <= count || count < 3 {
            prop_assert_eq!(chosen.len(), points.len());
        } else {
            prop_assert_eq!(chosen.len(), count);
            prop_assert_eq!((chosen[0], chosen[count - 1]), (0, points.len() - 1));
        }
    }

    #[test]
    fn merged_bars_keep_ends_extremes_and_sum(
        prices in prop::collection::vec((1.0..9.0f64, 1.0..9.0f64, prop::option::of(0u8..9)), 1..200), count in 1..30usize,
    ) {
        let bars: Vec<Ohlc> = prices
            .iter()
            .map(|(open, close, volume)| Ohlc {
                open: *open,
                high: open.max(*close) + 1.0,
                low: open.min(*close) / 2.0,
                close: *close,
                volume: volume.map(f64::from),
            })
            .collect();
        let merged = merge(&bars, count);
        prop_assert!(merged.len() <= count);
        prop_assert_eq!(merged[0].0.open, bars[0].open);
        prop_assert_eq!(merged[merged.len() - 1].0.close, bars[bars.len() - 1].close);
        let highest = |bars: &mut dyn Iterator<Item = f64>| bars.fold(f64::MIN, f64::max);
        prop_assert_eq!(highest(&mut merged.iter().map(|b| b.0.high)), highest(&mut bars.iter().map(|b| b.high)));
        let sum = |volumes: &mut dyn Iterator<Item = Option<f64>>| volumes.flatten().sum::<f64>();
        prop_assert_eq!(sum(&mut merged.iter().map(|b| b.0.volume)), sum(&mut bars.iter().map(|b| b.volume)));
        let places: Vec<usize> = merged.iter().flat_map(|(_, first, last)| *first..=*last).collect();
        prop_assert_eq!(places, (0..bars.len()).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_not_known_to_be_traded_counts_as_nothing_unless_nothing_is_known() {
    let bar = |price: f64, volume| Ohlc {
        open: price,
        high: price + 1.0,
        low: price - 1.0,
        close: price + 0.5,
        volume,
    };
    let bars = [
        bar(10.0, Some(100.0)),
        bar(13.0, None),
        bar(9.0, Some(20.0)),
    ];
    let whole = Ohlc {
        open: 10.0,
        high: 14.0,
        low: 8.0,
        close: 9.5,
        volume: Some(120.0),
    };
    assert_eq!(together(&bars), Some(whole));
    assert_eq!(together(&bars[1..2]), Some(bars[1]));
    assert_eq!(
        together(&[bar(1.0, None), bar(2.0, None)]).unwrap().volume,
        None
    );
    assert_eq!(together(&[]), None);
}

#[test]
fn a_spike_survives_thinning() {
    let mut points: Vec<(f64, f64)> = (0..1_000).map(|x| (f64::from(x), 1.0)).collect();
    points[437].1 = 50.0;
    assert!(lttb(&points, 20).contains(&437));
}

#[test]
fn a_payment_that_cannot_be_is_named() {
    let closes = [(day(5), 10.0), (day(6), 9.0)];
    let actions = [
        Action::Cash {
            ex_date: day(3),
            amount: 1.0,
        },
        Action::Cash {
            ex_date: day(6),
            amount: 12.0,
        },
        Action::Split {
            ex_date: day(6),
            ratio: 0.0,
        },
        Action::Split {
            ex_date: day(9),
            ratio: 2.0,
        },
    ];
    let (found, unapplied) = adjustments(&closes, &actions, Basis::SplitsAndCash);
    assert_eq!(
        found,
        [Adjustment {
            price: 1.0,
            volume: 1.0
        }; 2]
    );
    assert_eq!(
        unapplied,
        [
            Unapplied::NoClose { ex_date: day(3) },
            Unapplied::Senseless { ex_date: day(6) },
            Unapplied::TooLarge {
                ex_date: day(6),
                amount: 12.0,
                close: 10.0
            },
        ]
    );
}

/// Apple's closes as traded, four splits and 35 dividends, against LEAN's factors. Those have seven
/// digits, so the figures agree to five millionths.
#[test]
fn apple_over_23_years_agrees_with_published_factors() {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the tests look for files is no setting"
    )]
    let folder = std::env::var("BURSAR_REFERENCE_DATA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data").to_owned()
    });
    if folder == "none" {
        return;
    }
    let read = |name: &str| {
        std::fs::read_to_string(format!("{folder}/expected/{name}")).unwrap_or_else(|error| {
            panic!(
                "{folder}/expected/{name}: {error}; name the folder of the reference data in \
                 BURSAR_REFERENCE_DATA, or set it to `none` to go without them"
            )
        })
    };
    let figures = read("aapl_adjusted_close.csv");
    let stated = read("aapl_corporate_actions.csv");
    let cells = |text: &str| -> Vec<Vec<String>> {
        text.lines()
            .skip(1)
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect()
    };
    let rows = cells(&figures);
    let closes: Vec<(Date, f64)> = rows
        .iter()
        .map(|row| (row[0].parse().unwrap(), row[1].parse().unwrap()))
        .collect();
    let actions: Vec<Action> = cells(&stated)
        .iter()
        .map(|row| match &*row[2] {
            "split" => Action::Split {
                ex_date: row[0].parse().unwrap(),
                ratio: row[3].parse().unwrap(),
            },
            _ => Action::Cash {
                ex_date: row[0].parse().unwrap(),
                amount: row[4].parse().unwrap(),
            },
        })
        .collect();
    for (basis, column) in [(Basis::Splits, 4), (Basis::SplitsAndCash, 5)] {
        let (found, unapplied) = adjustments(&closes, &actions, basis);
        assert_eq!(unapplied, []);
        for ((row, adjustment), (_, close)) in rows.iter().zip(&found).zip(&closes) {
            let wanted: f64 = row[column].parse().unwrap();
            let ratio = close * adjustment.price / wanted;
            assert!((ratio - 1.0).abs() < 5e-6, "{basis:?} {}: {ratio}", row[0]);
        }
    }
}
