use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use identity::{Disclosure, Holder, SignedIn, users};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Json, ProblemBody};

use super::{AccountError, Closing, service, takeout};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export))
        .routes(routes!(close))
}

/// How an account is closed.
#[derive(Deserialize, ToSchema)]
struct ClosingBody {
    /// The password of the account.
    password: String,
    /// The email address of the account, typed once more.
    email: String,
    /// Email of whoever runs the instance afterwards; needed from the last one who does.
    successor: Option<String>,
}

/// The archive as a file to keep.
pub(super) fn archive(app: &App, who: SignedIn, disclosure: Disclosure) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"bursar-export.zip\"",
        ),
    ];
    let sealer = (disclosure == Disclosure::Whole).then_some(&app.sealer);
    (headers, takeout::stream(&app.db, sealer, who.user_id)).into_response()
}

/// Everything that is stored about the signed-in person
///
/// One archive with every table as JSON and as CSV. Secrets and their hashes are left out. What is stored
/// encrypted (phone and tax numbers, keys of data providers) is in it for a token with the scope `full`
/// and for a session that proved itself in the last 15 minutes; a token with another scope gets the
/// archive without it.
#[utoipa::path(
    get, path = "/api/v1/record/account/export", tag = "record",
    operation_id = "record_export_account",
    responses(
        (status = 200, description = "The archive", content_type = "application/zip", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The session proved itself too long ago", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn export(State(app): State<App>, who: SignedIn, disclosure: Disclosure) -> Response {
    archive(&app, who, disclosure)
}

/// Close the account of the signed-in person
///
/// The person is forgotten at once and for good; the bookings are kept without the person for seven
/// years.
#[utoipa::path(
    post, path = "/api/v1/record/account/close", tag = "record",
    operation_id = "record_close_account",
    request_body = ClosingBody,
    responses(
        (status = 204, description = "The account is closed"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent, whose account people close", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The account is closed already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The password, the address or the successor is not right", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn close(
    State(app): State<App>,
    who: Holder,
    Json(body): Json<ClosingBody>,
) -> ApiResult<StatusCode> {
    let closing = Closing {
        email: body.email,
        successor: body.successor,
    };
    closed(&app, &who, body.password, &closing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for the password and closes the account.
pub(super) async fn closed(
    app: &App,
    who: &Holder,
    password: String,
    closing: &Closing,
) -> Result<(), AccountError> {
    let user = who.user_id();
    if !users::has_password(app, user, password).await? {
        return Err(AccountError::WrongPassword);
    }
    service::close(&app.db, &app.clock, user, closing).await
}
