use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::{Admin, SignedIn};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{
    ApiResult, App, ETag, IfMatch, Page, PageQuery, Path, ProblemBody, Query,
    idempotency::IdempotencyKey,
};

use super::{
    FormerSymbol, InstrumentId,
    input::{InstrumentBody, InstrumentPatch, InstrumentView},
    service, store,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
        .routes(routes!(search))
        .routes(routes!(list_former_symbols))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Beginning of the symbol or part of the name; case does not matter.
    q: Option<String>,
}

/// Instruments by symbol
#[utoipa::path(
    get, path = "/api/v1/market/instruments", tag = "market",
    operation_id = "market_list_instruments",
    params(Search, PageQuery),
    responses(
        (status = 200, description = "A page of instruments", body = Page<InstrumentView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(search): Query<Search>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<InstrumentView>>> {
    let after = page.after::<(String, InstrumentId)>()?;
    let text = search.q.as_deref().unwrap_or_default().trim();
    let mut tx = app.db.read(who.user_id).await?;
    let found = store::list(tx.conn(), text, after.as_ref(), page.limit()).await?;
    let page = Page::of(found, page.limit(), |last| (last.symbol.clone(), last.id));
    Ok(Json(page.map(InstrumentView::from)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// A symbol or a former one, an ISIN, FIGI or CUSIP, or a part of a name, even misspelt.
    q: String,
    /// Matches wanted, 1 to 100; 20 unless given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// Instruments that a text means
///
/// The best match first: the symbol itself, an identifier, a former symbol, symbols and names that
/// begin with the text, names that contain it. Where there are none, names with a word much like it.
#[utoipa::path(
    get, path = "/api/v1/market/search", tag = "market",
    operation_id = "market_search_instruments",
    params(Wanted),
    responses(
        (status = 200, description = "The matches, the best one first", body = [InstrumentView]),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn search(
    State(app): State<App>,
    who: SignedIn,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Vec<InstrumentView>>> {
    let limit = i64::from(wanted.limit.unwrap_or(20).clamp(1, 100));
    let mut tx = app.db.read(who.user_id).await?;
    let found = super::search(tx.conn(), &wanted.q, limit).await?;
    Ok(Json(found.into_iter().map(InstrumentView::from).collect()))
}

/// Symbols that an instrument had before
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/former-symbols", tag = "market",
    operation_id = "market_list_former_symbols",
    params(("id" = InstrumentId, Path, description = "Names the instrument")),
    responses(
        (status = 200, description = "Former symbols, the latest first", body = [FormerSymbol]),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list_former_symbols(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
) -> ApiResult<Json<Vec<FormerSymbol>>> {
    let mut tx = app.db.read(who.user_id).await?;
    store::require(tx.conn(), id).await?;
    Ok(Json(super::former_symbols(tx.conn(), id).await?))
}

/// List an instrument
///
/// Only an administrator of the instance may. Symbol, exchange and ISIN together are unique.
#[utoipa::path(
    post, path = "/api/v1/market/instruments", tag = "market",
    operation_id = "market_create_instrument",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = InstrumentBody,
    responses(
        (status = 201, description = "The instrument; `ETag` names its version", body = InstrumentView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Listed already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    admin: Admin,
    key: IdempotencyKey,
    web::Json(body): web::Json<InstrumentBody>,
) -> ApiResult<Response> {
    // The key belongs to the person and the instrument to everybody, so each has its own unit of
    // work. Should the process die between the two, a repetition is refused as listed already.
    let mut claim = app.db.write(admin.user_id).await?;
    if let Some(replay) = key.claim(&mut claim, &body).await? {
        return Ok(replay);
    }
    let instrument = service::create(&app.db, body).await?;
    let version = ETag(instrument.version());
    let view = InstrumentView::from(instrument);
    key.answer(&mut claim, StatusCode::CREATED, &view).await?;
    claim.commit().await?;
    Ok((StatusCode::CREATED, version, Json(view)).into_response())
}

/// One instrument
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}", tag = "market",
    operation_id = "market_show_instrument",
    params(("id" = InstrumentId, Path, description = "Names the instrument")),
    responses(
        (status = 200, description = "The instrument; `ETag` names its version", body = InstrumentView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
) -> ApiResult<(ETag, Json<InstrumentView>)> {
    let mut tx = app.db.read(who.user_id).await?;
    let instrument = store::require(tx.conn(), id).await?;
    Ok((ETag(instrument.version()), Json(instrument.into())))
}

/// Change what is known about an instrument
///
/// Only an administrator of the instance may. When symbol or exchange change, the former ones are kept.
#[utoipa::path(
    patch, path = "/api/v1/market/instruments/{id}", tag = "market",
    operation_id = "market_update_instrument",
    params(
        ("id" = InstrumentId, Path, description = "Names the instrument"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the version that is edited"),
    ),
    request_body = InstrumentPatch,
    responses(
        (status = 200, description = "The instrument as it is now", body = InstrumentView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another instrument is the same", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<InstrumentId>,
    if_match: IfMatch,
    web::Json(patch): web::Json<InstrumentPatch>,
) -> ApiResult<(ETag, Json<InstrumentView>)> {
    let changed = service::change(&app.db, id, if_match, patch).await?;
    Ok((ETag(changed.version()), Json(changed.into())))
}
