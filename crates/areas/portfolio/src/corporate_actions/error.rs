use web::Problem;

use crate::{portfolios, transactions};

/// Why a corporate action was not applied, declined or reversed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such action, or the portfolio does not hold the instrument on the eve of it.
    #[error("the portfolio has no such corporate action")]
    NotFound,
    /// A transaction of the same kind is there already.
    #[error("a transaction of the same type and day is there already")]
    Recorded,
    /// The action was deleted after it was applied.
    #[error("the corporate action was deleted")]
    Withdrawn,
    /// It is applied, so it cannot be declined.
    #[error("the corporate action is applied")]
    Applied,
    /// What the action gives cannot be told from its terms.
    #[error("{reason}")]
    ByHand {
        /// Why, and what to do.
        reason: String,
    },
    /// Others kept changing the portfolio.
    #[error("the portfolio was changed meanwhile")]
    Busy,
    /// A transaction was not acceptable.
    #[error(transparent)]
    Transaction(#[from] transactions::Error),
    /// The portfolio is not there.
    #[error(transparent)]
    Portfolio(#[from] portfolios::Error),
    /// The database did not take part.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The state of the action in this portfolio does not allow what was asked for.
fn conflict(detail: String) -> Problem {
    Problem::conflict(
        "corporate-action-decided",
        "The corporate action is in another state",
        detail,
    )
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found("corporate action"),
            Error::Recorded => conflict(
                "A transaction of the same type is recorded within three days of it, so it counts \
                 as applied. Delete that transaction first."
                    .to_owned(),
            ),
            Error::Withdrawn => conflict(
                "The corporate action was deleted after it was applied. Reverse it, or leave its \
                 transaction as it is."
                    .to_owned(),
            ),
            Error::Applied => {
                conflict("The corporate action is applied. Reverse it first.".to_owned())
            }
            Error::ByHand { reason } => conflict(reason),
            Error::Busy => conflict(
                "The portfolio kept changing while the corporate action was worked out. Try again."
                    .to_owned(),
            ),
            Error::Transaction(error) => error.into(),
            Error::Portfolio(error) => error.into(),
            Error::Database(error) => error.into(),
        }
    }
}
