//! Prices that a formula makes up: the same symbol and time always have the same price, on every machine,
//! and bars of any length belong to the same curve. What it gives is labelled as simulated.
//!
//! price(t) = p₀ · exp(μt + Σₖ aₖ sin(2πt / Tₖ + φₖ)), where p₀ lies between 20 and 220, μ between −2 and 12 per
//! cent a year, and the phases φₖ follow from a hash of the symbol; t counts from 2000. The periods Tₖ
//! reach from an hour to four years. Nothing is drawn by chance, so nothing can be predicted from it either.

use std::{f64::consts::TAU, time::Duration};

use jiff::{Timestamp, ToSpan as _, Zoned, civil::Weekday, tz::TimeZone};

use crate::{
    Answer, Bar, BarSeries, Capability, Context, Description, FetchError, Limit, Payload, Provider,
    ProviderId, Quote, Request, Way, reading,
};

const ID: ProviderId = ProviderId::Simulator;

pub(crate) static DESCRIPTION: Description = Description {
    id: ID,
    name: "Simulator",
    gives: &[
        Capability::DailyBars,
        Capability::IntradayBars,
        Capability::Quote,
    ],
    licence: "Made up; free for any use, and of no use for decisions.",
    terms_url: "",
    needs_key: false,
    limit: Limit {
        count: 1_000,
        per: Duration::from_secs(1),
    },
    is_simulated: true,
};

/// Amplitude and period in days of the waves.
const WAVES: [(f64, f64); 8] = [
    (0.22, 1_461.0),
    (0.12, 379.0),
    (0.06, 97.0),
    (0.03, 23.0),
    (0.012, 5.3),
    (0.006, 1.37),
    (0.002, 0.21),
    (0.0008, 0.043),
];

/// 2000-01-01.
const ORIGIN: i64 = 946_684_800;
/// The simulated market is open from 14:30 to 21:00 UTC, Monday to Friday.
const OPENS: i64 = 52_200;
const CLOSES: i64 = 75_600;
/// Points of the curve that a bar looks at.
const POINTS: i64 = 16;

pub(crate) struct Simulator;

impl Provider for Simulator {
    fn describe(&self) -> &'static Description {
        &DESCRIPTION
    }

    fn way(&self, request: &Request, context: &Context<'_>) -> Result<Way, FetchError> {
        let curve = Curve::of(request.subject());
        let series = |bars| {
            Payload::Bars(BarSeries {
                time_zone: Some("UTC".to_owned()),
                bars,
                ..BarSeries::default()
            })
        };
        let payload = match request {
            Request::DailyBars { from, to, .. } => {
                let days = from.series(1.day()).take_while(|day| day <= to);
                let mut bars = Vec::new();
                for day in days.filter(|day| is_trading_day(day.weekday())) {
                    let at = reading::midnight(ID, day)?;
                    let close = at.as_second() + CLOSES;
                    if close <= context.now.as_second() {
                        bars.push(curve.bar(at, at.as_second() + OPENS, close));
                    }
                }
                series(bars)
            }
            Request::IntradayBars {
                interval, from, to, ..
            } => {
                let to = (*to).min(context.now);
                series(intraday(&curve, interval.seconds(), *from, to)?)
            }
            Request::Quote { .. } => Payload::Quote(last(&curve, context)?),
            other => return Err(other.unsupported(ID)),
        };
        Ok(Way::Know(payload))
    }

    /// It knows all by itself.
    fn read(&self, request: &Request, _: &Answer, _: &Context<'_>) -> Result<Payload, FetchError> {
        Err(request.unsupported(ID))
    }
}

fn is_trading_day(day: Weekday) -> bool {
    !matches!(day, Weekday::Saturday | Weekday::Sunday)
}

fn zoned(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::UTC)
}

/// Bars that are over before `to`.
fn intraday(
    curve: &Curve,
    length: i64,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Bar>, FetchError> {
    let mut bars = Vec::new();
    let mut second = from.as_second().div_euclid(length) * length;
    if second < from.as_second() {
        second += length;
    }
    while second + length <= to.as_second() {
        let at = reading::instant(ID, second)?;
        let of_day = second.rem_euclid(86_400);
        let is_open = of_day + length > OPENS && of_day < CLOSES;
        if is_open && is_trading_day(zoned(at).weekday()) {
            bars.push(curve.bar(at, second, second + length));
        }
        second += length;
    }
    Ok(bars)
}

/// The last price of the last session, and the close before.
fn last(curve: &Curve, context: &Context<'_>) -> Result<Quote, FetchError> {
    let mut sessions = Vec::new();
    let mut day = context.today();
    while sessions.len() < 2 {
        let open = reading::midnight(ID, day)?.as_second() + OPENS;
        if is_trading_day(day.weekday()) && open <= context.now.as_second() {
            sessions.push(open - OPENS + CLOSES);
        }
        day = day.saturating_sub(1.day());
    }
    let now = context.now.as_second();
    let at = sessions.first().map_or(now, |close| now.min(*close));
    Ok(Quote {
        price: curve.price(at),
        quotation: None,
        previous_close: sessions.get(1).map(|close| curve.price(*close)),
        volume: None,
        bid: None,
        ask: None,
        at: Some(reading::instant(ID, at)?),
    })
}

struct Curve {
    start: f64,
    drift: f64,
    phases: [f64; 8],
    turnover: f64,
}

impl Curve {
    fn of(symbol: &str) -> Self {
        let mut state = symbol
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        // SplitMix64: a fraction for each part of the curve.
        let mut fraction = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        Self {
            start: 20.0 + 200.0 * fraction(),
            drift: (-0.02 + 0.14 * fraction()) / 365.25,
            phases: std::array::from_fn(|_| fraction()),
            turnover: 50_000.0 + 5_000_000.0 * fraction(),
        }
    }

    /// To the cent.
    fn price(&self, second: i64) -> f64 {
        let days = (second - ORIGIN) as f64 / 86_400.0;
        let waves: f64 = WAVES
            .iter()
            .zip(self.phases)
            .map(|((height, period), phase)| height * (TAU * (days / period + phase)).sin())
            .sum();
        let price = self.start * (self.drift * days + waves).exp();
        (price * 100.0).round().max(1.0) / 100.0
    }

    fn bar(&self, at: Timestamp, begin: i64, end: i64) -> Bar {
        let step = ((end - begin) / POINTS).max(1);
        let (open, close) = (self.price(begin), self.price(end));
        let between = (1..POINTS).map(|point| self.price((begin + point * step).min(end)));
        let (mut high, mut low) = (open.max(close), open.min(close));
        for price in between {
            high = high.max(price);
            low = low.min(price);
        }
        let share = (end - begin) as f64 / (CLOSES - OPENS) as f64;
        let swing = 1.0 + 20.0 * (high - low) / open;
        Bar {
            at,
            open,
            high,
            low,
            close,
            adjusted_close: Some(close),
            volume: Some((self.turnover * share * swing).round()),
        }
    }
}
