use money::InvalidCurrency;
use outbound::Refusal;
use web::{FieldError, Problem, format::Locale};

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
    /// Not on the list.
    #[error("“{word}” is not offered; choose one of {offered}")]
    UnknownChoice {
        /// Where.
        field: &'static str,
        /// The word as given.
        word: String,
        /// The list.
        offered: String,
    },
    /// No such clock.
    #[error("“{name}” is no time zone; write its IANA name, such as Europe/Berlin")]
    UnknownTimezone {
        /// The name as given.
        name: String,
    },
    /// Too small or too large.
    #[error("{value} is out of range; choose a whole number between {least} and {most}")]
    OutOfRange {
        /// Where.
        field: &'static str,
        /// The number as given.
        value: u32,
        /// The smallest that is taken.
        least: u32,
        /// The largest that is taken.
        most: u32,
    },
    /// Not a number at all.
    #[error("“{text}” is no number; write one such as {example}")]
    NotANumber {
        /// Where.
        field: &'static str,
        /// The text as given.
        text: String,
        /// What would be right.
        example: &'static str,
    },
    /// Not an entry of the main navigation.
    #[error("“{path}” is no page of the main navigation; choose one of {offered}")]
    UnknownView {
        /// The address as given.
        path: String,
        /// The list.
        offered: String,
    },
    /// An address that is not connected to.
    #[error(transparent)]
    Webhook(#[from] Refusal),
    /// Longer than is stored.
    #[error("the address has {chars} characters; at most {most} are taken")]
    WebhookTooLong {
        /// Its length.
        chars: usize,
        /// The longest that is taken.
        most: usize,
    },
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl PreferencesError {
    /// The field that is concerned, with a stable code.
    pub(crate) fn field(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::InvalidCurrency { .. } => Some(("base_currency", "invalid_currency")),
            Self::UnknownLocale { .. } => Some(("locale", "unknown_locale")),
            Self::UnknownChoice { field, .. } => Some((field, "unknown_choice")),
            Self::UnknownTimezone { .. } => Some(("timezone", "unknown_timezone")),
            Self::OutOfRange { field, .. } => Some((field, "out_of_range")),
            Self::NotANumber { field, .. } => Some((field, "not_a_number")),
            Self::UnknownView { .. } => Some(("default_view", "unknown_view")),
            Self::Webhook(_) => Some(("webhook_url", "address_refused")),
            Self::WebhookTooLong { .. } => Some(("webhook_url", "too_long")),
            Self::Database(_) => None,
        }
    }

    /// What stands beside the field.
    pub(crate) fn field_error(&self) -> Option<FieldError> {
        let (pointer, code) = self.field()?;
        let detail = match self {
            Self::InvalidCurrency { source, .. } => source.to_string(),
            error => error.to_string(),
        };
        Some(FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail,
        })
    }
}

impl From<PreferencesError> for Problem {
    fn from(error: PreferencesError) -> Self {
        match (error.field_error(), error) {
            (Some(field), _) => Self::invalid(vec![field]),
            (None, PreferencesError::Database(error)) => error.into(),
            (None, error) => Self::internal(&error),
        }
    }
}

/// All that is wrong with a body, in one answer.
pub(crate) fn problem(errors: Vec<PreferencesError>) -> Problem {
    let fields: Vec<FieldError> = errors
        .iter()
        .filter_map(PreferencesError::field_error)
        .collect();
    if fields.len() == errors.len() {
        return Problem::invalid(fields);
    }
    let other = errors.into_iter().find(|error| error.field().is_none());
    other.map_or_else(|| Problem::invalid(fields), Problem::from)
}
