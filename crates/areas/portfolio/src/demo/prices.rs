//! Bars, dividends and splits of one instrument.

use jiff::civil::Date;

use super::{
    calendar::Day,
    catalogue::{Listing, Payout, Quoting, SPLITTING},
    factors::{Factor, Garch, SESSIONS, Shock, Weather},
    rng::Stream,
};

/// New shares for one old share in the only split there is.
pub(super) const SPLIT_RATIO: i64 = 4;

/// A day's prices in hundredths of the currency: whole numbers, so that a price is the same amount
/// in the chart and in the books.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Session {
    pub(super) date: Date,
    pub(super) open: i64,
    pub(super) high: i64,
    pub(super) low: i64,
    pub(super) close: i64,
    pub(super) volume: f64,
}

/// Everything that happened to one instrument, in the order of days.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    pub(super) sessions: Vec<Session>,
    /// Ex-date, which in this world is also the day of payment, and hundredths per share.
    pub(super) dividends: Vec<(Date, i64)>,
    /// Days from which on there are [`SPLIT_RATIO`] times as many shares.
    pub(super) splits: Vec<Date>,
}

impl Series {
    pub(super) fn session(&self, date: Date) -> Option<&Session> {
        let index = self
            .sessions
            .binary_search_by_key(&date, |session| session.date)
            .ok()?;
        Some(&self.sessions[index])
    }

    pub(super) fn dividend(&self, date: Date) -> Option<i64> {
        self.dividends
            .iter()
            .find(|(day, _)| *day == date)
            .map(|(_, amount)| *amount)
    }
}

/// The life of one instrument from the first day of `weather` on; sessions before `first` are lived
/// through but not kept.
pub(super) fn series(listing: &Listing, weather: &[Weather], first: Date) -> Series {
    let mut path = Path::new(listing);
    let mut series = Series::default();
    for weather in weather {
        if listing.quoting != Quoting::AllDays && !weather.day.is_business_day() {
            continue;
        }
        let kept = weather.day.date >= first;
        if path.splits_on(weather.day) {
            path.split();
            if kept {
                series.splits.push(weather.day.date);
            }
        }
        if let Some(dividend) = path.pay_out(weather.day)
            && kept
        {
            series.dividends.push((weather.day.date, dividend));
        }
        let session = path.trade(weather);
        if kept {
            series.sessions.push(session);
        }
    }
    series
}

/// Where an instrument stands between two sessions.
struct Path<'l> {
    listing: &'l Listing,
    stream: Stream,
    garch: Garch,
    /// Last price, unrounded, after any split or dividend of the day to come.
    level: f64,
    /// Sum of factor and own moves that have not faded yet.
    fortune: f64,
    /// Price smoothed over about half a year: what dividends are measured by.
    average: f64,
    /// Day of the month on which quarterly results come out.
    results_day: i8,
}

impl<'l> Path<'l> {
    fn new(listing: &'l Listing) -> Self {
        let mut stream = Stream::named(listing.symbol);
        let results_day = 14 + (stream.bits() % 12) as i8;
        let level = listing.first_price;
        Self {
            listing,
            stream,
            garch: Garch::CALM,
            level,
            fortune: 0.0,
            average: level,
            results_day,
        }
    }

    /// Once in six years, so that every window shows one.
    fn splits_on(&self, day: Day) -> bool {
        self.listing.symbol == SPLITTING
            && (day.date.year() - 2023).rem_euclid(6) == 0
            && day.is_due_in(&[6], 12)
    }

    fn split(&mut self) {
        self.level /= SPLIT_RATIO as f64;
        self.average /= SPLIT_RATIO as f64;
    }

    /// The dividend of the day in hundredths; the price falls by it.
    fn pay_out(&mut self, day: Day) -> Option<i64> {
        let (yearly, months) = match self.listing.payout {
            Payout::Nothing => return None,
            Payout::Dividend { yearly, months } => (yearly * self.average, months),
            Payout::Coupon { yearly, months } => (yearly * 100.0, months),
        };
        if !day.is_due_in(months, 9) {
            return None;
        }
        let amount = (yearly / months.len() as f64 * 100.0).round() as i64;
        // Bonds are quoted without accrued interest, so a coupon leaves their price alone.
        if matches!(self.listing.payout, Payout::Dividend { .. }) {
            self.level -= amount as f64 / 100.0;
        }
        (amount > 0).then_some(amount)
    }

    fn trade(&mut self, weather: &Weather) -> Session {
        let (change, variance) = self.change(weather);
        let volatility = variance.sqrt();
        let before = self.level;
        let close = before * (1.0 + change);
        let draws = [(); 3].map(|()| self.stream.normal());
        let activity = 0.7 + 0.6 * self.stream.uniform();
        let (open, reach_up, reach_down) = match self.listing.quoting {
            Quoting::NetAssetValue => (close, 0.0, 0.0),
            Quoting::Exchange | Quoting::AllDays => (
                before * (1.0 + 0.3 * change + 0.25 * volatility * draws[0]),
                0.4 * volatility * draws[1].abs(),
                0.4 * volatility * draws[2].abs(),
            ),
        };
        self.level = close;
        self.average += (close - self.average) / 126.0;
        let surprise = if volatility > 0.0 {
            change.abs() / volatility
        } else {
            0.0
        };
        let volume = match self.listing.quoting {
            Quoting::NetAssetValue => 0.0,
            // Splits leave the turnover in money as it was.
            _ => {
                self.listing.volume
                    * (self.listing.first_price / close)
                    * activity
                    * (0.6 + 0.5 * surprise)
            }
        };
        Session {
            date: weather.day.date,
            open: hundredths(open),
            high: hundredths(open.max(close) * (1.0 + reach_up)),
            low: hundredths(open.min(close) * (1.0 - reach_down)),
            close: hundredths(close),
            volume: volume.round(),
        }
    }

    /// Return of the day and its variance.
    ///
    /// Half the variance is added, as the mean of a simple return lies that much above the growth it
    /// leads to: `growth` of the listing is then what a holder typically earns in a year.
    fn change(&mut self, weather: &Weather) -> (f64, f64) {
        let dynamics = self.listing.dynamics;
        let own = self
            .own_move(weather.day)
            .scaled(dynamics.own / SESSIONS.sqrt());
        let group = weather.of(dynamics.factor).scaled(dynamics.load);
        let market = weather.market.scaled(dynamics.beta);
        let steps = match self.listing.quoting {
            Quoting::AllDays => 365.0,
            Quoting::Exchange | Quoting::NetAssetValue => SESSIONS,
        };
        let fortune = own.value + group.value - dynamics.pull / steps * self.fortune;
        self.fortune += fortune;
        let variance = own.variance + group.variance + market.variance;
        let change = dynamics.growth / steps + market.value + fortune + variance / 2.0;
        // Beyond any draw in practice; keeps the price positive for certain.
        (change.clamp(-0.5, 0.5), variance)
    }

    /// Companies surprise four times a year, when they publish results.
    fn own_move(&mut self, day: Day) -> Shock {
        let publishes =
            self.listing.asset_class == "equity" && day.is_due_in(&[1, 4, 7, 10], self.results_day);
        let shock = self.garch.draw(&mut self.stream);
        let calmer = if self.listing.dynamics.factor == Factor::Coins {
            0.83
        } else {
            1.0
        };
        shock.scaled(if publishes { 3.0 } else { calmer })
    }
}

fn hundredths(price: f64) -> i64 {
    ((price * 100.0).round() as i64).max(1)
}
