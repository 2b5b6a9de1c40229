use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::PageQuery;

/// One deed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Activity {
    /// Names the deed.
    pub id: Uuid,
    /// When the transaction that did it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was done, as area.things.deed.
    pub r#type: String,
    /// The kind of thing it was done to.
    pub resource_type: Option<String>,
    /// Which of them, when the request named one.
    pub resource_id: Option<String>,
    /// More about it.
    pub details: Value,
    /// page, api or command.
    pub channel: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// What the other end called itself.
    pub agent: Option<String>,
    /// Names the request in the logs.
    pub request_id: Option<String>,
}

/// Which deeds are wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityQuery {
    /// Only this type, such as identity.sessions.sign_in.
    pub(super) r#type: Option<String>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Rows wanted, 1 to 500; 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    #[serde(
        default,
        deserialize_with = "web::limit_within::<_, { web::MAX_LIMIT }>"
    )]
    pub(super) limit: Option<u16>,
}

impl ActivityQuery {
    /// The type, unless a form left it empty.
    pub(super) fn kind(&self) -> Option<Cow<'_, str>> {
        let given = self.r#type.as_deref().filter(|kind| !kind.is_empty());
        given.map(db::sought)
    }

    pub(super) fn page(&self) -> PageQuery {
        PageQuery {
            cursor: self.cursor.clone(),
            limit: self.limit,
        }
    }
}

/// A type in words: “identity.sessions.sign_in” is “Sign in (sessions)”.
pub(super) fn in_words(kind: &str) -> String {
    let mut parts = kind.rsplit('.');
    let deed = parts.next().unwrap_or(kind).replace('_', " ");
    let mut letters = deed.chars();
    let deed: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    match parts.next() {
        Some(things) => format!("{deed} ({})", things.replace('_', " ")),
        None => deed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_like_words() {
        assert_eq!(in_words("identity.sessions.sign_in"), "Sign in (sessions)");
        assert_eq!(in_words("command.import_bars"), "Import bars (command)");
        assert_eq!(in_words("odd"), "Odd");
    }
}
