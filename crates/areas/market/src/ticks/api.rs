use axum::{Json, extract::State};
use identity::Admin;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Problem, ProblemBody};

use super::{
    model::{TicksBody, TicksView},
    service, store,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create))
}

/// State trades as they happen
///
/// Only an administrator of the instance may. The batch is stored as a whole; bars of minutes and longer
/// ones are computed from it at once, and the latest trade of an instrument becomes its latest price, which
/// whoever follows it gets within a second, unless it is doubted as that of a source would be: then it waits for a
/// decision. Sending a batch again adds nothing; a tick with the time and the number of another corrects it.
#[utoipa::path(
    post, path = "/api/v1/market/ticks", tag = "market",
    operation_id = "market_ingest_ticks",
    request_body = TicksBody,
    responses(
        (status = 200, description = "What became of the ticks", body = TicksView),
        (status = 400, description = "The body could not be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The batch is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A tick is not acceptable; none was stored", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(app): State<App>,
    _: Admin,
    web::Json(body): web::Json<TicksBody>,
) -> ApiResult<Json<TicksView>> {
    let now = app.clock.now();
    let rows = body.read(now).map_err(Problem::invalid)?;
    let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
    let mut tx = app.db.system("take ticks in").await?;
    let known = store::list_public(&mut tx, &ids).await?;
    let unknown = body.unknown(&known);
    if !unknown.is_empty() {
        return Err(Problem::invalid(unknown));
    }
    let taken = service::take_in(&mut tx, &body.source, &rows, now).await?;
    tx.commit().await?;
    Ok(Json(TicksView {
        written: taken.ingested.written,
        unchanged: taken.ingested.unchanged,
        expired: taken.ingested.expired,
        quotes: taken.quotes,
        doubted: taken.doubted,
    }))
}
