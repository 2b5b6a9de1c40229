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
    App, Chrome, FieldError, Form, Path, Problem, Query,
    components::{
        Field, FieldKind, NoticeKind, badge, card, csrf_field, error_of, file_field, form_errors,
        link_button, notice, submit, submit_quiet, text_field,
    },
};

use super::{
    ProfileError,
    model::{ProfileBody, ProfileView},
    service,
};
use crate::{
    proofs::Recent,
    sessions::{Holder, Principal},
    settings::{self, Saved, Tab},
    users::Role,
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/identity/settings/email", post(change_email))
        .route(
            "/identity/email/{token}",
            get(show_email).post(confirm_email),
        )
        .route_layer(from_fn(web::gate::credentials))
        .route(Tab::Profile.href(), get(edit).post(update))
        .route("/identity/settings/email/verify", post(verify_email))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EmailForm {
    email: String,
    current_password: String,
}

/// The fields as they were sent, with the token beside them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileForm {
    name: String,
    first_name: String,
    last_name: String,
    username: String,
    wallet_address: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    sent: Option<u8>,
}

async fn edit(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    who: Principal,
    Query(saved): Query<Saved>,
    Query(sent): Query<Sent>,
) -> Result<Markup, Problem> {
    let profile = service::show(&app.db, &app.clock, who.user_id).await?;
    let body = fields_of(&profile);
    let page = profile_body(&chrome, &profile, &body, "", sent.sent.is_some(), &[]);
    Ok(settings::frame(&chrome, Tab::Profile, saved, page))
}

async fn update(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Holder(who): Holder,
    Form(form): Form<ProfileForm>,
) -> Result<Response, Problem> {
    let body = ProfileBody {
        name: form.name,
        first_name: form.first_name,
        last_name: form.last_name,
        username: form.username,
        wallet_address: form.wallet_address,
    };
    let errors = match body.read() {
        Ok(input) => match service::update(&app.db, who.user_id, &input).await {
            Ok(()) => return Ok(Saved::redirect(Tab::Profile)),
            Err(error) => settings::field_errors(error.into())?,
        },
        Err(errors) => errors,
    };
    refused(&app, &chrome, &who, Some(&body), "", &errors).await
}

async fn change_email(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Holder(who): Holder,
    _: Recent,
    Form(form): Form<EmailForm>,
) -> Result<Response, Problem> {
    let asked = service::ask_for_email(&app, who.user_id, &form.email, form.current_password);
    match asked.await {
        Ok(_) => Ok(sent()),
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            refused(&app, &chrome, &who, None, &form.email, &errors).await
        }
    }
}

async fn verify_email(State(app): State<App>, Holder(who): Holder) -> Result<Response, Problem> {
    service::ask_to_verify(&app.db, &app.clock, who.user_id, &who.email).await?;
    Ok(sent())
}

fn sent() -> Response {
    Redirect::to(&format!("{}?sent=1", Tab::Profile.href())).into_response()
}

async fn refused(
    app: &App,
    chrome: &Chrome,
    who: &Principal,
    sent: Option<&ProfileBody>,
    email: &str,
    errors: &[FieldError],
) -> Result<Response, Problem> {
    let profile = service::show(&app.db, &app.clock, who.user_id).await?;
    let stored = fields_of(&profile);
    let body = profile_body(
        chrome,
        &profile,
        sent.unwrap_or(&stored),
        email,
        false,
        errors,
    );
    let page = settings::frame(chrome, Tab::Profile, Saved::no(), body);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn fields_of(profile: &ProfileView) -> ProfileBody {
    ProfileBody {
        name: profile.name.clone(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        username: profile.username.clone().unwrap_or_default(),
        wallet_address: profile.wallet_address.clone().unwrap_or_default(),
    }
}

fn profile_body(
    chrome: &Chrome,
    profile: &ProfileView,
    fields: &ProfileBody,
    email: &str,
    is_sent: bool,
    errors: &[FieldError],
) -> Markup {
    html! {
        (form_errors(errors))
        @if is_sent {
            (notice(NoticeKind::Success, html! {
                p { "A message with a link is on its way. The link works once, for a day." }
            }))
        }
        (profile_card(chrome, fields, errors))
        (picture_card(chrome, profile.has_avatar, errors))
        (email_card(chrome, profile, email, errors))
        (standing_card(chrome, profile))
        @if profile.role == Role::Admin {
            (card("Administration", html! {
                p { "You run this server. See who has an account, invite people, and say who may register." }
                p.actions { (link_button("People", "/identity/people", false)) }
            }))
        }
    }
}

fn profile_card(chrome: &Chrome, fields: &ProfileBody, errors: &[FieldError]) -> Markup {
    let field = |label, name, value, autocomplete, hint| {
        text_field(&Field {
            label,
            name,
            value,
            autocomplete: Some(autocomplete),
            error: error_of(errors, name),
            hint,
            ..Field::default()
        })
    };
    card(
        "About you",
        html! {
            form.form method="post" action=(Tab::Profile.href()) {
                (csrf_field(chrome))
                (field("Name", "name", fields.name.as_str(), "nickname", Some("How you are addressed.")))
                (field("First name", "first_name", fields.first_name.as_str(), "given-name", None))
                (field("Last name", "last_name", fields.last_name.as_str(), "family-name", None))
                (field("Username", "username", fields.username.as_str(), "off",
                    Some("3 to 30 letters, digits, dots, dashes or underscores.")))
                (field("Solana address", "wallet_address", fields.wallet_address.as_str(), "off", None))
                div.actions { (submit("Save the profile")) }
            }
        },
    )
}

fn picture_card(chrome: &Chrome, has_avatar: bool, errors: &[FieldError]) -> Markup {
    card(
        "Picture",
        html! {
            p { img src="/identity/avatar" alt="Your picture" width="96" height="96"; }
            form.form method="post" action="/identity/settings/avatar" enctype="multipart/form-data" {
                (csrf_field(chrome))
                (file_field(&Field {
                    label: "Another picture", name: "picture", required: true,
                    error: error_of(errors, "picture"),
                    hint: Some("PNG, JPEG or WebP, at most 2 MiB. Its middle is kept, and nothing else of the file."),
                    ..Field::default()
                }, ".png,.jpg,.jpeg,.webp"))
                div.actions { (submit("Use this picture")) }
            }
            @if has_avatar {
                form method="post" action="/identity/settings/avatar/remove" {
                    (csrf_field(chrome))
                    (submit_quiet("Remove the picture"))
                }
            }
        },
    )
}

fn email_card(
    chrome: &Chrome,
    profile: &ProfileView,
    email: &str,
    errors: &[FieldError],
) -> Markup {
    card(
        "Email",
        html! {
            p {
                "You sign in with " strong { (profile.email) } ". "
                @match profile.email_verified_at {
                    Some(at) => { (badge("verified")) " " (settings::instant(chrome, at)) }
                    None => (badge("not verified")),
                }
            }
            @if profile.email_verified_at.is_none() {
                form method="post" action="/identity/settings/email/verify" {
                    (csrf_field(chrome))
                    (submit_quiet("Send me a link that verifies it"))
                }
            }
            form.form method="post" action="/identity/settings/email" {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "New email", name: "email", value: email, kind: FieldKind::Email,
                    required: true, autocomplete: Some("email"), error: error_of(errors, "email"),
                    hint: Some("It changes when you open the link that is sent there. The old address is told."),
                    ..Field::default()
                }))
                (text_field(&Field {
                    label: "Current password", name: "current_password", kind: FieldKind::Password,
                    required: true, autocomplete: Some("current-password"),
                    error: error_of(errors, "current_password"), ..Field::default()
                }))
                div.actions { (submit("Change the email")) }
            }
        },
    )
}

fn standing_card(chrome: &Chrome, profile: &ProfileView) -> Markup {
    let (first, last) = profile
        .referral_code
        .split_at_checked(profile.referral_code.len() / 2)
        .unwrap_or_default();
    card(
        "Your account",
        html! {
            dl.facts {
                div { dt { "Role" } dd { (profile.role.as_str()) } }
                div { dt { "Tier" } dd { (profile.tier.as_str()) } }
                @if let Some(end) = profile.tier_expires_at {
                    div { dt { "Tier ends" } dd { (settings::instant(chrome, end)) } }
                }
                div { dt { "Your referral code" } dd { code { (first) "-" (last) } } }
                div { dt { "People who came by it" } dd { (profile.referrals) } }
            }
        },
    )
}

async fn show_email(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match service::email_of_link(&app.db, &app.clock, &token).await {
        Ok(email) => Ok(confirm_page(&chrome, &token, &email).into_response()),
        Err(ProfileError::LinkDead) => Ok(dead_page(&chrome)),
        Err(error) => Err(error.into()),
    }
}

async fn confirm_email(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match service::confirm_email(&app, &token).await {
        Ok(()) => Ok(Redirect::to(Tab::Profile.href()).into_response()),
        Err(ProfileError::LinkDead) => Ok(dead_page(&chrome)),
        Err(error) => Err(error.into()),
    }
}

fn confirm_page(chrome: &Chrome, token: &str, email: &str) -> Markup {
    web::bare_page(
        chrome,
        "Confirm your email",
        html! {
            h1 { "Confirm your email" }
            p { "You sign in with " strong { (email) } " from now on." }
            // Programs that look through mail open links; they do not send forms.
            form.form method="post" action=(format!("/identity/email/{token}")) {
                (csrf_field(chrome))
                div.actions { (submit("Confirm this address")) }
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
                "A link that confirms an email address works once and for a day; a newer one ends it. "
                "Ask for another one in your profile."
            }
            p.actions { (link_button("To the profile", Tab::Profile.href(), true)) }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}
