use db::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::PeopleError;
use crate::users::{Role, Status, Tier};

/// Names a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct PersonId(pub Uuid);

/// A person as administrators see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// Names the person.
    pub id: PersonId,
    /// What the person signs in with.
    pub email: String,
    /// When the person proved that the address is theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub email_verified_at: Option<Timestamp>,
    /// May be empty.
    pub name: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// Unique on this instance.
    pub username: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether the account may be used.
    pub status: Status,
    /// What the account is entitled to now: observer once the tier has ended.
    pub tier: Tier,
    /// What was granted, whether or not it has ended.
    pub granted_tier: Tier,
    /// When the tier ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tier_expires_at: Option<Timestamp>,
    /// What newcomers name who come by this person.
    pub referral_code: String,
    /// By whom the person came.
    pub referred_by: Option<PersonId>,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Absent before the first time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_signed_in_at: Option<Timestamp>,
}

/// Which people are wanted; all conditions must hold.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Part of the email address, the username or a name.
    pub q: Option<String>,
    /// Only of this role.
    pub role: Option<Role>,
    /// Only of this status.
    pub status: Option<Status>,
}

/// What is to be changed; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// What the person may do.
    pub role: Option<Role>,
    /// Whether the account may be used.
    pub status: Option<Status>,
    /// What the account is entitled to.
    pub tier: Option<TierGrant>,
}

/// A tier and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierGrant {
    tier: Tier,
    expires_at: Option<Timestamp>,
}

/// What is sent of a [`Change`].
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// What the person may do.
    #[serde(default)]
    role: Option<Role>,
    /// Whether the account may be used; what is deleted stays so.
    #[serde(default)]
    status: Option<Status>,
    /// What the account is entitled to; `free` is observer.
    #[serde(default)]
    tier: Option<Tier>,
    /// When the tier ends; without it the tier has no end. Read with `tier` alone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    tier_expires_at: Option<Timestamp>,
}

impl TierGrant {
    /// A tier until an instant ahead, or without end.
    pub fn new(
        tier: Tier,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, PeopleError> {
        match expires_at {
            Some(_) if tier == Tier::Observer => Err(PeopleError::EndWithoutTier),
            Some(end) if end <= now => Err(PeopleError::PastEnd),
            _ => Ok(Self { tier, expires_at }),
        }
    }

    /// The tier.
    pub fn tier(self) -> Tier {
        self.tier
    }

    /// Its end.
    pub fn expires_at(self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl ChangeBody {
    pub(super) fn read(&self, now: Timestamp) -> Result<Change, PeopleError> {
        let tier = match self.tier {
            Some(tier) => Some(TierGrant::new(tier, self.tier_expires_at, now)?),
            None if self.tier_expires_at.is_some() => return Err(PeopleError::EndWithoutTier),
            None => None,
        };
        Ok(Change {
            role: self.role,
            status: self.status,
            tier,
        })
    }
}

impl From<UserId> for PersonId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}

impl From<PersonId> for UserId {
    fn from(id: PersonId) -> Self {
        Self(id.0)
    }
}
