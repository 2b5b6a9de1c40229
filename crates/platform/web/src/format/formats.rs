use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Locale,
    locale::{DatePattern, Spec},
};
use crate::choices;

choices! {
    /// The signs in numbers; money and percentages stand where the language puts them.
    NumberFormat {
        /// As the language does.
        Locale = "locale", "As the language does";
        /// A comma between thousands.
        CommaPoint = "en-US", "1,234,567.89";
        /// A point between thousands.
        PointComma = "de-DE", "1.234.567,89";
        /// A high comma between thousands.
        ApostrophePoint = "de-CH", "1’234’567.89";
        /// A space between thousands.
        SpaceComma = "fr-FR", "1 234 567,89";
    }
}

choices! {
    /// How a day is written.
    DateFormat {
        /// As the language does.
        Locale = "locale", "As the language does";
        /// ISO 8601.
        Iso = "YYYY-MM-DD", "2026-03-05";
        /// With points.
        Dotted = "DD.MM.YYYY", "05.03.2026";
        /// The day first.
        DaySlashes = "DD/MM/YYYY", "05/03/2026";
        /// The month first.
        MonthSlashes = "MM/DD/YYYY", "03/05/2026";
    }
}

choices! {
    /// How the time of day is written.
    TimeFormat {
        /// 17:05.
        Hours24 = "24h", "17:05";
        /// 5:05 pm.
        Hours12 = "12h", "5:05 pm";
    }
}

choices! {
    /// How many digits a price is shown with.
    PriceDigits {
        /// Up to six where the price has them.
        Exact = "exact", "All that a price has, up to six";
        /// Those of the currency.
        Rounded = "rounded", "Those of the currency";
    }
}

/// How a person has numbers, money, days and times written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// The language, which rules where nothing else is chosen.
    pub locale: Locale,
    /// The signs in numbers.
    pub numbers: NumberFormat,
    /// Days.
    pub dates: DateFormat,
    /// Times of day.
    pub times: TimeFormat,
    /// Where the clock is read.
    pub zone: TimeZone,
    /// Prices.
    pub prices: PriceDigits,
}

impl Default for Formats {
    fn default() -> Self {
        Self::of(Locale::default())
    }
}

impl Formats {
    /// All as the language does it, with the clock of UTC.
    pub fn of(locale: Locale) -> Self {
        Self {
            locale,
            numbers: NumberFormat::default(),
            dates: DateFormat::default(),
            times: TimeFormat::default(),
            zone: TimeZone::UTC,
            prices: PriceDigits::default(),
        }
    }

    /// Where currency and percent sign stand.
    pub(super) fn spec(&self) -> &'static Spec {
        self.locale.spec()
    }

    /// Whose signs stand in numbers.
    pub(super) fn numerals(&self) -> Locale {
        match self.numbers {
            NumberFormat::Locale => self.locale,
            NumberFormat::CommaPoint => Locale::EnUs,
            NumberFormat::PointComma => Locale::DeDe,
            NumberFormat::ApostrophePoint => Locale::DeCh,
            NumberFormat::SpaceComma => Locale::FrFr,
        }
    }

    /// The BCP 47 tag by which a script writes numbers the same way.
    pub fn numerals_tag(&self) -> &'static str {
        self.numerals().tag()
    }
}

/// A day, in the form that was chosen or in the medium one of the language: `Mar 5, 2026`, `05.03.2026`,
/// `2026/03/05`.
pub fn date(formats: &Formats, date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match formats.dates {
        DateFormat::Locale => by_locale(formats.spec(), date),
        DateFormat::Iso => date.to_string(),
        DateFormat::Dotted => format!("{day:02}.{month:02}.{year}"),
        DateFormat::DaySlashes => format!("{day:02}/{month:02}/{year}"),
        DateFormat::MonthSlashes => format!("{month:02}/{day:02}/{year}"),
    }
}

fn by_locale(spec: &Spec, date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|i| spec.months.get(i))
        .unwrap_or(&"");
    match spec.date {
        DatePattern::MonthDayYear => format!("{name} {day}, {year}"),
        DatePattern::DayMonthYear => format!("{day} {name} {year}"),
        DatePattern::Dotted => format!("{day:02}.{month:02}.{year}"),
        DatePattern::DaySlashes => format!("{day:02}/{month:02}/{year}"),
        DatePattern::YearSlashes => format!("{year}/{month:02}/{day:02}"),
    }
}

/// A time of day on the clock of the person: `17:05`, `5:05 pm`.
pub fn time(formats: &Formats, at: Timestamp) -> String {
    let zoned = at.to_zoned(formats.zone.clone());
    match formats.times {
        TimeFormat::Hours24 => zoned.strftime("%H:%M").to_string(),
        TimeFormat::Hours12 => {
            zoned.strftime("%-I:%M").to_string() + if zoned.hour() < 12 { " am" } else { " pm" }
        }
    }
}

/// An instant by day and minute on the clock of the person, with the name of the clock:
/// `Mar 5, 2026 17:05 UTC`.
pub fn instant(formats: &Formats, at: Timestamp) -> String {
    let zoned = at.to_zoned(formats.zone.clone());
    let clock = zoned.strftime("%Z");
    let day = date(formats, zoned.date());
    format!("{day} {} {clock}", time(formats, at))
}
