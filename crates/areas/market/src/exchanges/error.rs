use axum::http::StatusCode;
use jiff::civil::Date;
use web::Problem;

/// Why nothing is said about an exchange.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No exchange has this code.
    #[error("there is no exchange of this code")]
    NotFound,
    /// Its sessions are not known.
    #[error("the calendar of {mic} is not known")]
    NoCalendar {
        /// The exchange.
        mic: String,
    },
    /// More days than one answer lists, or none.
    #[error("no sessions can be listed from {from} to {to}")]
    Span {
        /// First day asked for.
        from: Date,
        /// Last day asked for.
        to: Date,
    },
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("exchange"),
            Error::NoCalendar { mic } => Self::new(
                StatusCode::NOT_FOUND,
                "calendar-unknown",
                "Calendar not known",
                format!("The sessions of {mic} are not known to this program."),
            ),
            Error::Span { from, to } => Self::invalid_field(
                "to",
                "invalid_span",
                format!("From {from} to {to} must be at least one day and at most 400."),
            ),
            Error::Database(error) => error.into(),
        }
    }
}
