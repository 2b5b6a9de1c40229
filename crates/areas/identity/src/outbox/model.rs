use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub Uuid);

/// Which text a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    FinishRegistration,
    AlreadyRegistered,
    PasswordReset,
    PasswordSet,
    VerifyEmail,
    ChangeEmail,
    EmailInUse,
    EmailChangeAsked,
    EmailChanged,
    Invitation,
    DetailsChanged,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not sent yet.
    Waiting,
    /// Taken by the mail server.
    Sent,
    /// Given up.
    Failed,
}

/// A message to be put into the outbox.
#[derive(Clone, Debug)]
pub(crate) struct NewMessage<'a> {
    pub(crate) kind: Kind,
    pub(crate) recipient: &'a str,
    /// The path of a one-time link and when it ends.
    pub(crate) link: Option<(&'a str, Timestamp)>,
    pub(crate) detail: Option<&'a str>,
}

/// A message with its text, under the address at which people reach the server.
#[derive(Clone, Serialize)]
pub struct Letter {
    /// What it is.
    #[serde(flatten)]
    pub message: Message,
    /// Its text. It opens the door.
    pub text: String,
}

/// A message as a list has it: without its text.
#[derive(Clone, Serialize)]
pub struct Message {
    /// Names it.
    pub id: MessageId,
    /// Which text it has.
    pub kind: &'static str,
    /// To whom it goes.
    pub recipient: String,
    /// Its subject.
    pub subject: &'static str,
    /// What became of it.
    pub state: State,
    /// How often the mail server was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// When it is no longer worth sending.
    pub expires_at: Timestamp,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::FinishRegistration,
        Self::AlreadyRegistered,
        Self::PasswordReset,
        Self::PasswordSet,
        Self::VerifyEmail,
        Self::ChangeEmail,
        Self::EmailInUse,
        Self::EmailChangeAsked,
        Self::EmailChanged,
        Self::Invitation,
        Self::DetailsChanged,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::FinishRegistration => "finish_registration",
            Self::AlreadyRegistered => "already_registered",
            Self::PasswordReset => "password_reset",
            Self::PasswordSet => "password_set",
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::EmailInUse => "email_in_use",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::Invitation => "invitation",
            Self::DetailsChanged => "details_changed",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl State {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Sent, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

impl FromStr for MessageId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text opens the door.
        self.message.fmt(f)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The recipient is a person.
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
