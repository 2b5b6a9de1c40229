use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use openidconnect::url::Url;
use serde::Deserialize;
use web::{
    App, Chrome, Form, Path, Problem, Query,
    components::{
        Column, DataTable, NoticeKind, card, csrf_field, data_table, link_button, notice, submit,
        submit_quiet, td,
    },
    csrf,
};

use super::{
    FLOW_LIFETIME, Identity, Offered, OpenId, OpenIdError,
    model::{Brought, IdentityId, Purpose},
    provider::CALLBACK,
    service::{self, Arrived},
};
use crate::{
    client::{Client, local_path},
    proofs::{self, Recent},
    second_step,
    sessions::{Holder, Principal, pages::begin_at},
    settings::{self, Saved, Tab},
};

/// The cookie of a browser that is with the provider.
const COOKIE: &str = "openid";
const SIGN_IN: &str = "/identity/openid";
const CONFIRM: &str = "/identity/confirm/openid";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(SIGN_IN, post(sign_in))
        .route(CALLBACK, get(come_back))
        .route(CONFIRM, post(confirm))
        .route(Tab::IDENTITIES, post(link))
        .route_layer(from_fn(web::gate::credentials))
        .route("/identity/settings/openid/{id}/unlink", post(unlink))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NextForm {
    next: String,
}

async fn sign_in(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    Form(form): Form<NextForm>,
) -> Result<Response, Problem> {
    let next = local_path(&form.next);
    go(&app, &chrome, &offered, Purpose::SignIn, None, next).await
}

async fn link(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    Holder(who): Holder,
    _: Recent,
) -> Result<Response, Problem> {
    let next = Tab::Security.href();
    go(&app, &chrome, &offered, Purpose::Link, Some(&who), next).await
}

async fn confirm(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    who: Principal,
    Form(form): Form<NextForm>,
) -> Result<Response, Problem> {
    let next = local_path(&form.next);
    go(&app, &chrome, &offered, Purpose::Confirm, Some(&who), next).await
}

async fn go(
    app: &App,
    chrome: &Chrome,
    offered: &Offered,
    purpose: Purpose,
    who: Option<&Principal>,
    next: &str,
) -> Result<Response, Problem> {
    let provider = offered.0.as_ref().ok_or(OpenIdError::NotSetUp)?;
    let user_id = who.map(|who| who.user_id);
    match service::begin(app, provider, purpose, user_id, next).await {
        Ok((token, url)) => leave(app, chrome, provider, &token, &url),
        Err(error) => refused(chrome, provider, purpose, error),
    }
}

/// A page that goes on by itself. Not a redirect: browsers hold those that answer a form to the policy
/// of the form, which sends nothing elsewhere.
fn leave(
    app: &App,
    chrome: &Chrome,
    provider: &OpenId,
    token: &str,
    url: &Url,
) -> Result<Response, Problem> {
    let title = format!("On to {}", provider.label());
    let page = web::bare_page(
        chrome,
        &title,
        html! {
            h1 { (title) }
            p { "Your browser goes there by itself. If it does not:" }
            p.actions { (link_button("Go on", url.as_str(), true)) }
        },
    );
    let mut response = page.into_response();
    let refresh = HeaderValue::from_str(&format!("0; url={url}"));
    let refresh = refresh.map_err(|error| Problem::internal(&error))?;
    response.headers_mut().insert(header::REFRESH, refresh);
    let cookie = app.cookie(COOKIE, token, FLOW_LIFETIME.as_secs());
    append_cookie(&mut response, &cookie)?;
    Ok(response)
}

async fn come_back(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    offered: Offered,
    client: Client,
    headers: HeaderMap,
    who: Option<Extension<Principal>>,
    Query(brought): Query<Brought>,
) -> Result<Response, Problem> {
    let provider = offered.0.ok_or(OpenIdError::NotSetUp)?;
    let token = csrf::cookie(&headers, &app.cookie_name(COOKIE)).unwrap_or_default();
    let previous = csrf::cookie(&headers, &app.cookie_name("session"));
    let who = who.as_ref().map(|Extension(who)| who);
    let flow = match service::recall(&app, token, &brought, who).await {
        Ok(flow) => flow,
        // The cookie stays: this may be an address that somebody else made. What for is not known then.
        Err(error) => {
            let likely = who.map_or(Purpose::SignIn, |_| Purpose::Link);
            return refused(&chrome, &provider, likely, error);
        }
    };
    let told = (token, &brought);
    let arrived = service::finish(&app, &provider, told, &flow, who, &client, previous);
    let mut response = match arrived.await {
        Ok(Arrived::Session(session)) => begin_at(&app, &session, &flow.next).await?,
        Ok(Arrived::SecondStep(token)) => second_step::pages::lead_here(&app, &token, &flow.next)?,
        Ok(Arrived::Linked) => Saved::redirect(Tab::Security),
        Ok(Arrived::Confirmed) => Redirect::to(&flow.next).into_response(),
        Err(error) => refused(&chrome, &provider, flow.purpose, error)?,
    };
    append_cookie(&mut response, &app.cookie(COOKIE, "", 0))?;
    Ok(response)
}

/// What the person can do about it; the log says what happened.
fn refused(
    chrome: &Chrome,
    provider: &OpenId,
    purpose: Purpose,
    error: OpenIdError,
) -> Result<Response, Problem> {
    let Some((status, words)) = error.words(provider.label()) else {
        return Err(error.into());
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::warn!(%error, purpose = purpose.as_str(), "the provider failed");
    } else {
        tracing::info!(%error, purpose = purpose.as_str(), "what the provider said was refused");
    }
    let label = provider.label();
    let (title, back) = match purpose {
        Purpose::SignIn => (format!("{label} did not sign you in"), "/identity/sign-in"),
        Purpose::Link => (format!("{label} was not linked"), Tab::Security.href()),
        Purpose::Confirm => (
            format!("{label} did not confirm that it is you"),
            proofs::pages::CONFIRM,
        ),
    };
    let page = web::bare_page(
        chrome,
        &title,
        html! {
            h1 { (title) }
            (notice(NoticeKind::Problem, html! { p { (words) } }))
            p.actions { (link_button("Go on", back, true)) }
        },
    );
    Ok((status, page).into_response())
}

async fn unlink(
    State(app): State<App>,
    offered: Offered,
    Holder(who): Holder,
    _: Recent,
    Path(id): Path<IdentityId>,
) -> Result<Response, Problem> {
    service::unlink(&app, offered.0.as_ref(), who.user_id, id).await?;
    Ok(Saved::redirect(Tab::Security))
}

fn append_cookie(response: &mut Response, cookie: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(cookie).map_err(|error| Problem::internal(&error))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}

/// For the sign-in page: the way by the provider, where there is one.
pub(crate) fn sign_in_form(chrome: &Chrome, offered: &Offered, next: &str) -> Markup {
    html! {
        @if let Some(provider) = &offered.0 {
            form method="post" action=(SIGN_IN) {
                (csrf_field(chrome))
                input type="hidden" name="next" value=(local_path(next));
                div.actions { (submit_quiet(&format!("Sign in with {}", provider.label()))) }
            }
        }
    }
}

/// For the page of recent proofs.
pub(crate) fn confirm_card(chrome: &Chrome, offered: &Offered, next: &str) -> Markup {
    html! {
        @if let Some(provider) = &offered.0 {
            (card(&format!("By {}", provider.label()), html! {
                form.form method="post" action=(CONFIRM) {
                    (csrf_field(chrome))
                    input type="hidden" name="next" value=(next);
                    p.hint { (provider.label()) " asks you anew who you are." }
                    div.actions { (submit(&format!("Confirm with {}", provider.label()))) }
                }
            }))
        }
    }
}

/// Who the person is with the provider. Shown without one as well, as long as something is linked.
pub(crate) fn identities_card(
    chrome: &Chrome,
    offered: &Offered,
    identities: &[Identity],
) -> Markup {
    let current = offered.0.as_ref().map(OpenId::issuer);
    html! {
        @if offered.0.is_some() || !identities.is_empty() {
            (card("Linked identities", html! {
                @if identities.is_empty() {
                    p.hint { "None. A linked identity signs you in in place of the password." }
                } @else {
                    (identities_table(chrome, current, identities))
                }
                @if let Some(provider) = &offered.0 {
                    form.form method="post" action=(Tab::IDENTITIES) {
                        (csrf_field(chrome))
                        p.hint {
                            "Linking and unlinking ask you to confirm that it is you. A second factor is "
                            "asked for after " (provider.label()) " as it is after the password."
                        }
                        div.actions { (submit_quiet(&format!("Link {}", provider.label()))) }
                    }
                }
            }))
        }
    }
}

fn identities_table(chrome: &Chrome, current: Option<&str>, identities: &[Identity]) -> Markup {
    let columns = [
        Column::text("provider", "Provider").fixed(),
        Column::text("address", "Address there").fixed(),
        Column::text("linked", "Linked").fixed(),
        Column::text("last_used", "Last used").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let rows = html! {
        @for identity in identities {
            tr {
                (td("Provider", html! {
                    (identity.issuer)
                    @if current != Some(identity.issuer.as_str()) { " (not set up any more)" }
                }))
                (td("Address there", html! { (identity.email) }))
                (td("Linked", settings::instant(chrome, identity.created_at)))
                (td("Last used", html! {
                    @match identity.last_used_at {
                        Some(at) => (settings::instant(chrome, at)),
                        None => "never",
                    }
                }))
                (td("Action", html! {
                    form method="post"
                        action=(format!("/identity/settings/openid/{}/unlink", identity.id.0)) {
                        (csrf_field(chrome))
                        (submit_quiet("Unlink"))
                    }
                }))
            }
        }
    };
    let table = DataTable {
        id: "identities",
        caption: "Who you are elsewhere",
        columns: &columns,
        csv_href: None,
    };
    data_table(&table, rows, None)
}
