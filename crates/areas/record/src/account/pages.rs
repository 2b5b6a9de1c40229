use axum::{
    Extension, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use identity::{Disclosure, Holder, Saved, SignedIn, Tab, Viewer, settings_frame};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Problem,
    components::{
        Field, FieldKind, card, csrf_field, error_of, form_errors, link_button, submit_danger,
        text_field,
    },
};

use super::{Closing, api, service};

const CLOSE: &str = "/record/account/close";
const EXPORT: &str = "/record/account/export";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Account.href(), get(show))
        .route(EXPORT, get(export))
        .route(CLOSE, post(close))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CloseForm {
    password: String,
    email: String,
    successor: String,
}

async fn show(State(app): State<App>, viewer: Viewer, who: SignedIn) -> Result<Markup, Problem> {
    let is_last = service::is_last_admin(&app.db, who.user_id).await?;
    Ok(page(&viewer.chrome, is_last, &CloseForm::default(), &[]))
}

async fn export(State(app): State<App>, who: SignedIn, disclosure: Disclosure) -> Response {
    api::archive(&app, who, disclosure)
}

async fn close(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    who: Holder,
    Form(mut form): Form<CloseForm>,
) -> Result<Response, Problem> {
    let password = std::mem::take(&mut form.password);
    let closing = Closing {
        email: form.email.clone(),
        successor: Some(form.successor.clone()),
    };
    match api::closed(&app, &who, password, &closing).await {
        Ok(()) => Ok(farewell(&app, &chrome)),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.errors.is_empty() {
                return Err(problem);
            }
            let is_last = service::is_last_admin(&app.db, who.user_id()).await?;
            let page = page(&chrome, is_last, &form, &problem.errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The last page; the browser forgets its session.
fn farewell(app: &App, chrome: &Chrome) -> Response {
    let page = web::bare_page(
        chrome,
        "Your account is closed",
        html! {
            h1 { "Your account is closed" }
            p {
                "Your name, your address and your words are erased. Your bookings stay without you for "
                "seven years, as books must, and then go as well."
            }
            p.actions { (link_button("Sign in with another account", "/identity/sign-in", true)) }
        },
    );
    let gone = app.cookie("session", "", 0);
    ([(header::SET_COOKIE, gone)], page).into_response()
}

fn page(chrome: &Chrome, is_last: bool, form: &CloseForm, errors: &[FieldError]) -> Markup {
    let body = html! {
        (form_errors(errors))
        (card("Take your data along", html! {
            p {
                "Everything that is stored about you in one archive, each table as JSON and as CSV. "
                "Secrets and their hashes are left out. Phone and tax numbers and keys of data "
                "providers are in it, so you are asked who you are when you last said so more than "
                "fifteen minutes ago."
            }
            p.actions { (link_button("Download the archive", EXPORT, false)) }
        }))
        (card("Close your account", html! {
            p {
                "You are signed out everywhere and your tokens end at once. Your name, your address "
                "and everything you wrote are erased for good. Your bookings are kept without you "
                "for seven years, as books must be, and then deleted."
            }
            (close_form(chrome, is_last, form, errors))
        }))
    };
    settings_frame(chrome, Tab::Account, Saved::no(), body)
}

fn close_form(chrome: &Chrome, is_last: bool, form: &CloseForm, errors: &[FieldError]) -> Markup {
    html! {
        form.form method="post" action=(CLOSE) {
            (csrf_field(chrome))
            (text_field(&Field {
                label: "Your email address", name: "email", value: &form.email,
                kind: FieldKind::Email, required: true, autocomplete: Some("off"),
                error: error_of(errors, "email"), ..Field::default()
            }))
            (text_field(&Field {
                label: "Your password", name: "password", kind: FieldKind::Password,
                required: true, autocomplete: Some("current-password"),
                error: error_of(errors, "password"), ..Field::default()
            }))
            @if is_last {
                (text_field(&Field {
                    label: "Who runs this instance from now on", name: "successor",
                    value: &form.successor, kind: FieldKind::Email, required: true,
                    autocomplete: Some("off"), error: error_of(errors, "successor"),
                    hint: Some("The email address of somebody who has an account here."),
                    ..Field::default()
                }))
            }
            div.actions { (submit_danger("Close my account for good")) }
        }
    }
}
