use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use jiff::tz;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Choice, Chrome, FieldError, Form, Problem, Query, Theme,
    components::{
        Field, FieldKind, NoticeKind, card, checkbox, csrf_field, error_of, form_errors, notice,
        select_field, submit, submit_quiet, text_field,
    },
    format::Locale,
};

use super::{
    Choices, MAJOR_CURRENCIES, PreferencesBody, PreferencesError, form, service, store, webhook,
};
use crate::{
    Viewer,
    client::local_path,
    sessions::Holder,
    settings::{self, Saved, Tab},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Preferences.href(), get(edit).post(update))
        .route("/identity/settings/webhook/test", post(test_webhook))
        .route("/identity/privacy", post(toggle_privacy))
        .route("/identity/theme", post(choose_theme))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReturnTo {
    next: String,
    theme: String,
}

async fn edit(State(app): State<App>, viewer: Viewer, Query(saved): Query<Saved>) -> Markup {
    let body = PreferencesBody::from(&viewer.preferences);
    let main = main(&app, &viewer.chrome, &body, &[]);
    settings::frame(&viewer.chrome, Tab::Preferences, saved, main)
}

async fn update(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Form(fields): Form<form::Fields>,
) -> Result<Response, Problem> {
    // What the form does not name stays as it is now, not as it was when the request came.
    let mut tx = app.db.write(viewer.user_id).await?;
    store::lock(&mut tx).await?;
    let stored = store::require(&mut tx).await?;
    let new = match form::read(&app, &stored.preferences, &fields) {
        Ok(new) => new,
        Err(refused) => {
            drop(tx);
            let main = main(&app, &viewer.chrome, &refused.body, &refused.errors);
            let page = settings::frame(&viewer.chrome, Tab::Preferences, Saved::no(), main);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    store::update(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Saved::redirect(Tab::Preferences))
}

/// Calls the address that is stored, once, and says what came back.
async fn test_webhook(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    Holder(who): Holder,
) -> Result<Markup, Problem> {
    let result = webhook::test(&app, &who.preferences).await;
    let (kind, text) = match &result {
        Ok(status) => (
            NoticeKind::Success,
            format!("The address answered with status {status}."),
        ),
        Err(error) => (NoticeKind::Warning, error.to_string()),
    };
    let body = PreferencesBody::from(&who.preferences);
    let main = html! {
        (notice(kind, html! { p { (text) } }))
        (main(&app, &chrome, &body, &[]))
    };
    Ok(settings::frame(
        &chrome,
        Tab::Preferences,
        Saved::no(),
        main,
    ))
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
    let theme = Theme::parse(&form.theme).ok_or_else(|| PreferencesError::UnknownChoice {
        field: "theme",
        word: form.theme.clone(),
        offered: Theme::words(),
    })?;
    let mut tx = app.db.write(viewer.user_id).await?;
    store::update_theme(&mut tx, theme).await?;
    tx.commit().await?;
    Ok(Redirect::to(local_path(&form.next)))
}

/// The fields of the form, filled in with a body and with what is wrong beside them.
struct Filled<'a> {
    body: &'a PreferencesBody,
    errors: &'a [FieldError],
}

impl Filled<'_> {
    fn choice<T: Choice>(
        &self,
        label: &str,
        name: &str,
        value: &str,
        hint: Option<&str>,
    ) -> Markup {
        self.list(label, name, value, hint, &T::options())
    }

    fn list(
        &self,
        label: &str,
        name: &str,
        value: &str,
        hint: Option<&str>,
        options: &[(&str, &str)],
    ) -> Markup {
        let field = Field {
            label,
            name,
            value,
            hint,
            required: true,
            error: error_of(self.errors, name),
            ..Field::default()
        };
        select_field(&field, options)
    }

    fn text(&self, label: &str, name: &str, value: &str, hint: &str, required: bool) -> Markup {
        text_field(&Field {
            label,
            name,
            value,
            hint: Some(hint),
            required,
            error: error_of(self.errors, name),
            ..Field::default()
        })
    }
}

/// A box, and before it what is sent when it is not ticked.
fn switch(label: &str, name: &str, is_on: bool, hint: &str) -> Markup {
    html! {
        input type="hidden" name=(name) value="false";
        (checkbox(label, name, is_on, Some(hint)))
    }
}

fn main(app: &App, chrome: &Chrome, body: &PreferencesBody, errors: &[FieldError]) -> Markup {
    let filled = Filled { body, errors };
    html! {
        (form_errors(errors))
        form.stack method="post" action=(Tab::Preferences.href()) {
            (csrf_field(chrome))
            div.settings-groups {
                (card("Language and formats", filled.formats()))
                (card("Look", filled.look()))
                (card("Charts and pages", filled.pages(app)))
                (card("Data", filled.data()))
                (card("Notifications", filled.notifications()))
                (card("Trading", filled.trading()))
                (card("Programs", filled.programs()))
            }
            div.actions { (submit("Save")) }
        }
        (card("Try the webhook", html! {
            form method="post" action="/identity/settings/webhook/test" {
                (csrf_field(chrome))
                p.hint { "Sends one harmless message to the address that is saved, and shows what came back." }
                div.actions { (submit_quiet("Send a test")) }
            }
        }))
    }
}

impl Filled<'_> {
    fn formats(&self) -> Markup {
        let body = self.body;
        let choices = Choices {
            base_currency: body.base_currency.clone(),
            locale: body.locale.clone(),
        };
        html! {
            div.form {
                (choice_fields(&choices, self.errors))
                p.hint { "The pages are in English; the language rules how numbers, money and days are written." }
                (self.choice::<web::format::NumberFormat>("Numbers", "number_format", &body.number_format, None))
                (self.choice::<web::format::DateFormat>("Days", "date_format", &body.date_format, None))
                (self.choice::<web::format::TimeFormat>("Times", "time_format", &body.time_format, None))
                (self.timezone())
                (self.choice::<web::format::PriceDigits>("Digits of prices", "price_display", &body.price_display, None))
            }
        }
    }

    /// Typed, with the names of the world as suggestions.
    fn timezone(&self) -> Markup {
        let hint = "By its IANA name. Instants are shown on this clock; the days of bookings stay as \
                    they were booked.";
        html! {
            (self.text("Time zone", "timezone", &self.body.timezone, hint, true))
            details {
                summary.hint { "All time zones" }
                p.hint { @for name in tz::db().available() { (name.as_str()) " · " } }
            }
        }
    }

    fn look(&self) -> Markup {
        let body = self.body;
        html! {
            div.form {
                (self.choice::<Theme>("Colours", "theme", &body.theme, None))
                (self.choice::<web::SignColours>("Gain and loss", "sign_colours", &body.sign_colours,
                    Some("Arrow and sign say it as well.")))
                (self.choice::<web::Font>("Letters", "font_family", &body.font_family, None))
                (self.choice::<web::FontSize>("Size", "font_size", &body.font_size, None))
                (self.choice::<web::Density>("Room between things", "density", &body.density, None))
                (switch("Things may move", "animations", body.animations,
                    "Transitions and the drawing of charts. A device that asks for stillness gets it anyway."))
                (switch("Hide amounts", "hide_amounts", body.hide_amounts,
                    "Shows dots in place of money; percentages stay. The key p switches it on any page."))
            }
        }
    }

    fn pages(&self, app: &App) -> Markup {
        let body = self.body;
        html! {
            div.form {
                (self.list("First page after signing in", "default_view", &body.default_view, None, &service::views(app)))
                (self.choice::<super::HistoryRange>("Period of figures", "history_range", &body.history_range,
                    Some("Where the address names none: dashboard, performance, contribution.")))
                (self.choice::<web::ChartType>("Values over time", "chart_type", &body.chart_type, None))
                (self.choice::<super::ChartTimeframe>("Charts of instruments", "chart_timeframe", &body.chart_timeframe, None))
            }
        }
    }

    fn data(&self) -> Markup {
        let body = self.body;
        let seconds = body.refresh_interval_s.to_string();
        html! {
            div.form {
                (switch("Look for new prices", "live_data", body.live_data,
                    "Dashboard, holdings and instruments are fetched anew while they are open."))
                (text_field(&Field {
                    label: "Every … seconds", name: "refresh_interval_s", value: &seconds,
                    kind: FieldKind::Integer, required: true, hint: Some("5 to 3600."),
                    error: error_of(self.errors, "refresh_interval_s"), ..Field::default()
                }))
            }
        }
    }

    fn notifications(&self) -> Markup {
        let body = self.body;
        let threshold = form::percent(body.alert_threshold_bps);
        html! {
            div.form {
                (text_field(&Field {
                    label: "Point at holdings that moved by … percent in a day", name: form::THRESHOLD,
                    value: &threshold, kind: FieldKind::Decimal, required: true,
                    hint: Some("On the dashboard; 0 to 100."),
                    error: error_of(self.errors, form::THRESHOLD), ..Field::default()
                }))
                (switch("Email", "email_notifications", body.email_notifications,
                    "When a phone number, tax number or provider key changes. Mail about signing in always comes."))
                (self.text("Webhook", "webhook_url", body.webhook_url.as_deref().unwrap_or_default(),
                    "An address in the public network that is told the same, without the values.", false))
            }
        }
    }

    fn trading(&self) -> Markup {
        let body = self.body;
        html! {
            div.form {
                (switch("Ask once more", "confirm_actions", body.confirm_actions,
                    "Before a booking, and before something is ended or taken away."))
                (switch("Warn of risks", "show_risk_warnings", body.show_risk_warnings,
                    "Forms say what short positions and options can cost."))
            }
        }
    }

    fn programs(&self) -> Markup {
        html! {
            div.form {
                (switch("API tokens work", "api_access", self.body.api_access,
                    "Off, every token is refused; none is lost."))
                p.hint { a href=(Tab::Tokens.href()) { "API tokens" } }
            }
        }
    }
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
