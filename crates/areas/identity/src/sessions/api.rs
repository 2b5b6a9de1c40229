use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query};

use super::{
    Holder, Principal, SessionError, SessionId,
    model::{EndQuery, SessionView},
    store,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, remove_others))
        .routes(routes!(remove))
}

/// Sessions of the signed-in person
#[utoipa::path(
    get, path = "/api/v1/identity/sessions", tag = "identity",
    operation_id = "identity_list_sessions",
    params(PageQuery),
    responses(
        (status = 200, description = "Live sessions, the newest sign-in first", body = Page<SessionView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: Principal,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<SessionView>>> {
    let limit = query.limit();
    let mut tx = app.db.read(who.user_id).await?;
    let rows = store::list(&mut tx, app.clock.now(), query.after()?, limit + 1).await?;
    let page = Page::of(rows, limit, |session| session.id);
    Ok(Json(page.map(|session| session.view(who.session()))))
}

/// End all sessions of the signed-in person but the current one, or with `current=true` all
///
/// Those of browsers and those of apps. A request that carries an API token belongs to no session, so it
/// ends all of them. API tokens stay.
#[utoipa::path(
    delete, path = "/api/v1/identity/sessions", tag = "identity",
    operation_id = "identity_revoke_other_sessions",
    params(EndQuery),
    responses(
        (status = 204, description = "They have ended"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The query is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove_others(
    State(app): State<App>,
    Holder(who): Holder,
    Query(query): Query<EndQuery>,
) -> ApiResult<StatusCode> {
    let kept = if query.current { None } else { who.session() };
    let mut tx = app.db.write(who.user_id).await?;
    store::delete_others(&mut tx, kept).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session
///
/// The session of an app ends with all of its tokens.
#[utoipa::path(
    delete, path = "/api/v1/identity/sessions/{session_id}", tag = "identity",
    operation_id = "identity_revoke_session",
    params(("session_id" = uuid::Uuid, Path, description = "The session")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such session", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(app): State<App>,
    Holder(who): Holder,
    Path(id): Path<SessionId>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(who.user_id).await?;
    if !store::delete(&mut tx, id).await? {
        return Err(SessionError::NotFound.into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
