use axum::{Json, extract::State};
use identity::{Admin, SignedIn};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, Problem, ProblemBody, Query};

use super::{
    model::{After, FigureSource, Fresh, Question, page_of},
    store,
};
use crate::{InstrumentId, instruments};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(of_instrument))
}

/// How far prices reach
///
/// Only an administrator of the instance may. The instruments that can have daily prices, the stalest first.
#[utoipa::path(
    get, path = "/api/v1/market/freshness", tag = "market",
    operation_id = "market_list_freshness",
    params(Question, PageQuery),
    responses(
        (status = 200, description = "A page of instruments", body = Page<Fresh>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    _: Admin,
    Query(question): Query<Question>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Fresh>>> {
    let filter = question.read().map_err(Problem::invalid)?;
    let after = page.after::<After>()?;
    let mut tx = app.db.system("read how fresh prices are").await?;
    let now = app.clock.now();
    let found = store::list(&mut tx, filter, now, after.as_ref(), page.limit()).await?;
    Ok(Json(page_of(found, page.limit())))
}

/// Where figures come from
///
/// Of each kind of figure that is known of an instrument: who stated the latest, of when it is, and how good what
/// the source gave was.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/sources", tag = "market",
    operation_id = "market_list_figure_sources",
    params(("id" = InstrumentId, Path, description = "Names the instrument")),
    responses(
        (status = 200, description = "The kinds of figures", body = Vec<FigureSource>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn of_instrument(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
) -> ApiResult<Json<Vec<FigureSource>>> {
    let mut tx = app.db.read(who.user_id).await?;
    instruments::store::require(tx.conn(), id).await?;
    Ok(Json(super::of_instrument(tx.conn(), id).await?))
}
