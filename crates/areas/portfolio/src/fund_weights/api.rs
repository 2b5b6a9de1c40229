use axum::{Json, extract::State};
use identity::SignedIn;
use market::InstrumentId;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, Problem, ProblemBody};

use super::{Error, model::Composition, store};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, replace))
        .routes(routes!(import))
}

/// Of what a fund is made, as one has stated it.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/fund-weights/{instrument_id}",
    operation_id = "portfolio_show_fund_weights",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Composition),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
) -> ApiResult<Json<Composition>> {
    let mut tx = app.db.read(caller.user_id).await?;
    store::require_instrument(&mut tx, id).await?;
    Ok(Json(store::get(&mut tx, id).await?))
}

/// States of what a fund is made, in place of what was stated before.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/fund-weights/{instrument_id}",
    operation_id = "portfolio_replace_fund_weights",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path)),
    request_body = Composition,
    responses(
        (status = 200, body = Composition),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn replace(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
    web::Json(body): web::Json<Composition>,
) -> ApiResult<Json<Composition>> {
    keep(&app, &caller, id, body).await
}

/// The same from CSV: lines of dimension, key and percent.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/fund-weights/{instrument_id}/csv",
    operation_id = "portfolio_import_fund_weights",
    tag = "portfolio",
    params(("instrument_id" = uuid::Uuid, Path)),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Composition),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn import(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<InstrumentId>,
    web::Bytes(body): web::Bytes,
) -> ApiResult<Json<Composition>> {
    let text = std::str::from_utf8(&body)
        .map_err(|_| Problem::unreadable("The file must be text in UTF-8."))?;
    let composition = Composition::from_csv(text).map_err(Error::Invalid)?;
    keep(&app, &caller, id, composition).await
}

async fn keep(
    app: &App,
    caller: &SignedIn,
    id: InstrumentId,
    composition: Composition,
) -> ApiResult<Json<Composition>> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::require_instrument(&mut tx, id).await?;
    let weights = composition.checked().map_err(Error::Invalid)?;
    store::replace(&mut tx, caller.user_id, id, &weights).await?;
    let kept = store::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(kept))
}
