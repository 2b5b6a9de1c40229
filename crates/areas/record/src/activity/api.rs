use axum::{Json, extract::State};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, ProblemBody, Query};

use super::{Activity, model::ActivityQuery, store};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What the signed-in person did, and programs in the person's name
#[utoipa::path(
    get, path = "/api/v1/record/activity", tag = "record",
    operation_id = "record_list_activity",
    params(ActivityQuery),
    responses(
        (status = 200, description = "Deeds, the newest first", body = Page<Activity>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(query): Query<ActivityQuery>,
) -> ApiResult<Json<Page<Activity>>> {
    let page = query.page();
    let limit = page.limit();
    let mut tx = app.db.read(who.user_id).await?;
    let rows = store::list(&mut tx, query.kind().as_deref(), page.after()?, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |deed| (deed.at, deed.id))))
}
