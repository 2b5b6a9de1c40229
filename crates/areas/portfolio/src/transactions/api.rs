use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::SignedIn;
use jiff::civil::Date;
use ledger::TransactionKind;
use market::InstrumentId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use web::{
    ApiResult, App, CsvFile, ETag, IfMatch, Page, PageQuery, Path, ProblemBody, Query,
    idempotency::IdempotencyKey,
};

use super::{TransactionBody, TransactionId, TransactionView, export, service, store};
use crate::portfolios::PortfolioId;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, remove))
        .routes(routes!(export))
}

/// Which transactions are wanted; all conditions must hold.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilterQuery {
    /// Only of this portfolio.
    #[param(value_type = Option<Uuid>)]
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// Only of this instrument.
    #[param(value_type = Option<Uuid>)]
    pub(crate) instrument_id: Option<InstrumentId>,
    /// Only of this type.
    #[serde(rename = "type")]
    #[param(value_type = Option<String>)]
    pub(crate) kind: Option<TransactionKind>,
    /// From this date on.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// Up to this date.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<Date>,
    /// Only what this import brought.
    pub(crate) import_id: Option<Uuid>,
    /// Part of the symbol, the name or the note.
    pub(crate) q: Option<String>,
    /// As they were stored at the end of this day (UTC); as they are now unless given.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) known_on: Option<Date>,
}

impl From<FilterQuery> for store::Filter {
    fn from(query: FilterQuery) -> Self {
        Self {
            portfolio_id: query.portfolio_id,
            instrument_id: query.instrument_id,
            kind: query.kind,
            from: query.from,
            to: query.to,
            import_id: query.import_id,
            // PostgreSQL's texts cannot hold NUL, so none contains it.
            text: query
                .q
                .filter(|text| !text.trim().is_empty())
                .map(|text| text.replace('\0', "\u{fffd}")),
            known_on: query.known_on,
        }
    }
}

/// Transactions, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/transactions",
    operation_id = "portfolio_list_transactions",
    tag = "portfolio",
    params(FilterQuery, PageQuery),
    responses(
        (status = 200, body = Page<TransactionView>),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    caller: SignedIn,
    Query(filter): Query<FilterQuery>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<TransactionView>>> {
    let mut tx = app.db.read(caller.user_id).await?;
    let limit = page.limit();
    let rows = store::list(&mut tx, &filter.into(), page.after()?, limit).await?;
    Ok(Json(Page::of(rows, limit, |row| (row.date, row.id.0))))
}

/// Records a transaction. A sale of more than is held is refused.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/transactions",
    operation_id = "portfolio_create_transaction",
    tag = "portfolio",
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats are answered, not repeated")),
    request_body = TransactionBody,
    responses(
        (status = 201, body = TransactionView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create(
    State(app): State<App>,
    caller: SignedIn,
    key: IdempotencyKey,
    web::Json(body): web::Json<TransactionBody>,
) -> ApiResult<Response> {
    let instruments = service::resolve_instruments(&app, caller.user_id, &body).await?;
    let mut tx = app.db.write(caller.user_id).await?;
    if let Some(replay) = key.claim(&mut tx, &body).await? {
        return Ok(replay);
    }
    let view = service::record(&mut tx, caller.user_id, &body, instruments).await?;
    key.answer(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, ETag(view.version.into()), Json(view)).into_response())
}

/// One transaction.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/transactions/{id}",
    operation_id = "portfolio_show_transaction",
    tag = "portfolio",
    params(("id" = TransactionId, Path)),
    responses(
        (status = 200, body = TransactionView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<TransactionId>,
) -> ApiResult<(ETag, Json<TransactionView>)> {
    let mut tx = app.db.read(caller.user_id).await?;
    let view = store::require(&mut tx, id).await?;
    Ok((ETag(view.version.into()), Json(view)))
}

/// Replaces a transaction.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/transactions/{id}",
    operation_id = "portfolio_update_transaction",
    tag = "portfolio",
    params(("id" = TransactionId, Path), ("If-Match" = Option<String>, Header)),
    request_body = TransactionBody,
    responses(
        (status = 200, body = TransactionView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 412, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn update(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<TransactionId>,
    if_match: IfMatch,
    web::Json(body): web::Json<TransactionBody>,
) -> ApiResult<(ETag, Json<TransactionView>)> {
    let instruments = service::resolve_instruments(&app, caller.user_id, &body).await?;
    let mut tx = app.db.write(caller.user_id).await?;
    let current = store::lock(&mut tx, id).await?;
    if_match.require(current.version.into())?;
    let view = service::change(&mut tx, id, &body, instruments).await?;
    tx.commit().await?;
    Ok((ETag(view.version.into()), Json(view)))
}

/// Deletes a transaction.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/transactions/{id}",
    operation_id = "portfolio_remove_transaction",
    tag = "portfolio",
    params(("id" = TransactionId, Path), ("If-Match" = Option<String>, Header)),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 412, body = ProblemBody)
    )
)]
async fn remove(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<TransactionId>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let mut tx = app.db.write(caller.user_id).await?;
    let current = store::lock(&mut tx, id).await?;
    if_match.require(current.version.into())?;
    service::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Transactions as Bursar's own CSV, oldest first: the same format that is imported.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/transactions.csv",
    operation_id = "portfolio_export_transactions",
    tag = "portfolio",
    params(FilterQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = ProblemBody))
)]
async fn export(
    State(app): State<App>,
    caller: SignedIn,
    Query(filter): Query<FilterQuery>,
) -> ApiResult<CsvFile> {
    let mut tx = app.db.read(caller.user_id).await?;
    let rows = export::rows(&mut tx, &filter.into()).await?;
    Ok(CsvFile {
        name: "transactions.csv".to_owned(),
        bytes: statements::write_bursar_csv(&rows).into_bytes(),
    })
}
