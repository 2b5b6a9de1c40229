use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use market::InstrumentId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ETag, IfMatch, Path, ProblemBody, Query, idempotency::IdempotencyKey};

use super::{
    Error,
    model::{Assignment, AssignmentBody, Category, CategoryId, Details, RuleId},
    rules::{Condition, Rule},
    service::{self, Drift, Placed},
    store,
};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    valuation::Valuations,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(drifts))
        .routes(routes!(placed))
        .routes(routes!(show, update, remove))
        .routes(routes!(list_rules, create_rule))
        .routes(routes!(remove_rule))
        .routes(routes!(assign, unassign))
}

/// Of which portfolios.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ScopeQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

impl ScopeQuery {
    fn scope(&self) -> Scope {
        Scope::known(self.portfolio_id, self.known_on)
    }
}

/// All categories, each upper one before those below it.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/categories",
    operation_id = "portfolio_list_categories",
    tag = "portfolio",
    responses((status = 200, body = Vec<Category>), (status = 401, body = ProblemBody))
)]
async fn list(State(app): State<App>, caller: SignedIn) -> ApiResult<Json<Vec<Category>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    Ok(Json(store::list(&mut tx).await?))
}

/// Makes a category.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/categories",
    operation_id = "portfolio_create_category",
    tag = "portfolio",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = Details,
    responses(
        (status = 201, body = Category),
        (status = 401, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create(
    State(app): State<App>,
    caller: SignedIn,
    key: IdempotencyKey,
    web::Json(body): web::Json<Details>,
) -> ApiResult<Response> {
    let mut tx = app.db.write(caller.user_id).await?;
    if let Some(replay) = key.claim(&mut tx, &body).await? {
        return Ok(replay);
    }
    let new = body.checked().map_err(Error::Invalid)?;
    let id = store::insert(&mut tx, caller.user_id, &new).await?;
    let category = store::require(&mut tx, id).await?;
    key.answer(&mut tx, StatusCode::CREATED, &category).await?;
    tx.commit().await?;
    let version = ETag(category.version.into());
    Ok((StatusCode::CREATED, version, Json(category)).into_response())
}

/// Every category beside its target.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/categories/drift",
    operation_id = "portfolio_list_category_drift",
    tag = "portfolio",
    params(ScopeQuery),
    responses(
        (status = 200, body = Vec<Drift>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn drifts(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<ScopeQuery>,
) -> ApiResult<Json<Vec<Drift>>> {
    let valuation = query.scope().value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let book = service::book(&mut tx).await?;
    drop(tx);
    Ok(Json(book.drifts(&valuation)))
}

/// Every holding with its categories, and where it might belong if it has none.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/categories/assignments",
    operation_id = "portfolio_list_category_assignments",
    tag = "portfolio",
    params(ScopeQuery),
    responses(
        (status = 200, body = Vec<Placed>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn placed(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<ScopeQuery>,
) -> ApiResult<Json<Vec<Placed>>> {
    let valuation = query.scope().value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.read(viewer.user_id).await?;
    let book = service::book(&mut tx).await?;
    drop(tx);
    Ok(Json(book.placed(&valuation)))
}

/// One category.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/categories/{id}",
    operation_id = "portfolio_show_category",
    tag = "portfolio",
    params(("id" = CategoryId, Path)),
    responses(
        (status = 200, body = Category),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<CategoryId>,
) -> ApiResult<(ETag, Json<Category>)> {
    let mut tx = app.db.read(caller.user_id).await?;
    let category = store::require(&mut tx, id).await?;
    Ok((ETag(category.version.into()), Json(category)))
}

/// Changes a category.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/categories/{id}",
    operation_id = "portfolio_update_category",
    tag = "portfolio",
    params(("id" = CategoryId, Path), ("If-Match" = Option<String>, Header)),
    request_body = Details,
    responses(
        (status = 200, body = Category),
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
    Path(id): Path<CategoryId>,
    if_match: IfMatch,
    web::Json(body): web::Json<Details>,
) -> ApiResult<(ETag, Json<Category>)> {
    let mut tx = app.db.write(caller.user_id).await?;
    let current = store::lock(&mut tx, id).await?;
    if_match.require(current.version.into())?;
    let new = body.checked().map_err(Error::Invalid)?;
    store::update(&mut tx, id, &new).await?;
    let category = store::require(&mut tx, id).await?;
    tx.commit().await?;
    Ok((ETag(category.version.into()), Json(category)))
}

/// Deletes a category with its rules and assignments; those below it move up.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/categories/{id}",
    operation_id = "portfolio_remove_category",
    tag = "portfolio",
    params(("id" = CategoryId, Path)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn remove(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<CategoryId>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The rules of a category, in the order in which they were made.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/categories/{id}/rules",
    operation_id = "portfolio_list_category_rules",
    tag = "portfolio",
    params(("id" = CategoryId, Path)),
    responses(
        (status = 200, body = Vec<Rule>),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn list_rules(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<CategoryId>,
) -> ApiResult<Json<Vec<Rule>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    store::require(&mut tx, id).await?;
    let mut rules = store::list_rules(&mut tx).await?;
    rules.retain(|rule| rule.category_id == id);
    Ok(Json(rules))
}

/// Puts every instrument into the category of which one of the values is known.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/categories/{id}/rules",
    operation_id = "portfolio_create_category_rule",
    tag = "portfolio",
    params(
        ("id" = CategoryId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")
    ),
    request_body = Condition,
    responses(
        (status = 201, body = Rule),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create_rule(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<CategoryId>,
    key: IdempotencyKey,
    web::Json(body): web::Json<Condition>,
) -> ApiResult<Response> {
    let mut tx = app.db.write(caller.user_id).await?;
    if let Some(replay) = key.claim(&mut tx, &(id, &body)).await? {
        return Ok(replay);
    }
    store::lock(&mut tx, id).await?;
    let condition = body.checked().map_err(Error::Invalid)?;
    let rule = Rule {
        id: store::insert_rule(&mut tx, caller.user_id, id, &condition).await?,
        category_id: id,
        condition,
    };
    key.answer(&mut tx, StatusCode::CREATED, &rule).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(rule)).into_response())
}

/// Deletes a rule.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/categories/{id}/rules/{rule_id}",
    operation_id = "portfolio_remove_category_rule",
    tag = "portfolio",
    params(("id" = CategoryId, Path), ("rule_id" = RuleId, Path)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn remove_rule(
    State(app): State<App>,
    caller: SignedIn,
    Path((id, rule)): Path<(CategoryId, RuleId)>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::delete_rule(&mut tx, id, rule).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts an instrument into a category, accepts a suggestion, or keeps the instrument out.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/categories/{id}/assignments/{instrument_id}",
    operation_id = "portfolio_assign_category",
    tag = "portfolio",
    params(("id" = CategoryId, Path), ("instrument_id" = Uuid, Path)),
    request_body = AssignmentBody,
    responses(
        (status = 200, body = Assignment),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn assign(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(place): Path<(CategoryId, InstrumentId)>,
    web::Json(body): web::Json<AssignmentBody>,
) -> ApiResult<Json<Assignment>> {
    let valuation = Scope::default().value(&app, &valuations, &viewer).await?;
    let mut tx = app.db.write(viewer.user_id).await?;
    let decided = service::assign(&mut tx, viewer.user_id, &valuation, place, body).await?;
    tx.commit().await?;
    Ok(Json(decided))
}

/// Takes a decision back: rules and suggestions count again.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/categories/{id}/assignments/{instrument_id}",
    operation_id = "portfolio_unassign_category",
    tag = "portfolio",
    params(("id" = CategoryId, Path), ("instrument_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn unassign(
    State(app): State<App>,
    caller: SignedIn,
    Path((id, instrument)): Path<(CategoryId, InstrumentId)>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::delete_assignment(&mut tx, id, instrument).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
