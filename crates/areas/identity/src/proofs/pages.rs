use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    middleware::from_fn,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem, Query,
    components::{
        Field, FieldKind, NoticeKind, card, csrf_field, link_button, notice, page_head, submit,
        text_field,
    },
};

use super::service;
use crate::{
    client::{as_parameter, local_path},
    factors::{self, FactorError},
    openid::{self, Offered},
    passkeys::{self, Asked, Deed, Purpose},
    sessions::Principal,
    users::{self, password::NO_PASSWORD},
};

/// Where a person proves once more who they are.
pub(crate) const CONFIRM: &str = "/identity/confirm";
const BY_PASSKEY: &str = "/identity/confirm/passkey";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(CONFIRM, get(show).post(by_password))
        .route(BY_PASSKEY, post(by_passkey))
        .route_layer(from_fn(web::gate::credentials))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReturnTo {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    current_password: String,
    next: String,
}

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    who: Principal,
    Query(query): Query<ReturnTo>,
) -> Result<Markup, Problem> {
    let ways = ways(&app, offered, &who).await?;
    let next = local_path(&query.next);
    Ok(confirm_page(&chrome, &who, &ways, next, None))
}

/// By what a person can prove who they are.
struct Ways {
    has_password: bool,
    has_passkey: bool,
    /// The provider, when it knows them.
    offered: Offered,
}

impl Ways {
    fn is_none(&self) -> bool {
        !self.has_password && !self.has_passkey && self.offered.0.is_none()
    }
}

async fn ways(app: &App, offered: Offered, who: &Principal) -> Result<Ways, Problem> {
    let factors = factors::summary(&app.db, who.user_id).await?;
    let mut tx = app.db.read(who.user_id).await?;
    let is_known = offered.knows(&openid::store::list(&mut tx).await?);
    let stored = users::store::require_own_password(&mut tx).await?;
    Ok(Ways {
        has_password: stored != NO_PASSWORD,
        has_passkey: factors.passkeys.usable > 0,
        offered: if is_known { offered } else { Offered(None) },
    })
}

async fn by_password(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    who: Principal,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    let next = local_path(&form.next);
    match service::check_password(&app, &who, form.current_password).await {
        Ok(()) => {
            service::renew(&app, &who).await?;
            Ok(Redirect::to(next).into_response())
        }
        Err(error @ (FactorError::WrongPassword | FactorError::TooManyAttempts { .. })) => {
            let problem = Problem::from(error);
            let ways = ways(&app, offered, &who).await?;
            let page = confirm_page(&chrome, &who, &ways, next, Some(&problem.detail));
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_passkey(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    who: Principal,
    Form(mut asked): Form<Asked>,
) -> Result<Response, Problem> {
    asked.next = local_path(&asked.next).to_owned();
    let user = Some(who.user_id);
    if !asked.is_answered() {
        return ask(&app, &chrome, &who, &asked, None).await;
    }
    let (ceremony, answer) = (&asked.ceremony, &asked.credential);
    match passkeys::authenticate(&app, Purpose::Confirm, user, ceremony, answer).await {
        Ok(_) => {
            service::renew(&app, &who).await?;
            Ok(Redirect::to(&asked.next).into_response())
        }
        Err(error) if error.is_refusal() => {
            ask(&app, &chrome, &who, &asked, Some(error.into())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    app: &App,
    chrome: &Chrome,
    who: &Principal,
    asked: &Asked,
    refused: Option<Problem>,
) -> Result<Response, Problem> {
    let begun = passkeys::begin_authentication(app, Purpose::Confirm, Some(who.user_id)).await?;
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status);
    let deed = (Deed::Get, BY_PASSKEY, "Use the passkey");
    let body = html! {
        (page_head("Confirm that it is you", html! {}))
        @if let Some(problem) = &refused {
            (notice(NoticeKind::Problem, html! { p { (problem.detail) } }))
        }
        (card("By passkey", html! {
            p { "Your browser asks for the passkey." }
            (passkeys::asking_form(chrome, deed, &begun, asked))
            p.actions {
                (link_button("Confirm in another way", &format!("{CONFIRM}?next={}", as_parameter(&asked.next)), false))
            }
        }))
    };
    Ok((status, web::page(chrome, "Confirm that it is you", body)).into_response())
}

fn confirm_page(
    chrome: &Chrome,
    who: &Principal,
    ways: &Ways,
    next: &str,
    problem: Option<&str>,
) -> Markup {
    web::page(
        chrome,
        "Confirm that it is you",
        html! {
            (page_head("Confirm that it is you", html! {}))
            p.lead {
                "What you are about to change could let somebody else in. Nothing was changed yet; your "
                "confirmation is good for 15 minutes."
            }
            @if let Some(problem) = problem {
                (notice(NoticeKind::Problem, html! { p { (problem) } }))
            }
            @if ways.has_password { (password_card(chrome, who, next)) }
            @if ways.has_passkey {
                (card("By passkey", html! {
                    form method="post" action=(BY_PASSKEY) {
                        (csrf_field(chrome))
                        input type="hidden" name="next" value=(next);
                        div.actions { (submit("Use a passkey")) }
                    }
                }))
            }
            (openid::pages::confirm_card(chrome, &ways.offered, next))
            @if ways.is_none() {
                (card("No way to confirm", html! {
                    p { "You have neither a password nor a passkey, and no provider here knows you." }
                    p.actions {
                        (link_button("Have a link for a password sent", "/identity/forgot", true))
                    }
                }))
            }
        },
    )
}

fn password_card(chrome: &Chrome, who: &Principal, next: &str) -> Markup {
    card(
        "By password",
        html! {
            form.form method="post" action=(CONFIRM) {
                (csrf_field(chrome))
                input type="hidden" name="next" value=(next);
                input type="hidden" name="username" value=(who.email) autocomplete="username";
                (text_field(&Field {
                    label: "Password", name: "current_password", kind: FieldKind::Password,
                    required: true, autocomplete: Some("current-password"), autofocus: true,
                    ..Field::default()
                }))
                div.actions { (submit("Confirm")) }
            }
        },
    )
}
