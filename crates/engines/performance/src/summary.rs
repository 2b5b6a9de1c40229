//! All figures of a period.

use jiff::civil::Date;

use crate::{
    Daily, Drawdown, NotAvailable, Xirr, XirrError, annual_volatility, calendar,
    risk::{drawdown, fold_weekends},
    twr::{daily_returns, index, last_of},
    xirr::xirr,
};

/// All figures of a period; amounts in the base currency, ratios as numbers (0.12 is 12 %).
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// First day that was valued.
    pub from: Date,
    /// Last day that was valued; the day before `from` when there was none.
    pub to: Date,
    /// Value at the close of the day before `from`.
    pub start_value: f64,
    /// Value at the close of `to`.
    pub end_value: f64,
    /// What came in.
    pub inflow: f64,
    /// What went out.
    pub outflow: f64,
    /// What came in less what went out.
    pub net_flow: f64,
    /// `end_value - start_value - net_flow`.
    pub gain: f64,
    /// What came in less what went out from inception to `to`.
    pub net_invested: f64,
    /// Time-weighted return of the period, not annualised: [`crate::twr`].
    pub twr: Result<f64, NotAvailable>,
    /// Money-weighted return per year: [`crate::xirr`] of the start value and what came in
    /// (negative), what went out and the end value (positive), each on its day, the start value on
    /// the day before `from`.
    pub mwr: Result<Xirr, XirrError>,
    /// `gain / (start_value + inflow)`: [`simple_return`].
    pub simple: Result<f64, NotAvailable>,
    /// Deepest fall of the time-weighted index: [`crate::drawdown`].
    pub max_drawdown: Result<Drawdown, NotAvailable>,
    /// Annualised: [`crate::volatility`].
    pub volatility: Result<f64, NotAvailable>,
}

/// All figures of the days from `from` to `to`, both included, as far as they were valued.
///
/// ```
/// use jiff::civil::date;
/// use performance::{Daily, summary};
///
/// let daily = Daily {
///     first: date(2024, 1, 1),
///     value: vec![100.0, 110.0, 121.0],
///     cash: vec![0.0; 3],
///     net_invested: vec![100.0; 3],
///     inflow: vec![100.0, 0.0, 0.0],
///     outflow: vec![0.0; 3],
///     ..Daily::default()
/// };
/// let last_day = summary(&daily, date(2024, 1, 3), date(2024, 1, 3));
/// assert_eq!((last_day.start_value, last_day.gain), (110.0, 11.0));
/// assert!((last_day.twr? - 0.1).abs() < 1e-15);
/// # Ok::<(), performance::NotAvailable>(())
/// ```
pub fn summary(daily: &Daily, from: Date, to: Date) -> Summary {
    let period = daily.between(from, to);
    Course::of(&period).summary(&period)
}

/// What the figures of a period are made of, computed once.
pub(crate) struct Course {
    /// The return of each day; `None` for a day that is no day of investing.
    pub(crate) returns: Result<Vec<Option<f64>>, NotAvailable>,
    /// [`crate::twr_index`].
    pub(crate) index: Result<Vec<f64>, NotAvailable>,
    /// [`crate::weekday_returns`].
    pub(crate) weekdays: Result<Vec<f64>, NotAvailable>,
}

impl Course {
    pub(crate) fn of(period: &Daily) -> Self {
        let returns = daily_returns(period);
        let known = returns.as_deref().map_err(|reason| *reason);
        Self {
            index: known.and_then(index),
            weekdays: known.map(|returns| fold_weekends(period.first, returns)),
            returns,
        }
    }

    pub(crate) fn summary(&self, period: &Daily) -> Summary {
        let index = || self.index.as_deref().map_err(|reason| *reason);
        let weekdays = self.weekdays.as_deref().map_err(|reason| *reason);
        let (inflow, outflow) = (period.inflow.iter().sum(), period.outflow.iter().sum());
        Summary {
            from: period.first,
            to: period
                .last()
                .unwrap_or_else(|| calendar::after(period.first, -1)),
            start_value: period.opening,
            end_value: period.closing(),
            inflow,
            outflow,
            net_flow: inflow - outflow,
            gain: gain(period),
            net_invested: period.net_invested.last().copied().unwrap_or_default(),
            twr: index().and_then(last_of),
            mwr: xirr(&investor_flows(period)),
            simple: simple_return(period),
            max_drawdown: index().and_then(|index| drawdown(period.first, index)),
            volatility: weekdays.and_then(annual_volatility),
        }
    }
}

/// Gain over what there was to invest: `gain / (opening + Σ in)`, where `gain = closing - opening -
/// Σ in + Σ out`. It says what became of the money without regard to time: money that came in on
/// the last day weighs as much as money of the first.
///
/// Errors: no day, or nothing to invest.
pub fn simple_return(daily: &Daily) -> Result<f64, NotAvailable> {
    if daily.value.is_empty() {
        return Err(NotAvailable::EmptyPeriod);
    }
    let capital = daily.opening + daily.inflow.iter().sum::<f64>();
    if capital < 0.0 {
        return Err(NotAvailable::NoCapital {
            on: daily.first,
            capital,
        });
    }
    if capital == 0.0 {
        return Err(NotAvailable::NothingInvested);
    }
    let simple = gain(daily) / capital;
    if simple.is_finite() {
        Ok(simple)
    } else {
        Err(NotAvailable::OutOfRange)
    }
}

pub(crate) fn gain(daily: &Daily) -> f64 {
    let net: f64 = daily
        .inflow
        .iter()
        .zip(&daily.outflow)
        .map(|(inn, out)| inn - out)
        .sum();
    daily.closing() - daily.opening - net
}

/// The flows as the investor sees them.
pub(crate) fn investor_flows(daily: &Daily) -> Vec<(Date, f64)> {
    let mut flows = vec![(calendar::after(daily.first, -1), -daily.opening)];
    let days = daily.inflow.iter().zip(&daily.outflow).enumerate();
    flows.extend(
        days.filter(|(_, (inflow, outflow))| **inflow != 0.0 || **outflow != 0.0)
            .map(|(index, (inflow, outflow))| (daily.date(index), outflow - inflow)),
    );
    flows.extend(daily.last().map(|last| (last, daily.closing())));
    flows
}
