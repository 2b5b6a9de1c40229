use std::io::Cursor;

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use db::UserTx;
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use market::{ImportReport, InstrumentId, imports::upload::Upload};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{
    ApiResult, App, ETag, IfMatch, Page, PageQuery, Path, ProblemBody, Query,
    idempotency::IdempotencyKey,
};

use super::{
    Appraisal, Error, PrivateAsset, import,
    input::{AppraisalBody, AppraisedAssetView, DetailsBody, PrivateAssetBody, PrivateAssetView},
    service, store,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
        .routes(routes!(appraise, remove_appraisal))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(import_appraisals))
                .layer(DefaultBodyLimit::max(import::MAX_BYTES)),
        )
}

/// Property, private holdings, debts and custom instruments, by the word that stands for them, each with
/// its last value.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/private-assets",
    operation_id = "portfolio_list_private_assets",
    tag = "portfolio",
    responses((status = 200, body = Vec<PrivateAssetView>), (status = 401, body = ProblemBody))
)]
async fn list(State(app): State<App>, caller: SignedIn) -> ApiResult<Json<Vec<PrivateAssetView>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    let assets = store::list(&mut tx).await?;
    let ids: Vec<InstrumentId> = assets.iter().map(|asset| asset.instrument_id).collect();
    let mut last = store::appraisals::list_last(&mut tx, &ids).await?;
    let views = assets.into_iter().map(|asset| {
        let last = last.remove(&asset.instrument_id);
        PrivateAssetView::new(asset, last)
    });
    Ok(Json(views.collect()))
}

/// What is known of one, with the page of its values that ends before a day, or with the newest.
async fn with_values(
    tx: &mut UserTx,
    asset: PrivateAsset,
    before: Option<Date>,
    limit: i64,
) -> Result<AppraisedAssetView, Error> {
    let id = asset.instrument_id;
    let last = store::appraisals::list_last(tx, &[id]).await?.remove(&id);
    let values = store::appraisals::list_newest(tx, id, before, limit).await?;
    Ok(AppraisedAssetView {
        asset: PrivateAssetView::new(asset, last),
        appraisals: Page::of(values, limit, |last| last.date),
    })
}

/// Records a property, private holding or debt, with the transaction that opens it: one of it comes
/// in at its cost, of a debt one is owed. Or makes a custom instrument, which transactions then name by
/// its symbol.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/private-assets",
    operation_id = "portfolio_create_private_asset",
    tag = "portfolio",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = PrivateAssetBody,
    responses(
        (status = 201, body = AppraisedAssetView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create(
    State(app): State<App>,
    viewer: Viewer,
    key: IdempotencyKey,
    web::Json(body): web::Json<PrivateAssetBody>,
) -> ApiResult<Response> {
    let mut tx = app.db.write(viewer.user_id).await?;
    if let Some(replay) = key.claim(&mut tx, &body).await? {
        return Ok(replay);
    }
    let id = service::create(&app, &mut tx, viewer.user_id, &body, viewer.today).await?;
    let asset = store::require(&mut tx, id).await?;
    let version = ETag(asset.version.into());
    let view = with_values(&mut tx, asset, None, PageQuery::default().limit()).await?;
    key.answer(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, version, Json(view)).into_response())
}

/// One of them with the values that were stated, the newest first, page after page.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/private-assets/{instrument_id}",
    operation_id = "portfolio_show_private_asset",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path), PageQuery),
    responses(
        (status = 200, body = AppraisedAssetView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<(ETag, Json<AppraisedAssetView>)> {
    let before = page.after::<Date>()?;
    let mut tx = app.db.read(caller.user_id).await?;
    let asset = store::require(&mut tx, id).await?;
    let version = ETag(asset.version.into());
    let view = with_values(&mut tx, asset, before, page.limit()).await?;
    Ok((version, Json(view)))
}

/// Changes name, kind, note, or what it is as an instrument. A debt stays one, and an instrument too.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/private-assets/{instrument_id}",
    operation_id = "portfolio_update_private_asset",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = DetailsBody,
    responses(
        (status = 200, body = AppraisedAssetView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 412, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn update(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
    if_match: IfMatch,
    web::Json(body): web::Json<DetailsBody>,
) -> ApiResult<(ETag, Json<AppraisedAssetView>)> {
    let mut tx = app.db.write(caller.user_id).await?;
    let asset = service::change(&mut tx, id, if_match, &body).await?;
    let version = ETag(asset.version.into());
    let view = with_values(&mut tx, asset, None, PageQuery::default().limit()).await?;
    tx.commit().await?;
    Ok((version, Json(view)))
}

/// How it is deleted.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct RemoveQuery {
    /// Erase its history as well: figures as known on an earlier day change, and nothing tells why.
    /// This cannot be undone.
    #[param(required = false)]
    forget: bool,
}

/// Deletes it with its values and with every transaction in it. What was known stays: as known on an
/// earlier day it is still there, and it comes back with a deleted transaction that is restored.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/private-assets/{instrument_id}",
    operation_id = "portfolio_remove_private_asset",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path), RemoveQuery),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn remove(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(how): Query<RemoveQuery>,
) -> ApiResult<StatusCode> {
    if how.forget {
        service::forget(&app, caller.user_id, id).await?;
    } else {
        let mut tx = app.db.write(caller.user_id).await?;
        service::remove(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// States what it was worth on a day, what was owed, or the price of one unit. A value of that day is
/// replaced.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/private-assets/{instrument_id}/appraisals/{date}",
    operation_id = "portfolio_appraise_private_asset",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path), ("date" = String, Path, format = Date)),
    request_body = AppraisalBody,
    responses(
        (status = 200, body = Appraisal),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn appraise(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, date)): Path<(InstrumentId, Date)>,
    web::Json(body): web::Json<AppraisalBody>,
) -> ApiResult<Json<Appraisal>> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::lock(&mut tx, id).await?;
    let appraisal = Appraisal::new(date, body.price, viewer.today).map_err(Error::Invalid)?;
    store::appraisals::upsert(&mut tx, viewer.user_id, id, &[appraisal]).await?;
    tx.commit().await?;
    Ok(Json(appraisal))
}

/// States the values of many days by a CSV with the columns date and price. What is stated of a day
/// already is replaced; a line that cannot be taken is refused, and the others are.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/private-assets/{instrument_id}/appraisals",
    operation_id = "portfolio_import_appraisals",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path)),
    request_body(content = String, content_type = "text/csv", description = "The file; at most 4 MiB"),
    responses(
        (status = 200, body = ImportReport, description = "What became of every line"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn import_appraisals(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    upload: Upload,
) -> ApiResult<Json<ImportReport>> {
    let file = Cursor::new(upload.content);
    let report = import::import(&app, viewer.user_id, id, file, viewer.today).await?;
    Ok(Json(report))
}

/// Takes a stated value back.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/private-assets/{instrument_id}/appraisals/{date}",
    operation_id = "portfolio_remove_appraisal",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path), ("date" = String, Path, format = Date)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn remove_appraisal(
    State(app): State<App>,
    caller: SignedIn,
    Path((id, date)): Path<(InstrumentId, Date)>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::appraisals::delete(&mut tx, id, date).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
