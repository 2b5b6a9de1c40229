use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ETag, IfMatch, ProblemBody};

use super::{PreferencesBody, error, service, store};
use crate::{SignedIn, sessions::Holder};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// Preferences of the signed-in person
#[utoipa::path(
    get, path = "/api/v1/identity/preferences", tag = "identity",
    operation_id = "identity_show_preferences",
    responses(
        (status = 200, description = "The preferences; `ETag` names their version", body = PreferencesBody),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, who: SignedIn) -> ApiResult<(ETag, Json<PreferencesBody>)> {
    let mut tx = app.db.read(who.user_id).await?;
    let stored = store::require(&mut tx).await?;
    Ok((
        ETag(stored.updated_at.as_microsecond()),
        Json((&stored.preferences).into()),
    ))
}

/// Replace the preferences
///
/// What is left out goes back to its default, except the currency, the locale, the theme and whether
/// amounts are hidden, which must be sent.
#[utoipa::path(
    put, path = "/api/v1/identity/preferences", tag = "identity",
    operation_id = "identity_update_preferences",
    params(("If-Match" = Option<String>, Header, description = "`ETag` of the version that is edited")),
    request_body = PreferencesBody,
    responses(
        (status = 200, description = "The preferences as they are now", body = PreferencesBody),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    Holder(who): Holder,
    if_match: IfMatch,
    web::Json(body): web::Json<PreferencesBody>,
) -> ApiResult<(ETag, Json<PreferencesBody>)> {
    let new = service::read(&app, &body).map_err(error::problem)?;
    let mut tx = app.db.write(who.user_id).await?;
    store::lock(&mut tx).await?;
    let stored = store::require(&mut tx).await?;
    if_match.require(stored.updated_at.as_microsecond())?;
    let updated_at = store::update(&mut tx, &new).await?;
    tx.commit().await?;
    Ok((ETag(updated_at.as_microsecond()), Json((&new).into())))
}
