use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// Rows a page holds unless the client says otherwise.
const DEFAULT_LIMIT: u16 = 50;
/// Rows a page holds at most.
pub const MAX_LIMIT: u16 = 500;

/// One page of a list, in a stable order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Send as `cursor` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Where to read on, and how much.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 500; 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    #[serde(default, deserialize_with = "limit_within::<_, MAX_LIMIT>")]
    pub limit: Option<u16>,
}

/// Reads how many rows are wanted: 1 to `MAX`.
pub fn limit_within<'de, D, const MAX: u16>(deserializer: D) -> Result<Option<u16>, D::Error>
where
    D: Deserializer<'de>,
{
    let limit = Option::<u16>::deserialize(deserializer)?;
    match limit {
        Some(limit) if !(1..=MAX).contains(&limit) => Err(serde::de::Error::custom(format_args!(
            "{limit} is not within 1 and {MAX}"
        ))),
        limit => Ok(limit),
    }
}

/// The key of the last row of a page, opaque to clients.
pub struct Cursor;

impl Cursor {
    /// Makes a cursor of a key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        // Keys are small tuples of dates and ids; serialising them cannot fail.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// Reads [`Cursor::encode`].
    pub fn decode<K: DeserializeOwned>(text: &str) -> Result<K, Problem> {
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| {
                Problem::invalid_field(
                    "cursor",
                    "invalid_cursor",
                    "The cursor must be the next_cursor of an earlier page.",
                )
            })
    }
}

impl PageQuery {
    /// Rows wanted.
    pub fn limit(&self) -> i64 {
        i64::from(self.limit.unwrap_or(DEFAULT_LIMIT))
    }

    /// The key after which to read on.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        self.cursor
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(Cursor::decode)
            .transpose()
    }
}

impl<T> Page<T> {
    /// Makes a page of up to `limit + 1` rows: the extra one only tells that there is more.
    pub fn of<K: Serialize>(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items
            .last()
            .filter(|_| has_more)
            .map(|row| Cursor::encode(&key(row)));
        Self { items, next_cursor }
    }

    /// The same page with other rows.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(view).collect(),
            next_cursor: self.next_cursor,
        }
    }
}
