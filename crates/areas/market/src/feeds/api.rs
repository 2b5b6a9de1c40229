use axum::{Json, extract::State, http::StatusCode};
use identity::Admin;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sources::ProviderId;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, Problem, ProblemBody};

use super::{Availability, Order, ProviderState, Want, model};
use crate::{AssetClass, InstrumentId};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(update))
        .routes(routes!(orders))
        .routes(routes!(set_order))
        .routes(routes!(refresh))
}

/// A data source.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is true of a source is independent"
)]
struct SourceView {
    /// Its id, such as `yahoo`.
    id: String,
    /// Its name for people.
    name: String,
    /// What it gives.
    gives: Vec<String>,
    /// What its terms allow, in a sentence.
    licence: String,
    /// Where the terms stand.
    terms_url: String,
    /// Whether it wants a key.
    needs_key: bool,
    /// Whether the operator has entered one.
    has_key: bool,
    /// Whether what it gives is made up.
    is_simulated: bool,
    /// Whether it is asked.
    is_enabled: bool,
    /// Requests
    limit_count: u32,
    /// in so many seconds.
    limit_seconds: u64,
    /// Whether it is asked: `left_alone` after failures, until one request may try (`on_trial`).
    state: Availability,
    /// When it last gave something.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// When it last failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
    /// Why.
    last_failure: Option<String>,
    /// How often it gave something.
    fetched: i64,
    /// How often there was nothing new.
    not_modified: i64,
    /// How often it failed.
    failed: i64,
    /// How often it was passed over.
    skipped: i64,
}

/// What may be decided about a source.
#[derive(Debug, Deserialize, ToSchema)]
struct SourceBody {
    /// Whether it is asked.
    is_enabled: bool,
}

/// Whom to ask first for a class of assets.
#[derive(Debug, Serialize, ToSchema)]
struct SourceOrderView {
    /// Class of assets, such as `crypto`.
    asset_class: AssetClass,
    /// Ids of the sources, the first first. One that is not named is not asked.
    sources: Vec<String>,
    /// Whether this is the usual order, which nobody has changed.
    is_usual: bool,
}

impl From<Order> for SourceOrderView {
    fn from(order: Order) -> Self {
        Self {
            asset_class: order.asset_class,
            sources: order.providers.iter().map(ToString::to_string).collect(),
            is_usual: order.is_usual,
        }
    }
}

/// Whom to ask first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SourceOrderBody {
    /// Ids of sources, such as `kraken`, the first first; none for the usual order.
    sources: Vec<String>,
}

/// What is to be refreshed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    /// One instrument; all that have prices unless given.
    #[schema(value_type = Option<uuid::Uuid>)]
    instrument_id: Option<InstrumentId>,
    /// What of it: `bars_1d`, `bars_1m`, `bars_5m`, `bars_15m`, `bars_1h`, `quote`, `option_chain`,
    /// `fundamentals` or `index_values`. Unless given, of one instrument everything it can have, and of all
    /// the daily bars.
    #[schema(value_type = Option<String>)]
    what: Option<Want>,
}

/// What will be refreshed.
#[derive(Debug, Serialize, ToSchema)]
struct QueuedView {
    /// Refreshes that wait to be done.
    queued: usize,
}

fn view(state: &ProviderState, now: Timestamp) -> SourceView {
    let about = state.id.describe();
    let limit = state.limit.unwrap_or(about.limit);
    SourceView {
        id: state.id.to_string(),
        name: about.name.to_owned(),
        gives: about.gives.iter().map(ToString::to_string).collect(),
        licence: about.licence.to_owned(),
        terms_url: about.terms_url.to_owned(),
        needs_key: about.needs_key,
        has_key: state.has_key,
        is_simulated: about.is_simulated,
        is_enabled: state.is_enabled,
        limit_count: limit.count,
        limit_seconds: limit.per.as_secs(),
        state: state.availability(now),
        last_success_at: state.last_success_at,
        last_failure_at: state.last_failure_at,
        last_failure: state.last_failure.clone(),
        fetched: state.fetched,
        not_modified: state.not_modified,
        failed: state.failed,
        skipped: state.skipped,
    }
}

/// Data sources
///
/// Only an administrator of the instance may.
#[utoipa::path(
    get, path = "/api/v1/market/sources", tag = "market",
    operation_id = "market_list_sources",
    responses(
        (status = 200, description = "All sources and their state", body = Vec<SourceView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(State(app): State<App>, _: Admin) -> ApiResult<Json<Vec<SourceView>>> {
    let now = app.clock.now();
    let states = super::list(&app.db).await?;
    Ok(Json(states.iter().map(|state| view(state, now)).collect()))
}

/// Switch a data source on or off
///
/// Only an administrator of the instance may. Switched on, it is asked again whatever it did before.
#[utoipa::path(
    put, path = "/api/v1/market/sources/{source}", tag = "market",
    operation_id = "market_update_source",
    params(("source" = String, Path, description = "Its id, such as `yahoo`")),
    request_body = SourceBody,
    responses(
        (status = 200, description = "The source as it stands now", body = SourceView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such source", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    _: Admin,
    Path(source): Path<String>,
    web::Json(body): web::Json<SourceBody>,
) -> ApiResult<Json<SourceView>> {
    let id = model::named(&source)?;
    super::set_enabled(&app.db, id, body.is_enabled).await?;
    let found = one(&app, id).await?;
    Ok(Json(found))
}

async fn one(app: &App, id: ProviderId) -> Result<SourceView, Problem> {
    let states = super::list(&app.db).await?;
    let state = states.iter().find(|state| state.id == id);
    let found = state.map(|state| view(state, app.clock.now()));
    found.ok_or_else(|| Problem::not_found("data source"))
}

/// In which order data sources are asked
///
/// Of each class of assets that has prices of a source. Only an administrator of the instance may.
#[utoipa::path(
    get, path = "/api/v1/market/sources/orders", tag = "market",
    operation_id = "market_list_source_orders",
    responses(
        (status = 200, description = "The orders, the usual ones included", body = Vec<SourceOrderView>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn orders(State(app): State<App>, _: Admin) -> ApiResult<Json<Vec<SourceOrderView>>> {
    let orders = super::orders(&app.db).await?;
    Ok(Json(
        orders.into_iter().map(SourceOrderView::from).collect(),
    ))
}

/// Set the order of data sources for a class of assets
///
/// Only an administrator of the instance may. What was left alone is asked for again at once.
#[utoipa::path(
    put, path = "/api/v1/market/sources/orders/{asset_class}", tag = "market",
    operation_id = "market_put_source_order",
    params(("asset_class" = String, Path, description = "A class that has prices of a source, such as `crypto`")),
    request_body = SourceOrderBody,
    responses(
        (status = 200, description = "The order that counts now", body = SourceOrderView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such class, or none that has prices of a source", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn set_order(
    State(app): State<App>,
    _: Admin,
    Path(class): Path<String>,
    web::Json(body): web::Json<SourceOrderBody>,
) -> ApiResult<Json<SourceOrderView>> {
    let class = model::fetched_class(&class)
        .ok_or_else(|| Problem::not_found("class of assets with prices of a source"))?;
    let names = body.sources.iter().map(String::as_str);
    let order = model::read_order(names)
        .map_err(|error| Problem::invalid_field("sources", "unknown_source", error.to_string()))?;
    let order = super::set_order(&app.db, class, &order).await?;
    Ok(Json(order.into()))
}

/// Refresh prices
///
/// Only an administrator of the instance may. The sources that are switched on are asked in the background,
/// whatever is cached.
#[utoipa::path(
    post, path = "/api/v1/market/sources/refresh", tag = "market",
    operation_id = "market_refresh",
    request_body = RefreshBody,
    responses(
        (status = 202, description = "Queued", body = QueuedView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn refresh(
    State(app): State<App>,
    _: Admin,
    web::Json(body): web::Json<RefreshBody>,
) -> ApiResult<(StatusCode, Json<QueuedView>)> {
    let queued = super::queue(&app.db, body.instrument_id, body.what).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedView { queued })))
}
