use std::{fmt, str::FromStr};

use db::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::UserError;
use crate::links::OneTimeLink;

const MAX_EMAIL_CHARS: usize = 254;
const MAX_NAME_CHARS: usize = 100;
const MIN_PASSWORD_CHARS: usize = 10;
/// Longer input costs hashing time and adds nothing.
const MAX_PASSWORD_CHARS: usize = 256;

/// Long enough, and still among the first that anybody tries.
const GUESSED_FIRST: [&str; 24] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "9876543210",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwertyuiop123",
    "qwerty12345",
    "qwerty123456",
    "asdfghjkl123",
    "iloveyou123",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "passw0rd123",
    "welcome123",
    "letmein123",
    "changeme123",
    "administrator",
    "admin12345",
    "abcdefghij",
    "bursarbursar",
];

/// An email address, trimmed and lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

/// A password that a person chose, strong enough to be stored.
#[derive(Clone)]
pub struct Password(String);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Too few characters.
    #[error("Use at least {MIN_PASSWORD_CHARS} characters.")]
    TooShort,
    /// Too many characters.
    #[error("Use at most {MAX_PASSWORD_CHARS} characters.")]
    TooLong,
    /// It contains the email address, or is its local part.
    #[error("Do not use your email address as the password.")]
    IsEmail,
    /// One of the passwords that are tried first, or one character over and over.
    #[error("This password is among the first that anybody tries. Choose another one.")]
    Guessable,
}

/// What a user may do on this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the instance: manages people and what is shared. The first person of an instance is one.
    Admin,
    /// Uses the instance.
    User,
    /// A program that acts for people: reads and drafts, and manages nothing.
    Agent,
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Unique on this instance.
    pub email: Email,
    /// Shown in the corner of the pages; may be empty.
    pub name: String,
}

/// A person who was added.
#[derive(Debug)]
pub struct AddedUser {
    /// The new user.
    pub id: UserId,
    /// The first user of an instance is its admin.
    pub role: Role,
    /// Where the person sets the password, when none was given.
    pub link: Option<OneTimeLink>,
}

/// A person with an account.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// Owner of all rows with this `user_id`.
    pub id: UserId,
    /// Unique on this instance.
    pub email: String,
    /// May be empty.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// `active`, `inactive`, `suspended` or `deleted`.
    pub status: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// `None` before the first time.
    pub last_signed_in_at: Option<Timestamp>,
}

impl Email {
    /// Takes an address in: one that mail of the internet can reach.
    pub fn new(text: &str) -> Result<Self, UserError> {
        let email: Self = text.parse()?;
        match email.0.split_once('@') {
            Some((_, host)) if is_domain(host) => Ok(email),
            _ => Err(UserError::InvalidEmail { email: email.0 }),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = UserError;

    /// Reads an address that may be stored; [`Email::new`] asks more of one that is taken in.
    fn from_str(text: &str) -> Result<Self, UserError> {
        let email = text.trim().to_lowercase();
        let has_form = email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@')
        });
        let is_clean = !email.chars().any(|c| c.is_whitespace() || c.is_control());
        if has_form && is_clean && email.chars().count() <= MAX_EMAIL_CHARS {
            Ok(Self(email))
        } else {
            Err(UserError::InvalidEmail {
                email: text.trim().to_owned(),
            })
        }
    }
}

/// Labels with dots between them, of which the last, as that of every domain on the internet, begins with
/// a letter and has at least two characters.
fn is_domain(host: &str) -> bool {
    let has_ending = host.rsplit_once('.').is_some_and(|(_, ending)| {
        ending.chars().count() >= 2 && ending.starts_with(char::is_alphabetic)
    });
    has_ending && !host.contains('@') && host.split('.').all(|label| !label.is_empty())
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Trims a name; one that is too long or has control characters is refused.
pub(crate) fn clean_name(text: &str) -> Result<String, UserError> {
    let name = text.trim();
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(UserError::InvalidName {
            longest: MAX_NAME_CHARS,
        });
    }
    Ok(name.to_owned())
}

impl Password {
    /// Takes a password for the person with the email, unless it is easily guessed. Any characters
    /// are allowed and none are demanded: length is what resists guessing.
    pub fn new(text: &str, email: &str) -> Result<Self, Weakness> {
        let chars = text.chars().count();
        let lower = text.to_lowercase();
        let email = email.trim().to_lowercase();
        let local = email.split('@').next().unwrap_or("");
        if chars < MIN_PASSWORD_CHARS {
            Err(Weakness::TooShort)
        } else if chars > MAX_PASSWORD_CHARS {
            Err(Weakness::TooLong)
        } else if !email.is_empty() && lower.contains(&email) || lower == local {
            Err(Weakness::IsEmail)
        } else if GUESSED_FIRST.contains(&lower.as_str()) || is_repetition(text) {
            Err(Weakness::Guessable)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

fn is_repetition(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| chars.all(|c| c == first))
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Role {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Agent => "agent",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Admin, Self::User, Self::Agent]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_trimmed_and_lower_case() {
        let email: Email = " Ann@Example.ORG ".parse().expect("email");
        assert_eq!(email.as_str(), "ann@example.org");
        for text in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "a@b@c",
            "a b@c",
            "a\u{0}@b.org",
            "ann@localhost",
            "ann@example.o",
            "ann@example.",
            "ann@.org",
            "ann@example..org",
            "ann@192.0.2.10",
        ] {
            assert!(Email::new(text).is_err(), "{text:?} was accepted");
        }
        for text in ["ann@example.de", "ann@mail.example.co.uk", "ann@пример.рф"] {
            assert!(Email::new(text).is_ok(), "{text:?} was refused");
        }
        // What was taken in before stays readable.
        assert!("ann@localhost".parse::<Email>().is_ok());
        assert!(
            format!("{}@b.org", "a".repeat(260))
                .parse::<Email>()
                .is_err()
        );
    }

    #[test]
    fn passwords_resist_the_first_guesses() {
        let email = "ann.miller@example.org";
        for (text, weakness) in [
            ("short", Weakness::TooShort),
            ("PassWord123", Weakness::Guessable),
            ("aaaaaaaaaaaa", Weakness::Guessable),
            ("ann.miller", Weakness::IsEmail),
            ("Ann.Miller@example.org!", Weakness::IsEmail),
        ] {
            assert_eq!(Password::new(text, email).err(), Some(weakness), "{text}");
        }
        assert_eq!(
            Password::new(&"xy".repeat(200), email).err(),
            Some(Weakness::TooLong)
        );
        assert!(Password::new("no rules, but long", email).is_ok());
        assert!(Password::new("no email is known yet", "").is_ok());
        assert!(Password::new("пароль-подлиннее", email).is_ok());
    }

    #[test]
    fn passwords_do_not_show_in_logs() {
        let password = Password::new("correct horse battery", "ann@example.org").expect("password");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
