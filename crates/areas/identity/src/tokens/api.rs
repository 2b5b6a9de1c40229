use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query, idempotency::IdempotencyKey};

use super::{
    CreatedToken, NewToken, Token, TokenId,
    model::{CreatedTokenView, NewTokenBody},
    service, store,
};
use crate::{SignedIn, proofs::Recent, sessions::Holder};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(remove))
}

/// API tokens of the signed-in person
#[utoipa::path(
    get, path = "/api/v1/identity/tokens", tag = "identity",
    operation_id = "identity_list_tokens",
    params(PageQuery),
    responses(
        (status = 200, description = "Tokens, the newest first", body = Page<Token>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<Token>>> {
    let limit = query.limit();
    let mut tx = app.db.read(who.user_id).await?;
    let rows = store::list(&mut tx, query.after()?, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |token| token.id)))
}

/// Make an API token
///
/// Its scope says what it may do: `full` is everything its person may; `limited` reads everything and
/// changes portfolios and market data, but deletes no portfolio; `read` changes nothing. Whatever is
/// beyond the scope is answered with 403 and the problem `token-scope`.
///
/// The answer holds the secret of the token, this once. It is not stored, so a request that is
/// repeated under the same `Idempotency-Key` makes no second token and gets the same answer without
/// the secret: revoke the token then, and make another.
#[utoipa::path(
    post, path = "/api/v1/identity/tokens", tag = "identity",
    operation_id = "identity_create_token",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeated request harmless")),
    request_body = NewTokenBody,
    responses(
        (status = 201, description = "The token, with its secret", body = CreatedTokenView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The last proof of who uses the session is too old, or the request came with an API token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Name, scope or end are not acceptable, or the key was used for another request", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    Holder(who): Holder,
    _: Recent,
    key: IdempotencyKey,
    web::Json(body): web::Json<NewTokenBody>,
) -> ApiResult<Response> {
    let new = NewToken::try_from(body)?;
    let mut tx = app.db.write(who.user_id).await?;
    if let Some(answer) = key.claim(&mut tx, &new).await? {
        return Ok(answer);
    }
    let CreatedToken { token, secret } = service::create(&mut tx, &new, app.clock.now()).await?;
    let without_secret = CreatedTokenView {
        token: token.clone(),
        secret: None,
    };
    key.answer(&mut tx, StatusCode::CREATED, &without_secret)
        .await?;
    tx.commit().await?;
    let view = CreatedTokenView {
        token,
        secret: Some(secret),
    };
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Revoke an API token
///
/// It takes no proof, so that a program can end its own token, and a person one that was lost at once.
#[utoipa::path(
    delete, path = "/api/v1/identity/tokens/{token_id}", tag = "identity",
    operation_id = "identity_revoke_token",
    params(("token_id" = uuid::Uuid, Path, description = "The token")),
    responses(
        (status = 204, description = "It no longer works"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent, or a token whose scope is narrower", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such token", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(app): State<App>,
    Holder(who): Holder,
    Path(id): Path<TokenId>,
) -> ApiResult<StatusCode> {
    service::revoke(app.db.write(who.user_id).await?, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
