use axum::{Extension, Json, extract::State, http::StatusCode};
use identity::{SignedIn, Viewer};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Problem, ProblemBody, Query};

use super::{HealthEntry, service_entries, store};
use crate::{
    portfolios::PortfolioId,
    reconciliation,
    scope::{Scope, empty_is_none},
    valuation::Valuations,
};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(accept, reopen))
        .routes(routes!(runs))
}

/// Whose findings are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HealthQuery {
    /// One portfolio; all together unless given.
    #[param(value_type = Option<Uuid>)]
    portfolio_id: Option<PortfolioId>,
    /// Transactions as they were stored at the end of this day (UTC); as they are now unless given.
    #[serde(default, deserialize_with = "empty_is_none")]
    #[param(value_type = Option<String>, format = Date)]
    known_on: Option<Date>,
}

/// Everything that does not add up.
#[derive(Debug, Serialize, ToSchema)]
struct HealthView {
    /// The gravest first, accepted ones last.
    findings: Vec<HealthEntry>,
}

/// A finding that is to stay, or not any more.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// The `id` of the finding.
    id: String,
    /// Why, for later.
    note: Option<String>,
}

/// Which finding is to count again.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReopenQuery {
    /// The `id` of the finding.
    id: String,
}

/// Findings of one portfolio or all of them with what mends them.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/health",
    operation_id = "portfolio_list_findings",
    tag = "portfolio",
    params(HealthQuery),
    responses(
        (status = 200, body = HealthView),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn list(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    caller: SignedIn,
    viewer: Viewer,
    Query(query): Query<HealthQuery>,
) -> ApiResult<Json<HealthView>> {
    let scope = Scope::known(query.portfolio_id, query.known_on);
    let findings = service_entries(&app, &valuations, &viewer, caller.is_admin, &scope).await?;
    Ok(Json(HealthView { findings }))
}

/// Accepts a finding: it stays, and is not counted any more.
#[utoipa::path(
    put,
    path = "/api/v1/portfolio/health/accepted",
    operation_id = "portfolio_accept_finding",
    tag = "portfolio",
    request_body = AcceptBody,
    responses(
        (status = 204, description = "Accepted"),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn accept(
    State(app): State<App>,
    caller: SignedIn,
    web::Json(body): web::Json<AcceptBody>,
) -> ApiResult<StatusCode> {
    let note = body
        .note
        .as_deref()
        .map(str::trim)
        .filter(|n| !n.is_empty());
    check(&body.id, note)?;
    let mut tx = app.db.write(caller.user_id).await?;
    store::accept(&mut tx, caller.user_id, &body.id, note).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What columns can hold.
pub(super) fn check(id: &str, note: Option<&str>) -> Result<(), Problem> {
    let is_text =
        |text: &str, longest: usize| text.chars().count() <= longest && !text.contains('\0');
    if id.is_empty() || !is_text(id, 300) {
        return Err(Problem::invalid_field(
            "id",
            "invalid_text",
            "The id must be that of a finding.",
        ));
    }
    if note.is_some_and(|note| !is_text(note, 1_000)) {
        return Err(Problem::invalid_field(
            "note",
            "invalid_text",
            "The note must have at most 1000 characters.",
        ));
    }
    Ok(())
}

/// Counts an accepted finding again.
#[utoipa::path(
    delete,
    path = "/api/v1/portfolio/health/accepted",
    operation_id = "portfolio_reopen_finding",
    tag = "portfolio",
    params(ReopenQuery),
    responses(
        (status = 204, description = "Open again"),
        (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn reopen(
    State(app): State<App>,
    caller: SignedIn,
    Query(query): Query<ReopenQuery>,
) -> ApiResult<StatusCode> {
    check(&query.id, None)?;
    let mut tx = app.db.write(caller.user_id).await?;
    if !store::reopen(&mut tx, &query.id).await? {
        return Err(Problem::not_found("accepted finding"));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A run of an import.
#[derive(Debug, Serialize, ToSchema)]
struct SyncRunView {
    /// Names the run.
    id: uuid::Uuid,
    /// The import, where it came to one.
    import_id: Option<uuid::Uuid>,
    /// The portfolio.
    portfolio: Option<String>,
    /// `csv`, `ibkr`, `kucoin`, `kraken`, `tiger` or `manual`.
    sync_source: String,
    /// `success`, `partial` (lines were refused), `error` or `pending`.
    status: String,
    /// Transactions added.
    records_imported: i32,
    /// Why nothing was imported.
    error_message: Option<String>,
    /// Name of the file.
    filename: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    sync_started: jiff::Timestamp,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    sync_completed: jiff::Timestamp,
    /// Format, duplicates and refused lines.
    #[schema(value_type = Object)]
    metadata: serde_json::Value,
}

/// Every run of an import, newest first, also those that failed.
#[utoipa::path(
    get,
    path = "/api/v1/portfolio/sync-log",
    operation_id = "portfolio_list_sync_log",
    tag = "portfolio",
    params(PageQuery),
    responses(
        (status = 200, body = Page<SyncRunView>),
        (status = 401, body = ProblemBody),
        (status = 422, body = ProblemBody)
    )
)]
async fn runs(
    State(app): State<App>,
    caller: SignedIn,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<SyncRunView>>> {
    let (after, limit) = (page.after()?, page.limit());
    let mut tx = app.db.read(caller.user_id).await?;
    let runs = reconciliation::store::list_runs(&mut tx, after, limit).await?;
    let views = runs
        .into_iter()
        .map(|run| SyncRunView {
            id: run.id,
            import_id: run.import_id,
            portfolio: run.portfolio,
            sync_source: run.source,
            status: run.status,
            records_imported: run.imported,
            error_message: run.error,
            filename: run.file_name,
            sync_started: run.started,
            sync_completed: run.completed,
            metadata: run.details,
        })
        .collect();
    Ok(Json(Page::of(views, limit, |run: &SyncRunView| run.id)))
}
