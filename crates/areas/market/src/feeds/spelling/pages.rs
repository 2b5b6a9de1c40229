//! The operator's page of how sources write an instrument.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use identity::{Admin, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, FieldError, Form, Path, Problem,
    components::{
        self as c, Column, DataTable, Field, card, csrf_field, data_table, error_of, form_errors,
        link_button, select_field, submit, submit_quiet, td, text_field,
    },
    page,
};

use super::{Error, LONGEST, Spelling};
use crate::{InstrumentId, feeds::model};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/market/instruments/{id}/spellings", get(show).post(state))
        .route(
            "/market/instruments/{id}/spellings/{source}/withdraw",
            post(withdraw),
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    source: String,
    symbol: String,
}

fn home(id: InstrumentId) -> String {
    format!("/market/instruments/{id}/spellings")
}

async fn show(
    State(app): State<App>,
    _: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<Markup, Problem> {
    render(&app, &viewer.chrome, id, &Fields::default(), &[]).await
}

async fn state(
    State(app): State<App>,
    admin: Admin,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let provider = model::named(&fields.source)?;
    match super::state(&app.db, id, provider, &fields.symbol, admin.user_id).await {
        Ok(()) => Ok(Redirect::to(&home(id)).into_response()),
        Err(Error::Invalid(error)) => {
            let form = render(&app, &viewer.chrome, id, &fields, &[error]).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(
    State(app): State<App>,
    admin: Admin,
    Path((id, source)): Path<(InstrumentId, String)>,
) -> Result<Redirect, Problem> {
    let provider = model::named(&source)?;
    super::withdraw(&app.db, id, provider, admin.user_id).await?;
    Ok(Redirect::to(&home(id)))
}

async fn render(
    app: &App,
    chrome: &Chrome,
    id: InstrumentId,
    fields: &Fields,
    errors: &[FieldError],
) -> Result<Markup, Problem> {
    let (symbol, spellings) = super::list(&app.db, id).await?;
    let title = format!("How sources write {symbol}");
    let of = format!("/market/instruments/{id}");
    let trail = [
        ("Instruments", "/market/instruments"),
        (symbol.as_str(), of.as_str()),
    ];
    Ok(page(
        chrome,
        &title,
        html! {
            (c::breadcrumb(&trail, "How sources write it"))
            (c::page_head(&title, html! { (link_button("Back", &of, false)) }))
            p.lead {
                "A source is asked only for what is this instrument for certain. Where that does not follow from "
                "its exchange, class and currency, say here what the source calls it."
            }
            (card("Sources", table(chrome, id, &spellings)))
            (card("State how a source writes it", form(chrome, id, &spellings, fields, errors)))
        },
    ))
}

fn table(chrome: &Chrome, id: InstrumentId, spellings: &[Spelling]) -> Markup {
    let columns = [
        Column::text("source", "Source").fixed(),
        Column::text("symbol", "Asked for").fixed(),
        Column::text("by", "Because").fixed(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "spellings",
        caption: "What each source is asked for",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for spelling in spellings {
            tr {
                (td("Source", html! { (spelling.provider.describe().name) }))
                @match (&spelling.stated, &spelling.computed) {
                    (Some(stated), _) => {
                        (td("Asked for", html! { code { (stated) } }))
                        (td("Because", html! { "It is stated." }))
                    }
                    (None, Ok(computed)) => {
                        (td("Asked for", html! { code { (computed) } }))
                        (td("Because", html! { "It follows from exchange and class." }))
                    }
                    (None, Err(why)) => {
                        (td("Asked for", c::missing("it is not asked")))
                        (td("Because", html! { (why) "." }))
                    }
                }
                (td("Action", html! {
                    @if spelling.stated.is_some() {
                        form method="post" action=(format!("{}/{}/withdraw", home(id), spelling.provider)) {
                            (csrf_field(chrome)) (submit_quiet("Withdraw"))
                        }
                    }
                }))
            }
        }
    };
    data_table(&table, rows, None)
}

fn form(
    chrome: &Chrome,
    id: InstrumentId,
    spellings: &[Spelling],
    fields: &Fields,
    errors: &[FieldError],
) -> Markup {
    let options: Vec<(&str, &str)> = spellings
        .iter()
        .map(|spelling| spelling.provider)
        .map(|provider| (provider.as_str(), provider.describe().name))
        .collect();
    let hint = format!(
        "Exactly as the source does, in {LONGEST} characters at most. At Twelve Data VOD@XLON stands for the \
         ticker VOD on the market XLON, AAPL@US for a country."
    );
    html! {
        (form_errors(errors))
        form method="post" action=(home(id)) {
            (csrf_field(chrome))
            div.fields {
                (select_field(&Field {
                    label: "Source", name: "source", value: &fields.source, ..Field::default()
                }, &options))
                (text_field(&Field {
                    label: "Symbol", name: "symbol", value: &fields.symbol, hint: Some(&hint),
                    error: error_of(errors, "symbol"), required: true, ..Field::default()
                }))
            }
            div.actions { (submit("State it")) }
        }
    }
}
