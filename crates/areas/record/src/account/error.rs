use identity::users::UserError;
use web::Problem;

/// Why an account is not closed, or its data are not exported.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The password is not that of the person.
    #[error("the password is not right")]
    WrongPassword,
    /// The address that was typed is not that of the account.
    #[error("the email address is not that of this account")]
    WrongEmail,
    /// Somebody must run the instance afterwards.
    #[error(
        "this account is the last one that runs this instance; name a successor who has an account here"
    )]
    NeedsSuccessor,
    /// The successor has no active account, or is the person who leaves.
    #[error("{email} has no active account here that could take over")]
    NoSuccessor {
        /// The address as given.
        email: String,
    },
    /// The account is closed already.
    #[error("the account is closed")]
    Closed,
    /// The archive was not written.
    #[error("the export was not written: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// A line of CSV was not written.
    #[error("a line of CSV was not written: {0}")]
    Csv(#[from] csv::Error),
    /// A row was not written.
    #[error("the export was not written: {0}")]
    Write(#[from] std::io::Error),
    /// What is stored encrypted does not open.
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    /// The person could not be asked.
    #[error(transparent)]
    User(#[from] UserError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::WrongPassword => {
                Self::invalid_field("password", "wrong_password", "This is not your password.")
            }
            AccountError::WrongEmail => Self::invalid_field(
                "email",
                "wrong_email",
                "Type the email address under which you sign in.",
            ),
            AccountError::NeedsSuccessor => Self::invalid_field(
                "successor",
                "successor_needed",
                "You are the last one who runs this instance. Name somebody who has an account here.",
            ),
            AccountError::NoSuccessor { .. } => {
                Self::invalid_field("successor", "no_successor", detail)
            }
            AccountError::Closed => Self::not_found("account"),
            AccountError::Archive(error) => Self::internal(&error),
            AccountError::Csv(error) => Self::internal(&error),
            AccountError::Seal(error) => Self::internal(&error),
            AccountError::Write(error) => Self::internal(&error),
            AccountError::User(error) => error.into(),
            AccountError::Database(error) => error.into(),
        }
    }
}
