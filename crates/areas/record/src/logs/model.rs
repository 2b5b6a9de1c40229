use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::PageQuery;

/// One line of the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogEntry {
    /// Names the line.
    pub id: Uuid,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// info, warn or error.
    pub level: String,
    /// The room that spoke.
    pub service: String,
    /// What it said.
    pub message: String,
    /// Figures and names that belong to it.
    pub metadata: Value,
    /// Whose request it was about.
    pub user_id: Option<Uuid>,
    /// Names the request, command or job.
    pub request_id: Option<String>,
    /// Where in the program, when that is known.
    pub stack_trace: Option<String>,
}

/// Something that waits to be written.
#[derive(Clone, Debug, Serialize)]
pub(super) enum Waiting {
    Line(Line),
    Use(Use),
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) level: &'static str,
    pub(super) service: String,
    pub(super) message: String,
    pub(super) metadata: Value,
    pub(super) user_id: Option<Uuid>,
    pub(super) request_id: Option<String>,
    pub(super) stack_trace: Option<String>,
}

/// A page that somebody looked at.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Use {
    pub(super) at: Timestamp,
    pub(super) event_type: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) properties: Value,
    pub(super) context: Value,
}

/// How often a page was looked at on one day (UTC).
pub(super) struct PageDay {
    pub(super) day: Date,
    /// The form of its address.
    pub(super) page: String,
    pub(super) views: i64,
    pub(super) people: i64,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Only this level: info, warn or error.
    pub(super) level: Option<String>,
    /// Only this room.
    pub(super) service: Option<String>,
    /// Only this request, command or job.
    pub(super) request_id: Option<String>,
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

impl LogQuery {
    pub(super) fn level(&self) -> Option<Cow<'_, str>> {
        given(self.level.as_deref())
    }

    pub(super) fn service(&self) -> Option<Cow<'_, str>> {
        given(self.service.as_deref())
    }

    pub(super) fn request_id(&self) -> Option<Cow<'_, str>> {
        given(self.request_id.as_deref())
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.level()
            .or(self.service())
            .or(self.request_id())
            .is_some()
    }

    pub(super) fn page(&self) -> PageQuery {
        PageQuery {
            cursor: self.cursor.clone(),
            limit: self.limit,
        }
    }
}

/// A form sends what was left empty.
fn given(text: Option<&str>) -> Option<Cow<'_, str>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(db::sought)
}
