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
    App, Chrome, FieldError, Form, Page, PageQuery, Path, Problem, Query,
    components::{
        Column, DataTable, Field, NoticeKind, card, csrf_field, data_table, error_of, notice,
        pagination, submit, submit_quiet, td, text_field,
    },
};

use super::{CreatedToken, NewToken, Token, TokenError, TokenId, service, store};
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
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
    Query(saved): Query<Saved>,
) -> Result<Markup, Problem> {
    let tokens = page_of(&app, &viewer, &query).await?;
    let form = form_card(&viewer.chrome, "", &[]);
    let body = html! { (form) (list_card(&viewer.chrome, &tokens)) };
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
    let made = make(&app, &viewer, &form.name).await;
    let tokens = page_of(&app, &viewer, &PageQuery::default()).await?;
    let (status, head) = match made {
        Ok(created) => (StatusCode::CREATED, created_card(&created)),
        Err(error) => {
            let errors = settings::field_errors(error.into())?;
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                form_card(&viewer.chrome, &form.name, &errors),
            )
        }
    };
    let body = html! { (head) (list_card(&viewer.chrome, &tokens)) };
    let page = settings::frame(&viewer.chrome, Tab::Tokens, Saved::no(), body);
    Ok((status, page).into_response())
}

async fn make(app: &App, viewer: &Viewer, name: &str) -> Result<CreatedToken, TokenError> {
    let new = NewToken::new(name)?;
    let mut tx = app.db.write(viewer.user_id).await?;
    let created = service::create(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    Ok(created)
}

async fn revoke(
    State(app): State<App>,
    _: Recent,
    _: Holder,
    viewer: Viewer,
    Path(id): Path<TokenId>,
) -> Result<Response, Problem> {
    service::revoke(app.db.write(viewer.user_id).await?, id).await?;
    Ok(Saved::redirect(Tab::Tokens))
}

fn created_card(created: &CreatedToken) -> Markup {
    card(
        "Your new token",
        html! {
            (notice(NoticeKind::Success, html! {
                p { "Copy the token “" (created.token.name) "” now. It is not shown again." }
            }))
            // May break in the middle on a phone; a copy of it does not.
            @let (start, end) = created.secret.split_at(created.secret.len() / 2);
            p { code.secret { (start) wbr; (end) } }
            p.hint { "Send it as " code { "Authorization: Bearer " (created.token.prefix) "…" } "." }
            p.actions { a.button.quiet href=(Tab::Tokens.href()) { "Done" } }
        },
    )
}

fn form_card(chrome: &Chrome, name: &str, errors: &[FieldError]) -> Markup {
    card(
        "New API token",
        html! {
            p.hint {
                "Programs use a token in place of your password, with all of your rights. Make one for "
                "each, so that you can revoke it alone. The API is described in the "
                a href="/api/browser/" { "API browser" } "."
            }
            form.form method="post" action=(Tab::Tokens.href()) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "What it is for", name: "name", value: name, required: true,
                    error: error_of(errors, "name"), autocomplete: Some("off"),
                    placeholder: Some("Backup script"), ..Field::default()
                }))
                div.actions { (submit("Make a token")) }
            }
        },
    )
}

fn list_card(chrome: &Chrome, tokens: &Page<Token>) -> Markup {
    let columns = [
        Column::text("name", "Name").fixed(),
        Column::text("prefix", "Begins with").fixed(),
        Column::text("created", "Made").fixed(),
        Column::text("last_used", "Last used").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "tokens",
        caption: "Your API tokens",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! { @for token in &tokens.items { (token_row(chrome, token)) } };
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

fn token_row(chrome: &Chrome, token: &Token) -> Markup {
    html! {
        tr {
            (td("Name", html! { (token.name) }))
            (td("Begins with", html! { code { (token.prefix) "…" } }))
            (td("Made", settings::instant(chrome, token.created_at)))
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
