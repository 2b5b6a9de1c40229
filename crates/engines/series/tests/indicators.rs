//! Indicators against TA-Lib 0.8.2 on one series of closes, and what holds of them whatever the closes are.

#![expect(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use proptest::prelude::*;
use series::{bollinger, ema, rsi, sma};

/// A month and a half of closes.
const CLOSES: [f64; 33] = [
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61,
    46.28, 46.28, 46.00, 46.03, 46.41, 46.22, 45.64, 46.21, 46.25, 45.71, 46.45, 45.78, 45.35,
    44.03, 44.18, 44.22, 44.57, 43.42, 42.66, 43.13,
];

#[track_caller]
fn check(values: &[Option<f64>], first: usize, expected: &[(usize, f64)]) {
    assert_eq!(values.len(), CLOSES.len());
    assert!(
        values[..first].iter().all(Option::is_none),
        "nothing before {first}"
    );
    assert!(
        values[first..].iter().all(Option::is_some),
        "all from {first} on"
    );
    for (at, wanted) in expected {
        let value = values[*at].unwrap();
        assert!((value - wanted).abs() < 1e-9, "{at}: {value}, not {wanted}");
    }
}

#[test]
fn averages_are_those_of_the_reference() {
    let expected = [
        (4, 44.104),
        (5, 44.202),
        (14, 46.018),
        (20, 46.102),
        (32, 43.6),
    ];
    check(&sma(&CLOSES, 5), 4, &expected);
    let expected = [
        (4, 44.104),
        (5, 44.346),
        (13, 45.899_423_258_649_6),
        (20, 46.067_369_079_610_04),
        (32, 43.511_078_471_081_62),
    ];
    check(&ema(&CLOSES, 5), 4, &expected);
}

#[test]
fn bands_are_those_of_the_reference() {
    let bands = bollinger(&CLOSES, 20, 2.0);
    let part = |of: fn(&series::Band) -> f64| -> Vec<Option<f64>> {
        bands.iter().map(|band| band.as_ref().map(of)).collect()
    };
    let upper = [(19, 47.115_328_221_650_216), (32, 47.620_150_268_478_21)];
    check(&part(|band| band.upper), 19, &upper);
    check(&part(|band| band.middle), 19, &[(19, 45.409), (32, 45.241)]);
    let lower = [(19, 43.702_671_778_349_78), (32, 42.861_849_731_521_77)];
    check(&part(|band| band.lower), 19, &lower);
}

#[test]
fn relative_strength_is_that_of_the_reference() {
    let expected = [
        (14, 70.464_135_021_097_04),
        (15, 66.249_618_553_555_05),
        (20, 62.880_718_309_962_41),
        (32, 37.788_771_982_057_824),
    ];
    check(&rsi(&CLOSES, 14), 14, &expected);
    assert_eq!(rsi(&[5.0; 20], 14)[19], Some(50.0), "nothing moves");
    assert_eq!(rsi(&[1.0, 2.0, 3.0], 2)[2], Some(100.0), "only rises");
}

#[test]
fn too_few_closes_and_no_length_have_no_values() {
    for n in [0, 4] {
        assert_eq!(sma(&CLOSES[..3], n), [None; 3]);
        assert_eq!(ema(&CLOSES[..3], n), [None; 3]);
        assert_eq!(bollinger(&CLOSES[..3], n, 2.0), [None; 3]);
        assert_eq!(rsi(&CLOSES[..3], n), [None; 3]);
    }
    assert!(sma(&[], 5).is_empty() && rsi(&[], 5).is_empty());
}

proptest! {
    #[test]
    fn what_comes_later_changes_nothing(
        closes in prop::collection::vec(1.0..1_000.0f64, 1..80), n in 1..25usize, cut in 0..80usize,
    ) {
        let cut = cut.min(closes.len());
        let past = &closes[..cut];
        prop_assert_eq!(&sma(&closes, n)[..cut], &sma(past, n)[..]);
        prop_assert_eq!(&ema(&closes, n)[..cut], &ema(past, n)[..]);
        prop_assert_eq!(&bollinger(&closes, n, 2.0)[..cut], &bollinger(past, n, 2.0)[..]);
        prop_assert_eq!(&rsi(&closes, n)[..cut], &rsi(past, n)[..]);
    }

    #[test]
    fn values_stay_within_their_bounds(
        closes in prop::collection::vec(1.0..1_000.0f64, 1..80), n in 1..25usize,
    ) {
        let low = closes.iter().copied().fold(f64::INFINITY, f64::min) - 1e-9;
        let high = closes.iter().copied().fold(0.0, f64::max) + 1e-9;
        for value in sma(&closes, n).into_iter().chain(ema(&closes, n)).flatten() {
            prop_assert!((low..=high).contains(&value));
        }
        for band in bollinger(&closes, n, 2.0).into_iter().flatten() {
            prop_assert!(band.lower <= band.middle && band.middle <= band.upper);
        }
        for value in rsi(&closes, n).into_iter().flatten() {
            prop_assert!((0.0..=100.0).contains(&value));
        }
    }
}
