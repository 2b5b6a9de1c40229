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
    /// Neither a day from today on nor `never`.
    #[error("a token works through a day from today on, such as 2030-12-31, or `never` ends")]
    InvalidExpiry,
    /// Not the word of a scope.
    #[error("“{word}” is no scope: choose full, limited or read")]
    InvalidScope {
        /// The word as given.
        word: String,
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
        let detail = error.to_string();
        match error {
            TokenError::InvalidName { longest } => Self::invalid_field(
                "name",
                "invalid_name",
                format!("Say in 1 to {longest} characters what the token is for."),
            ),
            TokenError::InvalidExpiry => Self::invalid_field(
                "expires",
                "invalid_expiry",
                "Choose a day from today on, written like 2030-12-31, or `never`.",
            ),
            TokenError::InvalidScope { .. } => {
                Self::invalid_field("scope", "invalid_scope", detail)
            }
            TokenError::NotFound => Self::not_found("token"),
            TokenError::Database(error) => error.into(),
        }
    }
}
