//! Signing in with a passkey: after the password, or without one.

use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::post,
};
use maud::html;
use serde::Serialize;
use web::{
    App, Chrome, Form, Problem,
    components::{NoticeKind, link_button, notice},
    csrf,
};

use super::{Asked, Deed, PasskeyError, Purpose, asking_form, service};
use crate::{
    client::{Client, as_parameter, local_path},
    second_step::{self, pages::pending_token},
    secret, sessions, users,
};

pub(crate) const ACTION: &str = "/identity/sign-in/passkey";
/// Where the script of the sign-in page gets the question that a browser answers on its own offer.
pub(crate) const OFFER: &str = "/identity/sign-in/passkey/offer";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(ACTION, post(sign_in))
        .route_layer(from_fn(web::gate::credentials))
        // Nothing is tried here: whoever opens the page has it asked.
        .route(OFFER, post(offer))
}

/// A question without a person, as JSON.
#[derive(Serialize)]
struct Offer {
    ceremony: String,
    /// Options of `navigator.credentials`, as JSON.
    options: String,
}

async fn offer(State(app): State<App>) -> Result<Json<Offer>, Problem> {
    let ceremony = service::begin_authentication(&app, Purpose::SignIn, None).await?;
    Ok(Json(Offer {
        ceremony: ceremony.token,
        options: ceremony.options,
    }))
}

async fn sign_in(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    client: Client,
    headers: HeaderMap,
    Form(mut asked): Form<Asked>,
) -> Result<Response, Problem> {
    asked.next = local_path(&asked.next).to_owned();
    if !asked.is_answered() {
        return ask(&app, &chrome, &headers, &asked, None).await;
    }
    match finish(&app, &headers, &client, &asked).await {
        Ok(token) => second_step::pages::signed_in(&app, &token, &asked.next).await,
        Err(error) if error.is_refusal() => {
            ask(&app, &chrome, &headers, &asked, Some(error.into())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    app: &App,
    chrome: &Chrome,
    headers: &HeaderMap,
    asked: &Asked,
    refused: Option<Problem>,
) -> Result<Response, Problem> {
    let waiting = match pending_token(app, headers) {
        Some(token) => second_step::pending(app, token).await?,
        None => None,
    };
    let ceremony = match &waiting {
        Some(waiting) => {
            service::begin_authentication(app, Purpose::SecondStep, Some(waiting.user_id)).await
        }
        None => service::begin_authentication(app, Purpose::SignIn, None).await,
    };
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status);
    let back = format!("/identity/sign-in?next={}", as_parameter(&asked.next));
    let form = match ceremony {
        Ok(ceremony) => asking_form(
            chrome,
            (Deed::Get, ACTION, "Use the passkey"),
            &ceremony,
            asked,
        ),
        // The last usable one has just been refused; another way is left.
        Err(PasskeyError::Unknown) => html! {},
        Err(error) => return Err(error.into()),
    };
    let page = web::bare_page(
        chrome,
        "Sign in with a passkey",
        html! {
            h1 { "Sign in with a passkey" }
            @if let Some(problem) = &refused {
                (notice(NoticeKind::Problem, html! { p { (problem.detail) } }))
            }
            p { "Your browser asks for the passkey." }
            (form)
            p.actions { (link_button("Sign in another way", &back, false)) }
        },
    );
    Ok((status, page).into_response())
}

async fn finish(
    app: &App,
    headers: &HeaderMap,
    client: &Client,
    asked: &Asked,
) -> Result<String, PasskeyError> {
    let previous = csrf::cookie(headers, &app.cookie_name("session"));
    let token = pending_token(app, headers);
    let waiting = match token {
        Some(token) => second_step::pending(app, token)
            .await?
            .map(|waiting| (token, waiting)),
        None => None,
    };
    let (ceremony, answer) = (&asked.ceremony, &asked.credential);
    if let Some((token, waiting)) = waiting {
        let user = Some(waiting.user_id);
        service::authenticate(app, Purpose::SecondStep, user, ceremony, answer).await?;
        return Ok(second_step::finish(app, token, &waiting, client, previous).await?);
    }
    let user = service::authenticate(app, Purpose::SignIn, None, ceremony, answer).await?;
    let now = app.clock.now();
    let mut tx = app.db.system("sign in by a passkey").await?;
    let session = sessions::open(&mut tx, user, None, client, now).await?;
    // An account that is closed looks like a passkey that nobody knows.
    let session = session.ok_or(PasskeyError::Unknown)?;
    if let Some(previous) = previous {
        sessions::store::delete_by_hash(&mut tx, &secret::hash(previous)).await?;
    }
    users::store::update_last_signed_in(&mut tx, user, now).await?;
    tx.commit().await?;
    Ok(session)
}
