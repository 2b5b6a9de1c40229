//! RFC 9457 problem documents: the one shape of every refusal, as JSON for programs and as a page
//! for people.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::App;

/// One field of the input that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer or form field name.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// A refusal. `code` is the contract, the texts may change.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Stable name, the last part of the problem type URI.
    pub code: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// The kind of problem in a few words.
    pub title: &'static str,
    /// This occurrence in a sentence.
    pub detail: String,
    /// Fields concerned.
    pub errors: Vec<FieldError>,
    /// Seconds after which another try makes sense.
    pub retry_after_s: Option<u32>,
}

/// The wire form of a [`Problem`].
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `/problems/<code>`.
    pub r#type: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// This occurrence in a sentence.
    pub detail: String,
    /// Names the request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Fields concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem without field errors.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            code,
            status,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 401: nobody is signed in, or the token is not known.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign-in required",
            "Sign in, or send a valid API token as 'Authorization: Bearer <token>'.",
        )
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: not there, or not yours.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "Not found",
            format!("There is no such {what}."),
        )
    }

    /// 409.
    pub fn conflict(code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, title, detail)
    }

    /// 400: could not be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unreadable-request",
            "Unreadable request",
            detail,
        )
    }

    /// 413: more than [`crate::csrf::MAX_BODY_BYTES`], or for anything but a file more than a MiB.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "Request too large",
            format!(
                "At most {} MiB of a file are accepted, and 1 MiB of anything else.",
                crate::csrf::MAX_BODY_BYTES / 1024 / 1024
            ),
        )
    }

    /// 422: understood, but fields are not acceptable.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|e| e.detail.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-input",
                "Some fields are not acceptable",
                detail,
            )
        }
    }

    /// 422 for one field.
    pub fn invalid_field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: detail.into(),
        }])
    }

    /// 500: logged here, once, with its sources; the client learns the request id only.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            chain.push_str(": ");
            chain.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = %chain, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            "Something went wrong",
            "The error has been logged under this request's id.",
        )
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        if let db::Error::Unavailable(db::Unavailable::DiskFull(_)) = &error {
            tracing::error!(%error, "the database cannot write");
            return Self {
                retry_after_s: Some(60),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "disk-full",
                    "No space left",
                    "The disk of the database is full, so nothing was changed. Whoever runs this instance \
                     has to free or add space; reading goes on meanwhile.",
                )
            };
        }
        if matches!(error, db::Error::StatementTimeout) {
            tracing::warn!(%error, "a statement took too long");
            // Without a time to come back: it is the request that has to change.
            return Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "statement-timeout",
                "Too much at once",
                "This takes the database longer than a request may, so nothing was changed. Ask for less at \
                 once: a shorter span of time, or a smaller file.",
            );
        }
        if matches!(error, db::Error::Unavailable(_) | db::Error::Serialization) {
            tracing::warn!(%error, "database unavailable");
            return Self {
                retry_after_s: Some(2),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database-unavailable",
                    "Database unavailable",
                    "The database does not answer at the moment. Nothing was changed; try again.",
                )
            };
        }
        Self::internal(&error)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        db::Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The body is written by `render`, which knows the request: its id and who asked.
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of every problem under `/api`: a problem document.
pub async fn render_json(State(_): State<App>, request: Request, next: Next) -> Response {
    let request_id = request_id(&request);
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let body = ProblemBody {
        r#type: format!("/problems/{}", problem.code),
        title: problem.title.to_owned(),
        status: problem.status.as_u16(),
        detail: problem.detail,
        request_id,
        errors: problem.errors,
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut written = Json(body).into_response();
    *written.status_mut() = parts.status;
    written.headers_mut().extend(parts.headers);
    written
}

/// The id that the request-id layer gave to a request.
pub fn request_id(request: &Request) -> Option<String> {
    request
        .headers()
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned)
}
