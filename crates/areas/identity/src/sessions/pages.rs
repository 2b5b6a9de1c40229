use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, header},
    middleware::from_fn,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, PageQuery, Path, Problem, Query,
    components::{
        Column, DataTable, Field, FieldKind, NoticeKind, badge, card_with, csrf_field, data_table,
        notice, pagination, submit, submit_quiet, td, text_field,
    },
    csrf,
};

use super::{
    Credential, Holder, Principal, SessionError, SessionId,
    model::{Carrier, Session},
    service::{self, Opened},
    set_cookie, store,
};
use crate::{
    client::{Client, local_path},
    openid::{self, Offered},
    passkeys, preferences, second_step, secret,
    settings::{self, Saved, Tab},
    throttle::{self, Attempt},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/identity/sign-in", get(show_sign_in).post(sign_in))
        .route_layer(from_fn(web::gate::credentials))
        .route("/identity/sign-out", post(sign_out))
        .route(Tab::Sessions.href(), get(list))
        .route(
            "/identity/settings/sessions/revoke-others",
            post(revoke_others),
        )
        .route("/identity/settings/sessions/revoke-all", post(revoke_all))
        .route("/identity/settings/sessions/{id}/revoke", post(revoke))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignInQuery {
    next: String,
    password_set: Option<u8>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignInForm {
    email: String,
    password: String,
    next: String,
}

async fn show_sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Extension(chrome): Extension<Chrome>,
    who: Option<Extension<Principal>>,
    offered: Offered,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Problem> {
    if who.is_some() {
        return Ok(Redirect::to(local_path(&query.next)).into_response());
    }
    if let Some(page) = second_step::pages::page(&app, &chrome, &headers, &query.next).await? {
        return Ok(page.into_response());
    }
    let hint = query
        .password_set
        .map(|_| "Your new password is set. Sign in with it.");
    let form = SignInForm {
        next: query.next,
        ..SignInForm::default()
    };
    let page = sign_in_page(
        &chrome,
        &offered,
        &form,
        hint.map(|text| (NoticeKind::Success, text.to_owned())),
    );
    Ok(page.into_response())
}

async fn sign_in(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    client: Client,
    headers: HeaderMap,
    offered: Offered,
    Form(mut form): Form<SignInForm>,
) -> Result<Response, Problem> {
    let password = std::mem::take(&mut form.password);
    let previous = csrf::cookie(&headers, &app.cookie_name("session"));
    let attempt = Attempt::sign_in(&app, &form.email, &client, &headers);
    let signed_in =
        service::sign_in(&app, &attempt, &form.email, password, &client, previous).await;
    match signed_in {
        Ok(Opened::Session(token)) => begin_at(&app, &token, local_path(&form.next)).await,
        Ok(Opened::SecondStep(token)) => {
            second_step::pages::lead_here(&app, &token, local_path(&form.next))
        }
        Err(error @ (SessionError::Refused | SessionError::TooManyAttempts { .. })) => {
            let problem = Problem::from(error);
            let page = sign_in_page(
                &chrome,
                &offered,
                &form,
                Some((NoticeKind::Problem, problem.detail.clone())),
            );
            let mut response = (problem.status, page).into_response();
            if let Some(seconds) = problem.retry_after_s {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives the browser its new session, in whichever way the person signed in, and makes it one that the
/// account knows. Leads on; to the page that the person begins with, where no other one was asked for.
pub(crate) async fn begin_at(app: &App, token: &str, path: &str) -> Result<Response, Problem> {
    let mut tx = app.db.system("find whose a new session is").await?;
    let row = store::get(&mut tx, &secret::hash(token), app.clock.now()).await?;
    drop(tx);
    let Some(row) = row else {
        return signed_in_at(app, token, path);
    };
    let id = SessionId(row.id);
    let who = row.principal(Credential::Session(id))?;
    let start = match path {
        "/" => preferences::start(app, &who.preferences),
        asked_for => asked_for,
    };
    let mut response = signed_in_at(app, token, start)?;
    if let Some(device) = throttle::device_cookie(app, &who.email) {
        response.headers_mut().append(header::SET_COOKIE, device);
    }
    Ok(response)
}

/// Gives the browser its new session and leads to a page.
pub(crate) fn signed_in_at(app: &App, token: &str, path: &str) -> Result<Response, Problem> {
    let cookie = set_cookie(app, token).map_err(|error| Problem::internal(&error))?;
    let mut response = Redirect::to(path).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = csrf::cookie(&headers, &app.cookie_name("session")) {
        service::sign_out(&app, token).await?;
    }
    signed_in_at(&app, "", "/identity/sign-in")
}

async fn list(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    who: Principal,
    Query(query): Query<PageQuery>,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let limit = query.limit();
    let mut tx = app.db.read(who.user_id).await?;
    let rows = store::list(&mut tx, app.clock.now(), query.after()?, limit + 1).await?;
    let page = web::Page::of(rows, limit, |session| session.id);
    let next_href = page
        .next_cursor
        .map(|cursor| format!("{}?cursor={cursor}", Tab::Sessions.href()));
    let body = html! {
        (sessions_card(&chrome, &page.items, who.session()))
        (pagination(next_href.as_deref()))
    };
    Ok(settings::frame(&chrome, Tab::Sessions, saved, body))
}

async fn revoke(
    State(app): State<App>,
    Holder(who): Holder,
    Path(id): Path<SessionId>,
) -> Result<Response, Problem> {
    let mut tx = app.db.write(who.user_id).await?;
    if !store::delete(&mut tx, id).await? {
        return Err(SessionError::NotFound.into());
    }
    tx.commit().await?;
    Ok(Saved::redirect(Tab::Sessions))
}

async fn revoke_others(State(app): State<App>, Holder(who): Holder) -> Result<Response, Problem> {
    let mut tx = app.db.write(who.user_id).await?;
    store::delete_others(&mut tx, who.session()).await?;
    tx.commit().await?;
    Ok(Saved::redirect(Tab::Sessions))
}

/// Signs the person out everywhere, here as well.
async fn revoke_all(State(app): State<App>, Holder(who): Holder) -> Result<Response, Problem> {
    let mut tx = app.db.write(who.user_id).await?;
    store::delete_others(&mut tx, None).await?;
    tx.commit().await?;
    signed_in_at(&app, "", "/identity/sign-in")
}

fn sign_in_page(
    chrome: &Chrome,
    offered: &Offered,
    form: &SignInForm,
    message: Option<(NoticeKind, String)>,
) -> Markup {
    web::bare_page(
        chrome,
        "Sign in",
        html! {
            h1 { "Sign in" }
            @if let Some((kind, text)) = message { (notice(kind, html! { p { (text) } })) }
            form.form method="post" action="/identity/sign-in" {
                (csrf_field(chrome))
                input type="hidden" name="next" value=(local_path(&form.next));
                (text_field(&Field {
                    label: "Email", name: "email", value: &form.email, kind: FieldKind::Email,
                    required: true, autocomplete: Some("username webauthn"),
                    autofocus: form.email.is_empty(), ..Field::default()
                }))
                (text_field(&Field {
                    label: "Password", name: "password", kind: FieldKind::Password,
                    required: true, autocomplete: Some("current-password"),
                    autofocus: !form.email.is_empty(), ..Field::default()
                }))
                div.actions { (submit("Sign in")) }
            }
            // A browser that can offers passkeys in the field above; then a script fills the form in.
            form method="post" action=(passkeys::sign_in::ACTION)
                data-passkey-offer=(passkeys::sign_in::OFFER) {
                (csrf_field(chrome))
                input type="hidden" name="next" value=(local_path(&form.next));
                input type="hidden" name="ceremony" value="";
                input type="hidden" name="credential" value="";
                div.actions { (submit_quiet("Sign in with a passkey")) }
            }
            (openid::pages::sign_in_form(chrome, offered, &form.next))
            p.hint {
                a href="/identity/forgot" { "Forgot the password?" } " · "
                a href="/identity/register" { "Make an account" }
            }
        },
    )
}

fn sessions_card(chrome: &Chrome, sessions: &[Session], current: Option<SessionId>) -> Markup {
    let columns = [
        Column::text("device", "Device").fixed(),
        Column::text("address", "Address").fixed(),
        Column::text("signed_in", "Signed in").fixed(),
        Column::text("last_used", "Last used").fixed(),
        Column::text("expires", "Ends if unused").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let has_others = sessions.iter().any(|session| Some(session.id) != current);
    let end_many = html! {
        form method="post" action="/identity/settings/sessions/revoke-all" {
            (csrf_field(chrome))
            (submit_quiet("Sign out everywhere"))
        }
        @if has_others {
            form method="post" action="/identity/settings/sessions/revoke-others" {
                (csrf_field(chrome))
                (submit_quiet("End all others"))
            }
        }
    };
    let rows = html! {
        @for session in sessions { (session_row(chrome, session, current)) }
    };
    let table = DataTable {
        id: "sessions",
        caption: "Where you are signed in",
        columns: &columns,
        csv_href: None,
    };
    card_with(
        "Where you are signed in",
        end_many,
        html! {
            (data_table(&table, rows, None))
            p.hint {
                "What a device calls itself is its own word. API tokens are no sessions: they are revoked "
                a href=(Tab::Tokens.href()) { "on a page of their own" } "."
            }
        },
    )
}

fn session_row(chrome: &Chrome, session: &Session, current: Option<SessionId>) -> Markup {
    let is_current = Some(session.id) == current;
    html! {
        tr {
            (td("Device", html! {
                (session.device())
                @if session.carrier == Carrier::App { " " (badge("app")) }
                @if is_current { " " (badge("this one")) }
                @if let Some(agent) = &session.agent {
                    " " details.definition { summary { "Agent" } p { (agent) } }
                }
            }))
            (td("Address", html! { (session.address.as_deref().unwrap_or("unknown")) }))
            (td("Signed in", settings::instant(chrome, session.created_at)))
            (td("Last used", settings::instant(chrome, session.last_used_at)))
            (td("Ends if unused", settings::instant(chrome, session.expires_at)))
            (td("Action", html! {
                @if is_current {
                    form method="post" action="/identity/sign-out" {
                        (csrf_field(chrome))
                        (submit_quiet("Sign out"))
                    }
                } @else {
                    form method="post"
                        action=(format!("/identity/settings/sessions/{}/revoke", session.id.0)) {
                        (csrf_field(chrome))
                        (submit_quiet("End"))
                    }
                }
            }))
        }
    }
}
