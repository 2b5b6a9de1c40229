use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use identity::SignedIn;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ETag, Page, PageQuery, Path, ProblemBody, Query};

use super::{
    model::{DeletedView, HistoryView},
    service,
};
use crate::{
    portfolios::PortfolioId,
    scope::{Scope, empty_is_none},
    transactions::{TransactionId, TransactionView},
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(deleted))
        .routes(routes!(show))
        .routes(routes!(restore))
}

/// Whose deleted transactions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeletedQuery {
    /// Only of this portfolio.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// As they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Which versions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionsQuery {
    /// Those that were stored at the end of this day (UTC); all of them unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Every version of a transaction, the latest first: who changed what, when and why. A deleted one
/// is still found.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/transactions/{id}/versions",
    operation_id = "portfolio_list_transaction_versions",
    tag = "portfolio",
    params(("id" = TransactionId, Path), VersionsQuery),
    responses(
        (status = 200, body = HistoryView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<TransactionId>,
    Query(query): Query<VersionsQuery>,
) -> ApiResult<Json<HistoryView>> {
    let history = service::history(&app, caller.user_id, id, query.known_on).await?;
    Ok(Json(history))
}

/// Deleted transactions as they last were, the latest deletion first.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/deleted-transactions",
    operation_id = "portfolio_list_deleted_transactions",
    tag = "portfolio",
    params(DeletedQuery, PageQuery),
    responses(
        (status = 200, body = Page<DeletedView>),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn deleted(
    State(app): State<App>,
    caller: SignedIn,
    Query(query): Query<DeletedQuery>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<DeletedView>>> {
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let rows = service::deleted(&app, caller.user_id, &scope, &page).await?;
    Ok(Json(rows))
}

/// Brings a deleted transaction back as it last was.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/transactions/{id}/restore",
    operation_id = "portfolio_restore_transaction",
    tag = "portfolio",
    params(("id" = TransactionId, Path)),
    responses(
        (status = 201, body = TransactionView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn restore(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<TransactionId>,
) -> ApiResult<impl IntoResponse> {
    let mut tx = app.db.write(caller.user_id).await?;
    let view = service::restore(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, ETag(view.version.into()), Json(view)))
}
