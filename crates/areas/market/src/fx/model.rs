use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use money::Currency;

/// An observation: on a day, one unit of base cost `rate` units of quote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Day of the observation.
    pub date: Date,
    /// The currency that is priced.
    pub base: Currency,
    /// The currency of the price; another than the base.
    pub quote: Currency,
    /// Positive and finite.
    pub rate: f64,
}

/// Base and quote.
pub(super) type Pair = (Currency, Currency);

/// The pairs on a way between two of the currencies: direct, or through one currency that has
/// rates with at least two of them.
pub(super) fn relevant(pairs: &[Pair], currencies: &[Currency]) -> Vec<Pair> {
    let asked: HashSet<_> = currencies.iter().copied().collect();
    let mut partners: HashMap<Currency, HashSet<Currency>> = HashMap::new();
    for (base, quote) in pairs {
        for (pivot, other) in [(base, quote), (quote, base)] {
            if asked.contains(other) {
                partners.entry(*pivot).or_default().insert(*other);
            }
        }
    }
    let leads = |pivot, end| {
        asked.contains(&end)
            && (asked.contains(&pivot) || partners.get(&pivot).is_some_and(|p| p.len() > 1))
    };
    pairs
        .iter()
        .copied()
        .filter(|(base, quote)| leads(*base, *quote) || leads(*quote, *base))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_that_lead_from_one_to_another_are_read() {
        let code = |text: &str| Currency::new(text).unwrap();
        let pair = |base: &str, quote: &str| (code(base), code(quote));
        let pairs = [
            pair("EUR", "USD"),
            pair("EUR", "GBP"),
            pair("EUR", "JPY"),
            pair("CHF", "GBP"),
        ];
        let between = |asked: &[&str]| {
            let asked: Vec<_> = asked.iter().map(|text| code(text)).collect();
            relevant(&pairs, &asked)
        };
        assert_eq!(between(&["EUR", "USD"]), [pair("EUR", "USD")]);
        assert_eq!(
            between(&["USD", "GBP"]),
            [pair("EUR", "USD"), pair("EUR", "GBP")]
        );
        assert_eq!(
            between(&["CHF", "EUR"]),
            [pair("EUR", "GBP"), pair("CHF", "GBP")]
        );
        assert_eq!(between(&["USD"]), []);
        assert_eq!(between(&["USD", "SEK"]), []);
    }
}
