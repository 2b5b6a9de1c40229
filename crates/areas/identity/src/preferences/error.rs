use money::InvalidCurrency;
use web::{Problem, format::Locale};

/// What can go wrong with preferences.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    /// Not a currency code.
    #[error("“{text}” is no currency: {source}")]
    InvalidCurrency {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        source: InvalidCurrency,
    },
    /// A locale that we cannot write.
    #[error("“{locale}” is not offered; choose one of {}", Locale::ALL.map(Locale::tag).join(", "))]
    UnknownLocale {
        /// The tag as given.
        locale: String,
    },
    /// Neither system, light nor dark.
    #[error("“{theme}” is no theme; choose system, light or dark")]
    UnknownTheme {
        /// The word as given.
        theme: String,
    },
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<PreferencesError> for Problem {
    fn from(error: PreferencesError) -> Self {
        let detail = error.to_string();
        match error {
            PreferencesError::InvalidCurrency { source, .. } => {
                Self::invalid_field("base_currency", "invalid_currency", source.to_string())
            }
            PreferencesError::UnknownLocale { .. } => {
                Self::invalid_field("locale", "unknown_locale", detail)
            }
            PreferencesError::UnknownTheme { .. } => {
                Self::invalid_field("theme", "unknown_theme", detail)
            }
            PreferencesError::Database(error) => error.into(),
        }
    }
}
