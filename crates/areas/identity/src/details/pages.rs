use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Problem, Query,
    components::{
        Field, FieldKind, card, csrf_field, error_of, form_errors, instant, select_field, submit,
        submit_quiet, table_scroll, td, text_field, th,
    },
};

use super::{
    DetailsError, Phone, TaxCountry, TaxId,
    model::{DetailsView, PROVIDERS},
    service,
};
use crate::{
    Preferences, Viewer,
    sessions::Holder,
    settings::{self, Saved, Tab},
};

const PHONE: &str = "/identity/settings/details/phone";
const TAX_ID: &str = "/identity/settings/details/tax-ids";
const PROVIDER_KEY: &str = "/identity/settings/details/provider-keys";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Details.href(), get(show))
        .route(PHONE, post(put_phone))
        .route(&format!("{PHONE}/remove"), post(remove_phone))
        .route(TAX_ID, post(put_tax_id))
        .route(&format!("{TAX_ID}/remove"), post(remove_tax_id))
        .route(PROVIDER_KEY, post(put_provider_key))
        .route(&format!("{PROVIDER_KEY}/remove"), post(remove_provider_key))
}

/// What any of the forms sends; a secret is never sent back into a field.
#[derive(Default, Deserialize)]
#[serde(default)]
struct DetailsForm {
    phone: String,
    country: String,
    tax_id: String,
    provider: String,
    api_key: String,
}

async fn show(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let view = service::show(&app, viewer.user_id).await?;
    let body = body(&viewer, &view, &DetailsForm::default(), &[]);
    Ok(settings::frame(&viewer.chrome, Tab::Details, saved, body))
}

async fn put_phone(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Problem> {
    let done = async {
        let phone: Phone = form.phone.parse()?;
        service::put_phone(&app, viewer.user_id, &phone).await
    };
    let done = done.await;
    answer(&app, &viewer, &form, done).await
}

async fn remove_phone(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
) -> Result<Response, Problem> {
    let done = service::remove_phone(&app, viewer.user_id).await;
    answer(&app, &viewer, &DetailsForm::default(), done).await
}

async fn put_tax_id(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Problem> {
    let done = async {
        let country: TaxCountry = form.country.parse()?;
        let tax_id = TaxId::new(&country, &form.tax_id)?;
        service::put_tax_id(&app, viewer.user_id, &country, &tax_id).await
    };
    let done = done.await;
    answer(&app, &viewer, &form, done).await
}

async fn remove_tax_id(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Problem> {
    let country = form.country.parse()?;
    let done = service::remove_tax_id(&app, viewer.user_id, &country).await;
    answer(&app, &viewer, &form, done).await
}

async fn put_provider_key(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Problem> {
    let done = async {
        let key = form.api_key.parse()?;
        service::put_provider_key(&app, viewer.user_id, form.provider.parse()?, &key).await
    };
    let done = done.await;
    answer(&app, &viewer, &form, done).await
}

async fn remove_provider_key(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<DetailsForm>,
) -> Result<Response, Problem> {
    let provider = form.provider.parse()?;
    let done = service::remove_provider_key(&app, viewer.user_id, provider).await;
    answer(&app, &viewer, &form, done).await
}

async fn answer(
    app: &App,
    viewer: &Viewer,
    form: &DetailsForm,
    done: Result<(), DetailsError>,
) -> Result<Response, Problem> {
    let Err(error) = done else {
        return Ok(Saved::redirect(Tab::Details));
    };
    let errors = settings::field_errors(error.into())?;
    let view = service::show(app, viewer.user_id).await?;
    let body = body(viewer, &view, form, &errors);
    let page = settings::frame(&viewer.chrome, Tab::Details, Saved::no(), body);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn body(viewer: &Viewer, view: &DetailsView, form: &DetailsForm, errors: &[FieldError]) -> Markup {
    let chrome = &viewer.chrome;
    html! {
        (form_errors(errors))
        (told(&viewer.preferences))
        p.hint {
            "What stands here is stored encrypted and shown by its last characters. You find it in full in "
            "the download under " a href=(Tab::Account.href()) { "Your data" } "."
        }
        (phone_card(chrome, view, form, errors))
        (tax_card(chrome, view, form, errors))
        (keys_card(chrome, view, form, errors))
    }
}

/// How the person is told of changes, so that those of somebody else are noticed.
fn told(preferences: &Preferences) -> Markup {
    let by_hook = preferences.webhook_url.is_some();
    let how = match (preferences.email_notifications, by_hook) {
        (true, true) => "Every change is told to you by email and to your webhook.",
        (true, false) => "Every change is told to you by email.",
        (false, true) => "Every change is told to your webhook.",
        (false, false) => "Nobody tells you when something changes here.",
    };
    html! { p.hint { (how) " " a href=(Tab::Preferences.href()) { "Change that" } } }
}

fn phone_card(
    chrome: &Chrome,
    view: &DetailsView,
    form: &DetailsForm,
    errors: &[FieldError],
) -> Markup {
    card(
        "Phone",
        html! {
            @if let Some(phone) = &view.phone {
                p { strong { (phone.masked) } " since " (instant(chrome, phone.updated_at)) }
                form method="post" action=(format!("{PHONE}/remove")) {
                    (csrf_field(chrome)) (submit_quiet("Remove"))
                }
            }
            form.form method="post" action=(PHONE) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: if view.phone.is_some() { "Another number" } else { "Phone number" },
                    name: "phone", value: &form.phone, required: true, autocomplete: Some("tel"),
                    hint: Some("With the code of the country, such as +49 170 1234567."),
                    error: error_of(errors, "phone"), ..Field::default()
                }))
                div.actions { (submit("Save the number")) }
            }
        },
    )
}

fn tax_card(
    chrome: &Chrome,
    view: &DetailsView,
    form: &DetailsForm,
    errors: &[FieldError],
) -> Markup {
    let rows = view
        .tax_ids
        .iter()
        .map(|id| Row {
            name: &id.country,
            label: &id.country,
            masked: &id.masked,
            at: instant(chrome, id.updated_at),
        })
        .collect();
    let removal = format!("{TAX_ID}/remove");
    card(
        "Tax numbers",
        html! {
            (listed(chrome, "Country", "country", &removal, rows))
            form.form method="post" action=(TAX_ID) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Country", name: "country", value: &form.country, required: true,
                    hint: Some("Two letters, such as DE or US."),
                    error: error_of(errors, "country"), ..Field::default()
                }))
                (text_field(&Field {
                    label: "Tax number", name: "tax_id", required: true, autocomplete: Some("off"),
                    hint: Some("Spaces and dashes are left out."),
                    error: error_of(errors, "tax_id"), ..Field::default()
                }))
                div.actions { (submit("Save the tax number")) }
            }
        },
    )
}

fn keys_card(
    chrome: &Chrome,
    view: &DetailsView,
    form: &DetailsForm,
    errors: &[FieldError],
) -> Markup {
    let label = |word: &str| {
        let known = PROVIDERS.into_iter().find(|(known, _)| *known == word);
        known.map_or("", |(_, label)| label)
    };
    let rows = view
        .provider_keys
        .iter()
        .map(|key| Row {
            name: &key.provider,
            label: label(&key.provider),
            masked: &key.masked,
            at: instant(chrome, key.updated_at),
        })
        .collect();
    let removal = format!("{PROVIDER_KEY}/remove");
    card(
        "Keys of data providers",
        html! {
            (listed(chrome, "Provider", "provider", &removal, rows))
            form.form method="post" action=(PROVIDER_KEY) {
                (csrf_field(chrome))
                (select_field(&Field {
                    label: "Provider", name: "provider", value: &form.provider, required: true,
                    error: error_of(errors, "provider"), ..Field::default()
                }, &PROVIDERS))
                (text_field(&Field {
                    label: "Key", name: "api_key", kind: FieldKind::Password, required: true,
                    autocomplete: Some("off"), error: error_of(errors, "api_key"),
                    hint: Some("As the provider wrote it."), ..Field::default()
                }))
                div.actions { (submit("Save the key")) }
            }
        },
    )
}

/// A value in a list, with what names it.
struct Row<'a> {
    name: &'a str,
    label: &'a str,
    masked: &'a str,
    at: Markup,
}

fn listed(chrome: &Chrome, what: &str, field: &str, removal: &str, rows: Vec<Row<'_>>) -> Markup {
    html! {
        @if !rows.is_empty() {
            (table_scroll(what, html! {
                table.data.cards {
                    caption.visually-hidden { "What is stored, by its last characters" }
                    thead { tr { (th(what)) (th("Value")) (th("Since")) (th("Action")) } }
                    tbody {
                        @for row in rows {
                            tr {
                                (td(what, html! { (row.label) }))
                                (td("Value", html! { (row.masked) }))
                                (td("Since", row.at))
                                (td("Action", html! {
                                    form method="post" action=(removal) {
                                        (csrf_field(chrome))
                                        input type="hidden" name=(field) value=(row.name);
                                        (submit_quiet("Remove"))
                                    }
                                }))
                            }
                        }
                    }
                }
            }))
        }
    }
}
