use axum::{Json, extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, Path, ProblemBody};

use super::{
    TaxCountry, TaxId,
    model::{DetailsView, SecretBody},
    service,
};
use crate::sessions::Holder;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(put_phone, remove_phone))
        .routes(routes!(put_tax_id, remove_tax_id))
        .routes(routes!(put_provider_key, remove_provider_key))
}

/// Entrusted details of the signed-in person, masked
///
/// Phone number, tax numbers and keys of data providers by their last characters. The values themselves
/// are never given back, but in the export of one's own data.
#[utoipa::path(
    get, path = "/api/v1/identity/details", tag = "identity",
    operation_id = "identity_show_details",
    responses(
        (status = 200, description = "The details", body = DetailsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, Holder(who): Holder) -> ApiResult<Json<DetailsView>> {
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Set the phone number
#[utoipa::path(
    put, path = "/api/v1/identity/details/phone", tag = "identity",
    operation_id = "identity_put_phone",
    request_body = SecretBody,
    responses(
        (status = 200, description = "The details", body = DetailsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not a phone number of E.164", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn put_phone(
    State(app): State<App>,
    Holder(who): Holder,
    web::Json(body): web::Json<SecretBody>,
) -> ApiResult<Json<DetailsView>> {
    service::put_phone(&app, who.user_id, &body.value.parse()?).await?;
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Remove the phone number
#[utoipa::path(
    delete, path = "/api/v1/identity/details/phone", tag = "identity",
    operation_id = "identity_remove_phone",
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove_phone(State(app): State<App>, Holder(who): Holder) -> ApiResult<StatusCode> {
    service::remove_phone(&app, who.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the tax number of a country
#[utoipa::path(
    put, path = "/api/v1/identity/details/tax-ids/{country}", tag = "identity",
    operation_id = "identity_put_tax_id",
    params(("country" = String, Path, description = "ISO 3166-1 alpha-2, such as DE")),
    request_body = SecretBody,
    responses(
        (status = 200, description = "The details", body = DetailsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Against the rule of the country", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn put_tax_id(
    State(app): State<App>,
    Holder(who): Holder,
    Path(country): Path<String>,
    web::Json(body): web::Json<SecretBody>,
) -> ApiResult<Json<DetailsView>> {
    let country: TaxCountry = country.parse()?;
    let tax_id = TaxId::new(&country, &body.value)?;
    service::put_tax_id(&app, who.user_id, &country, &tax_id).await?;
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Remove the tax number of a country
#[utoipa::path(
    delete, path = "/api/v1/identity/details/tax-ids/{country}", tag = "identity",
    operation_id = "identity_remove_tax_id",
    params(("country" = String, Path, description = "ISO 3166-1 alpha-2, such as DE")),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not a country", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove_tax_id(
    State(app): State<App>,
    Holder(who): Holder,
    Path(country): Path<String>,
) -> ApiResult<StatusCode> {
    service::remove_tax_id(&app, who.user_id, &country.parse()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the key for a data provider
#[utoipa::path(
    put, path = "/api/v1/identity/details/provider-keys/{provider}", tag = "identity",
    operation_id = "identity_put_provider_key",
    params(("provider" = String, Path, description = "Such as tiingo or alpha_vantage")),
    request_body = SecretBody,
    responses(
        (status = 200, description = "The details", body = DetailsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "An unknown provider, or no key", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn put_provider_key(
    State(app): State<App>,
    Holder(who): Holder,
    Path(provider): Path<String>,
    web::Json(body): web::Json<SecretBody>,
) -> ApiResult<Json<DetailsView>> {
    let key = body.value.parse()?;
    service::put_provider_key(&app, who.user_id, provider.parse()?, &key).await?;
    Ok(Json(service::show(&app, who.user_id).await?))
}

/// Remove the key for a data provider
#[utoipa::path(
    delete, path = "/api/v1/identity/details/provider-keys/{provider}", tag = "identity",
    operation_id = "identity_remove_provider_key",
    params(("provider" = String, Path, description = "Such as tiingo or alpha_vantage")),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An agent manages no settings", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "An unknown provider", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove_provider_key(
    State(app): State<App>,
    Holder(who): Holder,
    Path(provider): Path<String>,
) -> ApiResult<StatusCode> {
    service::remove_provider_key(&app, who.user_id, provider.parse()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
