//! Return and volatility over windows that move through the days.

use std::num::NonZeroU32;

use jiff::{Span, civil::Date};

use crate::{
    Daily, NotAvailable, annual_volatility, calendar, risk::fold_weekends, twr, unavailable::stated,
};

/// How long a rolling window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollingWindow {
    /// So many calendar days.
    Days(NonZeroU32),
    /// So many months: the window that ends on a day begins on the day after the same day of the
    /// earlier month, or after that month's last day.
    Months(NonZeroU32),
}

/// A figure of the window that ends on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RollingPoint {
    /// The last day of the window.
    pub on: Date,
    /// The figure.
    pub value: f64,
}

/// The time-weighted return of each window that lies within the days, by its last day; not
/// annualised. Each equals [`crate::twr`] of its days, whose conventions apply.
///
/// A window without a day of investing has no return and is left out, and so is one that begins
/// after the loss of everything.
///
/// Errors: those of [`crate::twr`]; a window that is longer than the period.
///
/// ```
/// use std::num::NonZeroU32;
/// use performance::{Daily, RollingWindow, rolling_returns};
///
/// let daily = Daily {
///     opening: 100.0,
///     value: vec![110.0, 99.0, 148.5],
///     inflow: vec![0.0; 3],
///     outflow: vec![0.0; 3],
///     ..Daily::default()
/// };
/// let two_days = RollingWindow::Days(NonZeroU32::new(2).unwrap());
/// let found = rolling_returns(&daily, two_days)?;
/// assert_eq!(found.len(), 2);
/// assert!((found[0].value + 0.01).abs() < 1e-12 && (found[1].value - 0.35).abs() < 1e-12);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn rolling_returns(
    daily: &Daily,
    window: RollingWindow,
) -> Result<Vec<RollingPoint>, NotAvailable> {
    let returns = twr::daily_returns(daily)?;
    let (mut levels, mut invested) = (vec![1.0], vec![0_u32]);
    levels.extend(twr::index(&returns)?);
    invested.extend(returns.iter().scan(0, |days, growth| {
        *days += u32::from(growth.is_some());
        Some(*days)
    }));
    let level = |at: usize| levels.get(at).copied().unwrap_or_default();
    let days = |at: usize| invested.get(at).copied().unwrap_or_default();
    let mut points = Vec::with_capacity(returns.len());
    for place in places(daily, window)? {
        let before = level(place.begin);
        if before <= 0.0 || days(place.end) == days(place.begin) {
            continue;
        }
        points.push(RollingPoint {
            on: place.on,
            value: stated(level(place.end) / before - 1.0)?,
        });
    }
    Ok(points)
}

/// The annualised volatility of each window that lies within the days, by its last day. Each equals
/// [`crate::volatility`] of its days, whose conventions apply. A window with fewer than two returns is
/// left out.
///
/// Errors: those of [`crate::twr`]; a window that is longer than the period.
pub fn rolling_volatility(
    daily: &Daily,
    window: RollingWindow,
) -> Result<Vec<RollingPoint>, NotAvailable> {
    let returns = twr::daily_returns(daily)?;
    let places = places(daily, window)?;
    let mut points = Vec::with_capacity(places.len());
    for place in places {
        let part = returns.get(place.begin..place.end).unwrap_or_default();
        let first = calendar::after(daily.first, place.begin as i64);
        match annual_volatility(&fold_weekends(first, part)) {
            Ok(value) => points.push(RollingPoint {
                on: place.on,
                value,
            }),
            Err(NotAvailable::TooFewReturns { .. }) => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(points)
}

/// A window by the places of its days: from `begin` to before `end`.
struct Place {
    begin: usize,
    end: usize,
    on: Date,
}

fn places(daily: &Daily, window: RollingWindow) -> Result<Vec<Place>, NotAvailable> {
    let first = calendar::number(daily.first);
    let ending = |last: usize| {
        let on = daily.date(last);
        let eve = window.eve(on)?;
        let begin = usize::try_from(calendar::number(eve) + 1 - first).ok()?;
        let end = last + 1;
        Some(Place { begin, end, on })
    };
    let places: Vec<Place> = (0..daily.value.len()).filter_map(ending).collect();
    if places.is_empty() {
        return Err(NotAvailable::TooShort {
            days: daily.value.len(),
            needed: window.length_from(daily.first),
        });
    }
    Ok(places)
}

impl RollingWindow {
    fn span(self) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Days(days) => span.try_days(days.get()).ok(),
            Self::Months(months) => span.try_months(months.get()).ok(),
        }
    }

    /// The day before the window that ends on a day; `None` beyond the calendar.
    fn eve(self, on: Date) -> Option<Date> {
        on.checked_sub(self.span()?).ok()
    }

    /// Days of the window that begins on a day; to the end of the calendar where it is longer.
    fn length_from(self, first: Date) -> usize {
        let end = self.span().and_then(|span| first.checked_add(span).ok());
        end.map_or_else(
            || calendar::length(first, Date::MAX),
            |end| calendar::length(first, end) - 1,
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn months(number: u32) -> RollingWindow {
        RollingWindow::Months(NonZeroU32::new(number).unwrap())
    }

    fn days(number: u32) -> RollingWindow {
        RollingWindow::Days(NonZeroU32::new(number).unwrap())
    }

    fn growing(first: Date, len: usize) -> Daily {
        Daily {
            first,
            opening: 100.0,
            value: (1..=len)
                .map(|day| 100.0 * 1.01_f64.powi(day as i32))
                .collect(),
            inflow: vec![0.0; len],
            outflow: vec![0.0; len],
            ..Daily::default()
        }
    }

    #[test]
    fn a_month_has_the_days_that_it_has() {
        let daily = growing(date(2024, 1, 1), 91);
        let found = rolling_returns(&daily, months(1)).unwrap();
        // January is the first whole month, with 31 days; the one up to 29 February has 31 too, that
        // up to 1 March 29, that up to 31 March 31.
        assert_eq!(found.first().map(|point| point.on), Some(date(2024, 1, 31)));
        let lengths = |on| {
            let point = found.iter().find(|point| point.on == on).unwrap();
            (point.value.ln_1p() / 0.01_f64.ln_1p()).round() as i32
        };
        assert_eq!(lengths(date(2024, 1, 31)), 31);
        assert_eq!(lengths(date(2024, 2, 29)), 31);
        assert_eq!(lengths(date(2024, 3, 1)), 29);
        assert_eq!(lengths(date(2024, 3, 31)), 31);
    }

    #[test]
    fn a_window_longer_than_the_period_says_how_long_it_is() {
        let daily = growing(date(2024, 1, 1), 30);
        let short = |needed| Err(NotAvailable::TooShort { days: 30, needed });
        assert_eq!(rolling_returns(&daily, days(31)), short(31));
        assert_eq!(rolling_volatility(&daily, months(1)), short(31));
        assert_eq!(rolling_returns(&daily, days(30)).unwrap().len(), 1);
        assert_eq!(
            rolling_returns(&daily, days(u32::MAX)),
            short(calendar::length(daily.first, Date::MAX))
        );
    }

    #[test]
    fn windows_with_nothing_in_them_are_left_out() {
        // Sold on the second day; bought again on the sixth.
        let daily = Daily {
            first: date(2024, 1, 1),
            value: vec![10.0, 0.0, 0.0, 0.0, 0.0, 20.0, 22.0],
            inflow: vec![10.0, 0.0, 0.0, 0.0, 0.0, 20.0, 0.0],
            outflow: vec![0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            ..Daily::default()
        };
        let found = rolling_returns(&daily, days(2)).unwrap();
        let on: Vec<i8> = found.iter().map(|point| point.on.day()).collect();
        assert_eq!(on, [2, 3, 6, 7]);
        let found = rolling_volatility(&daily, days(2)).unwrap();
        let on: Vec<i8> = found.iter().map(|point| point.on.day()).collect();
        // The sixth and seventh are a weekend.
        assert_eq!(on, [2]);
    }
}
