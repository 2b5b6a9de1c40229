//! The moves that instruments share.

use jiff::civil::Date;

use super::{calendar::Day, rng::Stream};

/// Sessions of an exchange in a year, by which yearly figures become daily ones.
pub(super) const SESSIONS: f64 = 252.0;

/// What a group of instruments has in common beyond the market as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    Technology,
    Health,
    Finance,
    Consumer,
    Industry,
    Resources,
    Utilities,
    Rates,
    Metals,
    Coins,
}

impl Factor {
    const ALL: [(Self, &'static str, f64); 10] = [
        (Self::Technology, "technology", 0.09),
        (Self::Health, "health", 0.07),
        (Self::Finance, "finance", 0.08),
        (Self::Consumer, "consumer", 0.06),
        (Self::Industry, "industry", 0.06),
        (Self::Resources, "resources", 0.11),
        (Self::Utilities, "utilities", 0.06),
        (Self::Rates, "rates", 0.028),
        (Self::Metals, "metals", 0.13),
        (Self::Coins, "coins", 0.45),
    ];
}

/// A random move of one day and the variance with which it was drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shock {
    pub(super) value: f64,
    pub(super) variance: f64,
}

impl Shock {
    pub(super) fn scaled(self, by: f64) -> Self {
        Self {
            value: self.value * by,
            variance: self.variance * by * by,
        }
    }
}

/// Volatility that comes in clusters: GARCH(1,1) with long-run variance 1,
/// `v' = 0.02 + 0.08 e^2 + 0.90 v`, `e = sqrt(v) z`.
#[derive(Clone, Debug)]
pub(super) struct Garch {
    variance: f64,
}

impl Garch {
    pub(super) const CALM: Self = Self { variance: 1.0 };

    pub(super) fn draw(&mut self, stream: &mut Stream) -> Shock {
        let shock = Shock {
            value: self.variance.sqrt() * stream.normal(),
            variance: self.variance,
        };
        self.variance = 0.02 + 0.08 * shock.value * shock.value + 0.90 * self.variance;
        shock
    }
}

/// What all instruments meet on one day.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    pub(super) day: Day,
    /// Market return beyond its long-run growth, tide included; zero when the exchange is closed.
    pub(super) market: Shock,
    groups: [Shock; Factor::ALL.len()],
}

impl Weather {
    pub(super) fn of(&self, factor: Factor) -> Shock {
        self.groups[factor as usize]
    }
}

/// The weather of every day given.
pub(super) fn weather(days: impl Iterator<Item = Day>) -> Vec<Weather> {
    let mut market = Broad::new();
    let mut groups = Factor::ALL.map(|(_, name, _)| (Stream::named(name), Garch::CALM));
    days.map(|day| {
        let mut shocks = [Shock::default(); Factor::ALL.len()];
        for (shock, ((stream, garch), (factor, _, volatility))) in
            shocks.iter_mut().zip(groups.iter_mut().zip(Factor::ALL))
        {
            // Coins trade at all hours: seven days share what an exchange does in five.
            if factor == Factor::Coins || day.is_business_day() {
                *shock = garch.draw(stream).scaled(volatility / SESSIONS.sqrt());
            }
        }
        let market = if day.is_business_day() {
            market.step(day.date)
        } else {
            Shock::default()
        };
        Weather {
            day,
            market,
            groups: shocks,
        }
    })
    .collect()
}

/// The market as a whole.
struct Broad {
    stream: Stream,
    garch: Garch,
    /// Sum of the random moves that have not faded yet.
    fortune: f64,
}

impl Broad {
    fn new() -> Self {
        Self {
            stream: Stream::named("market"),
            garch: Garch::CALM,
            fortune: 0.0,
        }
    }

    /// Luck fades with a half-life of eight months, so that over the years the tide shows.
    fn step(&mut self, date: Date) -> Shock {
        const VOLATILITY: f64 = 0.115;
        const PULL: f64 = 1.0;
        let tide = Tide::on(date);
        let daily = tide.nervousness * VOLATILITY / SESSIONS.sqrt();
        let mut shock = self.garch.draw(&mut self.stream).scaled(daily);
        shock.value -= PULL / SESSIONS * self.fortune;
        self.fortune += shock.value;
        shock.value += tide.drift;
        shock
    }
}

/// Good and bad times of the market by the calendar, on top of chance: every window of six years
/// holds one bear market with its recovery and one smaller scare.
struct Tide {
    /// Added to the market's return of a session.
    drift: f64,
    /// Factor of the market's volatility.
    nervousness: f64,
}

impl Tide {
    fn on(date: Date) -> Self {
        let (yearly, nervousness) = match ((date.year() - 2022).rem_euclid(6), date.month()) {
            (0, 9..=12) | (1, 1..=2) => (-0.58, 1.4),
            (1, 3..=12) | (2, 1..=2) => (0.17, 1.0),
            (3, 4..=5) => (-0.60, 1.4),
            (3, 6..=9) => (0.30, 1.0),
            _ => (0.02, 0.9),
        };
        Self {
            drift: yearly / SESSIONS,
            nervousness,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::demo::calendar::days_until;

    #[test]
    fn every_factor_stands_at_its_own_place() {
        for (place, (factor, name, _)) in Factor::ALL.into_iter().enumerate() {
            assert_eq!(factor as usize, place, "{name}");
        }
    }

    #[test]
    fn volatility_comes_in_clusters() {
        let moves: Vec<f64> = weather(days_until(date(2030, 12, 31)))
            .iter()
            .filter(|weather| weather.day.is_business_day())
            .map(|weather| weather.of(Factor::Technology).value.abs())
            .collect();
        let mean = moves.iter().sum::<f64>() / moves.len() as f64;
        let variance: f64 = moves.iter().map(|size| (size - mean) * (size - mean)).sum();
        let covariance: f64 = moves
            .windows(2)
            .map(|pair| (pair[0] - mean) * (pair[1] - mean))
            .sum();
        let autocorrelation = covariance / variance;
        assert!(
            autocorrelation > 0.04,
            "sizes of moves on neighbouring days: {autocorrelation}"
        );
    }
}
