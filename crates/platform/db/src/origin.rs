//! Where a unit of work comes from: a request, a command or a job. Whoever begins one says so for
//! everything that happens within; units of work carry it to the server.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::UserId;

/// Longer names of requests are not taken over: they must fit the server's list of sessions.
const MAX_REQUEST_ID_CHARS: usize = 50;

tokio::task_local! {
    static ORIGIN: Arc<Origin>;
}

/// What causes the units of work of a task.
#[derive(Clone, Debug)]
pub struct Origin {
    request_id: String,
    /// Who asked, once that is known.
    pub user_id: Option<UserId>,
    /// What a person's unit of work goes on record as; nothing for what nobody asked for.
    pub deed: Option<Deed>,
    /// The other end of the connection.
    pub address: Option<String>,
    /// What the other end calls itself.
    pub agent: Option<String>,
}

/// What somebody does, as it goes on record.
#[derive(Clone, Debug)]
pub struct Deed {
    /// `area.things.deed`.
    pub kind: String,
    /// `area.things`.
    pub resource_type: Option<String>,
    /// The id of the thing, when the request names one.
    pub resource_id: Option<String>,
    /// More about it, without personal data.
    pub details: Value,
    /// By which way in.
    pub channel: Channel,
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The pages.
    Page,
    /// The REST API.
    Api,
    /// The command line.
    Command,
}

impl Channel {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Command => "command",
        }
    }
}

impl Origin {
    /// An origin with a name of somebody else's making; a name that is not plain gets replaced.
    pub fn named(request_id: Option<&str>) -> Self {
        let request_id = match request_id {
            Some(id) if is_request_id(id) => id.to_owned(),
            _ => Uuid::new_v4().to_string(),
        };
        Self {
            request_id,
            user_id: None,
            deed: None,
            address: None,
            agent: None,
        }
    }

    /// A command of the command line.
    pub fn command(name: &str) -> Self {
        Self {
            deed: Some(Deed {
                kind: format!("command.{name}"),
                resource_type: None,
                resource_id: None,
                details: Value::Object(serde_json::Map::new()),
                channel: Channel::Command,
            }),
            ..Self::named(None)
        }
    }

    /// The name of the request, command or job.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// What the running task comes from.
    pub fn current() -> Option<Arc<Self>> {
        ORIGIN.try_with(Arc::clone).ok()
    }

    /// Does something in the name of this origin.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        ORIGIN.scope(Arc::new(self), work).await
    }
}

/// Whether a text may name a request: plain, so that it can stand in logs and statements.
pub fn is_request_id(text: &str) -> bool {
    (1..=MAX_REQUEST_ID_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_taken_over() {
        assert_eq!(Origin::named(Some("abc-1.2_X")).request_id(), "abc-1.2_X");
        for hostile in ["", "a'b", "a b", "a\nb", "é", &"x".repeat(51)] {
            let id = Origin::named(Some(hostile)).request_id().to_owned();
            assert!(is_request_id(&id) && id.len() == 36, "{hostile:?}: {id}");
        }
    }

    #[tokio::test]
    async fn what_happens_within_knows_where_it_comes_from() {
        assert!(Origin::current().is_none());
        let seen = Origin::named(Some("one"))
            .scope(async { Origin::current().map(|origin| origin.request_id().to_owned()) })
            .await;
        assert_eq!(seen.as_deref(), Some("one"));
    }
}
