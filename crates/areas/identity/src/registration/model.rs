use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{FieldError, Problem};

use super::RegistrationError;
use crate::{
    profile::{ReferralCode, Username, optional},
    users::{Password, UserError, clean_name},
};

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Everybody with an email address.
    Open,
    /// Who is invited.
    Invitation,
    /// Nobody.
    Closed,
}

/// What holds, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setting {
    /// What holds.
    pub policy: Policy,
    /// What an administrator chose; it holds unless something else is pinned.
    pub chosen: Policy,
    /// Whether whoever started the server has laid it down.
    pub is_pinned: bool,
}

/// What a newcomer fills in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AccountForm {
    pub(super) name: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) referral_code: String,
}

/// An account as it may be made.
pub(super) struct NewAccount {
    pub(super) name: String,
    pub(super) username: Option<Username>,
    pub(super) password: Password,
    pub(super) referral_code: Option<ReferralCode>,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Invitation, Self::Closed];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }

    /// What somebody is told who may not register.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Open => "Registration is open.",
            Self::Invitation => {
                "An account is made by invitation. Ask whoever runs this server for one."
            }
            Self::Closed => "No accounts are made here at the moment.",
        }
    }
}

impl FromStr for Policy {
    type Err = RegistrationError;

    fn from_str(word: &str) -> Result<Self, RegistrationError> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.as_str() == word)
            .ok_or_else(|| RegistrationError::UnknownPolicy {
                word: word.to_owned(),
            })
    }
}

impl AccountForm {
    /// Reads the whole form, so that everything that is wrong is said at once.
    pub(super) fn read(&self, email: &str) -> Result<NewAccount, Vec<FieldError>> {
        let name = clean_name(&self.name).map_err(Problem::from);
        let username = optional(&self.username).map_err(Problem::from);
        let password = Password::new(&self.password, email)
            .map_err(|weakness| Problem::from(UserError::from(weakness)));
        let referral_code = optional(&self.referral_code).map_err(Problem::from);
        match (name, username, password, referral_code) {
            (Ok(name), Ok(username), Ok(password), Ok(referral_code)) => Ok(NewAccount {
                name,
                username,
                password,
                referral_code,
            }),
            (name, username, password, referral_code) => Err([
                name.err(),
                username.err(),
                password.err(),
                referral_code.err(),
            ]
            .into_iter()
            .flatten()
            .flat_map(|problem| problem.errors)
            .collect()),
        }
    }
}
