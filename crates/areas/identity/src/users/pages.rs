use axum::{
    Extension, Router,
    extract::State,
    http::{StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{
        Field, FieldKind, card, csrf_field, error_of, form_errors, link_button, submit, text_field,
    },
};

use super::{Email, UserError, password::NO_PASSWORD, service, store};
use crate::{
    openid::{self, Identity, Offered},
    sessions::{Holder, Principal},
    settings::{self, Saved, Tab},
    throttle,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/identity/settings/password", post(change_password))
        .route("/identity/reset/{token}", get(show_reset).post(reset))
        .route_layer(from_fn(web::gate::credentials))
        .route(Tab::Security.href(), get(edit))
        .route("/identity/settings/name", post(rename))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NameForm {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    current_password: String,
    password: String,
}

/// How a person gets in.
struct Ways {
    has_password: bool,
    offered: Offered,
    identities: Vec<Identity>,
}

impl Ways {
    async fn of(app: &App, offered: Offered, who: &Principal) -> Result<Self, db::Error> {
        let mut tx = app.db.read(who.user_id).await?;
        let stored = store::require_own_password(&mut tx).await?;
        Ok(Self {
            has_password: stored != NO_PASSWORD,
            offered,
            identities: openid::store::list(&mut tx).await?,
        })
    }
}

async fn edit(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    who: Principal,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let ways = Ways::of(&app, offered, &who).await?;
    Ok(security_page(&chrome, &who, &who.name, &ways, saved, &[]))
}

async fn rename(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    Holder(who): Holder,
    Form(form): Form<NameForm>,
) -> Result<Response, Problem> {
    match service::rename(&app.db, who.user_id, &form.name).await {
        Ok(()) => Ok(Saved::redirect(Tab::Security)),
        Err(error) => {
            let ways = Ways::of(&app, offered, &who).await?;
            refused(&chrome, &who, &form.name, &ways, error)
        }
    }
}

async fn change_password(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    Holder(who): Holder,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    let email: Email = who.email.parse()?;
    let session = who.session();
    let changed = service::change_password(
        &app,
        who.user_id,
        &email,
        form.current_password,
        &form.password,
        session,
    );
    match changed.await {
        Ok(()) => Ok(Saved::redirect(Tab::Security)),
        Err(error) => {
            let ways = Ways::of(&app, offered, &who).await?;
            refused(&chrome, &who, &who.name, &ways, error)
        }
    }
}

fn refused(
    chrome: &Chrome,
    who: &Principal,
    name: &str,
    ways: &Ways,
    error: UserError,
) -> Result<Response, Problem> {
    let errors = settings::field_errors(error.into())?;
    let page = security_page(chrome, who, name, ways, Saved::no(), &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn security_page(
    chrome: &Chrome,
    who: &Principal,
    name: &str,
    ways: &Ways,
    saved: Saved,
    errors: &[FieldError],
) -> Markup {
    let body = html! {
        (form_errors(errors))
        (card("Account", html! {
            p { "You sign in as " strong { (who.email) } "." }
            form.form method="post" action="/identity/settings/name" {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Name", name: "name", value: name, autocomplete: Some("name"),
                    error: error_of(errors, "name"), ..Field::default()
                }))
                div.actions { (submit("Save the name")) }
            }
        }))
        (card("Password", html! {
            @if ways.has_password { (password_form(chrome, &who.email, errors)) }
            @else {
                p { "You have no password. A link under which you choose one can be sent to you." }
                p.actions { (link_button("Have the link sent", "/identity/forgot", false)) }
            }
        }))
        (openid::pages::identities_card(chrome, &ways.offered, &ways.identities))
    };
    settings::frame(chrome, Tab::Security, saved, body)
}

fn password_form(chrome: &Chrome, email: &str, errors: &[FieldError]) -> Markup {
    html! {
        form.form method="post" action="/identity/settings/password" {
            (csrf_field(chrome))
            // Tells password managers whose password this is.
            input type="hidden" name="username" value=(email) autocomplete="username";
            (text_field(&Field {
                label: "Current password", name: "current_password",
                kind: FieldKind::Password, required: true,
                autocomplete: Some("current-password"),
                error: error_of(errors, "current_password"), ..Field::default()
            }))
            (new_password_field(errors))
            p.hint { "All other sessions end. API tokens go on working." }
            div.actions { (submit("Change the password")) }
        }
    }
}

fn new_password_field(errors: &[FieldError]) -> Markup {
    text_field(&Field {
        label: "New password",
        name: "password",
        kind: FieldKind::Password,
        required: true,
        autocomplete: Some("new-password"),
        error: error_of(errors, "password"),
        hint: Some("At least 10 characters; a few words are easier to keep than signs."),
        ..Field::default()
    })
}

async fn show_reset(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match service::email_of_link(&app.db, &app.clock, &token).await {
        Ok(email) => Ok(reset_page(&chrome, &token, &email, &[]).into_response()),
        Err(UserError::LinkDead) => Ok(dead_page(&chrome)),
        Err(error) => Err(error.into()),
    }
}

async fn reset(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    match service::set_password(&app, &token, &form.password).await {
        Ok(email) => {
            let mut response = Redirect::to("/identity/sign-in?password_set=1").into_response();
            // Strangers who guess at the account must not keep out whoever holds its link.
            if let Some(device) = throttle::device_cookie(&app, email.as_str()) {
                response.headers_mut().append(header::SET_COOKIE, device);
            }
            Ok(response)
        }
        Err(UserError::LinkDead) => Ok(dead_page(&chrome)),
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            let email = service::email_of_link(&app.db, &app.clock, &token).await?;
            let page = reset_page(&chrome, &token, &email, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn reset_page(chrome: &Chrome, token: &str, email: &Email, errors: &[FieldError]) -> Markup {
    web::bare_page(
        chrome,
        "Set a new password",
        html! {
            h1 { "Set a new password" }
            p { "For " strong { (email.as_str()) } ". This link works once." }
            (form_errors(errors))
            form.form method="post" action=(format!("/identity/reset/{token}")) {
                (csrf_field(chrome))
                input type="hidden" name="username" value=(email.as_str()) autocomplete="username";
                (new_password_field(errors))
                p.hint { "You are signed out everywhere, and your API tokens end. Sign in with the new password." }
                div.actions { (submit("Set the password")) }
            }
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
                "A link for a new password works once and for a day; a newer link for the same person "
                "ends it."
            }
            p.actions {
                (link_button("Send me another one", "/identity/forgot", true))
                (link_button("Sign in", "/identity/sign-in", false))
            }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}
