use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ETag, IfMatch, Path, ProblemBody, idempotency::IdempotencyKey};

use super::{NewPortfolio, PortfolioBody, PortfolioId, PortfolioView, store};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
}

/// All portfolios, by name.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/portfolios",
    operation_id = "portfolio_list_portfolios",
    tag = "portfolio",
    responses((status = 200, body = Vec<PortfolioView>), (status = 401, body = ProblemBody))
)]
async fn list(State(app): State<App>, caller: SignedIn) -> ApiResult<Json<Vec<PortfolioView>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    let portfolios = store::list(&mut tx).await?;
    Ok(Json(
        portfolios.into_iter().map(PortfolioView::from).collect(),
    ))
}

/// Opens a portfolio.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/portfolios",
    operation_id = "portfolio_create_portfolio",
    tag = "portfolio",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = PortfolioBody,
    responses(
        (status = 201, body = PortfolioView),
        (status = 401, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create(
    State(app): State<App>,
    caller: SignedIn,
    key: IdempotencyKey,
    web::Json(body): web::Json<PortfolioBody>,
) -> ApiResult<Response> {
    let mut tx = app.db.write(caller.user_id).await?;
    if let Some(replay) = key.claim(&mut tx, &body).await? {
        return Ok(replay);
    }
    let new = NewPortfolio::try_from(body).map_err(super::Error::Invalid)?;
    let view = PortfolioView::from(store::insert(&mut tx, caller.user_id, &new).await?);
    key.answer(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// One portfolio.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/portfolios/{id}",
    operation_id = "portfolio_show_portfolio",
    tag = "portfolio",
    params(("id" = PortfolioId, Path)),
    responses(
        (status = 200, body = PortfolioView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<PortfolioId>,
) -> ApiResult<(ETag, Json<PortfolioView>)> {
    let mut tx = app.db.read(caller.user_id).await?;
    let portfolio = store::require(&mut tx, id).await?;
    Ok((ETag(portfolio.revision), Json(portfolio.into())))
}

/// Changes name, currency, cost basis or cash tracking. No transaction is rewritten.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/portfolios/{id}",
    operation_id = "portfolio_update_portfolio",
    tag = "portfolio",
    params(("id" = PortfolioId, Path), ("If-Match" = Option<String>, Header)),
    request_body = PortfolioBody,
    responses(
        (status = 200, body = PortfolioView),
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
    Path(id): Path<PortfolioId>,
    if_match: IfMatch,
    web::Json(body): web::Json<PortfolioBody>,
) -> ApiResult<(ETag, Json<PortfolioView>)> {
    let new = NewPortfolio::try_from(body).map_err(super::Error::Invalid)?;
    let mut tx = app.db.write(caller.user_id).await?;
    let current = store::lock(&mut tx, id).await?;
    if_match.require(current.revision)?;
    let portfolio = store::update(&mut tx, id, &new).await?;
    tx.commit().await?;
    Ok((ETag(portfolio.revision), Json(portfolio.into())))
}

/// Deletes a portfolio with all its transactions and imports.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/portfolios/{id}",
    operation_id = "portfolio_remove_portfolio",
    tag = "portfolio",
    params(("id" = PortfolioId, Path)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn remove(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<PortfolioId>,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
