use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::{Admin, SignedIn};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{
    ApiResult, App, ETag, IfMatch, Page, PageQuery, Path, ProblemBody, Query,
    idempotency::IdempotencyKey,
};

use super::{
    CorporateActionId,
    input::{CorporateActionBody, CorporateActionView},
    service, store,
};
use crate::{
    ImportReport, InstrumentId,
    imports::upload::{UNNAMED, Upload, body_limit},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(import))
                .layer(body_limit()),
        )
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only actions of this instrument, or that give its shares.
    #[param(value_type = Option<uuid::Uuid>)]
    instrument_id: Option<InstrumentId>,
}

/// Corporate actions, newest first
#[utoipa::path(
    get, path = "/api/v1/market/corporate-actions", tag = "market",
    operation_id = "market_list_corporate_actions",
    params(Filter, PageQuery),
    responses(
        (status = 200, description = "A page of corporate actions", body = Page<CorporateActionView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(filter): Query<Filter>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<CorporateActionView>>> {
    let after = page.after::<(Date, CorporateActionId)>()?;
    let mut tx = app.db.read(who.user_id).await?;
    let found = store::list(tx.conn(), filter.instrument_id, after, page.limit()).await?;
    let page = Page::of(found, page.limit(), |last| (last.terms.ex_date, last.id));
    Ok(Json(page.map(CorporateActionView::from)))
}

/// State a corporate action
///
/// Only an administrator of the instance may. Instrument, type and ex-date together are unique.
#[utoipa::path(
    post, path = "/api/v1/market/corporate-actions", tag = "market",
    operation_id = "market_create_corporate_action",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = CorporateActionBody,
    responses(
        (status = 201, description = "The action; `ETag` names its version", body = CorporateActionView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    admin: Admin,
    key: IdempotencyKey,
    web::Json(body): web::Json<CorporateActionBody>,
) -> ApiResult<Response> {
    // The key belongs to the person and the action to everybody, so each has its own unit of work.
    // Should the process die between the two, a repetition is refused as there already.
    let mut claim = app.db.write(admin.user_id).await?;
    if let Some(replay) = key.claim(&mut claim, &body).await? {
        return Ok(replay);
    }
    let action = service::state(&app.db, &body).await?;
    let version = ETag(action.version.into());
    let view = CorporateActionView::from(action);
    key.answer(&mut claim, StatusCode::CREATED, &view).await?;
    claim.commit().await?;
    Ok((StatusCode::CREATED, version, Json(view)).into_response())
}

/// One corporate action
#[utoipa::path(
    get, path = "/api/v1/market/corporate-actions/{id}", tag = "market",
    operation_id = "market_show_corporate_action",
    params(("id" = CorporateActionId, Path, description = "Names the action")),
    responses(
        (status = 200, description = "The action; `ETag` names its version", body = CorporateActionView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such action", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<CorporateActionId>,
) -> ApiResult<(ETag, Json<CorporateActionView>)> {
    let mut tx = app.db.read(who.user_id).await?;
    let action = store::require(tx.conn(), id).await?;
    Ok((ETag(action.version.into()), Json(action.into())))
}

/// Correct a corporate action
///
/// Only an administrator of the instance may. Transactions that applied it do not change: their owners are
/// told and offered to apply it again.
#[utoipa::path(
    put, path = "/api/v1/market/corporate-actions/{id}", tag = "market",
    operation_id = "market_update_corporate_action",
    params(
        ("id" = CorporateActionId, Path, description = "Names the action"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the version that is edited"),
    ),
    request_body = CorporateActionBody,
    responses(
        (status = 200, description = "The action as it is now", body = CorporateActionView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such action", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another action is the same", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<CorporateActionId>,
    if_match: IfMatch,
    web::Json(body): web::Json<CorporateActionBody>,
) -> ApiResult<(ETag, Json<CorporateActionView>)> {
    let action = service::correct(&app.db, id, if_match, &body).await?;
    Ok((ETag(action.version.into()), Json(action.into())))
}

/// Delete a corporate action
///
/// Only an administrator of the instance may. Transactions that applied it stay until their owners reverse
/// them.
#[utoipa::path(
    delete, path = "/api/v1/market/corporate-actions/{id}", tag = "market",
    operation_id = "market_remove_corporate_action",
    params(
        ("id" = CorporateActionId, Path, description = "Names the action"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the version that is deleted"),
    ),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such action", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<CorporateActionId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    service::withdraw(&app.db, id, if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Load a CSV of corporate actions
///
/// Only an administrator of the instance may. What is there already is counted, not added again.
#[utoipa::path(
    post, path = "/api/v1/market/corporate-actions/import", tag = "market",
    operation_id = "market_import_corporate_actions",
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "What became of each line", body = ImportReport),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Larger than is accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not a text", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The file cannot be read", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn import(State(app): State<App>, _: Admin, upload: Upload) -> ApiResult<Json<ImportReport>> {
    let source = upload.file_name.unwrap_or_else(|| UNNAMED.to_owned());
    let reader = std::io::Cursor::new(upload.content);
    let report = super::import(&app.db, reader, &source, |_| ()).await?;
    Ok(Json(report))
}
