use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Page, PageQuery, Path, ProblemBody, Query};

use super::{Filter, Person, PersonId, model::ChangeBody, service};
use crate::Admin;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, update))
}

/// Who has an account
#[utoipa::path(
    get, path = "/api/v1/identity/people", tag = "identity",
    operation_id = "identity_list_people",
    params(Filter, PageQuery),
    responses(
        (status = 200, description = "People, the oldest account first", body = Page<Person>),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The cursor or a condition is not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(app): State<App>,
    _: Admin,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<Person>>> {
    let limit = query.limit();
    let rows = service::list(&app.db, &app.clock, &filter, query.after()?, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |person| person.id)))
}

/// A person
#[utoipa::path(
    get, path = "/api/v1/identity/people/{person_id}", tag = "identity",
    operation_id = "identity_show_person",
    params(("person_id" = uuid::Uuid, Path, description = "The person")),
    responses(
        (status = 200, description = "The person", body = Person),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such person", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<PersonId>,
) -> ApiResult<Json<Person>> {
    Ok(Json(service::show(&app.db, &app.clock, id).await?))
}

/// Change what a person may do, whether the account may be used, and what it is entitled to
///
/// What is left out stays. The sessions of an account that is no longer active end, and its tokens stop
/// working. The last administrator in use stays one.
#[utoipa::path(
    patch, path = "/api/v1/identity/people/{person_id}", tag = "identity",
    operation_id = "identity_update_person",
    params(("person_id" = uuid::Uuid, Path, description = "The person")),
    request_body = ChangeBody,
    responses(
        (status = 200, description = "The person as changed", body = Person),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such person", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The last administrator, or an account that is closed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Some fields are not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn update(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<PersonId>,
    web::Json(body): web::Json<ChangeBody>,
) -> ApiResult<Json<Person>> {
    let change = body.read(app.clock.now())?;
    Ok(Json(
        service::change(&app.db, &app.clock, id, change).await?,
    ))
}
