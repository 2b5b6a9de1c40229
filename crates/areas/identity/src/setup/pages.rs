use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use money::Currency;
use web::{
    App, Chrome, FieldError, Form, Path, Problem,
    components::{
        Field, FieldKind, csrf_field, error_of, form_errors, link_button, submit, text_field,
    },
};

use super::{SetupError, model::SetupForm, service};
use crate::{
    client::Client,
    preferences::{self, Choices},
    sessions, settings,
};

/// Where a new administrator goes on.
const WELCOME: &str = "/welcome";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/setup/{token}", get(show).post(create))
        .route_layer(from_fn(web::gate::credentials))
}

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    if !service::is_open(&app, &token).await? {
        return Ok(dead_page(&chrome));
    }
    let choices = Choices {
        base_currency: Currency::EUR.to_string(),
        locale: chrome.formats.locale.tag().to_owned(),
    };
    let form = SetupForm {
        choices,
        ..SetupForm::default()
    };
    Ok(form_page(&chrome, &token, &form, &[]).into_response())
}

async fn create(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    client: Client,
    Path(token): Path<String>,
    Form(form): Form<SetupForm>,
) -> Result<Response, Problem> {
    if !service::is_open(&app, &token).await? {
        return Ok(dead_page(&chrome));
    }
    let refused = |errors: &[FieldError]| {
        let page = form_page(&chrome, &token, &form, errors);
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let admin = match form.read() {
        Ok(admin) => admin,
        Err(errors) => return Ok(refused(&errors)),
    };
    match service::create_admin(&app, &token, admin, &client).await {
        Ok(session) => sessions::pages::signed_in_at(&app, &session, WELCOME),
        Err(SetupError::LinkDead) => Ok(dead_page(&chrome)),
        Err(error) => Ok(refused(&settings::field_errors(error.into())?)),
    }
}

fn form_page(chrome: &Chrome, token: &str, form: &SetupForm, errors: &[FieldError]) -> Markup {
    web::bare_page(
        chrome,
        "Set up Bursar",
        html! {
            h1 { "Set up Bursar" }
            p { "Make the account of the administrator. This link works once." }
            (form_errors(errors))
            form.form method="post" action=(format!("/setup/{token}")) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Email", name: "email", value: &form.email, kind: FieldKind::Email,
                    required: true, autocomplete: Some("username"), autofocus: errors.is_empty(),
                    error: error_of(errors, "email"),
                    hint: Some("You sign in with it. Nothing is sent to it."),
                    ..Field::default()
                }))
                (text_field(&Field {
                    label: "Name", name: "name", value: &form.name,
                    autocomplete: Some("name"), error: error_of(errors, "name"),
                    ..Field::default()
                }))
                (text_field(&Field {
                    label: "Password", name: "password", kind: FieldKind::Password,
                    required: true, autocomplete: Some("new-password"),
                    error: error_of(errors, "password"),
                    hint: Some("At least 10 characters; a few words are easier to keep than signs."),
                    ..Field::default()
                }))
                (preferences::pages::choice_fields(&form.choices, errors))
                div.actions { (submit("Make the account")) }
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
                "A set-up link works once, for a day, and only until there is an administrator. A new "
                "start of the server ends it too."
            }
            p {
                "If the account is made, sign in with it. If not, start the server again and use the "
                "link that it prints."
            }
            p.actions { (link_button("Sign in", "/identity/sign-in", true)) }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}
