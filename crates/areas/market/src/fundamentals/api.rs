use axum::{Json, extract::State};
use identity::SignedIn;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, Problem, ProblemBody, Query};

use super::{
    model::{After, Fundamental},
    store,
};
use crate::{InstrumentId, instruments};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which figures are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// All periods of this concept, such as `Revenues`; the last value of every concept unless given.
    concept: Option<String>,
}

/// Reported figures
///
/// What a company has reported, as sources state it. Where a figure was restated, the latest report counts.
#[utoipa::path(
    get, path = "/api/v1/market/instruments/{id}/fundamentals", tag = "market",
    operation_id = "market_list_fundamentals",
    params(("id" = InstrumentId, Path, description = "Names the instrument"), Filter, PageQuery),
    responses(
        (status = 200, description = "A page of the figures, by concept, the latest period first", body = Page<Fundamental>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such instrument", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(filter): Query<Filter>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Fundamental>>> {
    if filter
        .concept
        .as_ref()
        .is_some_and(|concept| concept.contains('\0'))
    {
        let detail = "No concept has such a character.";
        return Err(Problem::invalid_field("concept", "invalid_concept", detail));
    }
    let after = page.after::<After>()?;
    let mut tx = app.db.read(who.user_id).await?;
    instruments::store::require(tx.conn(), id).await?;
    let concept = filter.concept.as_deref();
    let limit = page.limit();
    let found = store::list(tx.conn(), id, concept, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::of(found, limit, Fundamental::place)))
}
