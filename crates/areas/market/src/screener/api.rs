use axum::{Json, extract::State};
use identity::SignedIn;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Problem, ProblemBody, Query};

use super::{
    model::{After, Question, Screened},
    store,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Instruments by what they are and what they did
///
/// Those that are traded still and answer every part of the question. Figures of the last trading day
/// follow the daily bars, and quotes of a later day, within a minute.
#[utoipa::path(
    get, path = "/api/v1/market/screener", tag = "market",
    operation_id = "market_screen_instruments",
    params(Question, PageQuery),
    responses(
        (status = 200, description = "A page of instruments", body = Page<Screened>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Query(question): Query<Question>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Screened>>> {
    let screen = question.read().map_err(Problem::invalid)?;
    let after = page.after::<After>()?;
    let mut tx = app.db.read(who.user_id).await?;
    let found = store::list(tx.conn(), &screen, after.as_ref(), page.limit()).await?;
    Ok(Json(Page::of(found, page.limit(), place)))
}

/// What the next page begins after.
pub(super) fn place(last: &Screened) -> After {
    (last.key, last.symbol.clone(), last.instrument_id.0)
}
