//! What makes exchange rates doubtful: each pair against its last rate, and a day against the day before.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::Currency;
use sources::ExchangeRate;

use super::Doubt;

/// A currency that is worth twice or half as much the next day is a slipped comma: none of those that are fixed
/// daily has done that since 1999.
const JUMP: f64 = 2.0;
/// So many pairs alike to the last digit are a day that is repeated; one alone may be pegged.
const REPEATED: usize = 5;

/// The rate of a pair on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fixing {
    /// The day.
    pub date: Date,
    /// Price of the base in the quote.
    pub rate: f64,
}

type Pair = (Currency, Currency);

/// The doubts about each rate, in their order. `before` has the last known rates of the pairs before those, and
/// `known` says whether a rate is stored as stated: that is not doubted again. A doubtful rate is not compared with
/// later ones.
pub fn rates(
    stated: &[ExchangeRate],
    before: &BTreeMap<Pair, Fixing>,
    known: impl Fn(&ExchangeRate) -> bool,
    today: Date,
) -> Vec<Vec<Doubt>> {
    let mut order: Vec<usize> = (0..stated.len()).collect();
    order.sort_by_key(|index| stated.get(*index).map(|rate| rate.date));
    let mut last = before.clone();
    let mut doubts = vec![Vec::new(); stated.len()];
    let day_of = |index: &usize| stated.get(*index).map(|rate| rate.date);
    for day in order.chunk_by(|one, other| day_of(one) == day_of(other)) {
        let of_day = || {
            day.iter()
                .filter_map(|index| Some((*index, stated.get(*index)?)))
        };
        let repeats = repeats(of_day().map(|(_, rate)| rate), &last);
        for (index, rate) in of_day() {
            let pair = (rate.base, rate.quote);
            let mut found = Vec::new();
            if !known(rate) {
                found = doubts_of(rate, last.get(&pair), today);
                if let Some(count) = repeats.filter(|_| found.is_empty()) {
                    found.push(Doubt::Stale { count });
                }
            }
            if found.is_empty() {
                let (date, rate) = (rate.date, rate.rate);
                last.insert(pair, Fixing { date, rate });
            }
            if let Some(of) = doubts.get_mut(index) {
                *of = found;
            }
        }
    }
    doubts
}

fn doubts_of(rate: &ExchangeRate, before: Option<&Fixing>, today: Date) -> Vec<Doubt> {
    if !(rate.rate.is_finite() && rate.rate > 0.0) {
        let field = "rate".to_owned();
        let value = rate.rate;
        return vec![Doubt::NotPositive { field, value }];
    }
    if rate.date > today {
        return vec![Doubt::Future];
    }
    let factor = before.map(|before| rate.rate / before.rate);
    let is_jump = |factor: &f64| *factor >= JUMP || *factor <= JUMP.recip();
    let jump = factor.filter(is_jump);
    jump.map(|factor| Doubt::Jump { factor })
        .into_iter()
        .collect()
}

/// How many pairs of a day are what they were, when all are.
fn repeats<'r>(
    day: impl Iterator<Item = &'r ExchangeRate>,
    last: &BTreeMap<Pair, Fixing>,
) -> Option<usize> {
    let mut count = 0;
    for rate in day {
        let before = last.get(&(rate.base, rate.quote))?;
        if before.date == rate.date || before.rate.total_cmp(&rate.rate).is_ne() {
            return None;
        }
        count += 1;
    }
    (count >= REPEATED).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTES: [&str; 5] = ["USD", "JPY", "GBP", "CHF", "SEK"];

    fn rate(date: &str, quote: &str, rate: f64) -> ExchangeRate {
        ExchangeRate {
            date: date.parse().unwrap(),
            base: Currency::EUR,
            quote: Currency::new(quote).unwrap(),
            rate,
        }
    }

    fn codes(stated: &[ExchangeRate], known: impl Fn(&ExchangeRate) -> bool) -> Vec<&'static str> {
        let today = jiff::civil::date(2026, 11, 20);
        let doubts = rates(stated, &BTreeMap::new(), known, today);
        let code = |of: &Vec<Doubt>| of.first().map_or("", Doubt::code);
        doubts.iter().map(code).collect()
    }

    #[test]
    fn a_slipped_comma_is_doubted_and_the_next_day_is_not() {
        let stated = [
            rate("2026-11-18", "USD", 1.0838),
            rate("2026-11-19", "USD", 10.842),
            rate("2026-11-20", "USD", 1.0851),
        ];
        assert_eq!(codes(&stated, |_| false), ["", "jump", ""]);
        // A lira that falls by a third in a day is a lira that falls.
        let lira = [
            rate("2001-02-21", "TRY", 0.6252),
            rate("2001-02-22", "TRY", 0.8851),
        ];
        assert_eq!(codes(&lira, |_| false), ["", ""]);
        // What is stored as stated is what the next day is compared with.
        let devalued = [
            rate("2026-11-18", "USD", 1.0),
            rate("2026-11-19", "USD", 4.0),
            rate("2026-11-20", "USD", 4.1),
        ];
        assert_eq!(codes(&devalued, |_| false), ["", "jump", "jump"]);
        let is_stored = |rate: &ExchangeRate| rate.rate.total_cmp(&4.0).is_eq();
        assert_eq!(codes(&devalued, is_stored), ["", "", ""]);
    }

    #[test]
    fn days_to_come_and_no_numbers_are_doubted_in_any_order() {
        let stated = [
            rate("2026-11-21", "USD", 1.0851),
            rate("2026-11-20", "USD", f64::NAN),
            rate("2026-11-19", "USD", -1.0),
            rate("2026-11-18", "USD", 1.0838),
        ];
        assert_eq!(
            codes(&stated, |_| false),
            ["future", "not_positive", "not_positive", ""]
        );
    }

    #[test]
    fn a_day_that_repeats_all_of_the_day_before_is_doubted() {
        let day = |date: &str, of: usize| -> Vec<ExchangeRate> {
            let pairs = QUOTES.iter().take(of).enumerate();
            pairs
                .map(|(index, quote)| rate(date, quote, 1.0 + index as f64))
                .collect()
        };
        let twice = [day("2026-11-19", 5), day("2026-11-20", 5)].concat();
        assert_eq!(codes(&twice, |_| false)[5..], ["stale"; 5]);
        let mut moved = twice;
        moved[9].rate += 0.0001;
        assert!(codes(&moved, |_| false).iter().all(|code| code.is_empty()));
        let few = [day("2026-11-19", 4), day("2026-11-20", 4)].concat();
        assert!(codes(&few, |_| false).iter().all(|code| code.is_empty()));
    }
}
