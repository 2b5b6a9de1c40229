use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Page, PageQuery, Path, Problem, Query,
    components::{
        Column, DataTable, Field, FieldKind, NoticeKind, badge, card, csrf_field, data_table,
        error_of, form_errors, notice, pagination, select_field, submit, submit_quiet, td,
        text_field,
    },
};

use super::{Created, Invitation, InvitationId, NewInvitation, State as Fate, service};
use crate::{
    Admin,
    people::frame::{self, Tab},
    profile::optional,
    settings::{self, Saved},
    users::{Email, Role},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Invitations.href(), get(list).post(create))
        .route("/identity/people/invitations/{id}/revoke", post(revoke))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct InvitationForm {
    email: String,
    role: String,
    days: String,
}

impl Default for InvitationForm {
    fn default() -> Self {
        Self {
            email: String::new(),
            role: Role::User.as_str().to_owned(),
            days: super::model::DEFAULT_DAYS.to_string(),
        }
    }
}

impl InvitationForm {
    fn read(&self) -> Result<NewInvitation, Problem> {
        let email = optional::<Email>(&self.email)?;
        let role = Role::parse(&self.role).ok_or_else(|| {
            Problem::invalid_field("role", "unknown_role", "Choose admin, user or agent.")
        })?;
        // What is no number is no number of days that is allowed.
        let days = self.days.trim().parse().unwrap_or(0);
        Ok(NewInvitation::new(email, role, Some(days))?)
    }
}

async fn list(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Query(query): Query<PageQuery>,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let invitations = page_of(&app, &query).await?;
    let form = form_card(&chrome, &InvitationForm::default(), &[]);
    let body = html! { (form) (list_card(&chrome, &invitations)) };
    Ok(frame::frame(&chrome, Tab::Invitations, saved, body))
}

async fn page_of(app: &App, query: &PageQuery) -> Result<Page<Invitation>, Problem> {
    let limit = query.limit();
    let rows = service::list(&app.db, &app.clock, query.after()?, limit + 1).await?;
    Ok(Page::of(rows, limit, |invitation| invitation.id))
}

/// Answers with the page itself: the link must not go through an address.
async fn create(
    State(app): State<App>,
    Extension(chrome): Extension<Chrome>,
    _: Admin,
    Form(form): Form<InvitationForm>,
) -> Result<Response, Problem> {
    let made = match form.read() {
        Ok(new) => service::create(&app.db, &app.clock, &app.sealer, &new)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let (status, head) = match made {
        Ok(created) => (StatusCode::CREATED, created_card(&created)),
        Err(problem) if problem.status == StatusCode::CONFLICT => {
            let refusal = notice(NoticeKind::Problem, html! { p { (problem.detail) } });
            let form = form_card(&chrome, &form, &[]);
            (problem.status, html! { (refusal) (form) })
        }
        Err(problem) => {
            let status = problem.status;
            let errors = settings::field_errors(problem)?;
            (status, form_card(&chrome, &form, &errors))
        }
    };
    let invitations = page_of(&app, &PageQuery::default()).await?;
    let body = html! { (head) (list_card(&chrome, &invitations)) };
    let page = frame::frame(&chrome, Tab::Invitations, Saved::no(), body);
    Ok((status, page).into_response())
}

async fn revoke(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<InvitationId>,
) -> Result<Response, Problem> {
    service::revoke(&app.db, id).await?;
    Ok(frame::redirect(Tab::Invitations.href()))
}

fn created_card(created: &Created) -> Markup {
    let (start, end) = created
        .path
        .split_at_checked(created.path.len() / 2)
        .unwrap_or_default();
    card(
        "The invitation",
        html! {
            (notice(NoticeKind::Success, html! {
                p {
                    "Copy the address of this link now and hand it over. It is not shown again."
                    @if let Some(email) = &created.invitation.email {
                        " It was also put into the mail to " strong { (email) } "."
                    }
                }
            }))
            p { a href=(created.path) { code.secret { (start) wbr; (end) } } }
            p.actions { a.button.quiet href=(Tab::Invitations.href()) { "Done" } }
        },
    )
}

fn form_card(chrome: &Chrome, form: &InvitationForm, errors: &[FieldError]) -> Markup {
    let roles = [
        ("user", "User"),
        ("agent", "Agent: reads and drafts"),
        ("admin", "Administrator"),
    ];
    card(
        "Invite somebody",
        html! {
            (form_errors(errors))
            form.form method="post" action=(Tab::Invitations.href()) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Email", name: "email", value: &form.email, kind: FieldKind::Email,
                    autocomplete: Some("off"), error: error_of(errors, "email"),
                    hint: Some("The invitation is sent there and is for this address alone. Leave it empty to hand the link over yourself."),
                    ..Field::default()
                }))
                (select_field(&Field {
                    label: "Role", name: "role", value: &form.role, required: true,
                    error: error_of(errors, "role"), ..Field::default()
                }, &roles))
                (text_field(&Field {
                    label: "Days until it ends", name: "days", value: &form.days,
                    kind: FieldKind::Integer, required: true, error: error_of(errors, "days"),
                    ..Field::default()
                }))
                div.actions { (submit("Make an invitation")) }
            }
        },
    )
}

fn list_card(chrome: &Chrome, invitations: &Page<Invitation>) -> Markup {
    let columns = [
        Column::text("email", "For").fixed(),
        Column::text("role", "Role").fixed(),
        Column::text("state", "State").fixed(),
        Column::text("made", "Made").fixed(),
        Column::text("ends", "Ends").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "invitations",
        caption: "Invitations",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for invitation in &invitations.items { (row(chrome, invitation)) } };
    let next_href = invitations
        .next_cursor
        .as_ref()
        .map(|cursor| format!("{}?cursor={cursor}", Tab::Invitations.href()));
    card(
        "Invitations",
        html! {
            @if invitations.items.is_empty() { p { "Nobody was invited yet." } }
            @else { (data_table(&table, rows, None)) }
            (pagination(next_href.as_deref()))
        },
    )
}

fn row(chrome: &Chrome, invitation: &Invitation) -> Markup {
    html! {
        tr {
            (td("For", html! { (invitation.email.as_deref().unwrap_or("whoever has the link")) }))
            (td("Role", html! { (invitation.role.as_str()) }))
            (td("State", badge(invitation.state.as_str())))
            (td("Made", settings::instant(chrome, invitation.created_at)))
            (td("Ends", settings::instant(chrome, invitation.expires_at)))
            (td("Action", html! {
                @if invitation.state != Fate::Accepted {
                    form method="post"
                        action=(format!("/identity/people/invitations/{}/revoke", invitation.id.0)) {
                        (csrf_field(chrome))
                        (submit_quiet("Revoke"))
                    }
                }
            }))
        }
    }
}
