use jobs::JobError;
use seal::SealError;
use web::Problem;

use super::{MessageId, mailer::MailerError};

/// What can go wrong with mail that waits.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// No message of this id.
    #[error("there is no message {id}; `bursar outbox list` shows which there are")]
    NotFound {
        /// The id.
        id: MessageId,
    },
    /// What was sent is not sent again: its link is forgotten.
    #[error("message {id} was sent already; let the person ask for another one")]
    AlreadySent {
        /// The id.
        id: MessageId,
    },
    /// Its link has ended.
    #[error("message {id} has expired; let the person ask for another one")]
    Expired {
        /// The id.
        id: MessageId,
    },
    /// Its link cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The mail server did not take it.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<OutboxError> for Problem {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::NotFound { .. } => Self::not_found("message"),
            OutboxError::Database(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<OutboxError> for JobError {
    fn from(error: OutboxError) -> Self {
        Self::Retry(Box::new(error))
    }
}
