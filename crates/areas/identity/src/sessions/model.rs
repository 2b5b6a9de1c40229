use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::device;
use crate::tokens::Scope;

/// Names a session; not the secret in the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

/// How a request proved who it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// By the cookie of a session.
    Session(SessionId),
    /// By the access token of an app's session.
    App(SessionId),
    /// By an API token.
    Token(Scope),
}

/// What carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Carrier {
    /// A cookie.
    Browser,
    /// A family of access and refresh tokens.
    App,
}

/// A session in the list.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) carrier: Carrier,
    pub(crate) agent: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A session as a client reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Names the session.
    id: SessionId,
    /// Whether a browser has it, by a cookie, or an app, by access and refresh tokens.
    carrier: Carrier,
    /// The device in words, as far as it can be told.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// How the browser or program calls itself.
    agent: Option<String>,
    /// Address of the sign-in.
    address: Option<String>,
    /// When the person signed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Last use, to the hour.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// When it ends unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether this request belongs to it.
    is_current: bool,
}

/// Which sessions end.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EndQuery {
    /// Also the session of this request: the person is signed out everywhere.
    pub(super) current: bool,
}

impl Session {
    pub(super) fn view(self, current: Option<SessionId>) -> SessionView {
        SessionView {
            is_current: Some(self.id) == current,
            id: self.id,
            carrier: self.carrier,
            device: self.device(),
            agent: self.agent,
            address: self.address,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
        }
    }

    pub(super) fn device(&self) -> String {
        device::in_words(self.agent.as_deref())
    }
}
