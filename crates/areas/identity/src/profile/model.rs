use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use super::ProfileError;
use crate::users::{Role, Tier, clean_name};

const MIN_USERNAME_CHARS: usize = 3;
const MAX_USERNAME_CHARS: usize = 30;
const WALLET_BYTES: usize = 32;

/// What somebody is called among the others: a letter, then letters, digits, `_`, `.` and `-`. Two that
/// differ in case alone are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

/// An address of Solana: 32 bytes in base58.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletAddress(String);

/// What a newcomer names who was sent by somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralCode(String);

/// What people say about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileInput {
    pub(super) name: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) username: Option<Username>,
    pub(super) wallet_address: Option<WalletAddress>,
}

/// What is sent of it, by form and by body; empty means none.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProfileBody {
    /// How the person is addressed, up to 100 characters.
    pub(crate) name: String,
    /// Up to 100 characters.
    pub(crate) first_name: String,
    /// Up to 100 characters.
    pub(crate) last_name: String,
    /// 3 to 30 letters, digits, `_`, `.` or `-`, the first a letter; unique whatever the case.
    #[schema(example = "ann.miller")]
    pub(crate) username: String,
    /// An address of Solana; unique.
    #[schema(example = "11111111111111111111111111111111")]
    pub(crate) wallet_address: String,
}

/// A profile as its person reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProfileView {
    /// What the person signs in with.
    pub(crate) email: String,
    /// When the person proved that the address is theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) email_verified_at: Option<Timestamp>,
    /// May be empty.
    pub(crate) name: String,
    /// May be empty.
    pub(crate) first_name: String,
    /// May be empty.
    pub(crate) last_name: String,
    /// Unique on this instance.
    pub(crate) username: Option<String>,
    /// An address of Solana.
    pub(crate) wallet_address: Option<String>,
    /// What the person may do.
    pub(crate) role: Role,
    /// What the account is entitled to now: observer once the tier has ended.
    pub(crate) tier: Tier,
    /// When the tier ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) tier_expires_at: Option<Timestamp>,
    /// What newcomers name who come by this person.
    #[schema(example = "7KQ2MXD9AB")]
    pub(crate) referral_code: String,
    /// How many came.
    pub(crate) referrals: i64,
    /// Whether there is a picture.
    pub(crate) has_avatar: bool,
}

impl ProfileBody {
    /// Reads the whole of it, so that everything that is wrong is said at once.
    pub(crate) fn read(&self) -> Result<ProfileInput, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut name = |field: &'static str, text: &str| {
            clean_name(text).unwrap_or_else(|_| {
                errors.push(ProfileError::InvalidName { field }.field_error());
                String::new()
            })
        };
        let (name, first_name, last_name) = (
            name("name", &self.name),
            name("first_name", &self.first_name),
            name("last_name", &self.last_name),
        );
        let username = optional(&self.username).unwrap_or_else(|error: ProfileError| {
            errors.push(error.field_error());
            None
        });
        let wallet_address =
            optional(&self.wallet_address).unwrap_or_else(|error: ProfileError| {
                errors.push(error.field_error());
                None
            });
        if errors.is_empty() {
            Ok(ProfileInput {
                name,
                first_name,
                last_name,
                username,
                wallet_address,
            })
        } else {
            Err(errors)
        }
    }
}

/// Reads a text that may be left empty.
pub(crate) fn optional<T: FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    let text = text.trim();
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some)
    }
}

impl FromStr for Username {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let text = text.trim();
        let fits = (MIN_USERNAME_CHARS..=MAX_USERNAME_CHARS).contains(&text.len());
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_clean = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        if fits && begins && is_clean {
            Ok(Self(text.to_owned()))
        } else {
            Err(ProfileError::InvalidUsername)
        }
    }
}

impl FromStr for WalletAddress {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let text = text.trim();
        match bs58::decode(text).into_vec() {
            Ok(bytes) if bytes.len() == WALLET_BYTES => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(ProfileError::InvalidWallet),
        }
    }
}

impl FromStr for ReferralCode {
    type Err = ProfileError;

    /// Takes what people write down: with spaces, dashes and small letters.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let code: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let is_clean = code.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_clean && (6..=10).contains(&code.len()) {
            Ok(Self(code))
        } else {
            Err(ProfileError::UnknownReferral)
        }
    }
}

macro_rules! text_of {
    ($($name:ident),*) => { $(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}
text_of!(Username, WalletAddress, ReferralCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_begin_with_a_letter_and_stay_plain() {
        for text in ["ann", "Ann.Miller", "a_1-b", &"a".repeat(30)] {
            assert_eq!(text.parse::<Username>().expect(text).as_str(), text);
        }
        for text in [
            "",
            "an",
            "1ann",
            "ann miller",
            "änn",
            "ann@x",
            ".ann",
            &"a".repeat(31),
        ] {
            assert!(text.parse::<Username>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn wallets_are_32_bytes_in_base58() {
        // The system program and the token program of Solana.
        for text in [
            "11111111111111111111111111111111",
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        ] {
            assert_eq!(text.parse::<WalletAddress>().expect(text).as_str(), text);
        }
        for text in [
            "",
            "1111111111111111111111111111111",
            "111111111111111111111111111111111",
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D0",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
        ] {
            assert!(text.parse::<WalletAddress>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn referral_codes_are_read_as_people_write_them() {
        let code: ReferralCode = " 7kq2m-xd9ab ".parse().expect("a code");
        assert_eq!(code.as_str(), "7KQ2MXD9AB");
        for text in ["", "short", "much-too-long-a-code", "7KQ2MXD9Ä"] {
            assert!(text.parse::<ReferralCode>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let body = ProfileBody {
            name: "a\nb".to_owned(),
            first_name: "x".repeat(101),
            last_name: String::new(),
            username: "1".to_owned(),
            wallet_address: "wallet".to_owned(),
        };
        let errors = body.read().expect_err("refused");
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["name", "first_name", "username", "wallet_address"]
        );
    }
}
