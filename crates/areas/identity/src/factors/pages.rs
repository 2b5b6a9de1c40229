use axum::{Extension, Router, extract::State, http::HeaderMap, routing::get};
use maud::{Markup, html};
use web::{
    App, Chrome, FieldError, Problem, Query,
    components::{NoticeKind, notice},
};

use super::store;
use crate::{
    passkeys, proofs, recovery, second_step,
    sessions::Principal,
    settings::{self, Saved, Tab},
    totp,
};

/// The pages of everything that proves who somebody is, beside the sign-in itself. Wrong codes and
/// passwords are counted together.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Factors.href(), get(show))
        .merge(totp::pages::routes())
        .merge(recovery::pages::routes())
        .merge(passkeys::pages::routes())
        .merge(passkeys::sign_in::routes())
        .merge(second_step::pages::routes())
        .merge(proofs::pages::routes())
}

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    headers: HeaderMap,
    who: Principal,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let body = body(&app, &chrome, &headers, &who, &[]).await?;
    Ok(settings::frame(&chrome, Tab::Factors, saved, body))
}

/// The cards of the page.
pub(crate) async fn body(
    app: &App,
    chrome: &Chrome,
    headers: &HeaderMap,
    who: &Principal,
    errors: &[FieldError],
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(who.user_id).await?;
    let factors = store::get_own(&mut tx).await?;
    let passkeys = passkeys::store::list(&mut tx).await?;
    drop(tx);
    // Whoever sits down at a session of yesterday must not learn the secret of tomorrow's codes.
    let enrolment = if factors.is_totp_pending && proofs::is_recent(app, who).await? {
        totp::enrolment(app, who).await?
    } else {
        None
    };
    let confirm = format!("{}?next={}", proofs::pages::CONFIRM, Tab::Factors.href());
    Ok(html! {
        @if factors.needs_second_step() {
            p.lead { "Your password alone does not sign in." }
        } @else {
            (notice(NoticeKind::Info, html! {
                p {
                    "Your password alone signs in. With an app or a passkey, whoever learns it still "
                    "cannot."
                }
            }))
        }
        (totp::pages::app_card(chrome, factors, enrolment.as_ref(), errors))
        (passkeys::passkeys_card(app, chrome, headers, &passkeys))
        (recovery::pages::codes_card(chrome, factors))
        p.hint {
            "Changes here ask you to " a href=(confirm) { "confirm that it is you" }
            " when you last did so more than 15 minutes ago."
        }
    })
}
