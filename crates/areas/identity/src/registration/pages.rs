use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem,
    components::{
        Field, FieldKind, csrf_field, error_of, form_errors, link_button, submit, text_field,
    },
};

use super::{Policy, RegistrationError, model::AccountForm, service};
use crate::{client::Client, sessions, settings};

/// Where a newcomer goes on.
const WELCOME: &str = "/welcome";
const REGISTER: &str = "/identity/register";
const FORGOT: &str = "/identity/forgot";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(REGISTER, get(show).post(ask))
        .route("/identity/register/{token}", get(show_form).post(complete))
        .route(
            "/identity/invitations/{token}",
            get(show_invitation).post(ask_invited),
        )
        .route(FORGOT, get(show_forgot).post(ask_for_reset))
        .route_layer(from_fn(web::gate::credentials))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EmailForm {
    email: String,
}

/// A page that asks for an address and nothing else.
struct AskPage<'a> {
    title: &'a str,
    text: &'a str,
    action: &'a str,
    verb: &'a str,
}

const REGISTER_PAGE: AskPage<'static> = AskPage {
    title: "Make an account",
    text: "A link is sent to your address, under which you choose a password.",
    action: REGISTER,
    verb: "Send me the link",
};
const FORGOT_PAGE: AskPage<'static> = AskPage {
    title: "Forgot the password?",
    text: "A link is sent to your address, under which you set a new one.",
    action: FORGOT,
    verb: "Send me the link",
};

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
) -> Result<Markup, Problem> {
    let policy = service::in_force(&app.db).await?;
    Ok(if policy == Policy::Open {
        ask_page(&chrome, &REGISTER_PAGE, "", &[])
    } else {
        closed_page(&chrome, policy)
    })
}

async fn ask(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Form(form): Form<EmailForm>,
) -> Result<Response, Problem> {
    match service::ask(&app, &form.email).await {
        Ok(()) => Ok(asked_page(&chrome).into_response()),
        Err(error) => refused(&chrome, &REGISTER_PAGE, &form.email, error),
    }
}

/// What stands in place of the form, or beside its field.
fn refused(
    chrome: &Chrome,
    page: &AskPage<'_>,
    email: &str,
    error: RegistrationError,
) -> Result<Response, Problem> {
    match error {
        RegistrationError::Refused { policy } => {
            Ok((StatusCode::FORBIDDEN, closed_page(chrome, policy)).into_response())
        }
        RegistrationError::LinkDead => Ok(dead_page(chrome)),
        error => {
            let errors = settings::field_errors(error.into())?;
            let page = ask_page(chrome, page, email, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn show_form(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match service::email_of_link(&app, &token).await {
        Ok(email) => {
            let form = AccountForm::default();
            Ok(form_page(&chrome, &token, &email, &form, &[]).into_response())
        }
        Err(error) => refused(&chrome, &REGISTER_PAGE, "", error),
    }
}

async fn complete(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    client: Client,
    Path(token): Path<String>,
    Form(form): Form<AccountForm>,
) -> Result<Response, Problem> {
    let email = match service::email_of_link(&app, &token).await {
        Ok(email) => email,
        Err(error) => return refused(&chrome, &REGISTER_PAGE, "", error),
    };
    let again = |errors: &[FieldError]| {
        let page = form_page(&chrome, &token, &email, &form, errors);
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let account = match form.read(&email) {
        Ok(account) => account,
        Err(errors) => return Ok(again(&errors)),
    };
    match service::complete(&app, &token, account, &client).await {
        Ok(session) => sessions::pages::signed_in_at(&app, &session, WELCOME),
        Err(error @ (RegistrationError::LinkDead | RegistrationError::Refused { .. })) => {
            refused(&chrome, &REGISTER_PAGE, "", error)
        }
        Err(error) => Ok(again(&settings::field_errors(error.into())?)),
    }
}

async fn show_invitation(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let action = format!("/identity/invitations/{token}");
    let page = invitation_page(&action);
    match service::open_invitation(&app, &token).await {
        Ok(_) => Ok(ask_page(&chrome, &page, "", &[]).into_response()),
        Err(error) => refused(&chrome, &page, "", error),
    }
}

async fn ask_invited(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
    Form(form): Form<EmailForm>,
) -> Result<Response, Problem> {
    let action = format!("/identity/invitations/{token}");
    match service::ask_invited(&app, &token, &form.email).await {
        Ok(()) => Ok(asked_page(&chrome).into_response()),
        Err(error) => refused(&chrome, &invitation_page(&action), &form.email, error),
    }
}

fn invitation_page(action: &str) -> AskPage<'_> {
    AskPage {
        title: "You are invited",
        action,
        ..REGISTER_PAGE
    }
}

async fn show_forgot(Extension(chrome): Extension<Chrome>) -> Markup {
    ask_page(&chrome, &FORGOT_PAGE, "", &[])
}

async fn ask_for_reset(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Form(form): Form<EmailForm>,
) -> Result<Response, Problem> {
    match service::ask_for_reset(&app, &form.email).await {
        Ok(()) => Ok(asked_page(&chrome).into_response()),
        Err(error) => refused(&chrome, &FORGOT_PAGE, &form.email, error.into()),
    }
}

fn ask_page(chrome: &Chrome, ask: &AskPage<'_>, email: &str, errors: &[FieldError]) -> Markup {
    web::bare_page(
        chrome,
        ask.title,
        html! {
            h1 { (ask.title) }
            p { (ask.text) }
            (form_errors(errors))
            form.form method="post" action=(ask.action) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Email", name: "email", value: email, kind: FieldKind::Email,
                    required: true, autocomplete: Some("username"), autofocus: errors.is_empty(),
                    error: error_of(errors, "email"), ..Field::default()
                }))
                div.actions { (submit(ask.verb)) (link_button("Sign in", "/identity/sign-in", false)) }
            }
        },
    )
}

/// The same for everybody: whether there is an account is between the server and the mailbox.
fn asked_page(chrome: &Chrome) -> Markup {
    web::bare_page(
        chrome,
        "Look into your mail",
        html! {
            h1 { "Look into your mail" }
            p {
                "If there is something to send, a message is on its way to the address you gave. Its "
                "link works once, for a day."
            }
            p.hint {
                "Nothing came? Look among the unwanted mail, and for a slip in the address. Whoever runs "
                "this server can see messages that could not be sent."
            }
            p.actions { (link_button("Sign in", "/identity/sign-in", false)) }
        },
    )
}

fn form_page(
    chrome: &Chrome,
    token: &str,
    email: &str,
    form: &AccountForm,
    errors: &[FieldError],
) -> Markup {
    web::bare_page(
        chrome,
        "Make your account",
        html! {
            h1 { "Make your account" }
            p { "You sign in as " strong { (email) } ". This link works once." }
            (form_errors(errors))
            form.form method="post" action=(format!("{REGISTER}/{token}")) {
                (csrf_field(chrome))
                // Tells password managers whose password this is.
                input type="hidden" name="email" value=(email) autocomplete="username";
                (text_field(&Field {
                    label: "Name", name: "name", value: &form.name, autocomplete: Some("name"),
                    error: error_of(errors, "name"), ..Field::default()
                }))
                (text_field(&Field {
                    label: "Username", name: "username", value: &form.username,
                    autocomplete: Some("off"), error: error_of(errors, "username"),
                    hint: Some("3 to 30 letters, digits, dots, dashes or underscores."),
                    ..Field::default()
                }))
                (text_field(&Field {
                    label: "Password", name: "password", kind: FieldKind::Password,
                    required: true, autocomplete: Some("new-password"),
                    error: error_of(errors, "password"),
                    hint: Some("At least 10 characters; a few words are easier to keep than signs."),
                    ..Field::default()
                }))
                (text_field(&Field {
                    label: "Referral code", name: "referral_code", value: &form.referral_code,
                    autocomplete: Some("off"), error: error_of(errors, "referral_code"),
                    hint: Some("If somebody sent you here."), ..Field::default()
                }))
                div.actions { (submit("Make the account")) }
            }
        },
    )
}

fn closed_page(chrome: &Chrome, policy: Policy) -> Markup {
    web::bare_page(
        chrome,
        "Registration is not open",
        html! {
            h1 { "Registration is not open" }
            p { (policy.refusal()) }
            p.actions { (link_button("Sign in", "/identity/sign-in", true)) }
        },
    )
}

fn dead_page(chrome: &Chrome) -> Response {
    let page = web::bare_page(
        chrome,
        "Link no longer valid",
        html! {
            h1 { "This link is no longer valid" }
            p {
                "It works once and for a limited time, and a newer one for the same address ends it. If "
                "your account is made, sign in. If not, ask for another link."
            }
            p.actions {
                (link_button("Sign in", "/identity/sign-in", true))
                (link_button("Make an account", REGISTER, false))
            }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}
