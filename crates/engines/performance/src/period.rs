//! The stretches of time that figures are stated for.

use std::{fmt, str::FromStr};

use jiff::{Span, ToSpan, civil::Date};
use thiserror::Error;

/// A stretch of time, most of them up to the day of the valuation.
///
/// All figures of a period count from the close of the day before its first day, so a period of one
/// year that ends on 31 March begins on 1 April. Weeks begin on Monday, whatever the weekday of the
/// first price. A period that counts back from a day that an earlier month does not have counts from
/// that month's last day.
///
/// In text each is a word (`1d`, `wtd`, `ytd`, `5y`, `all`, `max` for the same), a calendar year
/// (`2024`) or two days (`2024-01-01..2024-03-31`):
///
/// ```
/// use jiff::civil::date;
/// use performance::{Days, Known, Period};
///
/// let known = Known { first: date(2020, 1, 1), as_of: date(2024, 5, 8), priced_on: None };
/// let days = "wtd".parse::<Period>()?.days(known)?;
/// assert_eq!(days, Days { from: date(2024, 5, 6), to: date(2024, 5, 8) });
/// # Ok::<(), performance::PeriodError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// Since the close before the latest prices.
    Day,
    /// Since Monday.
    WeekToDate,
    /// Since the first of the month.
    MonthToDate,
    /// Since the first of January.
    YearToDate,
    /// Seven days.
    Week,
    /// One month.
    Month,
    /// Three months.
    Quarter,
    /// One year.
    #[default]
    Year,
    /// Three years.
    ThreeYears,
    /// Five years.
    FiveYears,
    /// Since the first day on record.
    All,
    /// January to December of a year.
    CalendarYear(i16),
    /// Two days and all between them.
    Range {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
}

/// Every period that needs no more than a word, with the word and its label, in the order of a
/// selector.
pub const PERIODS: [(&str, &str, Period); 11] = [
    ("1d", "1D", Period::Day),
    ("wtd", "WTD", Period::WeekToDate),
    ("mtd", "MTD", Period::MonthToDate),
    ("ytd", "YTD", Period::YearToDate),
    ("1w", "1W", Period::Week),
    ("1m", "1M", Period::Month),
    ("3m", "3M", Period::Quarter),
    ("1y", "1Y", Period::Year),
    ("3y", "3Y", Period::ThreeYears),
    ("5y", "5Y", Period::FiveYears),
    ("all", "ALL", Period::All),
];

/// What is known of the portfolio that a period is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The first day on record.
    pub first: Date,
    /// The day of the valuation.
    pub as_of: Date,
    /// The day of the latest price; a weekend has none.
    pub priced_on: Option<Date>,
}

/// The days of a period, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day; its changes count from the close of the day before.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Why a period has no days; the text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The word is no period.
    #[error(
        "\"{word}\" is no period: say 1d, wtd, mtd, ytd, 1w, 1m, 3m, 1y, 3y, 5y or all, a year such as 2024, or two days such as 2024-01-01..2024-03-31"
    )]
    Unknown {
        /// What was said.
        word: String,
    },
    /// The last day lies before the first.
    #[error("the period ends on {to}, before it begins on {from}: exchange the two days")]
    Reversed {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// No day of the period is on record.
    #[error(
        "the period from {from} to {to} has no day on record: records reach from {first} to {as_of}"
    )]
    OffRecord {
        /// The first day of the period.
        from: Date,
        /// Its last day.
        to: Date,
        /// The first day on record.
        first: Date,
        /// The day of the valuation.
        as_of: Date,
    },
}

impl Period {
    /// The days of the period that are on record.
    ///
    /// Errors: the last day before the first; no day on record.
    pub fn days(self, known: Known) -> Result<Days, PeriodError> {
        let Known { first, as_of, .. } = known;
        let Days { from, to } = self.calendar_days(known);
        if to < from {
            return Err(PeriodError::Reversed { from, to });
        }
        let days = Days {
            from: from.max(first),
            to: to.min(as_of),
        };
        if days.to < days.from {
            return Err(PeriodError::OffRecord {
                from,
                to,
                first,
                as_of,
            });
        }
        Ok(days)
    }

    /// The words of a sentence: "in the last month".
    pub fn phrase(self) -> String {
        let words = match self {
            Self::Day => "on the last trading day",
            Self::WeekToDate => "this week",
            Self::MonthToDate => "this month",
            Self::YearToDate => "this year",
            Self::Week => "in the last week",
            Self::Month => "in the last month",
            Self::Quarter => "in the last three months",
            Self::Year => "in the last year",
            Self::ThreeYears => "in the last three years",
            Self::FiveYears => "in the last five years",
            Self::All => "since the beginning",
            Self::CalendarYear(year) => return format!("in {year}"),
            Self::Range { from, to } if from == to => return format!("on {from}"),
            Self::Range { from, to } => return format!("from {from} to {to}"),
        };
        words.to_owned()
    }

    fn calendar_days(self, known: Known) -> Days {
        let as_of = known.as_of;
        let back = |span: Span| {
            as_of
                .checked_sub(span)
                .and_then(Date::tomorrow)
                .unwrap_or(Date::MIN)
        };
        let since_monday = i64::from(as_of.weekday().to_monday_zero_offset());
        let from = match self {
            Self::Day => known.priced_on.unwrap_or(as_of).min(as_of),
            Self::WeekToDate => as_of.saturating_sub(since_monday.days()),
            Self::MonthToDate => as_of.first_of_month(),
            Self::YearToDate => as_of.first_of_year(),
            Self::Week => back(1.week()),
            Self::Month => back(1.month()),
            Self::Quarter => back(3.months()),
            Self::Year => back(1.year()),
            Self::ThreeYears => back(3.years()),
            Self::FiveYears => back(5.years()),
            // A valuation before the first day has no period, but is not the wrong way round.
            Self::All => known.first.min(as_of),
            Self::CalendarYear(year) => {
                let first = Date::new(year, 1, 1).unwrap_or(Date::MIN);
                return Days {
                    from: first,
                    to: first.last_of_year(),
                };
            }
            Self::Range { from, to } => return Days { from, to },
        };
        Days { from, to: as_of }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CalendarYear(year) => write!(out, "{year:04}"),
            Self::Range { from, to } => write!(out, "{from}..{to}"),
            worded => PERIODS
                .iter()
                .filter(|(.., period)| period == worded)
                .try_for_each(|(word, ..)| out.write_str(word)),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// Reads the word of a period, in any case.
    fn from_str(word: &str) -> Result<Self, PeriodError> {
        let unknown = || PeriodError::Unknown {
            word: word.to_owned(),
        };
        if let Some((from, to)) = word.split_once("..") {
            let day = |text: &str| text.trim().parse::<Date>().map_err(|_| unknown());
            let (from, to) = (day(from)?, day(to)?);
            if to < from {
                return Err(PeriodError::Reversed { from, to });
            }
            return Ok(Self::Range { from, to });
        }
        let digits = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(year) = digits.then(|| word.parse().ok()).flatten() {
            return Ok(Self::CalendarYear(year));
        }
        let word = if word.eq_ignore_ascii_case("max") {
            "all"
        } else {
            word
        };
        PERIODS
            .iter()
            .find(|(key, ..)| key.eq_ignore_ascii_case(word))
            .map(|(.., period)| *period)
            .ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn known(as_of: Date) -> Known {
        Known {
            first: date(2018, 6, 1),
            as_of,
            priced_on: None,
        }
    }

    #[test]
    fn a_period_begins_after_the_close_it_is_compared_with() {
        // A Tuesday.
        let as_of = date(2026, 3, 31);
        let from = |period: Period| period.days(known(as_of)).unwrap().from;
        assert_eq!(from(Period::Day), as_of);
        assert_eq!(from(Period::WeekToDate), date(2026, 3, 30));
        assert_eq!(from(Period::MonthToDate), date(2026, 3, 1));
        assert_eq!(from(Period::YearToDate), date(2026, 1, 1));
        assert_eq!(from(Period::Week), date(2026, 3, 25));
        assert_eq!(from(Period::Month), date(2026, 3, 1));
        assert_eq!(from(Period::Quarter), date(2026, 1, 1));
        assert_eq!(from(Period::Year), date(2025, 4, 1));
        assert_eq!(from(Period::ThreeYears), date(2023, 4, 1));
        assert_eq!(from(Period::FiveYears), date(2021, 4, 1));
        assert_eq!(from(Period::All), date(2018, 6, 1));
    }

    #[test]
    fn a_week_begins_on_monday_also_on_monday_and_sunday() {
        let from = |as_of| Period::WeekToDate.days(known(as_of)).unwrap().from;
        assert_eq!(from(date(2024, 5, 6)), date(2024, 5, 6));
        assert_eq!(from(date(2024, 5, 12)), date(2024, 5, 6));
        assert_eq!(from(date(2024, 5, 13)), date(2024, 5, 13));
        // Across the end of a year.
        assert_eq!(from(date(2025, 1, 1)), date(2024, 12, 30));
    }

    #[test]
    fn the_last_trading_day_counts_from_the_close_before_it() {
        let sunday = Known {
            priced_on: Some(date(2024, 5, 10)),
            ..known(date(2024, 5, 12))
        };
        let days = Period::Day.days(sunday).unwrap();
        assert_eq!((days.from, days.to), (date(2024, 5, 10), date(2024, 5, 12)));
    }

    #[test]
    fn a_leap_day_counts_from_the_end_of_february() {
        let leap_day = known(date(2024, 2, 29));
        assert_eq!(Period::Year.days(leap_day).unwrap().from, date(2023, 3, 1));
    }

    #[test]
    fn only_days_on_record_are_in_a_period() {
        let as_of = date(2024, 5, 8);
        let young = Known {
            first: date(2024, 4, 20),
            ..known(as_of)
        };
        let days = |period: Period| period.days(young);
        let whole = Days {
            from: young.first,
            to: as_of,
        };
        for period in [
            Period::FiveYears,
            Period::All,
            Period::CalendarYear(2024),
            Period::Range {
                from: date(2024, 1, 1),
                to: date(2024, 12, 31),
            },
        ] {
            assert_eq!(days(period), Ok(whole), "{period}");
        }
        assert_eq!(
            days(Period::CalendarYear(2023)),
            Err(PeriodError::OffRecord {
                from: date(2023, 1, 1),
                to: date(2023, 12, 31),
                first: young.first,
                as_of,
            })
        );
        let (from, to) = (date(2024, 5, 2), date(2024, 5, 1));
        assert_eq!(
            days(Period::Range { from, to }),
            Err(PeriodError::Reversed { from, to })
        );
        let early = Known {
            as_of: date(2024, 4, 1),
            ..young
        };
        for (.., period) in PERIODS {
            let refused = period.days(early);
            assert!(
                matches!(refused, Err(PeriodError::OffRecord { .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn every_period_is_found_by_its_word() {
        let range = Period::Range {
            from: date(2024, 1, 1),
            to: date(2024, 3, 31),
        };
        let worded = PERIODS.iter().map(|(.., period)| *period);
        for period in worded.chain([range, Period::CalendarYear(1999)]) {
            let word = period.to_string();
            assert_eq!(word.to_uppercase().replace('W', "w").parse(), Ok(period));
            assert!(!period.phrase().is_empty());
        }
        assert_eq!("MAX".parse(), Ok(Period::All));
        for word in ["", "2y", "24", "2024-01-01", "2024-01-01..", "+202", "1y.."] {
            let refused = word.parse::<Period>();
            assert_eq!(
                refused,
                Err(PeriodError::Unknown {
                    word: word.to_owned()
                })
            );
        }
        assert!("2024-02-01..2024-01-01".parse::<Period>().is_err());
    }
}
