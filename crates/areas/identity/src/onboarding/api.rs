use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Choice as _, Path, ProblemBody};

use super::{
    OnboardingError, error,
    model::{Step, StepBody},
    service,
    view::OnboardingView,
};
use crate::sessions::Holder;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(take))
        .routes(routes!(dismiss))
}

/// The first steps of the signed-in person
#[utoipa::path(
    get, path = "/api/v1/identity/onboarding", tag = "identity",
    operation_id = "identity_show_onboarding",
    responses(
        (status = 200, description = "Where the person is, and the answers", body = OnboardingView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, Holder(who): Holder) -> ApiResult<Json<OnboardingView>> {
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Take a step, or skip it
///
/// Every step reads its own fields; a step can be taken again at any time, and the questions about risk
/// make a new assessment each time.
#[utoipa::path(
    put, path = "/api/v1/identity/onboarding/steps/{step}", tag = "identity",
    operation_id = "identity_take_onboarding_step",
    params(("step" = String, Path, description = "`welcome`, `experience`, `risk`, `horizon`, `profile`, `tax` or `legal`")),
    request_body = StepBody,
    responses(
        (status = 200, description = "Where the person is now", body = OnboardingView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such step", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Some fields are not acceptable", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn take(
    State(app): State<App>,
    Holder(who): Holder,
    Path(step): Path<String>,
    web::Json(body): web::Json<StepBody>,
) -> ApiResult<Json<OnboardingView>> {
    let step = Step::parse(&step).ok_or(OnboardingError::UnknownStep)?;
    service::take(&app, who.user_id, step, &body)
        .await
        .map_err(error::problem)?;
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Send the card on the dashboard away
#[utoipa::path(
    put, path = "/api/v1/identity/onboarding/dismissal", tag = "identity",
    operation_id = "identity_dismiss_onboarding",
    responses(
        (status = 204, description = "It is not shown any more"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn dismiss(State(app): State<App>, Holder(who): Holder) -> ApiResult<StatusCode> {
    service::dismiss(&app, who.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
