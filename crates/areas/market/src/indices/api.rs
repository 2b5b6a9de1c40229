use axum::{Json, extract::State, http::StatusCode};
use identity::{Admin, SignedIn};
use jiff::Timestamp;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query};

use super::{
    Error,
    model::{Board, IndexValue, IndexValueBody},
    store,
};
use crate::{AssetClass, InstrumentId, instruments, stated_by::BY_HAND};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_board))
        .routes(routes!(list_values, record_value))
        .routes(routes!(delete_value))
}

/// The board of the market
///
/// Where indices stand, and which instruments rose, fell and were traded most on the last trading day.
#[utoipa::path(
    get, path = "/api/v1/market/board", tag = "market",
    operation_id = "market_show_board",
    responses(
        (status = 200, description = "The board", body = Board),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show_board(State(app): State<App>, who: SignedIn) -> ApiResult<Json<Board>> {
    let mut tx = app.db.read(who.user_id).await?;
    Ok(Json(super::board(tx.conn(), app.clock.now()).await?))
}

/// What an index stood at
#[utoipa::path(
    get, path = "/api/v1/market/indices/{id}/values", tag = "market",
    operation_id = "market_list_index_values",
    params(("id" = InstrumentId, Path, description = "Names the index"), PageQuery),
    responses(
        (status = 200, description = "A page of values, the latest first", body = Page<IndexValue>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list_values(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<IndexValue>>> {
    let before = page.after::<Timestamp>()?;
    let mut tx = app.db.read(who.user_id).await?;
    instruments::store::require(tx.conn(), id).await?;
    let found = store::list_values(tx.conn(), id, before, page.limit()).await?;
    Ok(Json(Page::of(found, page.limit(), |last| last.at)))
}

/// Record what an index stands at
///
/// Only an administrator of the instance may. The same instant again replaces the value.
#[utoipa::path(
    put, path = "/api/v1/market/indices/{id}/values", tag = "market",
    operation_id = "market_record_index_value",
    params(("id" = InstrumentId, Path, description = "Names the index")),
    request_body = IndexValueBody,
    responses(
        (status = 200, description = "The value as recorded", body = IndexValue),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The instrument is no index", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn record_value(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<InstrumentId>,
    web::Json(body): web::Json<IndexValueBody>,
) -> ApiResult<Json<IndexValue>> {
    let new = body.of(id, app.clock.now()).map_err(Error::Invalid)?;
    let mut tx = app.db.system("record the value of an index").await?;
    instruments::store::require(tx.conn(), id).await?;
    let recorded = super::record(&mut tx, &new, BY_HAND).await?;
    let details = json!({ "at": recorded.at, "value": recorded.value });
    tx.note_deed(None, &details).await?;
    tx.commit().await?;
    Ok(Json(recorded))
}

/// Delete a value of an index
///
/// Only an administrator of the instance may. The value before it stands again.
#[utoipa::path(
    delete, path = "/api/v1/market/indices/{id}/values/{at}", tag = "market",
    operation_id = "market_delete_index_value",
    params(
        ("id" = InstrumentId, Path, description = "Names the index"),
        ("at" = String, Path, description = "The instant of the value", format = DateTime),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No value is recorded for this instant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The instrument is no index", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn delete_value(
    State(app): State<App>,
    _: Admin,
    Path((id, at)): Path<(InstrumentId, Timestamp)>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.system("delete a value of an index").await?;
    let instrument = instruments::store::require(tx.conn(), id).await?;
    if instrument.asset_class != AssetClass::Index {
        return Err(Error::NoIndex.into());
    }
    let value = store::delete_value(&mut tx, id, at).await?;
    tx.note_deed(None, &json!({ "at": at, "value": value }))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
