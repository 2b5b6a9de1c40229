use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{ApiResult, App, ProblemBody};

use crate::{
    SignedIn,
    passkeys::{self, PasskeyView},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What a person signs in with beside the password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorsView {
    /// Whether the password alone does not sign in.
    needs_second_step: bool,
    /// Since when codes of an authenticator app are asked for.
    #[schema(value_type = Option<String>, format = DateTime)]
    authenticator_app_since: Option<Timestamp>,
    /// Passkeys, the oldest first.
    passkeys: Vec<PasskeyView>,
    /// Recovery codes that were not used yet.
    recovery_codes_left: i64,
}

/// Second factors of the signed-in person
///
/// They are changed on the pages alone, where the person can be asked for a proof.
#[utoipa::path(
    get, path = "/api/v1/identity/factors", tag = "identity",
    operation_id = "identity_show_factors",
    responses(
        (status = 200, description = "Authenticator app, passkeys, recovery codes", body = FactorsView),
        (status = 401, description = "Not signed in", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(State(app): State<App>, who: SignedIn) -> ApiResult<Json<FactorsView>> {
    let mut tx = app.db.read(who.user_id).await?;
    let factors = super::store::get_own(&mut tx).await?;
    let passkeys = passkeys::store::list(&mut tx).await?;
    Ok(Json(FactorsView {
        needs_second_step: factors.needs_second_step(),
        authenticator_app_since: factors.totp_since,
        passkeys: passkeys.into_iter().map(PasskeyView::from).collect(),
        recovery_codes_left: factors.codes_left,
    }))
}
