//! A benchmark that was bought and sold with the portfolio's own money.

use jiff::civil::Date;

use crate::{
    Benchmark, BenchmarkError, Daily, NotAvailable, Xirr, XirrError, calendar,
    summary::{gain, investor_flows},
    twr::twr,
    xirr::xirr,
};

/// What the flows of a portfolio would have become in a benchmark; amounts in the base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct SameFlows {
    /// The benchmark by day, with the portfolio's opening value, inflows and outflows.
    pub daily: Daily,
    /// Its gain.
    pub gain: f64,
    /// Its time-weighted return, by the conventions of [`crate::twr`]. Money that comes in is at
    /// work from the start of its day there and buys at the close here, so on days of flows this
    /// differs from the benchmark's own return, in the same way as a portfolio's does.
    pub twr: Result<f64, NotAvailable>,
    /// Its money-weighted return: [`crate::xirr`].
    pub mwr: Result<Xirr, XirrError>,
    /// The benchmark's own return over the same days: [`Benchmark::return_between`].
    pub index_return: Option<f64>,
    /// The first day on which more had gone out than there was: from then on the benchmark is
    /// owed, and what it gains is a loss.
    pub exhausted_on: Option<Date>,
    /// The portfolio less the benchmark.
    pub ahead: Ahead,
}

/// By how much the portfolio is ahead of the benchmark, or behind it where negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead {
    /// Of the value at the close of the last day, which is also that of the gain.
    pub value: f64,
    /// Of the time-weighted return, in hundredths as a number: 0.02 is two percentage points.
    pub twr: Result<f64, NotAvailable>,
    /// Of the money-weighted return.
    pub mwr: Result<f64, XirrError>,
}

/// Buys and sells a benchmark with the external flows of a portfolio: the opening value buys at the
/// close of the day before the first, each flow trades at the close of its day, without costs.
///
/// Units `u_d = u_{d-1} + (in_d - out_d) / I_d`, value `u_d I_d`, with the level `I` of the index. It
/// answers "what if I had bought the index instead", which a comparison of returns does not: both see
/// the same money at the same time.
///
/// Errors: no level on a day that needs one.
///
/// Source: the "index comparison method" of A. Long and C. Nickels (1996), known as public market
/// equivalent; its weakness, a benchmark that would be sold short, is told by
/// [`SameFlows::exhausted_on`].
pub fn same_flows(daily: &Daily, benchmark: &Benchmark) -> Result<SameFlows, BenchmarkError> {
    beside(daily, twr(daily), &xirr(&investor_flows(daily)), benchmark)
}

/// [`same_flows`] of a portfolio whose own returns are known.
pub(crate) fn beside(
    daily: &Daily,
    own_twr: Result<f64, NotAvailable>,
    own_mwr: &Result<Xirr, XirrError>,
    benchmark: &Benchmark,
) -> Result<SameFlows, BenchmarkError> {
    let mirrored = mirror(daily, benchmark)?;
    let largest = mirrored
        .value
        .iter()
        .fold(mirrored.opening.abs(), |most, value| most.max(value.abs()));
    let owed = -(largest * 1e-12).max(1e-9);
    let exhausted_on = mirrored
        .value
        .iter()
        .position(|value| *value < owed)
        .map(|place| mirrored.date(place));
    let twr = match exhausted_on {
        Some(on) => Err(NotAvailable::BenchmarkExhausted { on }),
        None => twr(&mirrored),
    };
    let mwr = xirr(&investor_flows(&mirrored));
    let rate = |found: &Result<Xirr, XirrError>| found.as_ref().map_err(|why| *why).map(|x| x.rate);
    let ahead = Ahead {
        value: daily.closing() - mirrored.closing(),
        twr: own_twr.and_then(|own| twr.map(|other| own - other)),
        mwr: rate(own_mwr).and_then(|own| rate(&mwr).map(|other| own - other)),
    };
    Ok(SameFlows {
        gain: gain(&mirrored),
        twr,
        mwr,
        index_return: daily
            .last()
            .and_then(|last| benchmark.return_between(daily.first, last)),
        exhausted_on,
        ahead,
        daily: mirrored,
    })
}

fn mirror(daily: &Daily, benchmark: &Benchmark) -> Result<Daily, BenchmarkError> {
    let eve = calendar::after(daily.first, -1);
    let mut levels = benchmark.levels_from(daily.first);
    let opening = levels.next().flatten();
    let mut units = if daily.opening == 0.0 {
        0.0
    } else {
        daily.opening / opening.ok_or_else(|| benchmark.missing(eve))?
    };
    let flows = daily.inflow.iter().zip(&daily.outflow);
    let mut value = Vec::with_capacity(daily.value.len());
    for (place, (inflow, outflow)) in flows.enumerate() {
        let level = levels.next().flatten();
        let net = inflow - outflow;
        if net == 0.0 && units == 0.0 {
            value.push(0.0);
            continue;
        }
        let level = level.ok_or_else(|| benchmark.missing(daily.date(place)))?;
        units += net / level;
        value.push(units * level);
    }
    Ok(Daily {
        first: daily.first,
        opening: daily.opening,
        cash: vec![0.0; value.len()],
        value,
        net_invested: daily.net_invested.clone(),
        inflow: daily.inflow.clone(),
        outflow: daily.outflow.clone(),
        transfers: Vec::new(),
        findings: benchmark.findings().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use money::{Currency, FxTable};

    use super::*;
    use crate::{Component, PriceSeries, Rebalancing};

    const FIRST: Date = date(2024, 1, 1);

    /// Closes from the day before the first on.
    fn benchmark(closes: &[f64], skip: usize) -> Benchmark {
        let days = (-1_i64..).map(|day| calendar::after(FIRST, day));
        let series = PriceSeries::new(days.zip(closes.iter().copied()).skip(skip));
        let last = calendar::after(FIRST, closes.len() as i64 - 2);
        let component = Component {
            symbol: "WORLD",
            closes: &series,
            splits: &[],
            currency: Currency::EUR,
            weight: 1.0,
        };
        let fx = FxTable::new();
        let days = (FIRST, last);
        Benchmark::new(&[component], Rebalancing::Daily, &fx, Currency::EUR, days).unwrap()
    }

    fn daily(opening: f64, days: &[(f64, f64, f64)]) -> Daily {
        Daily {
            first: FIRST,
            opening,
            value: days.iter().map(|day| day.0).collect(),
            inflow: days.iter().map(|day| day.1).collect(),
            outflow: days.iter().map(|day| day.2).collect(),
            ..Daily::default()
        }
    }

    #[test]
    fn the_same_money_buys_and_sells_at_the_close() {
        // 100 become 200; 200 more are added at 2, 100 are taken at 1: half of it all is left.
        let own = daily(
            100.0,
            &[(110.0, 0.0, 0.0), (300.0, 200.0, 0.0), (250.0, 0.0, 100.0)],
        );
        let found = same_flows(&own, &benchmark(&[1.0, 2.0, 2.0, 1.0], 0)).unwrap();
        assert_eq!(found.daily.value, [200.0, 400.0, 100.0]);
        assert_eq!((found.gain, found.ahead.value), (-100.0, 150.0));
        assert_eq!((found.index_return, found.exhausted_on), (Some(0.0), None));
        // 2 on the first day, 400 of 400 on the second, 200 of 400 on the third.
        assert!(found.twr.unwrap().abs() < 1e-12);
        // A third lost in two days is more than any yearly rate can tell.
        assert_eq!(found.mwr, Err(XirrError::NoRoot));
    }

    #[test]
    fn a_missing_price_says_which_and_when() {
        let levels = benchmark(&[1.0, 1.0, 2.0, 3.0], 2);
        let no_price = |on| BenchmarkError::NoPrice {
            symbol: "WORLD".to_owned(),
            on,
        };
        let opened = daily(1.0, &[(1.0, 0.0, 0.0); 3]);
        assert_eq!(
            same_flows(&opened, &levels).unwrap_err(),
            no_price(date(2023, 12, 31))
        );
        let early = daily(0.0, &[(1.0, 1.0, 0.0), (1.0, 0.0, 0.0)]);
        assert_eq!(same_flows(&early, &levels).unwrap_err(), no_price(FIRST));
        let late = daily(0.0, &[(0.0, 0.0, 0.0), (2.0, 2.0, 0.0), (3.0, 0.0, 0.0)]);
        assert_eq!(
            same_flows(&late, &levels).unwrap().daily.value,
            [0.0, 2.0, 3.0]
        );
        let longer = daily(1.0, &[(1.0, 0.0, 0.0); 9]);
        let refused = same_flows(&longer, &benchmark(&[1.0, 1.0], 0)).unwrap_err();
        assert!(matches!(refused, BenchmarkError::OtherDays { .. }));
    }

    #[test]
    fn more_taken_than_there_was_is_told() {
        let lucky = daily(100.0, &[(50.0, 0.0, 150.0), (50.0, 0.0, 0.0)]);
        let found = same_flows(&lucky, &benchmark(&[1.0, 1.0, 2.0], 0)).unwrap();
        assert_eq!(found.exhausted_on, Some(FIRST));
        let reason = NotAvailable::BenchmarkExhausted { on: FIRST };
        assert_eq!((found.twr, found.ahead.twr), (Err(reason), Err(reason)));
        assert_eq!(found.daily.value, [-50.0, -100.0]);
        assert!((found.ahead.value - 150.0).abs() < 1e-9);
    }
}
