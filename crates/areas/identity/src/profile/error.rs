use web::{FieldError, Problem};

use crate::{outbox::OutboxError, users::UserError};

/// What can go wrong with what people say about themselves.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Too long, or with characters that cannot be shown.
    #[error("A name has at most 100 characters, none of them line breaks or controls.")]
    InvalidName {
        /// Which one.
        field: &'static str,
    },
    /// Not of the form of a username.
    #[error(
        "A username has 3 to 30 letters, digits, dots, dashes or underscores, and begins with a letter."
    )]
    InvalidUsername,
    /// Somebody is called so.
    #[error("This username is taken. Choose another one.")]
    UsernameTaken,
    /// Not 32 bytes in base58.
    #[error("This is no address of Solana: it has 32 to 44 characters without 0, O, I and l.")]
    InvalidWallet,
    /// Somebody has linked it.
    #[error("This address is linked to another account.")]
    WalletTaken,
    /// Nobody has this code.
    #[error("Nobody here has this referral code.")]
    UnknownReferral,
    /// The own address cannot be changed so.
    #[error(transparent)]
    User(#[from] UserError),
    /// The link was used, replaced or is too old, or the address was taken meanwhile.
    #[error("the link is no longer valid")]
    LinkDead,
    /// Mail cannot be put into the outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database did not do it.
    #[error(transparent)]
    Database(db::Error),
}

impl From<db::Error> for ProfileError {
    fn from(error: db::Error) -> Self {
        match error.constraint() {
            Some("users_username_key") => Self::UsernameTaken,
            Some("users_username_check") => Self::InvalidUsername,
            Some("users_wallet_address_key") => Self::WalletTaken,
            Some("users_wallet_address_check") => Self::InvalidWallet,
            _ => Self::Database(error),
        }
    }
}

impl ProfileError {
    /// The field that is concerned, with a stable code.
    fn field(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::InvalidName { field } => Some((field, "invalid_name")),
            Self::InvalidUsername => Some(("username", "invalid_username")),
            Self::UsernameTaken => Some(("username", "username_taken")),
            Self::InvalidWallet => Some(("wallet_address", "invalid_wallet")),
            Self::WalletTaken => Some(("wallet_address", "wallet_taken")),
            Self::UnknownReferral => Some(("referral_code", "unknown_referral")),
            Self::User(_) | Self::LinkDead | Self::Outbox(_) | Self::Database(_) => None,
        }
    }

    /// What stands beside the field.
    pub(crate) fn field_error(&self) -> FieldError {
        let (pointer, code) = self.field().unwrap_or_default();
        FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: self.to_string(),
        }
    }
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        if error.field().is_some() {
            return Self::invalid(vec![error.field_error()]);
        }
        match error {
            ProfileError::User(error) => error.into(),
            ProfileError::Outbox(error) => error.into(),
            ProfileError::Database(error) => error.into(),
            _ => Self::not_found("link"),
        }
    }
}
