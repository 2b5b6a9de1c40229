use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, FieldError, Form, Problem, Query, Theme,
    components::{Field, card, csrf_field, error_of, form_errors, select_field, submit},
    format::Locale,
};

use super::{Choices, MAJOR_CURRENCIES, Preferences, PreferencesError, store};
use crate::{
    Viewer,
    client::local_path,
    sessions::Holder,
    settings::{self, Saved, Tab},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Preferences.href(), get(edit).post(update))
        .route("/identity/privacy", post(toggle_privacy))
        .route("/identity/theme", post(choose_theme))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PreferencesForm {
    #[serde(flatten)]
    choices: Choices,
    theme: String,
    hide_amounts: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReturnTo {
    next: String,
    theme: String,
}

async fn edit(viewer: Viewer, Query(saved): Query<Saved>) -> Markup {
    let form = PreferencesForm {
        choices: Choices {
            base_currency: viewer.preferences.base_currency.to_string(),
            locale: viewer.preferences.locale.tag().to_owned(),
        },
        theme: viewer.preferences.theme.as_str().to_owned(),
        hide_amounts: viewer.preferences.hide_amounts,
    };
    settings::frame(
        &viewer.chrome,
        Tab::Preferences,
        saved,
        form_card(&viewer, &form, &[]),
    )
}

async fn update(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<PreferencesForm>,
) -> Result<Response, Problem> {
    match save(&app, &viewer, &form).await {
        Ok(()) => Ok(Saved::redirect(Tab::Preferences)),
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            let body = form_card(&viewer, &form, &errors);
            let page = settings::frame(&viewer.chrome, Tab::Preferences, Saved::no(), body);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn save(app: &App, viewer: &Viewer, form: &PreferencesForm) -> Result<(), PreferencesError> {
    let theme = Theme::parse(&form.theme).ok_or_else(|| PreferencesError::UnknownTheme {
        theme: form.theme.clone(),
    })?;
    let new = Preferences {
        base_currency: form.choices.base_currency()?,
        locale: form.choices.locale()?,
        theme,
        hide_amounts: form.hide_amounts,
    };
    let mut tx = app.db.write(viewer.user_id).await?;
    store::update(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(())
}

async fn toggle_privacy(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<ReturnTo>,
) -> Result<Redirect, Problem> {
    let mut tx = app.db.write(viewer.user_id).await?;
    store::toggle_hide_amounts(&mut tx).await?;
    tx.commit().await?;
    Ok(Redirect::to(local_path(&form.next)))
}

async fn choose_theme(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<ReturnTo>,
) -> Result<Redirect, Problem> {
    let theme = Theme::parse(&form.theme).ok_or_else(|| PreferencesError::UnknownTheme {
        theme: form.theme.clone(),
    })?;
    let mut tx = app.db.write(viewer.user_id).await?;
    store::update_theme(&mut tx, theme).await?;
    tx.commit().await?;
    Ok(Redirect::to(local_path(&form.next)))
}

fn form_card(viewer: &Viewer, form: &PreferencesForm, errors: &[FieldError]) -> Markup {
    let themes = [
        ("system", "As the device"),
        ("light", "Light"),
        ("dark", "Dark"),
    ];
    card(
        "Preferences",
        html! {
            (form_errors(errors))
            form.form method="post" action=(Tab::Preferences.href()) {
                (csrf_field(&viewer.chrome))
                (choice_fields(&form.choices, errors))
                (select_field(
                    &Field {
                        label: "Colours", name: "theme", value: &form.theme, required: true,
                        error: error_of(errors, "theme"), ..Field::default()
                    },
                    &themes,
                ))
                (web::components::checkbox(
                    "Hide amounts", "hide_amounts", form.hide_amounts,
                    Some("Shows dots in place of money; percentages stay. The key p switches it on any page."),
                ))
                div.actions { (submit("Save")) }
            }
        },
    )
}

/// Currency and locale, asked at set-up and in the settings.
pub(crate) fn choice_fields(choices: &Choices, errors: &[FieldError]) -> Markup {
    let current = choices.base_currency.as_str();
    let mut currencies: Vec<(&str, &str)> = MAJOR_CURRENCIES.map(|code| (code, code)).to_vec();
    if !current.is_empty() && !MAJOR_CURRENCIES.contains(&current) {
        currencies.push((current, current));
    }
    let locales = Locale::ALL.map(|locale| (locale.tag(), locale.name()));
    html! {
        (select_field(
            &Field {
                label: "Base currency", name: "base_currency", value: current, required: true,
                error: error_of(errors, "base_currency"),
                hint: Some("Totals over several currencies are shown in this one."),
                ..Field::default()
            },
            &currencies,
        ))
        (select_field(
            &Field {
                label: "Numbers and dates", name: "locale", value: &choices.locale, required: true,
                error: error_of(errors, "locale"), ..Field::default()
            },
            &locales,
        ))
    }
}
