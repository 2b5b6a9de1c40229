use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use maud::{Markup, html};
use web::{
    App, Chrome, Problem,
    components::{NoticeKind, card, csrf_field, notice, submit_quiet},
};

use super::{COUNT, service};
use crate::{
    factors::Factors,
    proofs::Recent,
    sessions::Holder,
    settings::{self, Saved, Tab},
};

const ACTION: &str = "/identity/settings/factors/recovery-codes";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(ACTION, post(regenerate))
}

/// Answers with the page itself: the codes must not go through an address or the database.
async fn regenerate(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Holder(who): Holder,
    _: Recent,
) -> Result<Response, Problem> {
    let codes = service::regenerate(&app, who.user_id).await?;
    Ok(codes_page(&chrome, &codes).into_response())
}

/// The only page on which the codes are seen.
pub(crate) fn codes_page(chrome: &Chrome, codes: &[String]) -> Markup {
    let body = card(
        "Your recovery codes",
        html! {
            (notice(NoticeKind::Warning, html! {
                p { "Print these codes or write them down now. They are not shown again." }
            }))
            p {
                "Each of them signs you in once in place of the authenticator app or the passkey. Keep "
                "them where you keep other papers that open doors, not on the same device."
            }
            ul.codes { @for code in codes { li { code { (code) } } } }
            p.actions { a.button.primary href=(Tab::Factors.href()) { "I have them" } }
        },
    );
    settings::frame(chrome, Tab::Factors, Saved::no(), body)
}

pub(crate) fn codes_card(chrome: &Chrome, factors: Factors) -> Markup {
    card(
        "Recovery codes",
        html! {
            @if factors.needs_second_step() {
                p { strong { (factors.codes_left) " of " (COUNT) } " codes are left." }
                @if factors.codes_left < 3 {
                    (notice(NoticeKind::Warning, html! {
                        p { "Make new codes before the last one is used." }
                    }))
                }
                form method="post" action=(ACTION) {
                    (csrf_field(chrome))
                    p.hint { "New codes take the place of the old ones, which no longer work." }
                    div.actions { (submit_quiet("Make new codes")) }
                }
            } @else {
                p.hint {
                    "You get them with the first authenticator app or passkey: for the day on which you "
                    "lose it."
                }
            }
        },
    )
}
