use axum::{
    Router,
    extract::{MatchedPath, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use web::{
    App, Choice, Chrome, FieldError, Form, Problem,
    components::{
        Field, NoticeKind, breadcrumb, card, checkbox, csrf_field, error_of, form_errors, instant,
        link_button, notice, page_head, select_field, submit, submit_quiet, text_field,
    },
};

use super::{
    OnboardingError,
    documents::DOCUMENTS,
    error::{self, ANSWERS},
    model::{Experience, Horizon, Progress, Step, StepBody},
    risk, service,
};
use crate::{Viewer, details, sessions::Holder, settings};

const START: &str = "/identity/onboarding";
const DISMISS: &str = "/identity/onboarding/dismiss";

pub(crate) fn routes() -> Router<App> {
    Step::ALL
        .iter()
        .fold(Router::new(), |router, step| {
            router.route(step.href(), get(show).post(take))
        })
        .route(START, get(resume))
        .route(DISMISS, post(dismiss))
}

fn step_of(path: &MatchedPath) -> Result<Step, Problem> {
    let step = Step::ALL.iter().find(|step| step.href() == path.as_str());
    step.copied().ok_or(OnboardingError::UnknownStep.into())
}

/// Leads to where the person left.
async fn resume(State(app): State<App>, _: Holder, viewer: Viewer) -> Result<Redirect, Problem> {
    let progress = service::progress(&app, viewer.user_id).await?;
    let left = Step::ALL.iter().find(|step| !progress.is_behind(**step));
    let open = !progress.is_behind(progress.current);
    let step = if open {
        progress.current
    } else {
        left.copied().unwrap_or(progress.current)
    };
    Ok(Redirect::to(step.href()))
}

async fn show(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    path: MatchedPath,
) -> Result<Markup, Problem> {
    let step = step_of(&path)?;
    let progress = service::progress(&app, viewer.user_id).await?;
    let body = progress.body();
    page(&app, &viewer, step, &progress, &body, &[]).await
}

async fn take(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    path: MatchedPath,
    Form(body): Form<StepBody>,
) -> Result<Response, Problem> {
    let step = step_of(&path)?;
    match service::take(&app, viewer.user_id, step, &body).await {
        Ok(()) => Ok(Redirect::to(step.next().map_or(START, Step::href)).into_response()),
        Err(wrong) => {
            let errors = settings::field_errors(error::problem(wrong))?;
            let progress = service::progress(&app, viewer.user_id).await?;
            let page = page(&app, &viewer, step, &progress, &body, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn dismiss(State(app): State<App>, _: Holder, viewer: Viewer) -> Result<Redirect, Problem> {
    service::dismiss(&app, viewer.user_id).await?;
    Ok(Redirect::to("/"))
}

/// Leads back to the first steps, until they are complete or sent away; nothing for visitors of the demo.
pub async fn strip(app: &App, viewer: &Viewer) -> Result<Markup, Problem> {
    if app.demo || viewer.is_agent {
        return Ok(html! {});
    }
    let progress = service::progress(app, viewer.user_id).await?;
    if progress.is_complete() || progress.is_dismissed {
        return Ok(html! {});
    }
    let has_begun = !progress.completed.is_empty();
    Ok(notice(
        NoticeKind::Info,
        html! {
            p { strong { "First steps: " (progress.percent()) " percent" } " — a few questions about you, risk and tax." }
            div.actions {
                (link_button(if has_begun { "Go on" } else { "Begin" }, START, false))
                form.inline method="post" action=(DISMISS) {
                    (csrf_field(&viewer.chrome))
                    (submit_quiet("Do not show again"))
                }
            }
        },
    ))
}

async fn page(
    app: &App,
    viewer: &Viewer,
    step: Step,
    progress: &Progress,
    body: &StepBody,
    errors: &[FieldError],
) -> Result<Markup, Problem> {
    let chrome = &viewer.chrome;
    let filled = Filled { body, errors };
    let fields = match step {
        Step::Welcome => welcome(progress),
        Step::Experience => filled.experience(),
        Step::Risk => filled.risk(chrome, progress),
        Step::Horizon => filled.horizon(),
        Step::Profile => filled.profile(&details::show(app, viewer.user_id).await?),
        Step::Tax => filled.tax(&details::show(app, viewer.user_id).await?),
        Step::Legal => filled.legal(chrome, progress),
    };
    let main = html! {
        (breadcrumb(&[("Profile", "/identity/settings/profile")], "First steps"))
        (page_head("First steps", html! {}))
        (steps(progress, step))
        @if progress.is_complete() {
            (notice(NoticeKind::Success, html! {
                p { "All steps are behind you. You can change any answer; a new one about risk is kept beside the old ones." }
            }))
        }
        (form_errors(errors))
        (card(step.label(), html! {
            form.form method="post" action=(step.href()) {
                (csrf_field(chrome))
                (fields)
                div.actions {
                    (submit(if step.next().is_some() { "Save and go on" } else { "Agree and finish" }))
                    @if let Some(previous) = step.previous() { (link_button("Back", previous.href(), false)) }
                    @if step.can_be_skipped() && !progress.is_behind(step) {
                        button.button.quiet type="submit" name="skip" value="true" formnovalidate { "Skip for now" }
                    } @else if progress.is_behind(step) {
                        @if let Some(next) = step.next() { (link_button("Forward", next.href(), false)) }
                    }
                    (link_button("Leave", "/", false))
                }
            }
        }))
    };
    Ok(web::page(chrome, "First steps", main))
}

/// How far one is, and the way to every step.
fn steps(progress: &Progress, current: Step) -> Markup {
    let percent = progress.percent();
    html! {
        div.progress {
            label for="onboarding-progress" { (percent) " percent" }
            progress id="onboarding-progress" max="100" value=(percent) { (percent) " percent" }
        }
        nav aria-label="Steps" {
            ol.stepper {
                @for (at, step) in Step::ALL.iter().enumerate() {
                    @let done = progress.is_behind(*step);
                    li.done[done] aria-current=[(*step == current).then_some("step")] {
                        span.step-number aria-hidden="true" { @if done { "✓" } @else { (at + 1) } }
                        a href=(step.href()) { (step.label()) }
                        @if progress.skipped.contains(step) { span.hint { " skipped" } }
                        @else if done { span.visually-hidden { " done" } }
                    }
                }
            }
        }
    }
}

fn welcome(progress: &Progress) -> Markup {
    let name = progress.first_name.as_str();
    html! {
        p.lead { "Welcome" @if !name.is_empty() { ", " (name) } "." }
        p {
            "Seven short steps: what you have done so far, how much risk fits you, for how long you invest, "
            "who you are, where you pay taxes, and what you agree to. You can leave at any time and go on "
            "where you were; most steps can be skipped."
        }
    }
}

struct Filled<'a> {
    body: &'a StepBody,
    errors: &'a [FieldError],
}

impl Filled<'_> {
    fn text(
        &self,
        label: &str,
        name: &str,
        value: &str,
        hint: Option<&str>,
        autocomplete: &str,
    ) -> Markup {
        text_field(&Field {
            label,
            name,
            value,
            hint,
            autocomplete: Some(autocomplete),
            error: error_of(self.errors, name),
            ..Field::default()
        })
    }

    fn choice<T: Choice>(&self, label: &str, name: &str, value: &str) -> Markup {
        let mut options = vec![("", "Choose")];
        options.extend(T::options());
        let field = Field {
            label,
            name,
            value,
            required: true,
            error: error_of(self.errors, name),
            ..Field::default()
        };
        select_field(&field, &options)
    }

    fn experience(&self) -> Markup {
        html! {
            (self.choice::<Experience>("What have you done so far?", "experience", &self.body.experience))
        }
    }

    fn horizon(&self) -> Markup {
        html! {
            (self.choice::<Horizon>("For how long do you invest?", "horizon", &self.body.horizon))
        }
    }

    fn risk(&self, chrome: &Chrome, progress: &Progress) -> Markup {
        let given = self.body.answers();
        html! {
            @if let Some((found, taken_at)) = &progress.risk {
                (notice(NoticeKind::Info, html! {
                    p {
                        "Your profile is " strong { (found.profile.label()) } ": " (found.score)
                        " of 25 points, tolerance " (found.tolerance.label()) ", on "
                        (instant(chrome, *taken_at)) "."
                    }
                }))
            }
            @for ((question, name), given) in risk::ALL.iter().zip(ANSWERS).zip(given) {
                @let error = error_of(self.errors, name);
                @let error_id = format!("field-{}-error", name.replace('_', "-"));
                fieldset.question id=(format!("field-{}", name.replace('_', "-")))
                    aria-describedby=[error.map(|_| &error_id)] {
                    legend { (question.text) }
                    @if let Some(error) = error { p.error id=(error_id) { (error) } }
                    @for (points, answer) in (1..).zip(question.answers) {
                        @let points = points.to_string();
                        label {
                            input type="radio" name=(name) value=(points) checked[points == given];
                            (answer)
                        }
                    }
                }
            }
        }
    }

    fn profile(&self, details: &details::DetailsView) -> Markup {
        let stored = details.phone.as_ref().map(|phone| phone.masked.clone());
        let hint = stored.map_or_else(
            || {
                "With the code of the country, such as +49 170 1234567. It is stored encrypted."
                    .to_owned()
            },
            |masked| format!("Stored: {masked}. Leave it empty to keep it."),
        );
        html! {
            (self.text("First name", "first_name", &self.body.first_name, None, "given-name"))
            (self.text("Last name", "last_name", &self.body.last_name, None, "family-name"))
            (self.text("Phone number", "phone", &self.body.phone, Some(&hint), "tel"))
        }
    }

    fn tax(&self, details: &details::DetailsView) -> Markup {
        let stored: Vec<String> = details
            .tax_ids
            .iter()
            .map(|id| format!("{} {}", id.country, id.masked))
            .collect();
        let hint = if stored.is_empty() {
            "It is stored encrypted and shown by its last characters.".to_owned()
        } else {
            format!("Stored: {}. Leave it empty to keep it.", stored.join(", "))
        };
        html! {
            (text_field(&Field {
                label: "Country in which you pay taxes", name: "tax_residency",
                value: &self.body.tax_residency, required: true,
                hint: Some("Two letters, such as DE or US."), autocomplete: Some("country"),
                error: error_of(self.errors, "tax_residency"), ..Field::default()
            }))
            (self.text("Tax number", "tax_id", "", Some(&hint), "off"))
        }
    }

    fn legal(&self, chrome: &Chrome, progress: &Progress) -> Markup {
        let ticked = [self.body.terms, self.body.privacy, self.body.risk];
        html! {
            @for (document, ticked) in DOCUMENTS.iter().zip(ticked) {
                @let accepted = progress.consents.iter().rev().find(|consent| consent.document == document.word);
                div.prose {
                    h3 { (document.title) }
                    p { (document.text) }
                    p.hint {
                        "Version of " (document.version)
                        @if let Some(consent) = accepted {
                            "; you agreed to that of " (consent.version) " on " (instant(chrome, consent.accepted_at))
                        }
                    }
                }
                @if let Some(error) = error_of(self.errors, document.word) {
                    p.error { (document.consent) ": " (error) }
                }
                (checkbox(document.consent, document.word, ticked, None))
            }
        }
    }
}
