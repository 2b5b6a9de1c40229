use axum::{
    Json,
    body::Body,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use db::UserId;
use identity::SignedIn;
use jiff::Timestamp;
use ledger::Finding;
use serde::{Deserialize, Serialize};
use statements::Rejection;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query};

use super::{
    Error, Import, ImportId, ImportOutcome, ImportStatus, Upload,
    by_name::reading,
    long::MOST_LISTED,
    mappings,
    model::Listed,
    preview::{Preview, ROWS_SHOWN},
    receiving,
    service::{self, Confirmed},
    spool::{self, Received},
    undoing::Undoing,
};
use crate::portfolios::PortfolioId;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(
            // Files are counted as they come in, and long ones go to the disk.
            OpenApiRouter::new()
                .routes(routes!(list, create))
                .layer(DefaultBodyLimit::disable()),
        )
        .routes(routes!(show, undo))
        .routes(routes!(confirm))
        .routes(routes!(stop))
        .routes(routes!(resume))
        .merge(mappings::api::router())
}

/// Where a file goes and how it is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// The portfolio that receives the transactions.
    #[param(value_type = Uuid)]
    portfolio_id: PortfolioId,
    /// Name of the file, for the history.
    file_name: Option<String>,
    /// The word of a format, such as `bursar`, `ibkr_flex` or `kraken`, or the name of a saved mapping
    /// for a CSV of any layout; recognised by content when it is `auto` or not given.
    format: Option<String>,
    /// With `true` nothing is imported: the answer is a preview that can be confirmed.
    #[serde(default)]
    preview: bool,
}

/// An import on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// Names the import and its batch of transactions.
    id: ImportId,
    /// The portfolio that receives the transactions.
    portfolio_id: PortfolioId,
    /// Name of the file.
    file_name: String,
    /// How the file is read; absent while a CSV waits for its mapping.
    format: Option<String>,
    /// Where it stands.
    status: ImportStatus,
    /// Transactions that were, or would be, added.
    imported: i64,
    /// Transactions that the portfolio holds already.
    duplicates: i64,
    /// How many lines were refused; of a long file that waits, among its first ones.
    refused: i64,
    /// Lines that were refused, at most about ten thousand of a long file. Empty in the list of imports,
    /// which has their number alone.
    #[schema(value_type = Vec<Object>)]
    rejected: Vec<Rejection>,
    /// How many lines were left out because they state nothing to record.
    left_out: i64,
    /// Lines that were left out, such as cancelled orders, and why; at most about ten thousand of a long
    /// file, and none in the list of imports.
    #[schema(value_type = Vec<Object>)]
    skipped: Vec<Rejection>,
    /// For a long file, which is booked part by part in the background: how far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView>,
    /// For an import of many transactions that is or was taken back, part by part in the background: how
    /// far that is. Until it ends, every figure of the portfolio is of what is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<UndoProgressView>,
    /// For a preview of a file that states positions or cash: how many of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    stated: Option<usize>,
    /// Where the portfolio would differ from what the file states, with what would mend it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapView>,
    /// When the file was handed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The first rows of a preview.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<PreviewRow>,
}

/// How far a long file is.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressView {
    /// Size of the file.
    bytes_total: u64,
    /// How far it was read for what is booked.
    bytes_done: u64,
    /// Records that are booked, refused or found to be duplicates.
    records_done: u64,
    /// Refused lines.
    refused: u64,
    /// Why it was interrupted, where nobody stopped it.
    stopped_because: Option<String>,
}

/// How far an import is taken back.
#[derive(Debug, Serialize, ToSchema)]
struct UndoProgressView {
    /// Transactions that were there to be taken back.
    total: u64,
    /// Those of them that are gone.
    removed: u64,
    /// Why it was interrupted, where nobody stopped it.
    stopped_because: Option<String>,
}

/// A difference between what a file states and what the portfolio would be.
#[derive(Debug, Serialize, ToSchema)]
struct GapView {
    /// `unreconciled_position` or `unreconciled_cash`.
    code: &'static str,
    /// Symbol of the instrument, or the currency.
    symbol: Option<String>,
    /// The day at whose close it is stated.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<jiff::civil::Date>,
    /// What is stated, and what would be.
    message: String,
    /// What would mend it.
    remedy: String,
}

impl From<Finding> for GapView {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            symbol: finding.symbol,
            date: finding.date,
            message: finding.message,
            remedy: finding.remedy,
        }
    }
}

/// One row of a preview.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewRow {
    /// Line of the file.
    line: u64,
    /// Whether the portfolio holds it already.
    is_duplicate: bool,
    /// What happened.
    #[serde(rename = "type")]
    kind: String,
    /// Trade date.
    #[schema(value_type = String, format = Date)]
    date: jiff::civil::Date,
    /// Symbol of the instrument.
    symbol: Option<String>,
    /// Shares.
    #[schema(value_type = Option<String>)]
    quantity: Option<rust_decimal::Decimal>,
    /// Gross amount.
    #[schema(value_type = String)]
    amount: rust_decimal::Decimal,
    /// Its currency.
    #[schema(value_type = String)]
    currency: money::Currency,
}

impl ImportView {
    pub(super) fn new(import: Import, preview: Option<Preview>, listed: Listed) -> Self {
        let mut view = Self {
            id: import.id,
            portfolio_id: import.portfolio_id,
            file_name: import.file_name,
            format: import.format.map(|format| format.as_str().to_owned()),
            status: import.status,
            imported: import.imported_count.into(),
            duplicates: import.duplicate_count.into(),
            refused: import.rejected_count.into(),
            rejected: listed.rejected,
            left_out: import.skipped_count.into(),
            skipped: listed.skipped,
            progress: import.long.map(|long| ProgressView {
                bytes_total: long.bytes_total,
                bytes_done: long.bytes_done,
                records_done: long.records_done,
                refused: import.rejected_count.unsigned_abs().into(),
                stopped_because: long.stopped_because,
            }),
            undo: import.undo.map(|undo| UndoProgressView {
                total: undo.total,
                removed: undo.removed,
                stopped_because: undo.stopped_because,
            }),
            stated: None,
            gaps: Vec::new(),
            created_at: import.created_at,
            rows: Vec::new(),
        };
        if let Some(preview) = preview {
            view.imported = preview.new_count() as i64;
            view.duplicates = preview.duplicate_count() as i64;
            view.stated = (preview.stated > 0).then_some(preview.stated);
            view.gaps = preview.gaps.into_iter().map(GapView::from).collect();
            view.rows = preview
                .bookings
                .into_iter()
                .take(ROWS_SHOWN)
                .map(|booking| PreviewRow {
                    line: booking.line,
                    is_duplicate: booking.is_duplicate,
                    kind: booking.draft.kind.as_str().to_owned(),
                    date: booking.draft.date,
                    symbol: booking.security.map(|security| security.symbol),
                    quantity: booking.draft.quantity,
                    amount: booking.draft.amount,
                    currency: booking.draft.currency,
                })
                .collect();
            (view.refused, view.left_out) =
                (preview.rejected.len() as i64, preview.skipped.len() as i64);
            (view.rejected, view.skipped) = (preview.rejected, preview.skipped);
        }
        view
    }
}

/// Imports, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/imports",
    operation_id = "portfolio_list_imports",
    tag = "portfolio",
    params(PageQuery),
    responses(
        (status = 200, body = Page<ImportView>),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    caller: SignedIn,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<ImportView>>> {
    let imports = service::list(&app, caller.user_id, &page).await?;
    let view = |import| ImportView::new(import, None, Listed::default());
    Ok(Json(imports.map(view)))
}

/// Imports a file, or with `preview=true` shows what importing it would do. The file is the body.
/// Repeating the call adds nothing: bookings that the portfolio holds are recognised.
///
/// A file of more than 4 MiB whose records stand alone is booked in the background: the answer is 202
/// with the address that tells how far it is. Its preview shows the first records.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/imports",
    operation_id = "portfolio_create_import",
    tag = "portfolio",
    params(UploadQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = ImportOutcome),
        (status = 201, body = ImportView),
        (status = 202, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 413, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn create(
    State(app): State<App>,
    caller: SignedIn,
    Query(query): Query<UploadQuery>,
    body: Body,
) -> ApiResult<Response> {
    let name = query
        .format
        .as_deref()
        .filter(|name| !name.is_empty())
        .unwrap_or("auto");
    let user = caller.user_id;
    let (format, mapping) = reading(&app, user, name).await?;
    let mut upload = Upload {
        portfolio_id: query.portfolio_id,
        file_name: query.file_name.unwrap_or_else(|| "upload".to_owned()),
        content: Vec::new(),
        format,
        mapping,
    };
    let received = match spool::receive(&app, body).await? {
        Received::Held(content) if !query.preview => {
            upload.content = content;
            let outcome = service::import_file(&app, user, upload).await?;
            return Ok(Json(outcome).into_response());
        }
        received => received,
    };
    let id = receiving::receive_any(&app, user, received, upload).await?;
    if query.preview {
        let view = Json(view(&app, user, id).await?);
        return Ok((StatusCode::CREATED, view).into_response());
    }
    match service::decide(&app, user, id).await {
        Ok(decided) => answer(&app, user, id, decided).await,
        Err(error) => {
            // Nobody asked for a preview: none may stay behind.
            service::discard(&app, user, id).await?;
            Err(error.into())
        }
    }
}

/// An import as it stands; one that waits with its first rows.
pub(super) async fn view(app: &App, user: UserId, id: ImportId) -> Result<ImportView, Error> {
    let (import, preview) = service::look(app, user, id).await?;
    let listed = match preview {
        Some(_) => Listed::default(),
        None => service::listed(app, user, id, MOST_LISTED).await?,
    };
    Ok(ImportView::new(import, preview, listed))
}

/// The outcome, or where to ask how far it is.
async fn answer(app: &App, user: UserId, id: ImportId, decided: Confirmed) -> ApiResult<Response> {
    match decided {
        Confirmed::Done(outcome) => Ok(Json(outcome).into_response()),
        Confirmed::Started => started(app, user, id).await,
    }
}

/// Where to ask how far an import is that goes on in the background.
async fn started(app: &App, user: UserId, id: ImportId) -> ApiResult<Response> {
    let place = format!("/api/v1/portfolio/imports/{}", id.0);
    let view = Json(view(app, user, id).await?);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], view).into_response())
}

/// One import; a waiting one with its first rows.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/imports/{id}",
    operation_id = "portfolio_show_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
async fn show(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
) -> ApiResult<Json<ImportView>> {
    Ok(Json(view(&app, caller.user_id, id).await?))
}

/// Imports a file that waits as a preview; a long one in the background.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/imports/{id}/confirm",
    operation_id = "portfolio_confirm_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportOutcome),
        (status = 202, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn confirm(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
) -> ApiResult<Response> {
    let decided = service::decide(&app, caller.user_id, id).await?;
    answer(&app, caller.user_id, id, decided).await
}

/// Stops a long file that is being booked, or an import that is being taken back. What is booked stays
/// until it is resumed or undone.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/imports/{id}/stop",
    operation_id = "portfolio_stop_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn stop(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
) -> ApiResult<Json<ImportView>> {
    service::stop(&app, caller.user_id, id).await?;
    Ok(Json(view(&app, caller.user_id, id).await?))
}

/// Goes on with a long file that was interrupted, behind what is booked, or with taking an import back.
#[utoipa::path(
    post,
    path = "/api/v1/portfolio/imports/{id}/resume",
    operation_id = "portfolio_resume_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    responses(
        (status = 202, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn resume(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
) -> ApiResult<Response> {
    service::resume(&app, caller.user_id, id).await?;
    started(&app, caller.user_id, id).await
}

/// What taking back an import removed.
#[derive(Debug, Serialize, ToSchema)]
struct UndoView {
    /// Transactions that are gone.
    removed: u64,
}

/// Takes back everything that an import brought. One that still waits is discarded: it removes no
/// transaction.
///
/// More than 2,000 transactions are taken back in the background: the answer is 202 with the address that
/// tells how far it is.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/imports/{id}",
    operation_id = "portfolio_undo_import",
    tag = "portfolio",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, body = UndoView),
        (status = 202, body = ImportView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
async fn undo(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<ImportId>,
) -> ApiResult<Response> {
    match service::remove(&app, caller.user_id, id).await? {
        Undoing::Done(removed) => Ok(Json(UndoView { removed }).into_response()),
        Undoing::Started => started(&app, caller.user_id, id).await,
    }
}
