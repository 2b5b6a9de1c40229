use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Problem,
    components::{
        Field, NoticeKind, card, csrf_field, error_of, notice, submit, submit_danger, submit_quiet,
        text_field,
    },
};

use super::{Enrolment, service};
use crate::{
    factors::{self, FactorError, Factors},
    proofs::Recent,
    recovery::pages::codes_page,
    second_step,
    sessions::{Holder, Principal},
    settings::{self, Saved, Tab},
};

const ACTION: &str = "/identity/settings/factors/totp";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(ACTION, post(begin))
        .route("/identity/settings/factors/totp/confirm", post(confirm))
        .route("/identity/settings/factors/totp/disable", post(disable))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CodeForm {
    code: String,
}

async fn begin(
    State(app): State<App>,
    Holder(who): Holder,
    _: Recent,
) -> Result<Response, Problem> {
    service::begin(&app, who.user_id).await?;
    Ok(axum::response::Redirect::to(Tab::Factors.href()).into_response())
}

async fn confirm(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    headers: HeaderMap,
    Holder(who): Holder,
    _: Recent,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    match service::confirm(&app, who.user_id, &form.code).await {
        Ok(Some(codes)) => Ok(codes_page(&chrome, &codes).into_response()),
        Ok(None) => Ok(Saved::redirect(Tab::Factors)),
        Err(error) => refused(&app, &chrome, &headers, &who, error.into()).await,
    }
}

/// Asks for both, because a session that was taken over has neither. The proof is whichever the person has:
/// not everybody has a password.
async fn disable(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    headers: HeaderMap,
    Holder(who): Holder,
    _: Recent,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    let removed = async {
        second_step::check_code(&app, who.user_id, &form.code).await?;
        service::disable(&app, who.user_id).await
    };
    match removed.await {
        Ok(()) => Ok(Saved::redirect(Tab::Factors)),
        Err(error @ FactorError::TooManyAttempts { .. }) => Err(error.into()),
        Err(error) => refused(&app, &chrome, &headers, &who, error.into()).await,
    }
}

async fn refused(
    app: &App,
    chrome: &Chrome,
    headers: &HeaderMap,
    who: &Principal,
    problem: Problem,
) -> Result<Response, Problem> {
    let errors = settings::field_errors(problem)?;
    let body = factors::pages::body(app, chrome, headers, who, &errors).await?;
    let page = settings::frame(chrome, Tab::Factors, Saved::no(), body);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(crate) fn app_card(
    chrome: &Chrome,
    factors: Factors,
    enrolment: Option<&Enrolment>,
    errors: &[FieldError],
) -> Markup {
    let body = match (factors.totp_since, enrolment) {
        (Some(since), _) => html! {
            p {
                "Codes of the app are asked for since " (settings::instant(chrome, since)) "."
            }
            (disable_form(chrome, errors))
        },
        (None, Some(enrolment)) => enrolment_body(chrome, enrolment, errors),
        (None, None) => html! {
            p.hint {
                "An app on the phone that shows a new code every thirty seconds. The code is asked for "
                "after the password."
            }
            form method="post" action=(ACTION) {
                (csrf_field(chrome))
                div.actions { (submit("Set up an app")) }
            }
        },
    };
    card("Authenticator app", body)
}

fn enrolment_body(chrome: &Chrome, enrolment: &Enrolment, errors: &[FieldError]) -> Markup {
    let picture = format!("data:image/png;base64,{}", enrolment.qr);
    html! {
        p { "1. Scan this picture with the app, or type the secret into it." }
        img.qr src=(picture) alt="The secret below, for the camera of the app" width="240" height="240";
        p { code.secret { (enrolment.secret) } }
        p { "2. Type the code that the app shows now. Until then nothing changes." }
        form.form method="post" action="/identity/settings/factors/totp/confirm" {
            (csrf_field(chrome))
            (code_field("Code of the app", error_of(errors, "code")))
            div.actions { (submit("Turn it on")) }
        }
        form method="post" action=(ACTION) {
            (csrf_field(chrome))
            div.actions { (submit_quiet("Begin again with another secret")) }
        }
    }
}

fn disable_form(chrome: &Chrome, errors: &[FieldError]) -> Markup {
    html! {
        details open[!errors.is_empty()] {
            summary { "Remove the app" }
            (notice(NoticeKind::Warning, html! {
                p { "Without another factor the password alone signs in, and the recovery codes go." }
            }))
            form.form method="post" action="/identity/settings/factors/totp/disable" {
                (csrf_field(chrome))
                (code_field("Code of the app, or a recovery code", error_of(errors, "code")))
                div.actions { (submit_danger("Remove the app")) }
            }
        }
    }
}

fn code_field(label: &str, error: Option<&str>) -> Markup {
    text_field(&Field {
        label,
        name: "code",
        required: true,
        autocomplete: Some("one-time-code"),
        error,
        ..Field::default()
    })
}
