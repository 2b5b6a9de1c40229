//! HTTP plumbing shared by all areas: state, problems, CSRF, paging, idempotency, the page frame
//! and its components. It knows nothing of what the product is about.
#![warn(missing_docs)]

pub mod assets;
mod chrome;
pub mod components;
pub mod csrf;
mod csv_file;
mod etag;
mod extract;
pub mod format;
pub mod gate;
pub mod idempotency;
mod look;
mod page;
mod page_errors;
mod paging;
pub mod problem;
mod query_string;
pub mod security;
mod state;
mod uploads;

pub use cache::Cache;
pub use chrome::{Chrome, NavItem, Visitor};
pub use csv_file::CsvFile;
pub use etag::{ChangedMeanwhile, ETag, IF_MATCH_PATTERN, IfMatch};
pub use extract::{Bytes, Form, Json, Path, Query};
pub use gate::{ClientAddress, Gate, GateOptions, ProxyHeader};
pub use idempotency::IDEMPOTENCY_KEY_PATTERN;
pub use look::{ChartType, Choice, Density, Font, FontSize, Look, SignColours, Theme};
pub use page::{bare_page, error_page, live_page, market_page, page};
pub use page_errors::render_page;
pub use paging::{Cursor, MAX_LIMIT, Page, PageQuery, limit_within};
pub use problem::{FieldError, Problem, ProblemBody};
pub use query_string::QueryString;
pub use state::{App, Uploads};
pub use tokio_util::sync::CancellationToken;

/// What a REST handler returns.
pub type ApiResult<T> = Result<T, Problem>;
