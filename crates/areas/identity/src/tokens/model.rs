use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Expiry, Scope, TokenError};

const MAX_NAME_CHARS: usize = 100;

/// Names a token; not the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

/// A token to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "NewTokenBody")]
pub struct NewToken {
    name: String,
    scope: Scope,
    expires: Expiry,
}

/// What a client sends to make a token.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    /// What the token is for, 1 to 100 characters.
    #[schema(example = "Backup script", min_length = 1, max_length = 100)]
    pub(crate) name: String,
    /// What it may do: `full` unless given.
    #[serde(default)]
    pub(crate) scope: Scope,
    /// The last day on which it works, in UTC, or `never`; 90 days from now unless given.
    #[schema(example = "2030-12-31")]
    pub(crate) expires: Option<String>,
}

/// A token in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    /// Names the token.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// How its secret begins.
    #[schema(example = "bur_aB3x")]
    pub prefix: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From when on it does not work; absent for one without end. It stays in the list for 30 days more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Last use, to the hour; absent before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// A token that was just made. Only now is its secret known.
#[derive(Clone)]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// What programs send.
    pub secret: String,
}

/// A token that was just made, as a client reads it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedTokenView {
    #[serde(flatten)]
    pub(crate) token: Token,
    /// What programs send as `Authorization: Bearer`. Shown this once: absent when the answer to a
    /// repeated `Idempotency-Key` is repeated, because it is stored nowhere. Revoke the token then,
    /// and make another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

impl NewToken {
    /// A token by its purpose, with the scope `full` and for 90 days.
    pub fn new(name: &str) -> Result<Self, TokenError> {
        let name = name.trim();
        let is_clean = !name.is_empty() && !name.chars().any(char::is_control);
        if is_clean && name.chars().count() <= MAX_NAME_CHARS {
            Ok(Self {
                name: name.to_owned(),
                scope: Scope::default(),
                expires: Expiry::default(),
            })
        } else {
            Err(TokenError::InvalidName {
                longest: MAX_NAME_CHARS,
            })
        }
    }

    /// The same with another scope.
    #[must_use]
    pub fn with_scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The same with another end.
    #[must_use]
    pub fn until(self, expires: Expiry) -> Self {
        Self { expires, ..self }
    }

    /// What the token is for.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope
    }

    pub(super) fn expires(&self) -> Expiry {
        self.expires
    }
}

impl Token {
    /// Whether its time is over.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl TryFrom<NewTokenBody> for NewToken {
    type Error = TokenError;

    fn try_from(body: NewTokenBody) -> Result<Self, TokenError> {
        let expires = match &body.expires {
            Some(text) => Expiry::parse(text)?,
            None => Expiry::default(),
        };
        Ok(Self::new(&body.name)?.with_scope(body.scope).until(expires))
    }
}

impl fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedToken")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
