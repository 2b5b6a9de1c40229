use jiff::{ToSpan, civil::Date};

/// A stretch of time that ends at the day of the valuation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// Since the close before the latest prices.
    Day,
    /// Seven days.
    Week,
    /// One month.
    Month,
    /// Three months.
    Quarter,
    /// Since the first of January.
    YearToDate,
    /// One year.
    #[default]
    Year,
    /// Five years.
    FiveYears,
    /// Since the first transaction.
    All,
}

/// Every period with its word in the URL and its label, in the order of the selector.
pub const PERIODS: [(&str, &str, Period); 8] = [
    ("1d", "1D", Period::Day),
    ("1w", "1W", Period::Week),
    ("1m", "1M", Period::Month),
    ("3m", "3M", Period::Quarter),
    ("ytd", "YTD", Period::YearToDate),
    ("1y", "1Y", Period::Year),
    ("5y", "5Y", Period::FiveYears),
    ("all", "ALL", Period::All),
];

impl Period {
    /// Reads the word of the URL, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        PERIODS
            .iter()
            .find(|(key, ..)| key.eq_ignore_ascii_case(word))
            .map(|(.., period)| *period)
    }

    /// The word of the URL.
    pub fn key(self) -> &'static str {
        PERIODS
            .iter()
            .find(|(.., period)| *period == self)
            .map_or("all", |(key, ..)| key)
    }

    /// The words of a sentence: "in the last month".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Day => "on the last trading day",
            Self::Week => "in the last week",
            Self::Month => "in the last month",
            Self::Quarter => "in the last three months",
            Self::YearToDate => "this year",
            Self::Year => "in the last year",
            Self::FiveYears => "in the last five years",
            Self::All => "since the beginning",
        }
    }

    /// The first day of the period: changes count from the close of the day before it. `first` is the
    /// first day on record, `priced_on` the day of the latest price (a weekend has none).
    pub fn from(self, as_of: Date, first: Date, priced_on: Option<Date>) -> Date {
        let back = |span: jiff::Span| {
            as_of
                .checked_sub(span)
                .and_then(Date::tomorrow)
                .unwrap_or(as_of)
        };
        let from = match self {
            Self::Day => priced_on.unwrap_or(as_of).min(as_of),
            Self::Week => back(1.week()),
            Self::Month => back(1.month()),
            Self::Quarter => back(3.months()),
            Self::YearToDate => as_of.first_of_year(),
            Self::Year => back(1.year()),
            Self::FiveYears => back(5.years()),
            Self::All => first,
        };
        from.max(first)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_begins_after_the_close_it_is_compared_with() {
        let (as_of, first) = (date(2026, 3, 31), date(2020, 1, 1));
        let from = |period: Period| period.from(as_of, first, Some(date(2026, 3, 30)));
        assert_eq!(from(Period::Day), date(2026, 3, 30));
        assert_eq!(from(Period::Week), date(2026, 3, 25));
        assert_eq!(from(Period::Month), date(2026, 3, 1));
        assert_eq!(from(Period::YearToDate), date(2026, 1, 1));
        assert_eq!(from(Period::Year), date(2025, 4, 1));
        assert_eq!(from(Period::All), first);
    }

    #[test]
    fn a_young_portfolio_has_no_longer_period_than_its_life() {
        let first = date(2026, 3, 20);
        assert_eq!(
            Period::FiveYears.from(date(2026, 3, 31), first, None),
            first
        );
    }

    #[test]
    fn every_period_is_found_by_its_word() {
        for (key, label, period) in PERIODS {
            assert_eq!(Period::parse(label), Some(period));
            assert_eq!(period.key(), key);
        }
        assert_eq!(Period::parse("2y"), None);
    }
}
