use web::Problem;

/// What can go wrong with API tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Empty, too long, or with control characters.
    #[error("say in 1 to {longest} characters what the token is for")]
    InvalidName {
        /// Characters allowed.
        longest: usize,
    },
    /// No such token of this person.
    #[error("there is no such token")]
    NotFound,
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::InvalidName { longest } => Self::invalid_field(
                "name",
                "invalid_name",
                format!("Say in 1 to {longest} characters what the token is for."),
            ),
            TokenError::NotFound => Self::not_found("token"),
            TokenError::Database(error) => error.into(),
        }
    }
}
