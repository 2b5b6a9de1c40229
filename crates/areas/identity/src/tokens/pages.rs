use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Page, PageQuery, Path, Problem, Query,
    components::{
        Column, DataTable, Field, FieldKind, NoticeKind, badge, card, checkbox, csrf_field,
        data_table, error_of, notice, pagination, select_field, submit, submit_quiet, td,
        text_field,
    },
};

use super::{
    CreatedToken, Expiry, NewToken, Scope, Token, TokenError, TokenId, expiry::USUAL, service,
    store,
};
use crate::{
    Viewer,
    proofs::Recent,
    sessions::Holder,
    settings::{self, Saved, Tab},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Tab::Tokens.href(), get(list).post(create))
        .route("/identity/settings/tokens/{id}/revoke", post(revoke))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    name: String,
    scope: String,
    /// The last day; empty is the usual time.
    expires: String,
    never: Option<String>,
}

impl TokenForm {
    /// As it is shown first.
    fn fresh(viewer: &Viewer) -> Self {
        let usual = viewer.today.checked_add(USUAL).unwrap_or(viewer.today);
        Self {
            scope: Scope::default().as_str().to_owned(),
            expires: usual.to_string(),
            ..Self::default()
        }
    }

    fn read(&self) -> Result<NewToken, TokenError> {
        let scope = match self.scope.as_str() {
            "" => Scope::default(),
            word => Scope::parse(word).ok_or_else(|| TokenError::InvalidScope {
                word: word.to_owned(),
            })?,
        };
        let expires = match self.expires.as_str() {
            _ if self.never.is_some() => Expiry::Never,
            "" => Expiry::default(),
            day => Expiry::parse(day)?,
        };
        Ok(NewToken::new(&self.name)?.with_scope(scope).until(expires))
    }
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let tokens = page_of(&app, &viewer, &query).await?;
    let form = form_card(&viewer.chrome, &TokenForm::fresh(&viewer), &[]);
    let list = list_card(&viewer.chrome, &tokens, app.clock.now());
    let body = html! { (form) (list) };
    Ok(settings::frame(&viewer.chrome, Tab::Tokens, saved, body))
}

async fn page_of(app: &App, viewer: &Viewer, query: &PageQuery) -> Result<Page<Token>, Problem> {
    let limit = query.limit();
    let mut tx = app.db.read(viewer.user_id).await?;
    let rows = store::list(&mut tx, query.after()?, limit + 1).await?;
    Ok(Page::of(rows, limit, |token| token.id))
}

/// Answers with the page itself: the secret must not go through an address or the database.
async fn create(
    State(app): State<App>,
    _: Recent,
    _: Holder,
    viewer: Viewer,
    Form(form): Form<TokenForm>,
) -> Result<Response, Problem> {
    let made = make(&app, &viewer, &form).await;
    let tokens = page_of(&app, &viewer, &PageQuery::default()).await?;
    let (status, head) = match made {
        Ok(created) => (StatusCode::CREATED, created_card(&viewer.chrome, &created)),
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                form_card(&viewer.chrome, &form, &errors),
            )
        }
    };
    let list = list_card(&viewer.chrome, &tokens, app.clock.now());
    let body = html! { (head) (list) };
    let page = settings::frame(&viewer.chrome, Tab::Tokens, Saved::no(), body);
    Ok((status, page).into_response())
}

async fn make(app: &App, viewer: &Viewer, form: &TokenForm) -> Result<CreatedToken, TokenError> {
    let new = form.read()?;
    let mut tx = app.db.write(viewer.user_id).await?;
    let created = service::create(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    Ok(created)
}

async fn revoke(
    State(app): State<App>,
    _: Holder,
    viewer: Viewer,
    Path(id): Path<TokenId>,
) -> Result<Response, Problem> {
    service::revoke(app.db.write(viewer.user_id).await?, id).await?;
    Ok(Saved::redirect(Tab::Tokens))
}

fn created_card(chrome: &Chrome, created: &CreatedToken) -> Markup {
    card(
        "Your new token",
        html! {
            (notice(NoticeKind::Success, html! {
                p { "Copy the token “" (created.token.name) "” now. It is not shown again." }
            }))
            // May break in the middle on a phone; a copy of it does not.
            @let (start, end) = created.secret.split_at(created.secret.len() / 2);
            p { code.secret { (start) wbr; (end) } }
            p {
                (created.token.scope.label()) ". "
                @match created.token.expires_at {
                    Some(end) => { "It works until " (settings::instant(chrome, end)) "." }
                    None => "It works until you revoke it.",
                }
            }
            p.hint { "Send it as " code { "Authorization: Bearer " (created.token.prefix) "…" } "." }
            p.actions { a.button.quiet href=(Tab::Tokens.href()) { "Done" } }
        },
    )
}

fn form_card(chrome: &Chrome, form: &TokenForm, errors: &[FieldError]) -> Markup {
    let scopes = Scope::ALL.map(|scope| (scope.as_str(), scope.label()));
    card(
        "New API token",
        html! {
            p.hint {
                "Programs use a token in place of your password. Make one for each, with no more rights "
                "than it needs, so that you can revoke it alone. The API is described in the "
                a href="/api/browser/" { "API browser" } "."
            }
            form.form method="post" action=(Tab::Tokens.href()) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "What it is for", name: "name", value: &form.name, required: true,
                    error: error_of(errors, "name"), autocomplete: Some("off"),
                    placeholder: Some("Backup script"), ..Field::default()
                }))
                (select_field(&Field {
                    label: "What it may do", name: "scope", value: &form.scope, required: true,
                    error: error_of(errors, "scope"), ..Field::default()
                }, &scopes))
                (text_field(&Field {
                    label: "Works through", name: "expires", value: &form.expires,
                    kind: FieldKind::Date, error: error_of(errors, "expires"),
                    hint: Some("The last day, in UTC. Left empty: 90 days."), ..Field::default()
                }))
                (checkbox("Never expires", "never", form.never.is_some(), None))
                div.actions { (submit("Make a token")) }
            }
        },
    )
}

fn list_card(chrome: &Chrome, tokens: &Page<Token>, now: Timestamp) -> Markup {
    let columns = [
        Column::text("name", "Name").fixed(),
        Column::text("prefix", "Begins with").fixed(),
        Column::text("scope", "Scope").fixed(),
        Column::text("created", "Made").fixed(),
        Column::text("expires", "Expires").fixed(),
        Column::text("last_used", "Last used").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "tokens",
        caption: "Your API tokens",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for token in &tokens.items { (token_row(chrome, token, now)) } };
    let next_href = tokens
        .next_cursor
        .as_ref()
        .map(|cursor| format!("{}?cursor={cursor}", Tab::Tokens.href()));
    card(
        "Your API tokens",
        html! {
            @if tokens.items.is_empty() { p { "There is no token." } }
            @else { (data_table(&table, rows, None)) }
            (pagination(next_href.as_deref()))
        },
    )
}

fn token_row(chrome: &Chrome, token: &Token, now: Timestamp) -> Markup {
    html! {
        tr {
            (td("Name", html! { (token.name) }))
            (td("Begins with", html! { code { (token.prefix) "…" } }))
            (td("Scope", html! { (token.scope.as_str()) }))
            (td("Made", settings::instant(chrome, token.created_at)))
            (td("Expires", html! {
                @match token.expires_at {
                    Some(end) => (settings::instant(chrome, end)),
                    None => "never",
                }
                @if token.is_expired(now) { " " (badge("expired")) }
            }))
            (td("Last used", html! {
                @match token.last_used_at {
                    Some(at) => (settings::instant(chrome, at)),
                    None => "never",
                }
            }))
            (td("Action", html! {
                form method="post"
                    action=(format!("/identity/settings/tokens/{}/revoke", token.id.0)) {
                    (csrf_field(chrome))
                    (submit_quiet("Revoke"))
                }
            }))
        }
    }
}
