use axum::http::StatusCode;
use web::{ChangedMeanwhile, FieldError, Problem};

/// Why an instrument was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No instrument has this id.
    #[error("there is no such instrument")]
    NotFound,
    /// Another instrument has the same symbol, exchange and ISIN.
    #[error("{symbol} on exchange {exchange:?} is already listed with the same ISIN")]
    Taken {
        /// Its symbol.
        symbol: String,
        /// Its exchange; empty where unknown.
        exchange: String,
    },
    /// Fields that are not acceptable.
    #[error("{} fields are not acceptable", .0.len())]
    Invalid(Vec<FieldError>),
    /// Another version than the current one was edited.
    #[error(transparent)]
    ChangedMeanwhile(#[from] ChangedMeanwhile),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("instrument"),
            Error::Taken { symbol, exchange } => {
                let place = if exchange.is_empty() {
                    "without an exchange".to_owned()
                } else {
                    format!("on {exchange}")
                };
                Self::new(
                    StatusCode::CONFLICT,
                    "instrument-taken",
                    "Instrument already listed",
                    format!(
                        "There is already an instrument {symbol} {place} with the same ISIN. Edit \
                         it, or state another exchange or ISIN."
                    ),
                )
            }
            Error::Invalid(errors) => Self::invalid(errors),
            Error::ChangedMeanwhile(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
