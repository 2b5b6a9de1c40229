//! Gain over the capital that was at work on average: Modified Dietz, and return on average
//! investment.

use crate::{Daily, NotAvailable, summary::gain, unavailable::stated};

/// Modified Dietz return: `gain / (opening + Σ w_in in - Σ w_out out)`, with `gain = closing -
/// opening - Σ in + Σ out`, not annualised.
///
/// A flow weighs the part of the period for which it was there. Of `D` days, money that comes in on
/// day `k` (from its start) weighs `(D - k + 1) / D`; money that goes out on day `k` (at its end)
/// `(D - k) / D`. It approximates the money-weighted return without solving an equation, and needs no
/// value within the period.
///
/// Errors: no day, nothing invested, average capital below zero (more went out, and early, than there
/// was at first).
///
/// Source: P. Dietz, "Pension Funds: Measuring Investment Performance" (1966); CFA Institute, Global
/// Investment Performance Standards, "Modified Dietz method".
///
/// ```
/// use performance::{Daily, modified_dietz};
///
/// // 100 at first, 50 more on the second of two days, 300 at last.
/// let daily = Daily {
///     opening: 100.0,
///     value: vec![120.0, 300.0],
///     inflow: vec![0.0, 50.0],
///     outflow: vec![0.0; 2],
///     ..Daily::default()
/// };
/// assert!((modified_dietz(&daily)? - 150.0 / 125.0).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn modified_dietz(daily: &Daily) -> Result<f64, NotAvailable> {
    over(gain(daily), average_capital(daily)?, daily)
}

/// The capital of [`modified_dietz`], base currency.
///
/// Errors: no day.
pub fn average_capital(daily: &Daily) -> Result<f64, NotAvailable> {
    if daily.value.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    let days = daily.value.len() as f64;
    let left = (0..daily.value.len()).rev().map(|left| left as f64);
    let flows = daily.inflow.iter().zip(&daily.outflow);
    let weighted: f64 = left
        .zip(flows)
        .map(|(left, (inflow, outflow))| inflow * (left + 1.0) - outflow * left)
        .sum();
    stated(daily.opening + weighted / days)
}

/// Return on average investment (ROAI): `gain / mean of C`, over the nights on which anything was
/// invested; not annualised.
///
/// The capital invested `C` is what was paid for what is still there: it begins with the opening
/// value, rises by what comes in, and falls in proportion by what goes out, `C × (1 - out / (V + out))`,
/// as a sale of half the shares takes out half their cost, whatever they fetch. So it is never
/// negative, a rise in prices is no investment, and time without money does not dilute the return.
/// What counts is what stays over night: money that comes in on the last day weighs nothing. If
/// nothing stayed over any night, the measure is what came in.
///
/// The idea, an average weighted by time of the cost of what is held, and the count of nights are
/// those of Ghostfolio's calculator of the same name. There, fees and dividends are no part of the
/// investment; here they are flows like others, because a portfolio's value by day is all that is
/// known.
///
/// Errors: no day, nothing invested.
///
/// ```
/// use performance::{Daily, roai};
///
/// // 100 for two nights, then half of it is sold for 60: 50 remain for the third night.
/// let daily = Daily {
///     value: vec![100.0, 110.0, 60.0, 60.0],
///     inflow: vec![100.0, 0.0, 0.0, 0.0],
///     outflow: vec![0.0, 0.0, 60.0, 0.0],
///     ..Daily::default()
/// };
/// assert!((roai(&daily)? - 20.0 / (250.0 / 3.0)).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn roai(daily: &Daily) -> Result<f64, NotAvailable> {
    over(gain(daily), average_investment(daily)?, daily)
}

/// The capital of [`roai`], base currency.
///
/// Errors: no day.
pub fn average_investment(daily: &Daily) -> Result<f64, NotAvailable> {
    if daily.value.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    let mut invested = daily.opening.max(0.0);
    let (mut sum, mut nights) = (0.0, 0_u32);
    let flows = daily.inflow.iter().zip(&daily.outflow);
    for (value, (inflow, outflow)) in daily.value.iter().zip(flows) {
        if invested > 0.0 {
            sum += invested;
            nights += 1;
        }
        invested += inflow;
        let (taken, whole) = (*outflow, value + outflow);
        if taken > 0.0 && whole > 0.0 {
            // What is left after all but the rounding of a sum went out is nothing.
            let left = (value / whole).clamp(0.0, 1.0);
            invested *= if left < 1e-12 { 0.0 } else { left };
        }
    }
    if nights == 0 {
        return stated(daily.inflow.iter().sum());
    }
    stated(sum / f64::from(nights))
}

fn over(gain: f64, capital: f64, daily: &Daily) -> Result<f64, NotAvailable> {
    if capital < 0.0 {
        return Err(NotAvailable::NoCapital {
            on: daily.first,
            capital,
        });
    }
    if capital == 0.0 {
        return Err(NotAvailable::NothingInvested);
    }
    stated(gain / capital)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::calendar;

    /// A portfolio that holds its value but for marks, from the first day on.
    fn daily(first: Date, last: Date, opening: f64, marks: &[(Date, f64, f64, f64)]) -> Daily {
        let len = calendar::length(first, last);
        let mut daily = Daily {
            first,
            opening,
            inflow: vec![0.0; len],
            outflow: vec![0.0; len],
            ..Daily::default()
        };
        let mut value = opening;
        for index in 0..len {
            let on = daily.date(index);
            if let Some((_, close, inflow, outflow)) = marks.iter().find(|mark| mark.0 == on) {
                (daily.inflow[index], daily.outflow[index]) = (*inflow, *outflow);
                value = *close;
            }
            daily.value.push(value);
        }
        daily
    }

    fn near(found: Result<f64, NotAvailable>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }

    /// Bâloise, bought at 142.90 and 136.60 and worth 148.90 at last; sold again; Novartis; Alphabet
    /// seen from Swiss francs: gross percentages of Ghostfolio's own calculator tests (files
    /// "portfolio-calculator-*-buy-and-*" and "googl-buy"), without fees.
    #[test]
    fn average_investment_is_as_published() {
        let (first, second) = (date(2021, 11, 22), date(2021, 11, 30));
        let last = date(2021, 12, 18);
        let twice = [
            (first, 285.8, 285.8, 0.0),
            (second, 546.4, 273.2, 0.0),
            (last, 595.6, 0.0, 0.0),
        ];
        let twice = daily(first, last, 0.0, &twice);
        near(average_investment(&twice), 474.938_461_538_461_5);
        near(roai(&twice), 0.077_062_615_399_565_94);
        let sold = [(first, 285.8, 285.8, 0.0), (second, 0.0, 0.0, 273.2)];
        near(
            roai(&daily(first, last, 0.0, &sold)),
            -0.044_086_773_967_809_66,
        );
        let (bought, gone) = (date(2022, 3, 7), date(2022, 4, 8));
        let novartis = [(bought, 151.6, 151.6, 0.0), (gone, 0.0, 0.0, 171.46)];
        near(
            roai(&daily(bought, date(2022, 4, 11), 0.0, &novartis)),
            0.131_002_638_522_427_44,
        );
        let (bought, last) = (date(2023, 1, 3), date(2023, 7, 10));
        let alphabet = [
            (bought, 82.329_056, 82.329_056, 0.0),
            (last, 103.104_83, 0.0, 0.0),
        ];
        let found = roai(&daily(bought, last, 0.0, &alphabet)).unwrap();
        // Published with the currency's effect, from a rounded value.
        assert!((found - 0.252_350_445_995_639_7).abs() < 1e-6, "{found}");
    }

    /// The example of the encyclopaedia (Wikipedia, "Modified Dietz method"): 100 at first, 50 added
    /// after one of two years, 300 at last: 150 on 125, or 120 %.
    #[test]
    fn modified_dietz_is_as_published() {
        let marks = [
            (date(2022, 1, 1), 170.0, 50.0, 0.0),
            (date(2022, 12, 31), 300.0, 0.0, 0.0),
        ];
        let two_years = daily(date(2021, 1, 1), date(2022, 12, 31), 100.0, &marks);
        near(modified_dietz(&two_years), 1.2);
    }

    #[test]
    fn money_that_never_stays_over_night_is_measured_by_what_came_in() {
        let day = date(2024, 1, 1);
        near(
            roai(&daily(day, day, 0.0, &[(day, 0.0, 100.0, 110.0)])),
            0.1,
        );
        near(
            roai(&daily(day, day, 0.0, &[(day, 99.0, 100.0, 0.0)])),
            -0.01,
        );
    }

    #[test]
    fn without_capital_there_is_no_return() {
        let (day, next) = (date(2024, 1, 1), date(2024, 1, 2));
        let nothing = daily(day, next, 0.0, &[]);
        assert_eq!(roai(&nothing), Err(NotAvailable::NothingInvested));
        assert_eq!(modified_dietz(&nothing), Err(NotAvailable::NothingInvested));
        assert_eq!(roai(&Daily::default()), Err(NotAvailable::EmptyPeriod));
        // 100 doubles at once and 180 of it go out: on average -80 were there from then on.
        let milked = daily(day, date(2024, 1, 10), 100.0, &[(day, 20.0, 0.0, 180.0)]);
        let refused = modified_dietz(&milked);
        assert!(
            matches!(refused, Err(NotAvailable::NoCapital { capital, .. }) if (capital + 62.0).abs() < 1e-12),
            "{refused:?}"
        );
        // Its cost is a tenth for nine of ten nights.
        near(roai(&milked), 100.0 / 19.0);
    }
}
