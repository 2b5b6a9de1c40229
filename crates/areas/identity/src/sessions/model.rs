use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Names a session; not the secret in the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

/// How a request proved who it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// By the cookie of a session.
    Session(SessionId),
    /// By an API token.
    Token,
}

/// A session in the list.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) agent: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Timestamp,
}

/// A session as a client reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Names the session.
    id: SessionId,
    /// How the browser calls itself.
    agent: Option<String>,
    /// Address of the last sign-in.
    address: Option<String>,
    /// When the person signed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Last use, to the hour.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// Whether this request belongs to it.
    is_current: bool,
}

impl Session {
    pub(super) fn view(self, current: Option<SessionId>) -> SessionView {
        SessionView {
            is_current: Some(self.id) == current,
            id: self.id,
            agent: self.agent,
            address: self.address,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }

    /// The browser and system in a few words, as far as they can be told.
    pub(super) fn device(&self) -> String {
        let agent = self.agent.as_deref().unwrap_or("");
        // The order matters: most browsers name their ancestors too.
        let browser = [
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ];
        let system = [
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ];
        let first = |known: &[(&str, &'static str)]| {
            known
                .iter()
                .find(|(mark, _)| agent.contains(mark))
                .map(|(_, name)| *name)
        };
        match (first(&browser), first(&system)) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(name), None) | (None, Some(name)) => name.to_owned(),
            (None, None) => "Unknown device".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_apart() {
        let device = |agent: &str| {
            Session {
                id: SessionId(Uuid::nil()),
                agent: Some(agent.to_owned()),
                address: None,
                created_at: Timestamp::UNIX_EPOCH,
                last_used_at: Timestamp::UNIX_EPOCH,
            }
            .device()
        };
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5", "Unknown device"),
        ] {
            assert_eq!(device(agent), expected);
        }
    }
}
