//! Business days and the window that is shown.

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

/// Every series is drawn from this day on, whatever the window, so that the past never changes.
pub(super) const EPOCH: Date = date(2019, 1, 1);

/// Years that the household looks back at, at least.
const YEARS: i16 = 6;

/// A calendar day with what is asked of it again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub(super) date: Date,
    pub(super) weekday: Weekday,
}

impl Day {
    /// Monday to Friday: the simulated exchange has no other holidays.
    pub(super) fn is_business_day(self) -> bool {
        !matches!(self.weekday, Weekday::Saturday | Weekday::Sunday)
    }

    /// Whether what is planned for `day` of the month happens today: on that day, or on the Monday
    /// after it when it falls on a weekend. For days up to the 26th, so that the Monday is always in
    /// the same month.
    pub(super) fn is_due(self, day: i8) -> bool {
        let today = self.date.day();
        match self.weekday {
            Weekday::Saturday | Weekday::Sunday => false,
            Weekday::Monday => (today - 2..=today).contains(&day),
            _ => today == day,
        }
    }

    /// [`Day::is_due`] in one of `months`.
    pub(super) fn is_due_in(self, months: &[i8], day: i8) -> bool {
        self.is_due(day) && months.contains(&self.date.month())
    }
}

/// First day of the window and of the household's books: the first of January of the year six years
/// before that of `today`, so the window is six to seven years long and moves at New Year only.
pub(super) fn household_start(today: Date) -> Date {
    Date::new(today.year() - YEARS, 1, 1).map_or(EPOCH, |start| start.max(EPOCH))
}

/// All days from [`EPOCH`] to `today`; none before it.
pub(super) fn days_until(today: Date) -> impl Iterator<Item = Day> {
    EPOCH
        .series(1.day())
        .take_while(move |date| *date <= today)
        .map(|date| Day {
            date,
            weekday: date.weekday(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_day_comes_once_a_month_and_never_on_a_weekend() {
        for planned in [1, 2, 15, 26] {
            let due: Vec<Day> = days_until(date(2024, 12, 31))
                .filter(|day| day.is_due(planned))
                .collect();
            assert_eq!(due.len(), 6 * 12, "the {planned}th");
            for day in due {
                assert!(day.is_business_day());
                assert!(
                    (planned..=planned + 2).contains(&day.date.day()),
                    "{}",
                    day.date
                );
            }
        }
    }

    #[test]
    fn the_window_is_six_to_seven_years_long() {
        assert_eq!(household_start(date(2026, 1, 1)), date(2020, 1, 1));
        assert_eq!(household_start(date(2026, 12, 31)), date(2020, 1, 1));
        assert_eq!(household_start(date(2020, 2, 29)), EPOCH);
    }
}
