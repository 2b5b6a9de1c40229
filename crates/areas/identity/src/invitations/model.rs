use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::InvitationError;
use crate::users::{Email, Role};

pub(super) const DEFAULT_DAYS: u16 = 7;
const MAX_DAYS: u16 = 90;

/// Names an invitation; not the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct InvitationId(pub Uuid);

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// For whom alone it is; mail is sent there.
    pub email: Option<Email>,
    /// What the newcomer may do.
    pub role: Role,
    days: u16,
}

/// What is sent of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationBody {
    /// For whom alone it is; mail is sent there. Without it, whoever has the link proves an address.
    #[serde(default)]
    #[schema(example = "ann@example.org")]
    pub(crate) email: Option<String>,
    /// What the newcomer may do; user unless given.
    #[serde(default)]
    pub(crate) role: Option<Role>,
    /// Days until it ends, 1 to 90; 7 unless given.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 90)]
    pub(crate) days: Option<u16>,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not used yet.
    Open,
    /// Somebody made an account with it.
    Accepted,
    /// Ended unused.
    Expired,
}

/// An invitation in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Names it.
    pub id: InvitationId,
    /// For whom alone it is.
    pub email: Option<String>,
    /// What the newcomer may do.
    pub role: Role,
    /// What became of it.
    pub state: State,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends unused.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When it was used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Timestamp>,
}

/// An invitation that was just made. Only now is its link known.
#[derive(Clone, Serialize, ToSchema)]
pub struct Created {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The path of its link on this server. Shown this once.
    #[schema(example = "/identity/invitations/…")]
    pub path: String,
}

impl NewInvitation {
    /// An invitation that lasts some days; a week unless given.
    pub fn new(
        email: Option<Email>,
        role: Role,
        days: Option<u16>,
    ) -> Result<Self, InvitationError> {
        let email = email.map(|email| Email::new(email.as_str())).transpose()?;
        let days = days.unwrap_or(DEFAULT_DAYS);
        if (1..=MAX_DAYS).contains(&days) {
            Ok(Self { email, role, days })
        } else {
            Err(InvitationError::InvalidDays { longest: MAX_DAYS })
        }
    }

    pub(super) fn days(&self) -> i64 {
        i64::from(self.days)
    }
}

impl TryFrom<InvitationBody> for NewInvitation {
    type Error = InvitationError;

    fn try_from(body: InvitationBody) -> Result<Self, InvitationError> {
        let email = body.email.as_deref().map(str::parse).transpose()?;
        Self::new(email, body.role.unwrap_or(Role::User), body.days)
    }
}

impl State {
    pub(super) fn of(
        accepted_at: Option<Timestamp>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        if accepted_at.is_some() {
            Self::Accepted
        } else if expires_at <= now {
            Self::Expired
        } else {
            Self::Open
        }
    }

    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
        }
    }
}

impl FromStr for InvitationId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path opens the door.
        f.debug_struct("Created")
            .field("invitation", &self.invitation)
            .finish_non_exhaustive()
    }
}
