use jiff::tz::TimeZone;
use money::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{
    Choice, Look, Theme, choices,
    format::{Formats, Locale},
};

use super::{PreferencesBody, PreferencesError};

/// Offered for choosing; any other code can be typed where it is not a list.
pub(crate) const MAJOR_CURRENCIES: [&str; 20] = [
    "EUR", "USD", "GBP", "CHF", "JPY", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF",
    "INR", "MXN", "NOK", "NZD", "PLN", "SEK", "SGD",
];

choices! {
    /// How far back the chart of an instrument reaches when it is opened.
    ChartTimeframe {
        /// One year.
        Year = "1Y", "One year";
        /// One month.
        Month = "1M", "One month";
        /// Three months.
        Quarter = "3M", "Three months";
        /// Since the first of January.
        YearToDate = "YTD", "This year";
        /// Five years.
        FiveYears = "5Y", "Five years";
        /// As far as there are prices.
        All = "ALL", "All there is";
    }
}

choices! {
    /// The period of figures about the portfolio, where an address names none.
    HistoryRange {
        /// One year.
        Year = "1y", "One year";
        /// One month.
        Month = "1m", "One month";
        /// Three months.
        Quarter = "3m", "Three months";
        /// Since the first of January.
        YearToDate = "ytd", "This year";
        /// Three years.
        ThreeYears = "3y", "Three years";
        /// Five years.
        FiveYears = "5y", "Five years";
        /// Since the first transaction.
        All = "all", "Since the beginning";
    }
}

/// How a person likes the pages, and what the program may do by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and they combine freely"
)]
pub struct Preferences {
    /// Totals over several currencies are shown in this one.
    pub base_currency: Currency,
    /// How numbers, days and times are written.
    pub formats: Formats,
    /// Colours of the pages.
    pub theme: Theme,
    /// Everything else about how pages look.
    pub look: Look,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
    /// What the chart of an instrument shows when it is opened.
    pub chart_timeframe: ChartTimeframe,
    /// The period of figures, where an address names none.
    pub history_range: HistoryRange,
    /// The page after signing in: an entry of the main navigation.
    pub default_view: String,
    /// Whether pages about the market are fetched anew while they are open.
    pub live_data: bool,
    /// How often, in seconds.
    pub refresh_interval_s: u32,
    /// Whether news about the account that are not about signing in are sent by mail.
    pub email_notifications: bool,
    /// Where programs of the person are told such news.
    pub webhook_url: Option<String>,
    /// From which change of a day on the dashboard points at a holding, in hundredths of a percent.
    pub alert_threshold_bps: u32,
    /// Whether bookings and what cannot be undone are asked about once more.
    pub confirm_actions: bool,
    /// Whether forms say what short positions and options can cost.
    pub show_risk_warnings: bool,
    /// Whether the person's API tokens open anything.
    pub api_access: bool,
}

/// Currency and locale as a form sends them; what is not sent stays as it was.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct Choices {
    pub(crate) base_currency: String,
    pub(crate) locale: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            base_currency: Currency::EUR,
            formats: Formats::default(),
            theme: Theme::default(),
            look: Look::default(),
            hide_amounts: false,
            chart_timeframe: ChartTimeframe::default(),
            history_range: HistoryRange::default(),
            default_view: "/".to_owned(),
            live_data: true,
            refresh_interval_s: 30,
            email_notifications: true,
            webhook_url: None,
            alert_threshold_bps: 500,
            confirm_actions: false,
            show_risk_warnings: true,
            api_access: true,
        }
    }
}

impl Preferences {
    /// After how many seconds pages about the market are fetched anew.
    pub fn refresh_s(&self) -> Option<u32> {
        self.live_data.then_some(self.refresh_interval_s)
    }

    /// The change of a day from which on the dashboard points at a holding, as a ratio.
    pub fn alert_ratio(&self) -> f64 {
        f64::from(self.alert_threshold_bps) / 10_000.0
    }
}

impl Choices {
    pub(crate) fn base_currency(&self) -> Result<Currency, PreferencesError> {
        Currency::new(&self.base_currency).map_err(|source| PreferencesError::InvalidCurrency {
            text: self.base_currency.clone(),
            source,
        })
    }

    pub(crate) fn locale(&self) -> Result<Locale, PreferencesError> {
        Locale::parse(&self.locale).ok_or_else(|| PreferencesError::UnknownLocale {
            locale: self.locale.clone(),
        })
    }
}

/// Reads a body field by field, so that everything that is wrong is said at once.
struct Reading(Vec<PreferencesError>);

impl Reading {
    fn take<T>(&mut self, read: Result<T, PreferencesError>, otherwise: T) -> T {
        read.unwrap_or_else(|error| {
            self.0.push(error);
            otherwise
        })
    }

    fn choice<T: Choice + Default>(&mut self, field: &'static str, word: &str) -> T {
        let read = T::parse(word).ok_or_else(|| PreferencesError::UnknownChoice {
            field,
            word: word.to_owned(),
            offered: T::words(),
        });
        self.take(read, T::default())
    }

    fn number(&mut self, field: &'static str, value: u32, least: u32, most: u32) -> u32 {
        if !(least..=most).contains(&value) {
            self.0.push(PreferencesError::OutOfRange {
                field,
                value,
                least,
                most,
            });
        }
        value
    }

    fn formats(&mut self, body: &PreferencesBody, locale: Locale) -> Formats {
        let zone = TimeZone::get(body.timezone.trim());
        let zone = zone.map_err(|_| PreferencesError::UnknownTimezone {
            name: body.timezone.clone(),
        });
        Formats {
            locale,
            numbers: self.choice("number_format", &body.number_format),
            dates: self.choice("date_format", &body.date_format),
            times: self.choice("time_format", &body.time_format),
            zone: self.take(zone, TimeZone::UTC),
            prices: self.choice("price_display", &body.price_display),
        }
    }

    fn look(&mut self, body: &PreferencesBody) -> Look {
        Look {
            signs: self.choice("sign_colours", &body.sign_colours),
            font: self.choice("font_family", &body.font_family),
            font_size: self.choice("font_size", &body.font_size),
            density: self.choice("density", &body.density),
            chart_type: self.choice("chart_type", &body.chart_type),
            still: !body.animations,
        }
    }
}

impl TryFrom<&PreferencesBody> for Preferences {
    type Error = Vec<PreferencesError>;

    fn try_from(body: &PreferencesBody) -> Result<Self, Self::Error> {
        let mut reading = Reading(Vec::new());
        let choices = Choices {
            base_currency: body.base_currency.clone(),
            locale: body.locale.clone(),
        };
        let base_currency = reading.take(choices.base_currency(), Currency::EUR);
        let locale = reading.take(choices.locale(), Locale::default());
        let webhook_url = body.webhook_url.as_deref().map(str::trim);
        let read = Self {
            base_currency,
            formats: reading.formats(body, locale),
            theme: reading.choice("theme", &body.theme),
            look: reading.look(body),
            hide_amounts: body.hide_amounts,
            chart_timeframe: reading.choice("chart_timeframe", &body.chart_timeframe),
            history_range: reading.choice("history_range", &body.history_range),
            default_view: body.default_view.clone(),
            live_data: body.live_data,
            refresh_interval_s: reading.number(
                "refresh_interval_s",
                body.refresh_interval_s,
                5,
                3_600,
            ),
            email_notifications: body.email_notifications,
            webhook_url: webhook_url.filter(|url| !url.is_empty()).map(str::to_owned),
            alert_threshold_bps: reading.number(
                "alert_threshold_bps",
                body.alert_threshold_bps,
                0,
                10_000,
            ),
            confirm_actions: body.confirm_actions,
            show_risk_warnings: body.show_risk_warnings,
            api_access: body.api_access,
        };
        if reading.0.is_empty() {
            Ok(read)
        } else {
            Err(reading.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_the_same_as_what_was_read_from_it() {
        let defaults = Preferences::default();
        let body = PreferencesBody::from(&defaults);
        assert_eq!(Preferences::try_from(&body).expect("read"), defaults);
        let changed = PreferencesBody {
            timezone: "Europe/Zurich".to_owned(),
            number_format: "de-CH".to_owned(),
            animations: false,
            webhook_url: Some("  ".to_owned()),
            ..body
        };
        let read = Preferences::try_from(&changed).expect("read");
        assert!(read.look.still && read.webhook_url.is_none());
        let again = PreferencesBody::from(&read);
        assert_eq!(again.timezone, "Europe/Zurich");
        assert_eq!(again.number_format, "de-CH");
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_what_would_be_right() {
        let body = PreferencesBody {
            timezone: "Mars/Olympus".to_owned(),
            density: "airy".to_owned(),
            refresh_interval_s: 1,
            alert_threshold_bps: 20_000,
            ..PreferencesBody::from(&Preferences::default())
        };
        let errors = Preferences::try_from(&body).expect_err("refused");
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert!(texts[0].contains("Europe/Berlin"), "{texts:?}");
        assert!(texts[1].contains("comfortable, compact"), "{texts:?}");
        assert!(texts[2].contains("between 5 and 3600"), "{texts:?}");
        assert!(texts[3].contains("between 0 and 10000"), "{texts:?}");
    }
}
