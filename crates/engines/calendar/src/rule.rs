//! What a rule of a holiday says, and whether it falls on a day.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// Which day of a year is meant before it is moved off the weekend.
#[derive(Clone, Copy)]
pub(crate) enum On {
    /// Month and day.
    Fixed(i8, i8),
    /// The nth such weekday of a month.
    Nth(i8, Weekday, i8),
    /// The last such weekday up to a day, given as month and day.
    UpTo(Weekday, i8, i8),
    /// So many days after Easter Sunday.
    Easter(i16),
    /// So many days after the Easter Sunday of the Orthodox churches.
    OrthodoxEaster(i16),
    /// A table of years with their days, written as month * 100 + day.
    Table(&'static [(i16, &'static [u16])]),
}

/// What happens to a holiday that falls on a weekend.
#[derive(Clone, Copy)]
pub(crate) enum Shift {
    Stays,
    /// So many days later if it is a Sunday.
    SundayBy(i8),
    /// The Monday after.
    ToMonday,
    /// Friday for Saturday, Monday for Sunday.
    Nearest,
    /// Two days later: for the second of two holidays in a row, and the first of them with it.
    ByTwo,
    /// The Friday before: for a half day.
    ToFriday,
    /// From Tuesday to Thursday the Monday before, from Friday the Monday after; a weekend stays.
    NearestMonday,
}

/// A holiday or a half day.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    on: On,
    /// Added to the day that `on` finds.
    offset: i8,
    shift: Shift,
    first_year: i16,
    last_year: i16,
    /// Holds on these weekdays alone; empty for all.
    only: &'static [Weekday],
}

impl Rule {
    pub(crate) const fn new(name: &'static str, on: On) -> Self {
        Self {
            name,
            on,
            offset: 0,
            shift: Shift::Stays,
            first_year: i16::MIN,
            last_year: i16::MAX,
            only: &[],
        }
    }

    pub(crate) const fn fixed(name: &'static str, month: i8, day: i8) -> Self {
        Self::new(name, On::Fixed(month, day))
    }

    pub(crate) const fn easter(name: &'static str, days_after: i16) -> Self {
        Self::new(name, On::Easter(days_after))
    }

    pub(crate) const fn days(name: &'static str, table: &'static [(i16, &'static [u16])]) -> Self {
        Self::new(name, On::Table(table))
    }

    pub(crate) const fn shift(self, shift: Shift) -> Self {
        Self { shift, ..self }
    }

    pub(crate) const fn plus(self, offset: i8) -> Self {
        Self { offset, ..self }
    }

    pub(crate) const fn from(self, first_year: i16) -> Self {
        Self { first_year, ..self }
    }

    pub(crate) const fn until(self, last_year: i16) -> Self {
        Self { last_year, ..self }
    }

    pub(crate) const fn only(self, only: &'static [Weekday]) -> Self {
        Self { only, ..self }
    }

    /// Whether the rule, moved off the weekend, means this day.
    pub(crate) fn falls_on(&self, date: Date) -> bool {
        let year = date.year();
        if !(self.first_year..=self.last_year).contains(&year)
            || !(self.only.is_empty() || self.only.contains(&date.weekday()))
        {
            return false;
        }
        if let On::Table(years) = self.on {
            let day =
                u16::from(date.month().unsigned_abs()) * 100 + u16::from(date.day().unsigned_abs());
            let mut years = years.iter();
            return years.any(|(listed, days)| *listed == year && days.contains(&day));
        }
        self.day_of(year).map(|day| self.shifted(day)) == Some(date)
    }

    fn day_of(&self, year: i16) -> Option<Date> {
        let found = match self.on {
            On::Fixed(month, day) => Date::new(year, month, day).ok()?,
            On::Nth(nth, weekday, month) => Date::new(year, month, 1)
                .ok()?
                .nth_weekday_of_month(nth, weekday)
                .ok()?,
            On::UpTo(weekday, month, day) => {
                let last = Date::new(year, month, day).ok()?;
                let back = weekday.until(last.weekday());
                last.checked_sub(back.days()).ok()?
            }
            On::Easter(days) => easter(year)?.checked_add(days.days()).ok()?,
            On::OrthodoxEaster(days) => orthodox_easter(year)?.checked_add(days.days()).ok()?,
            On::Table(_) => return None,
        };
        found.checked_add(self.offset.days()).ok()
    }

    fn shifted(&self, day: Date) -> Date {
        let weekday = day.weekday();
        let by = match (self.shift, weekday) {
            (Shift::SundayBy(days), Weekday::Sunday) => days,
            (Shift::NearestMonday, Weekday::Friday) => 3,
            (Shift::ToMonday | Shift::ByTwo, Weekday::Saturday)
            | (Shift::ByTwo, Weekday::Sunday) => 2,
            (Shift::ToMonday | Shift::Nearest, Weekday::Sunday) => 1,
            (Shift::Nearest | Shift::ToFriday, Weekday::Saturday)
            | (Shift::NearestMonday, Weekday::Tuesday) => -1,
            (Shift::ToFriday, Weekday::Sunday) | (Shift::NearestMonday, Weekday::Wednesday) => -2,
            (Shift::NearestMonday, Weekday::Thursday) => -3,
            _ => 0,
        };
        day.saturating_add(by.days())
    }
}

/// Easter Sunday of the Gregorian calendar: the Sunday after the ecclesiastical full moon on or after
/// 21 March, by the method of Meeus, Jones and Butcher. `None` before 1583.
pub(crate) fn easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let y = i32::from(year);
    let (golden, century, of_century) = (y % 19, y / 100, y % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * sunday) / 451;
    let day = epact + sunday - 7 * late + 114;
    Date::new(
        year,
        i8::try_from(day / 31).ok()?,
        i8::try_from(day % 31 + 1).ok()?,
    )
    .ok()
}

/// Easter Sunday of the Orthodox churches: that of the Julian calendar, by Meeus' method, on the day of
/// the Gregorian calendar that it falls on. `None` outside of 1900 to 2099, where the two calendars are
/// thirteen days apart.
pub(crate) fn orthodox_easter(year: i16) -> Option<Date> {
    if !(1900..=2099).contains(&year) {
        return None;
    }
    let y = i32::from(year);
    let full_moon = (19 * (y % 19) + 15) % 30;
    let sunday = (2 * (y % 4) + 4 * (y % 7) - full_moon + 34) % 7;
    let day = full_moon + sunday + 114;
    let julian = Date::new(
        year,
        i8::try_from(day / 31).ok()?,
        i8::try_from(day % 31 + 1).ok()?,
    )
    .ok()?;
    julian.checked_add(13.days()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_where_the_churches_put_it() {
        for known in [
            date(1954, 4, 18),
            date(1981, 4, 19),
            date(2000, 4, 23),
            date(2008, 3, 23),
            date(2011, 4, 24),
            date(2024, 3, 31),
            date(2038, 4, 25),
        ] {
            assert_eq!(easter(known.year()), Some(known));
        }
        assert_eq!(easter(1582), None);
    }

    #[test]
    fn orthodox_easter_is_where_its_churches_put_it() {
        for known in [
            date(2000, 4, 30),
            date(2010, 4, 4),
            date(2013, 5, 5),
            date(2021, 5, 2),
            date(2024, 5, 5),
            date(2025, 4, 20),
            date(2026, 4, 12),
        ] {
            assert_eq!(orthodox_easter(known.year()), Some(known));
        }
        assert_eq!(orthodox_easter(2100), None);
    }

    #[test]
    fn a_holiday_is_moved_to_the_nearest_monday_of_the_week() {
        let race = Rule::fixed("Meeting of Two Worlds", 10, 12).shift(Shift::NearestMonday);
        assert!(race.falls_on(date(2021, 10, 11)), "from Tuesday");
        assert!(race.falls_on(date(2022, 10, 10)), "from Wednesday");
        assert!(race.falls_on(date(2023, 10, 9)), "from Thursday");
        assert!(race.falls_on(date(2018, 10, 15)), "from Friday");
        assert!(race.falls_on(date(2024, 10, 12)), "stays on Saturday");
    }

    #[test]
    fn a_monday_up_to_a_day_may_be_the_day_itself() {
        let victoria = Rule::new("Victoria Day", On::UpTo(Weekday::Monday, 5, 24));
        assert!(victoria.falls_on(date(2004, 5, 24)));
        assert!(victoria.falls_on(date(2026, 5, 18)));
        assert!(!victoria.falls_on(date(2026, 5, 25)));
    }
}
