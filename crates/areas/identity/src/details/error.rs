use seal::SealError;
use web::{FieldError, Problem};

/// What can go wrong with entrusted details.
#[derive(Debug, thiserror::Error)]
pub enum DetailsError {
    /// Not E.164.
    #[error("Write the phone number with the code of its country, such as +49 170 1234567.")]
    InvalidPhone,
    /// Not two letters.
    #[error("Write the country as two letters, such as DE or US.")]
    InvalidCountry,
    /// Against the rule of its country.
    #[error("A tax number of {country} has {rule}.")]
    InvalidTaxId {
        /// Of which country.
        country: String,
        /// Its rule.
        rule: &'static str,
    },
    /// Not on the list.
    #[error("“{name}” is no provider that is known here; choose one of {offered}.")]
    UnknownProvider {
        /// As given.
        name: String,
        /// The list.
        offered: String,
    },
    /// Blanks, or too short or long.
    #[error("A key has 8 to 200 letters, digits and signs, without blanks.")]
    InvalidApiKey,
    /// There is none to be removed.
    #[error("there is no such detail")]
    NotFound,
    /// It cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl DetailsError {
    /// What stands beside the field.
    pub(crate) fn field_error(&self) -> Option<FieldError> {
        let (pointer, code) = match self {
            Self::InvalidPhone => ("phone", "invalid_phone"),
            Self::InvalidCountry => ("country", "invalid_country"),
            Self::InvalidTaxId { .. } => ("tax_id", "invalid_tax_id"),
            Self::UnknownProvider { .. } => ("provider", "unknown_provider"),
            Self::InvalidApiKey => ("api_key", "invalid_api_key"),
            Self::NotFound | Self::Seal(_) | Self::Database(_) => return None,
        };
        Some(FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: self.to_string(),
        })
    }
}

impl From<DetailsError> for Problem {
    fn from(error: DetailsError) -> Self {
        if let Some(field) = error.field_error() {
            return Self::invalid(vec![field]);
        }
        match error {
            DetailsError::NotFound => Self::not_found("detail"),
            DetailsError::Database(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}
