use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Path, Problem,
    components::{
        Column, DataTable, Field, NoticeKind, badge, card, csrf_field, data_table, error_of,
        form_errors, notice, submit, submit_quiet, td, text_field,
    },
};

use super::{
    Asked, Deed, Passkey, PasskeyError, PasskeyId, asking_form, model::clean_name, service,
};
use crate::{
    openid::Offered,
    proofs::Recent,
    recovery::pages::codes_page,
    sessions::{Holder, Principal},
    settings::{self, Saved, Tab},
};

const ACTION: &str = "/identity/settings/factors/passkeys";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(ACTION, post(register))
        .route(
            "/identity/settings/factors/passkeys/{id}/rename",
            post(rename),
        )
        .route(
            "/identity/settings/factors/passkeys/{id}/revoke",
            post(revoke),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NameForm {
    name: String,
}

/// Asks for a passkey, then takes it.
async fn register(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Holder(who): Holder,
    _: Recent,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    if !asked.is_answered() {
        return ask(&app, &chrome, &who, &asked, None).await;
    }
    let registered = service::register(
        &app,
        who.user_id,
        &asked.name,
        &asked.ceremony,
        &asked.credential,
    );
    match registered.await {
        Ok(Some(codes)) => Ok(codes_page(&chrome, &codes).into_response()),
        Ok(None) => Ok(Saved::redirect(Tab::Factors)),
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
    let begun = match clean_name(&asked.name) {
        Ok(_) => service::begin_registration(app, who).await,
        Err(error) => Err(error),
    };
    let (status, body) = match begun {
        Ok(ceremony) => {
            let form = asking_form(
                chrome,
                (Deed::Create, ACTION, "Make the passkey"),
                &ceremony,
                asked,
            );
            let status = refused
                .as_ref()
                .map_or(StatusCode::OK, |problem| problem.status);
            (
                status,
                html! {
                    @if let Some(problem) = &refused {
                        (notice(NoticeKind::Problem, html! { p { (problem.detail) } }))
                    }
                    p {
                        "Your browser asks where to keep the passkey “" (asked.name.trim()) "”: on this "
                        "device, on a phone, or on a security key."
                    }
                    (form)
                },
            )
        }
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            let form = html! { (form_errors(&errors)) (name_form(chrome, &asked.name, error_of(&errors, "name"))) };
            (StatusCode::UNPROCESSABLE_ENTITY, form)
        }
    };
    let page = settings::frame(chrome, Tab::Factors, Saved::no(), card("New passkey", body));
    Ok((status, page).into_response())
}

async fn rename(
    State(app): State<App>,
    Holder(who): Holder,
    _: Recent,
    Path(id): Path<PasskeyId>,
    Form(form): Form<NameForm>,
) -> Result<Response, Problem> {
    service::rename(&app, who.user_id, id, &form.name).await?;
    Ok(Saved::redirect(Tab::Factors))
}

async fn revoke(
    State(app): State<App>,
    offered: Offered,
    Holder(who): Holder,
    _: Recent,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    service::revoke(&app, offered.0.as_ref(), who.user_id, id).await?;
    Ok(Saved::redirect(Tab::Factors))
}

/// Why passkeys do not work for this request: at this instance, or at the address that was opened.
fn obstacle(app: &App, headers: &HeaderMap) -> Option<String> {
    if let Err(error @ (PasskeyError::NoHost { .. } | PasskeyError::Insecure { .. })) =
        service::relying_party(app)
    {
        return Some(format!("{error}."));
    }
    // Behind a proxy the request may name another host than the person opened.
    let is_local = app.public_origin.starts_with("http://localhost");
    let here = headers
        .get(header::HOST)
        .filter(|_| is_local)
        .and_then(|host| host.to_str().ok())?;
    let (_, there) = app.public_origin.split_once("://")?;
    (!here.eq_ignore_ascii_case(there)).then(|| {
        format!(
            "Passkeys belong to {}, and you are at {here}. Open that address to add or use one. A \
             numeric address such as 127.0.0.1 can have none.",
            app.public_origin
        )
    })
}

pub(crate) fn passkeys_card(
    app: &App,
    chrome: &Chrome,
    headers: &HeaderMap,
    passkeys: &[Passkey],
) -> Markup {
    let columns = [
        Column::text("name", "Name").fixed(),
        Column::text("created", "Made").fixed(),
        Column::text("last_used", "Last used").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "passkeys",
        caption: "Your passkeys",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for passkey in passkeys { (passkey_row(chrome, passkey)) } };
    card(
        "Passkeys",
        html! {
            p.hint {
                "A key on a phone, a computer or a stick, opened by finger, face or PIN. It signs in by "
                "itself, and it is the second step after a password."
            }
            @for passkey in passkeys.iter().filter(|passkey| passkey.suspected_at.is_some()) {
                (notice(NoticeKind::Problem, html! {
                    p {
                        "The counter of “" (passkey.name) "” went backwards, as it does when there is a "
                        "copy of the key. It is refused. Revoke it, and look at your sessions."
                    }
                }))
            }
            @if passkeys.is_empty() { p { "There is no passkey." } }
            @else { (data_table(&table, rows, None)) }
            @if let Some(obstacle) = obstacle(app, headers) {
                (notice(NoticeKind::Info, html! { p { (obstacle) } }))
            }
            noscript { p { "Passkeys need JavaScript, which is switched off in this browser." } }
            (name_form(chrome, "", None))
        },
    )
}

fn name_form(chrome: &Chrome, name: &str, error: Option<&str>) -> Markup {
    html! {
        form.form method="post" action=(ACTION) {
            (csrf_field(chrome))
            (text_field(&Field {
                label: "Name of a new passkey", name: "name", value: name, required: true, error,
                autocomplete: Some("off"), placeholder: Some("Phone"), ..Field::default()
            }))
            div.actions { (submit("Add a passkey")) }
        }
    }
}

fn passkey_row(chrome: &Chrome, passkey: &Passkey) -> Markup {
    let path = format!("{ACTION}/{}", passkey.id.0);
    let label = format!("New name of {}", passkey.name);
    html! {
        tr {
            (td("Name", html! {
                (passkey.name)
                @if passkey.suspected_at.is_some() { " " (badge("refused")) }
            }))
            (td("Made", settings::instant(chrome, passkey.created_at)))
            (td("Last used", html! {
                @match passkey.last_used_at {
                    Some(at) => (settings::instant(chrome, at)),
                    None => "never",
                }
            }))
            (td("Action", html! {
                div.actions {
                    form.inline method="post" action=(format!("{path}/rename")) {
                        (csrf_field(chrome))
                        input name="name" value=(passkey.name) aria-label=(label) required
                            maxlength="100" autocomplete="off";
                        (submit_quiet("Rename"))
                    }
                    form.inline method="post" action=(format!("{path}/revoke")) {
                        (csrf_field(chrome))
                        (submit_quiet("Revoke"))
                    }
                }
            }))
        }
    }
}
