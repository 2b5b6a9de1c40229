use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    middleware::from_fn,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem,
    components::{Field, NoticeKind, csrf_field, notice, submit, submit_quiet, text_field},
    csrf,
};

use super::{LIFETIME, service};
use crate::{
    client::{Client, as_parameter, local_path},
    factors::{self, FactorError, Factors},
    passkeys,
    sessions::pages::begin_at,
};

/// The cookie of a sign-in that waits.
const COOKIE: &str = "pending";
const SIGN_IN: &str = "/identity/sign-in";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/identity/sign-in/code", post(by_code))
        .route_layer(from_fn(web::gate::credentials))
        .route("/identity/sign-in/cancel", post(cancel))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CodeForm {
    code: String,
    next: String,
}

/// The secret of the sign-in that waits in this browser.
pub(crate) fn pending_token<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    csrf::cookie(headers, &app.cookie_name(COOKIE)).filter(|token| !token.is_empty())
}

/// After the right password: on to the second step, which the sign-in page shows.
pub(crate) fn lead_here(app: &App, token: &str, next: &str) -> Result<Response, Problem> {
    let mut response =
        Redirect::to(&format!("{SIGN_IN}?next={}", as_parameter(next))).into_response();
    let cookie = app.cookie(COOKIE, token, LIFETIME.as_secs());
    append_cookie(&mut response, &cookie)?;
    Ok(response)
}

/// Gives the browser its session and takes the cookie of the sign-in that waited.
pub(crate) async fn signed_in(app: &App, token: &str, next: &str) -> Result<Response, Problem> {
    let mut response = begin_at(app, token, next).await?;
    append_cookie(&mut response, &app.cookie(COOKIE, "", 0))?;
    Ok(response)
}

fn append_cookie(response: &mut Response, cookie: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(cookie).map_err(|error| Problem::internal(&error))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

/// The page of the sign-in that waits in this browser, if one does.
pub(crate) async fn page(
    app: &App,
    chrome: &Chrome,
    headers: &HeaderMap,
    next: &str,
) -> Result<Option<Markup>, Problem> {
    let Some(token) = pending_token(app, headers) else {
        return Ok(None);
    };
    let Some(waiting) = service::pending(app, token).await? else {
        return Ok(None);
    };
    let factors = of(app, waiting.user_id).await?;
    Ok(Some(step_page(chrome, factors, local_path(next), None)))
}

async fn of(app: &App, user_id: db::UserId) -> Result<Factors, db::Error> {
    let mut tx = app
        .db
        .system("find the factors of a person who signs in")
        .await?;
    factors::store::get(&mut tx, user_id).await
}

async fn by_code(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    let next = local_path(&form.next);
    let again = format!("{SIGN_IN}?next={}", as_parameter(next));
    let Some(token) = pending_token(&app, &headers) else {
        return Ok(Redirect::to(&again).into_response());
    };
    let previous = csrf::cookie(&headers, &app.cookie_name("session"));
    match service::by_code(&app, token, &form.code, &client, previous).await {
        Ok(session) => signed_in(&app, &session, next).await,
        Err(error @ (FactorError::WrongCode | FactorError::TooManyAttempts { .. })) => {
            let problem = Problem::from(error);
            let Some(waiting) = service::pending(&app, token).await? else {
                return expired(&app, &chrome, next);
            };
            let factors = of(&app, waiting.user_id).await?;
            let page = step_page(&chrome, factors, next, Some(&problem.detail));
            let mut response = (problem.status, page).into_response();
            if let Some(seconds) = problem.retry_after_s {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(response)
        }
        Err(FactorError::SignInExpired) => expired(&app, &chrome, next),
        Err(error) => Err(error.into()),
    }
}

/// The first step has to be made once more.
fn expired(app: &App, chrome: &Chrome, next: &str) -> Result<Response, Problem> {
    let problem = Problem::from(FactorError::SignInExpired);
    let page = web::bare_page(
        chrome,
        "Sign-in expired",
        html! {
            h1 { "Begin again" }
            (notice(NoticeKind::Problem, html! { p { (problem.detail) } }))
            p.actions {
                a.button.primary href=(format!("{SIGN_IN}?next={}", as_parameter(next))) { "Sign in" }
            }
        },
    );
    let mut response = (problem.status, page).into_response();
    append_cookie(&mut response, &app.cookie(COOKIE, "", 0))?;
    Ok(response)
}

async fn cancel(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = pending_token(&app, &headers) {
        service::cancel(&app, token).await?;
    }
    let mut response = Redirect::to(SIGN_IN).into_response();
    append_cookie(&mut response, &app.cookie(COOKIE, "", 0))?;
    Ok(response)
}

fn step_page(chrome: &Chrome, factors: Factors, next: &str, problem: Option<&str>) -> Markup {
    let hint = if factors.totp_since.is_some() {
        "Six digits of the authenticator app, or a recovery code."
    } else {
        "A recovery code."
    };
    web::bare_page(
        chrome,
        "Second step",
        html! {
            h1 { "Second step" }
            p { "The first step was right. Now show that it is you." }
            @if let Some(problem) = problem {
                (notice(NoticeKind::Problem, html! { p { (problem) } }))
            }
            @if factors.passkeys.usable > 0 {
                form.form method="post" action=(passkeys::sign_in::ACTION) {
                    (csrf_field(chrome))
                    input type="hidden" name="next" value=(next);
                    div.actions { (submit("Use a passkey")) }
                }
            }
            form.form method="post" action="/identity/sign-in/code" {
                (csrf_field(chrome))
                input type="hidden" name="next" value=(next);
                (text_field(&Field {
                    label: "Code", name: "code", required: true, hint: Some(hint),
                    autocomplete: Some("one-time-code"),
                    autofocus: factors.passkeys.usable == 0, ..Field::default()
                }))
                div.actions { (submit("Go on")) }
            }
            form method="post" action="/identity/sign-in/cancel" {
                (csrf_field(chrome))
                div.actions { (submit_quiet("Sign in as somebody else")) }
            }
            p.hint {
                "Lost all of them? Whoever runs this server takes them away with "
                code { "bursar user reset-factors EMAIL" } ", after making sure that it is you."
            }
        },
    )
}
