//! What makes quotes, option contracts, reported figures and values of series doubtful.

use jiff::{Timestamp, civil::Date};
use money::{Quotation, QuoteUnit};
use sources::{Bar, Contract, Fact, Observation, Quote};

use super::{Doubt, Known, hundredfold, judge};

/// Nothing that is traded moves by more than ten thousand per cent a year for long.
const HIGHEST_VOLATILITY: f64 = 100.0;
/// No market has so many contracts.
const MOST_CONTRACTS: f64 = 1e15;

/// By what prices have to be multiplied to be in the unit in which the instrument is quoted; a doubt where they
/// are in another currency. What is not said is taken to be right.
pub fn quotation(
    stated: Option<Quotation>,
    currency: Option<&str>,
    unit: QuoteUnit,
) -> Result<f64, Doubt> {
    let (Some(stated), Some(currency)) = (stated, currency) else {
        return Ok(1.0);
    };
    if stated.currency.as_str() != currency {
        return Err(Doubt::Currency {
            stated: stated.currency.as_str().to_owned(),
            expected: currency.to_owned(),
        });
    }
    Ok(match (stated.unit, unit) {
        (QuoteUnit::Minor, QuoteUnit::Major) => 0.01,
        (QuoteUnit::Major, QuoteUnit::Minor) => 100.0,
        _ => 1.0,
    })
}

/// The doubts about a quote, compared with the last price that is known.
pub fn quote(quote: &Quote, at: Timestamp, known: &Known<'_>) -> Vec<Doubt> {
    // Its volume is that of a day, and a flat bar without one is no repetition.
    let mut doubts: Vec<Doubt> = judge(&[Bar::flat(at, quote.price)], known)
        .into_iter()
        .flatten()
        .filter(|doubt| !matches!(doubt, Doubt::NotPositive { field, .. } if field != "close"))
        .collect();
    let prices = [
        ("previous close", quote.previous_close),
        ("bid", quote.bid),
        ("ask", quote.ask),
    ];
    let wrong = prices
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .filter(|(_, value)| !(value.is_finite() && *value > 0.0));
    doubts.extend(wrong.map(|(field, value)| Doubt::NotPositive {
        field: field.to_owned(),
        value,
    }));
    if let Some(value) = quote.volume
        && !(value.is_finite() && value >= 0.0)
    {
        let field = "volume".to_owned();
        doubts.push(Doubt::NotPositive { field, value });
    }
    doubts.extend(crossed(quote.bid, quote.ask));
    doubts
}

fn crossed(bid: Option<f64>, ask: Option<f64>) -> Option<Doubt> {
    // An ask of nought is none.
    let (bid, ask) = bid.zip(ask)?;
    (ask > 0.0 && bid > ask).then_some(Doubt::Crossed)
}

/// The doubts about the price of the underlying with which a chain came: what is wrong with it is wrong with all
/// of the chain.
pub fn spot(spot: Option<f64>, at: Timestamp, last: Option<&Bar>, now: Timestamp) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if at > now {
        doubts.push(Doubt::Future);
    }
    let Some(spot) = spot else { return doubts };
    if !(spot.is_finite() && spot > 0.0) {
        doubts.push(Doubt::NotPositive {
            field: "price of the underlying".to_owned(),
            value: spot,
        });
        return doubts;
    }
    let factor = last.map(|last| spot / last.close);
    doubts.extend(factor.and_then(hundredfold));
    doubts
}

/// The doubts about an option contract on the day of its price.
pub fn contract(contract: &Contract, day: Date) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if contract.expires_on < day {
        doubts.push(Doubt::Expired);
    }
    let from_nought = |value: f64, most: f64| (0.0..=most).contains(&value);
    let ranges = [
        (
            "strike",
            Some(money::f64_from_decimal(contract.strike)),
            1e7,
        ),
        ("bid", contract.bid, f64::MAX),
        ("ask", contract.ask, f64::MAX),
        ("last price", contract.last, f64::MAX),
        ("volume", contract.volume, MOST_CONTRACTS),
        ("open interest", contract.open_interest, MOST_CONTRACTS),
        (
            "implied volatility",
            contract.implied_volatility,
            HIGHEST_VOLATILITY,
        ),
        ("delta", contract.delta.map(f64::abs), 1.0),
    ];
    let wrong = ranges
        .into_iter()
        .filter_map(|(field, value, most)| Some((field, value?, most)))
        .filter(|(_, value, most)| !from_nought(*value, *most));
    doubts.extend(wrong.map(|(field, value, _)| Doubt::OutOfRange {
        field: field.to_owned(),
        value,
    }));
    if contract.strike.is_zero() {
        doubts.push(Doubt::NotPositive {
            field: "strike".to_owned(),
            value: 0.0,
        });
    }
    doubts.extend(crossed(contract.bid, contract.ask));
    doubts
}

/// The doubts about a reported figure.
pub fn fact(fact: &Fact, today: Date) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    // Today begins earlier in the east.
    let latest = today.saturating_add(jiff::ToSpan::day(1));
    if fact.to > latest || fact.filed.is_some_and(|filed| filed > latest) {
        doubts.push(Doubt::Future);
    } else if fact.filed.is_some_and(|filed| filed < fact.to)
        || fact.from.is_some_and(|from| from > fact.to)
    {
        doubts.push(Doubt::Premature);
    }
    doubts
}

/// The doubts about a value of a series, compared with the one before.
pub fn value(value: f64, of: &Observation, before: Option<f64>, today: Date) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if of.date > today {
        doubts.push(Doubt::Future);
    }
    if !(value.is_finite() && value > 0.0) {
        doubts.push(Doubt::NotPositive {
            field: "value".to_owned(),
            value,
        });
        return doubts;
    }
    doubts.extend(before.and_then(|before| hundredfold(value / before)));
    doubts
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};
    use rust_decimal::Decimal;
    use sources::Right;

    use super::*;

    const NOW: &str = "2026-11-20T15:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn codes(doubts: &[Doubt]) -> Vec<&'static str> {
        doubts.iter().map(Doubt::code).collect()
    }

    fn quoted(price: f64) -> Quote {
        Quote {
            price,
            quotation: None,
            previous_close: None,
            volume: None,
            bid: None,
            ask: None,
            at: None,
        }
    }

    #[test]
    fn a_quote_is_compared_with_the_last_price() {
        let before = [Bar::flat("2026-11-19T00:00:00Z".parse().unwrap(), 100.0)];
        let known = Known {
            now: now(),
            before: &before,
            explained: &[],
            settled: &[],
            zone: TimeZone::UTC,
            calendar: None,
            is_daily: false,
        };
        let judged = |one: &Quote, at: Timestamp| quote(one, at, &known);
        assert!(judged(&quoted(101.0), now()).is_empty());
        assert_eq!(codes(&judged(&quoted(10_050.0), now())), ["hundredfold"]);
        assert_eq!(codes(&judged(&quoted(50.0), now())), ["split"]);
        assert_eq!(codes(&judged(&quoted(-1.0), now())), ["not_positive"]);
        let later = now() + jiff::SignedDuration::from_mins(1);
        assert_eq!(codes(&judged(&quoted(101.0), later)), ["future"]);
        let odd = Quote {
            bid: Some(102.0),
            ask: Some(101.0),
            volume: Some(-5.0),
            ..quoted(101.0)
        };
        assert_eq!(codes(&judged(&odd, now())), ["not_positive", "crossed"]);
    }

    #[test]
    fn pence_become_pounds_and_another_currency_is_doubted() {
        let pence = Quotation::parse("GBp").unwrap();
        let factor = |unit| quotation(Some(pence), Some("GBP"), unit);
        assert_eq!(factor(QuoteUnit::Major), Ok(0.01));
        assert_eq!(factor(QuoteUnit::Minor), Ok(1.0));
        let pounds = Quotation::parse("GBP").unwrap();
        assert_eq!(
            quotation(Some(pounds), Some("GBP"), QuoteUnit::Minor),
            Ok(100.0)
        );
        let doubt = quotation(Some(pence), Some("USD"), QuoteUnit::Major).unwrap_err();
        assert_eq!(doubt.code(), "currency");
        assert_eq!(quotation(None, Some("USD"), QuoteUnit::Major), Ok(1.0));
        assert_eq!(quotation(Some(pence), None, QuoteUnit::Major), Ok(1.0));
    }

    #[test]
    fn contracts_that_cannot_be_are_told_apart() {
        let good = Contract {
            symbol: "AAPL261218C00212500".to_owned(),
            expires_on: date(2026, 12, 18),
            strike: Decimal::new(2125, 1),
            right: Right::Call,
            bid: Some(1.0),
            ask: Some(1.1),
            last: Some(1.05),
            volume: Some(10.0),
            open_interest: Some(100.0),
            implied_volatility: Some(0.3),
            delta: Some(-0.4),
            gamma: None,
            theta: None,
            vega: None,
        };
        let of = |change: fn(&mut Contract)| {
            let mut one = good.clone();
            change(&mut one);
            codes(&contract(&one, date(2026, 11, 20)))
        };
        assert!(of(|_| ()).is_empty());
        assert!(of(|one| one.ask = Some(0.0)).is_empty(), "no ask at all");
        assert_eq!(of(|one| one.expires_on = date(2026, 11, 19)), ["expired"]);
        assert_eq!(of(|one| one.bid = Some(1.2)), ["crossed"]);
        assert_eq!(of(|one| one.delta = Some(-1.2)), ["out_of_range"]);
        assert_eq!(of(|one| one.last = Some(-1.0)), ["out_of_range"]);
        assert_eq!(of(|one| one.strike = Decimal::ZERO), ["not_positive"]);
    }
}
