use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query};

use super::{Created, Invitation, InvitationId, model::InvitationBody, service};
use crate::Admin;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(remove))
}

/// Invitations
#[utoipa::path(
    get, path = "/api/v1/identity/invitations", tag = "identity",
    operation_id = "identity_list_invitations",
    params(PageQuery),
    responses(
        (status = 200, description = "Invitations, the newest first", body = Page<Invitation>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    _: Admin,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<Invitation>>> {
    let limit = query.limit();
    let rows = service::list(&app.db, &app.clock, query.after()?, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |invitation| invitation.id)))
}

/// Invite somebody
///
/// With an address the link is sent there as well. It is not shown again.
#[utoipa::path(
    post, path = "/api/v1/identity/invitations", tag = "identity",
    operation_id = "identity_create_invitation",
    request_body = InvitationBody,
    responses(
        (status = 201, description = "The invitation with its link", body = Created),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Registration is closed, or there is an account with the address", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Some fields are not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    _: Admin,
    web::Json(body): web::Json<InvitationBody>,
) -> ApiResult<(StatusCode, Json<Created>)> {
    let created = service::create(&app.db, &app.clock, &app.sealer, &body.try_into()?).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Take an invitation back
#[utoipa::path(
    delete, path = "/api/v1/identity/invitations/{invitation_id}", tag = "identity",
    operation_id = "identity_revoke_invitation",
    params(("invitation_id" = uuid::Uuid, Path, description = "The invitation")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such invitation, or it was used", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<InvitationId>,
) -> ApiResult<StatusCode> {
    service::revoke(&app.db, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
