use axum::http::StatusCode;
use jiff::civil::Date;
use web::Problem;

/// Why nothing of a file was loaded. Single lines are refused in the report instead.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not one of prices or rates.
    #[error(transparent)]
    Unreadable(#[from] statements::Unreadable),
    /// Reading ended before the end of the file.
    #[error("line {line}: {reason}")]
    Broken {
        /// Line counted from 1.
        line: u64,
        /// What happened there.
        reason: String,
    },
    /// The bars of the file are shorter than a day.
    #[error(
        "line {line}: the bars of {symbol} on {date} begin at several times of the day: say what one of \
         them spans with the option interval, for example --interval 1m"
    )]
    Intraday {
        /// Line of the second bar of a day.
        line: u64,
        /// Its symbol.
        symbol: String,
        /// The day.
        date: Date,
    },
    /// Times of the file are those of some clock, and nobody said of which.
    #[error(
        "line {line}: the file names no time zone, and the exchange of {symbol} has no calendar here: say \
         it with the option time zone, for example --time-zone America/New_York"
    )]
    MissingTimeZone {
        /// The first such line.
        line: u64,
        /// Its symbol.
        symbol: String,
    },
    /// The file has no symbol column and no symbol was given.
    #[error(
        "the file has no symbol column: say whose bars these are with the option symbol, for \
         example --symbol MSFT"
    )]
    MissingSymbol,
    /// The instrument is known to be quoted in another unit of its currency.
    #[error(
        "{symbol} is quoted in {known} here, and this file is said to be in {stated}: state the unit of \
         the instrument first, or leave the currency of the file out"
    )]
    OtherUnit {
        /// The instrument.
        symbol: String,
        /// What its bars are in.
        known: String,
        /// What was said of the file.
        stated: String,
    },
    /// What was loaded of a long file before the reason stays.
    #[error(
        "{reason}; {rows} rows before it are decided on and stay, and loading the file again goes on there"
    )]
    Partly {
        /// Rows that were decided on and committed.
        rows: u64,
        /// Why it did not go on.
        reason: Box<ImportError>,
    },
    /// The reader ended before the file did.
    #[error("the reader of the file stopped before its end")]
    Interrupted,
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl ImportError {
    /// As it is after rows of the file have been committed. The database tells of itself, whatever was done before.
    pub(crate) fn after(self, rows: u64) -> Self {
        match self {
            Self::Database(_) => self,
            reason if rows > 0 => Self::Partly {
                rows,
                reason: Box::new(reason),
            },
            reason => reason,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            error @ (ImportError::Unreadable(_)
            | ImportError::Broken { .. }
            | ImportError::Intraday { .. }) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unreadable-file",
                "The file cannot be read",
                format!("Nothing was loaded: {error}."),
            ),
            error @ ImportError::MissingTimeZone { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "missing-time-zone",
                "On which clock?",
                format!("Nothing was loaded: {error}."),
            ),
            ImportError::MissingSymbol => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "missing-symbol",
                "Whose bars are these?",
                "The file has no symbol column: name the symbol beside it.",
            ),
            error @ ImportError::OtherUnit { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "other-quote-unit",
                "Quoted in another unit",
                format!("Nothing was loaded: {error}."),
            ),
            error @ ImportError::Interrupted => Self::internal(&error),
            ImportError::Partly { rows, reason } => {
                let detail = format!("{rows} rows were loaded or refused before this: {reason}.");
                Self {
                    detail,
                    ..Self::from(*reason)
                }
            }
            ImportError::Database(error) => error.into(),
        }
    }
}
