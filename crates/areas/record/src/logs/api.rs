use axum::{Json, extract::State};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, Problem, ProblemBody, Query};

use super::{LogEntry, model::LogQuery, store};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The log belongs to whoever runs the instance.
pub(super) fn require_owner(who: &SignedIn) -> Result<(), Problem> {
    if who.is_admin {
        Ok(())
    } else {
        Err(Problem::forbidden(
            "Only the owner of this instance reads its log.",
        ))
    }
}

/// Warnings and errors of the process
///
/// Whoever runs the instance reads it.
#[utoipa::path(
    get, path = "/api/v1/record/logs", tag = "record",
    operation_id = "record_list_logs",
    params(LogQuery),
    responses(
        (status = 200, description = "Lines, the newest first", body = Page<LogEntry>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Somebody else runs this instance", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<LogQuery>,
) -> ApiResult<Json<Page<LogEntry>>> {
    require_owner(&who)?;
    let page = query.page();
    let limit = page.limit();
    let mut tx = app
        .db
        .system("show the log to whoever runs the instance")
        .await?;
    let rows = store::list(&mut tx, &query, page.after()?, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |line| (line.at, line.id))))
}
