use axum::{
    Extension, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{civil::Date, tz::TimeZone};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Page, PageQuery, Path, Problem, Query,
    components::{
        Column, DataTable, Field, FieldKind, NoticeKind, badge, breadcrumb, card, csrf_field,
        data_table, error_of, form_errors, notice, page_head, pagination, select_field, submit,
        submit_quiet, td, text_field,
    },
};

use super::{
    Change, Filter, Person, PersonId, TierGrant,
    frame::{self, Tab},
    service,
};
use crate::{
    Admin, avatars,
    settings::{self, Saved},
    users::{Role, Status, Tier},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::People.href(), get(list))
        .route("/identity/people/{id}", get(show).post(update))
        .route("/identity/people/{id}/avatar", get(avatar))
}

const ROLES: [(&str, &str); 3] = [
    ("user", "User"),
    ("agent", "Agent: reads and drafts"),
    ("admin", "Administrator"),
];
const STATUSES: [(&str, &str); 3] = [
    ("active", "Active"),
    ("inactive", "Inactive"),
    ("suspended", "Suspended"),
];
const TIERS: [(&str, &str); 4] = [
    ("observer", "Observer"),
    ("trader", "Trader"),
    ("professional", "Professional"),
    ("enterprise", "Enterprise"),
];

/// As a form sends it: what is not chosen is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FilterForm {
    q: String,
    role: String,
    status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PersonForm {
    role: String,
    status: String,
    tier: String,
    tier_ends: String,
}

impl FilterForm {
    fn filter(&self) -> Filter {
        Filter {
            q: Some(self.q.clone()),
            role: Role::parse(&self.role),
            status: Status::parse(&self.status),
        }
    }

    fn next_href(&self, cursor: &str) -> String {
        let mut query = web::QueryString::new();
        for (key, value) in [
            ("q", &self.q),
            ("role", &self.role),
            ("status", &self.status),
        ] {
            query.push(key, Some(value).filter(|value| !value.is_empty()));
        }
        query.push("cursor", Some(cursor));
        format!("{}{}", Tab::People.href(), query.finish())
    }
}

impl PersonForm {
    fn of(person: &Person) -> Self {
        let last_day = person
            .tier_expires_at
            .map(|end| end.to_zoned(TimeZone::UTC).date());
        Self {
            role: person.role.as_str().to_owned(),
            status: person.status.as_str().to_owned(),
            tier: person.granted_tier.as_str().to_owned(),
            tier_ends: last_day.map(|day| day.to_string()).unwrap_or_default(),
        }
    }

    /// The tier is granted anew only where it differs: one that has ended may stay as it is.
    fn read(&self, app: &App, person: &Person) -> Result<Change, Problem> {
        let unknown =
            |field: &str| Problem::invalid_field(field, "unknown", "Choose one of the list.");
        let role = Role::parse(&self.role).ok_or_else(|| unknown("role"))?;
        let status = Status::parse(&self.status).ok_or_else(|| unknown("status"))?;
        let tier = Tier::parse(&self.tier).ok_or_else(|| unknown("tier"))?;
        let stored = Self::of(person);
        let is_new = stored.tier != self.tier || stored.tier_ends != self.tier_ends.trim();
        let grant = if is_new {
            Some(TierGrant::new(tier, self.ends()?, app.clock.now())?)
        } else {
            None
        };
        Ok(Change {
            role: Some(role),
            status: Some(status),
            tier: grant,
        })
    }

    /// The first instant of the day in UTC.
    fn ends(&self) -> Result<Option<jiff::Timestamp>, Problem> {
        let text = self.tier_ends.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.parse::<Date>().ok();
        let start = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        start.map(|start| Some(start.timestamp())).ok_or_else(|| {
            Problem::invalid_field(
                "tier_ends",
                "invalid_date",
                "Write the day like 2027-01-31.",
            )
        })
    }
}

async fn list(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Query(form): Query<FilterForm>,
    Query(query): Query<PageQuery>,
) -> Result<Markup, Problem> {
    let limit = query.limit();
    let rows = service::list(
        &app.db,
        &app.clock,
        &form.filter(),
        query.after()?,
        limit + 1,
    )
    .await?;
    let people = Page::of(rows, limit, |person| person.id);
    let next_href = people
        .next_cursor
        .as_ref()
        .map(|cursor| form.next_href(cursor));
    let body = html! {
        (filter_form(&form))
        @if people.items.is_empty() { (card("Nobody fits", html! { p { "Nobody here fits all of these." } })) }
        @else { (people_card(&chrome, &people.items)) }
        (pagination(next_href.as_deref()))
    };
    Ok(frame::frame(&chrome, Tab::People, Saved::no(), body))
}

fn filter_form(form: &FilterForm) -> Markup {
    let any = ("", "Any");
    let roles: Vec<_> = std::iter::once(any).chain(ROLES).collect();
    let statuses: Vec<_> = std::iter::once(any)
        .chain(STATUSES)
        .chain([("deleted", "Deleted")])
        .collect();
    html! {
        form.filters method="get" action=(Tab::People.href()) {
            (text_field(&Field {
                label: "Email or name", name: "q", value: &form.q, kind: FieldKind::Search,
                required: true, autocomplete: Some("off"), ..Field::default()
            }))
            (select_field(&Field {
                label: "Role", name: "role", value: &form.role, required: true, ..Field::default()
            }, &roles))
            (select_field(&Field {
                label: "Status", name: "status", value: &form.status, required: true,
                ..Field::default()
            }, &statuses))
            (submit_quiet("Search"))
        }
    }
}

fn people_card(chrome: &Chrome, people: &[Person]) -> Markup {
    let columns = [
        Column::text("email", "Email").fixed(),
        Column::text("name", "Name"),
        Column::text("status", "Status").fixed(),
        Column::text("role", "Role").fixed(),
        Column::text("tier", "Tier").fixed(),
        Column::text("last_sign_in", "Last sign-in").fixed(),
    ];
    let table = DataTable {
        id: "people",
        caption: "Who has an account",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for person in people { (row(chrome, person)) } };
    card("Who has an account", data_table(&table, rows, None))
}

fn row(chrome: &Chrome, person: &Person) -> Markup {
    html! {
        tr {
            (td("Email", html! {
                a href=(format!("/identity/people/{}", person.id.0)) { (person.email) }
            }))
            (td("Name", html! { (person.name) }))
            (td("Status", badge(person.status.as_str())))
            (td("Role", html! { (person.role.as_str()) }))
            (td("Tier", html! { (person.tier.as_str()) }))
            (td("Last sign-in", html! {
                @match person.last_signed_in_at {
                    Some(at) => (settings::instant(chrome, at)),
                    None => "never",
                }
            }))
        }
    }
}

async fn show(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Path(id): Path<PersonId>,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let person = service::show(&app.db, &app.clock, id).await?;
    let form = PersonForm::of(&person);
    Ok(person_page(&chrome, &person, &form, saved, None, &[]))
}

async fn update(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Path(id): Path<PersonId>,
    Form(form): Form<PersonForm>,
) -> Result<Response, Problem> {
    let person = service::show(&app.db, &app.clock, id).await?;
    let changed = match form.read(&app, &person) {
        Ok(change) => service::change(&app.db, &app.clock, id, change)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let Err(problem) = changed else {
        return Ok(frame::redirect(&format!("/identity/people/{}", id.0)));
    };
    let status = problem.status;
    let (refusal, errors) = if status.as_u16() == 409 {
        (Some(problem.detail), Vec::new())
    } else {
        (None, settings::field_errors(problem)?)
    };
    let refusal = refusal.as_deref();
    let page = person_page(&chrome, &person, &form, Saved::no(), refusal, &errors);
    Ok((status, page).into_response())
}

async fn avatar(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<PersonId>,
) -> Result<Response, Problem> {
    avatars::of_person(&app.db, id.into()).await
}

fn person_page(
    chrome: &Chrome,
    person: &Person,
    form: &PersonForm,
    saved: Saved,
    refusal: Option<&str>,
    errors: &[FieldError],
) -> Markup {
    let body = html! {
        (breadcrumb(&[("People", Tab::People.href())], &person.email))
        (page_head(&person.email, html! {}))
        @if saved.is_some() { (notice(NoticeKind::Success, html! { p { "Saved." } })) }
        @if let Some(text) = refusal { (notice(NoticeKind::Problem, html! { p { (text) } })) }
        (form_errors(errors))
        (facts_card(chrome, person))
        (change_card(chrome, person, form, errors))
    };
    web::page(chrome, &person.email, body)
}

fn facts_card(chrome: &Chrome, person: &Person) -> Markup {
    let full_name = format!("{} {}", person.first_name, person.last_name);
    let instant = |at: Option<jiff::Timestamp>, otherwise: &str| {
        html! { @match at { Some(at) => (settings::instant(chrome, at)), None => (otherwise) } }
    };
    card(
        "Who it is",
        html! {
            p {
                img src=(format!("/identity/people/{}/avatar", person.id.0)) alt="" width="64" height="64";
            }
            dl.facts {
                div { dt { "Name" } dd { (person.name) } }
                @if !full_name.trim().is_empty() { div { dt { "Full name" } dd { (full_name) } } }
                @if let Some(username) = &person.username { div { dt { "Username" } dd { (username) } } }
                div { dt { "Email verified" } dd { (instant(person.email_verified_at, "no")) } }
                div { dt { "Account made" } dd { (settings::instant(chrome, person.created_at)) } }
                div { dt { "Last sign-in" } dd { (instant(person.last_signed_in_at, "never")) } }
                div { dt { "Tier now" } dd { (person.tier.as_str()) } }
                div { dt { "Referral code" } dd { code { (person.referral_code) } } }
                @if let Some(by) = person.referred_by {
                    div { dt { "Came by" } dd { a href=(format!("/identity/people/{}", by.0)) { "this person" } } }
                }
            }
        },
    )
}

fn change_card(
    chrome: &Chrome,
    person: &Person,
    form: &PersonForm,
    errors: &[FieldError],
) -> Markup {
    if person.status == Status::Deleted {
        return card("Closed", html! { p { "This account is closed for good." } });
    }
    card(
        "What they may do",
        html! {
            form.form method="post" action=(format!("/identity/people/{}", person.id.0)) {
                (csrf_field(chrome))
                (select_field(&Field {
                    label: "Role", name: "role", value: &form.role, required: true,
                    error: error_of(errors, "role"), ..Field::default()
                }, &ROLES))
                (select_field(&Field {
                    label: "Status", name: "status", value: &form.status, required: true,
                    error: error_of(errors, "status"),
                    hint: Some("Who is not active is signed out at once, and their API tokens stop working."),
                    ..Field::default()
                }, &STATUSES))
                (select_field(&Field {
                    label: "Tier", name: "tier", value: &form.tier, required: true,
                    error: error_of(errors, "tier"), ..Field::default()
                }, &TIERS))
                (text_field(&Field {
                    label: "Tier ends on", name: "tier_ends", value: &form.tier_ends,
                    kind: FieldKind::Date,
                    error: error_of(errors, "tier_ends").or(error_of(errors, "tier_expires_at")),
                    hint: Some("The first day, in UTC, on which it counts as observer. Empty is without end."),
                    ..Field::default()
                }))
                div.actions { (submit("Save")) }
            }
        },
    )
}
