//! Exchange rates of the euro.

use jiff::civil::Date;
use money::Currency;

use super::{factors::SESSIONS, factors::Weather, rng::Stream};

/// Rates as the caller gets them: on a day, one unit of the first currency costs so many of the
/// second.
pub(super) type Observation = (Date, Currency, Currency, f64);

struct Pair {
    quote: Currency,
    name: &'static str,
    /// The rate to which it returns.
    centre: f64,
    /// Yearly.
    volatility: f64,
    /// Steps to one, as central banks publish them.
    precision: f64,
}

const PAIRS: [Pair; 3] = [
    Pair {
        quote: Currency::USD,
        name: "EUR/USD",
        centre: 1.12,
        volatility: 0.07,
        precision: 1e4,
    },
    Pair {
        quote: Currency::CHF,
        name: "EUR/CHF",
        centre: 0.98,
        volatility: 0.045,
        precision: 1e4,
    },
    Pair {
        quote: Currency::GBP,
        name: "EUR/GBP",
        centre: 0.86,
        volatility: 0.045,
        precision: 1e5,
    },
];

/// Mean-reverting walks with a half-life of about a year, on business days from `first` on.
pub(super) fn rates(weather: &[Weather], first: Date) -> Vec<Observation> {
    const PULL: f64 = 0.9;
    let mut observations = Vec::new();
    for pair in PAIRS {
        let mut stream = Stream::named(pair.name);
        let mut deviation = 0.0;
        for weather in weather
            .iter()
            .filter(|weather| weather.day.is_business_day())
        {
            deviation +=
                pair.volatility / SESSIONS.sqrt() * stream.normal() - PULL / SESSIONS * deviation;
            let rate = (pair.centre * (1.0 + deviation) * pair.precision).round() / pair.precision;
            if weather.day.date >= first {
                observations.push((weather.day.date, Currency::EUR, pair.quote, rate));
            }
        }
    }
    observations
}
