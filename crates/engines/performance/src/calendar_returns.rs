//! Returns by calendar month and year.

use jiff::civil::Date;

use crate::{Daily, NotAvailable, twr, unavailable::stated};

/// A calendar year of a portfolio, with its months; amounts in the base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct YearReturns {
    /// The year.
    pub year: i16,
    /// Its first day that was valued.
    pub from: Date,
    /// Its last day that was valued.
    pub to: Date,
    /// Value at the close of the day before `from`.
    pub start_value: f64,
    /// Value at the close of `to`.
    pub end_value: f64,
    /// What came in less what went out.
    pub net_flow: f64,
    /// `end_value - start_value - net_flow`.
    pub gain: f64,
    /// Time-weighted return of the year's valued days; `None` without a day of investing.
    pub twr: Option<f64>,
    /// January to December; `None` for a month without a day of investing.
    pub months: [Option<MonthReturn>; 12],
    /// Whether all days of the year were valued.
    pub complete: bool,
}

/// A calendar month of a portfolio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthReturn {
    /// Time-weighted return of its valued days.
    pub twr: f64,
    /// Whether all days of the month were valued.
    pub complete: bool,
}

/// Returns month by month and year by year, years ascending: the table of a heat map.
///
/// `1 + r` of the months of a year multiply to that of the year, and those of the years to that of
/// the whole, which is [`crate::twr`]; a month or year without a return counts as zero there. The
/// years' gains and net flows add up to those of the whole. Nothing is annualised, also not a year of
/// which only a part was valued.
///
/// Errors: those of [`crate::twr`].
///
/// ```
/// use jiff::civil::date;
/// use performance::{Daily, calendar_returns};
///
/// let daily = Daily {
///     first: date(2023, 12, 31),
///     opening: 100.0,
///     value: vec![110.0, 99.0],
///     inflow: vec![0.0; 2],
///     outflow: vec![0.0; 2],
///     ..Daily::default()
/// };
/// let years = calendar_returns(&daily)?;
/// assert_eq!((years[0].year, years[1].year), (2023, 2024));
/// assert!((years[0].twr.unwrap() - 0.1).abs() < 1e-12);
/// assert!((years[1].months[0].unwrap().twr + 0.1).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn calendar_returns(daily: &Daily) -> Result<Vec<YearReturns>, NotAvailable> {
    let returns = twr::daily_returns(daily)?;
    let mut years: Vec<YearReturns> = Vec::new();
    let mut begin = 0;
    let mut before = daily.opening;
    while begin < returns.len() {
        let from = daily.date(begin);
        let left = returns.len() - begin;
        let len = days_from(from, from.last_of_month()).min(left);
        let end = begin + len;
        let to = daily.date(end - 1);
        let growth = growth(returns.get(begin..end).unwrap_or_default())?;
        let month = growth.map(|factor| MonthReturn {
            twr: factor - 1.0,
            complete: from.day() == 1 && to == to.last_of_month(),
        });
        let flows = daily.inflow.iter().zip(&daily.outflow);
        let net_flow: f64 = flows
            .skip(begin)
            .take(len)
            .map(|(inflow, outflow)| inflow - outflow)
            .sum();
        let value = daily.value.get(end - 1).copied().unwrap_or(before);
        if years.last().is_none_or(|year| year.year != from.year()) {
            years.push(YearReturns::opened(from, before));
        }
        if let Some(year) = years.last_mut() {
            year.add(month, growth, (to, value, net_flow))?;
        }
        (begin, before) = (end, value);
    }
    Ok(years)
}

impl YearReturns {
    fn opened(from: Date, start_value: f64) -> Self {
        Self {
            year: from.year(),
            from,
            to: from,
            start_value,
            end_value: start_value,
            net_flow: 0.0,
            gain: 0.0,
            twr: None,
            months: [None; 12],
            complete: false,
        }
    }

    /// Closes a month: its factor of growth, last day, value and net flow.
    fn add(
        &mut self,
        month: Option<MonthReturn>,
        growth: Option<f64>,
        (to, value, net_flow): (Date, f64, f64),
    ) -> Result<(), NotAvailable> {
        let place = usize::try_from(to.month()).unwrap_or(1) - 1;
        if let Some(cell) = self.months.get_mut(place) {
            *cell = month;
        }
        if let Some(growth) = growth {
            let factor = stated((1.0 + self.twr.unwrap_or_default()) * growth)?;
            self.twr = Some(factor - 1.0);
        }
        (self.to, self.end_value) = (to, value);
        self.net_flow += net_flow;
        self.gain = self.end_value - self.start_value - self.net_flow;
        self.complete = self.from == self.from.first_of_year() && to == to.last_of_year();
        Ok(())
    }
}

/// The product of `1 + r`; `None` without a return.
fn growth(returns: &[Option<f64>]) -> Result<Option<f64>, NotAvailable> {
    let known = || returns.iter().flatten();
    if known().next().is_none() {
        return Ok(None);
    }
    stated(known().map(|growth| 1.0 + growth).product()).map(Some)
}

fn days_from(from: Date, to: Date) -> usize {
    crate::calendar::length(from, to)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_without_money_are_empty() {
        // Bought on 31 January, sold on 1 February, nothing until April.
        let (first, len) = (date(2024, 1, 1), 121);
        let mut daily = Daily {
            first,
            value: vec![0.0; len],
            inflow: vec![0.0; len],
            outflow: vec![0.0; len],
            ..Daily::default()
        };
        daily.inflow[30] = 100.0;
        daily.value[30] = 110.0;
        daily.outflow[31] = 99.0;
        let years = calendar_returns(&daily).unwrap();
        assert_eq!(years.len(), 1);
        let year = &years[0];
        assert!((year.months[0].unwrap().twr - 0.1).abs() < 1e-12);
        assert!((year.months[1].unwrap().twr + 0.1).abs() < 1e-12);
        assert!(year.months[0].unwrap().complete);
        assert_eq!(year.months[2..], [None; 10]);
        assert!((year.twr.unwrap() - (1.1 * 0.9 - 1.0)).abs() < 1e-12);
        assert!((year.gain + 1.0).abs() < 1e-12);
        assert_eq!((year.to, year.complete), (date(2024, 4, 30), false));
    }

    #[test]
    fn a_part_of_a_month_says_so() {
        let daily = Daily {
            first: date(2023, 12, 31),
            opening: 1.0,
            value: vec![1.0; 367],
            inflow: vec![0.0; 367],
            outflow: vec![0.0; 367],
            ..Daily::default()
        };
        let years = calendar_returns(&daily).unwrap();
        let complete: Vec<bool> = years.iter().map(|year| year.complete).collect();
        assert_eq!(complete, [false, true]);
        assert!(!years[0].months[11].unwrap().complete);
        assert!(years[1].months.iter().all(|month| month.unwrap().complete));
        assert_eq!(years[1].to, date(2024, 12, 31));
    }

    #[test]
    fn the_reason_is_that_of_the_time_weighted_return() {
        assert_eq!(
            calendar_returns(&Daily::default()),
            Err(NotAvailable::EmptyPeriod)
        );
    }
}
