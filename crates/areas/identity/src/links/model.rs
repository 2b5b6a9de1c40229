use std::fmt;

use jiff::Timestamp;

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Makes the first administrator.
    Setup,
    /// Sets a new password.
    PasswordReset,
    /// Proves an address, and makes it the one of its person.
    Email,
    /// Makes an account with an address.
    Registration,
}

/// A link that works once. It opens the door like a password does, so it is shown to the person and
/// never logged.
#[derive(Clone)]
pub struct OneTimeLink {
    path: String,
    /// When it ends unused.
    pub expires_at: Timestamp,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::PasswordReset => "password_reset",
            Self::Email => "email",
            Self::Registration => "registration",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Setup => "/setup/",
            Self::PasswordReset => "/identity/reset/",
            Self::Email => "/identity/email/",
            Self::Registration => "/identity/register/",
        }
    }
}

impl OneTimeLink {
    pub(super) fn new(purpose: Purpose, secret: &str, expires_at: Timestamp) -> Self {
        Self {
            path: format!("{}{secret}", purpose.prefix()),
            expires_at,
        }
    }

    /// The path of the link on this server.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole link, under the address at which people reach the server.
    pub fn url(&self, base_url: &str) -> String {
        format!("{}{}", base_url.trim_end_matches('/'), self.path)
    }
}

impl fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeLink")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
