//! Whether an account may be used, and what it is entitled to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether an account may be used. Only an active one can sign in, and only its sessions and tokens
/// work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Active,
    /// Laid to rest.
    Inactive,
    /// Locked by an administrator.
    Suspended,
    /// Closed for good.
    Deleted,
}

/// What an account is entitled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The free one; `free` is another word for it.
    #[serde(alias = "free")]
    Observer,
    /// Trader.
    Trader,
    /// Professional.
    Professional,
    /// Enterprise.
    Enterprise,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Inactive, Self::Suspended, Self::Deleted];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl Tier {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [
        Self::Observer,
        Self::Trader,
        Self::Professional,
        Self::Enterprise,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observer => "observer",
            Self::Trader => "trader",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
        }
    }

    /// Reads [`Self::as_str`] or `free`.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "free" {
            return Some(Self::Observer);
        }
        Self::ALL.into_iter().find(|tier| tier.as_str() == word)
    }

    /// What the tier counts as at an instant: after its end an account is an observer's.
    #[must_use]
    pub fn at(self, now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        if expires_at.is_some_and(|end| end <= now) {
            Self::Observer
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_tier_counts_as_observer() {
        let end: Timestamp = "2026-03-02T00:00:00Z".parse().expect("instant");
        let before = end.checked_sub(jiff::SignedDuration::from_secs(1));
        let before = before.expect("instant");
        assert_eq!(Tier::Trader.at(before, Some(end)), Tier::Trader);
        assert_eq!(Tier::Trader.at(end, Some(end)), Tier::Observer);
        assert_eq!(Tier::Enterprise.at(end, None), Tier::Enterprise);
    }

    #[test]
    fn every_word_is_read_back() {
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.as_str()), Some(tier));
        }
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Tier::parse("free"), Some(Tier::Observer));
        assert_eq!(Tier::parse("Gold"), None);
        assert_eq!(Status::parse(""), None);
    }
}
