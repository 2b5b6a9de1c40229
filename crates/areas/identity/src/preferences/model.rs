use money::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Theme, format::Locale};

use super::PreferencesError;

/// Offered for choosing; any other code can be typed where it is not a list.
pub(crate) const MAJOR_CURRENCIES: [&str; 20] = [
    "EUR", "USD", "GBP", "CHF", "JPY", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF",
    "INR", "MXN", "NOK", "NZD", "PLN", "SEK", "SGD",
];

/// How a person likes the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Totals over several currencies are shown in this one.
    pub base_currency: Currency,
    /// How numbers and dates are written.
    pub locale: Locale,
    /// Colours of the pages.
    pub theme: Theme,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
}

/// Preferences as a client writes them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesBody {
    /// Code of the currency in which totals are shown.
    #[schema(example = "EUR")]
    pub base_currency: String,
    /// How numbers and dates are written, as a BCP 47 tag.
    #[schema(example = "en-GB")]
    pub locale: String,
    /// `system`, `light` or `dark`.
    #[schema(example = "system")]
    pub theme: String,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
}

/// Preferences as a client reads them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreferencesView {
    /// Code of the currency in which totals are shown.
    #[schema(example = "EUR")]
    pub base_currency: String,
    /// How numbers and dates are written, as a BCP 47 tag.
    #[schema(example = "en-GB")]
    pub locale: &'static str,
    /// `system`, `light` or `dark`.
    #[schema(example = "system")]
    pub theme: &'static str,
    /// Whether amounts are replaced by dots.
    pub hide_amounts: bool,
}

/// Currency and locale as a form sends them; what is not sent stays as it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choices {
    pub(crate) base_currency: String,
    pub(crate) locale: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            base_currency: Currency::EUR,
            locale: Locale::default(),
            theme: Theme::default(),
            hide_amounts: false,
        }
    }
}

impl TryFrom<PreferencesBody> for Preferences {
    type Error = PreferencesError;

    fn try_from(body: PreferencesBody) -> Result<Self, PreferencesError> {
        let choices = Choices {
            base_currency: body.base_currency,
            locale: body.locale,
        };
        Ok(Self {
            base_currency: choices.base_currency()?,
            locale: choices.locale()?,
            theme: Theme::parse(&body.theme)
                .ok_or(PreferencesError::UnknownTheme { theme: body.theme })?,
            hide_amounts: body.hide_amounts,
        })
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

impl From<Preferences> for PreferencesView {
    fn from(preferences: Preferences) -> Self {
        Self {
            base_currency: preferences.base_currency.to_string(),
            locale: preferences.locale.tag(),
            theme: preferences.theme.as_str(),
            hide_amounts: preferences.hide_amounts,
        }
    }
}
