//! The page on which an administrator says who may register.

use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Form, Problem, Query,
    components::{Field, NoticeKind, card, csrf_field, notice, select_field, submit},
};

use super::{Policy, RegistrationError, Setting, service};
use crate::{
    Admin,
    people::frame::{self, Tab},
    settings::Saved,
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route(Tab::Registration.href(), get(show).post(update))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PolicyForm {
    policy: String,
}

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let setting = service::policy(&app.db).await?;
    Ok(page(&chrome, setting, saved, None))
}

async fn update(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Form(form): Form<PolicyForm>,
) -> Result<Response, Problem> {
    let chosen = match form.policy.parse::<Policy>() {
        Ok(policy) => service::choose(&app.db, policy).await,
        Err(error) => Err(error),
    };
    match chosen {
        Ok(_) => Ok(frame::redirect(Tab::Registration.href())),
        Err(
            error @ (RegistrationError::Pinned { .. } | RegistrationError::UnknownPolicy { .. }),
        ) => {
            let problem = Problem::from(error);
            let setting = service::policy(&app.db).await?;
            let page = page(&chrome, setting, Saved::no(), Some(&problem.detail));
            Ok((problem.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn page(chrome: &Chrome, setting: Setting, saved: Saved, refusal: Option<&str>) -> Markup {
    let options = [
        ("closed", "Nobody"),
        ("invitation", "Who is invited"),
        ("open", "Everybody with an email address"),
    ];
    let body = html! {
        @if let Some(text) = refusal {
            (notice(NoticeKind::Problem, html! { p { (text) } }))
        }
        (card("Who may make an account", html! {
            @if setting.is_pinned {
                (notice(NoticeKind::Info, html! {
                    p {
                        "The server was started with " code { "BURSAR_REGISTRATION=" (setting.policy.as_str()) }
                        ", which holds for as long as it runs."
                    }
                }))
            }
            form.form method="post" action=(Tab::Registration.href()) {
                (csrf_field(chrome))
                (select_field(&Field {
                    label: "Registration", name: "policy", value: setting.chosen.as_str(),
                    required: true, ..Field::default()
                }, &options))
                div.actions { (submit("Save")) }
            }
        }))
    };
    frame::frame(chrome, Tab::Registration, saved, body)
}
