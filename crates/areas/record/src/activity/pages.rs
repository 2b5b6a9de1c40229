use axum::{Router, extract::State, routing::get};
use identity::{Saved, SignedIn, Tab, Viewer, instant, settings_frame};
use maud::{Markup, html};
use web::{
    App, Chrome, Page, Problem, Query, QueryString,
    components::{
        Column, DataTable, Field, card, card_with, data_table, empty_state, link_button,
        pagination, select_field, submit_quiet, td,
    },
};

use super::{
    Activity,
    model::{ActivityQuery, in_words},
    store,
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route(Tab::Activity.href(), get(list))
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    who: SignedIn,
    Query(query): Query<ActivityQuery>,
) -> Result<Markup, Problem> {
    let page = query.page();
    let limit = page.limit();
    let mut tx = app.db.read(viewer.user_id).await?;
    let kinds = store::kinds(&mut tx).await?;
    let rows = store::list(&mut tx, query.kind().as_deref(), page.after()?, limit + 1).await?;
    drop(tx);
    let deeds = Page::of(rows, limit, |deed| (deed.at, deed.id));
    let body = html! {
        (list_card(&viewer.chrome, &query, &kinds, &deeds))
        @if who.is_admin { (operator_card()) }
    };
    Ok(settings_frame(
        &viewer.chrome,
        Tab::Activity,
        Saved::no(),
        body,
    ))
}

fn list_card(
    chrome: &Chrome,
    query: &ActivityQuery,
    kinds: &[String],
    deeds: &Page<Activity>,
) -> Markup {
    let columns = [
        Column::text("at", "When").fixed(),
        Column::text("type", "What").fixed(),
        Column::text("channel", "By").fixed(),
        Column::text("address", "Address").fixed(),
        Column::text("agent", "Agent").fixed(),
    ];
    let table = DataTable {
        id: "activity",
        caption: "What you did, and programs in your name",
        columns: &columns,
        csv_href: None,
    };
    let next_href = deeds.next_cursor.as_deref().map(|cursor| {
        let mut next = QueryString::new();
        next.push("type", query.kind().as_deref());
        next.push("cursor", Some(cursor));
        format!("{}{}", Tab::Activity.href(), next.finish())
    });
    let rows = html! { @for deed in &deeds.items { (row(chrome, deed)) } };
    card(
        "Activity",
        html! {
            @if !kinds.is_empty() { (filter(query, kinds)) }
            @if !deeds.items.is_empty() {
                (data_table(&table, rows, None))
                (pagination(next_href.as_deref()))
            } @else if query.kind().is_some() {
                p { "Nothing of this kind is on record." }
            } @else {
                (empty_state(
                    "Nothing is on record yet",
                    "What you change, sign in to, import or export stands here for 90 days.",
                    ("Open the dashboard", "/"),
                    None,
                ))
            }
            p.hint { "Kept for 90 days, by whole months. Nobody else sees it on a page." }
        },
    )
}

fn filter(query: &ActivityQuery, kinds: &[String]) -> Markup {
    let words: Vec<(&str, String)> = kinds.iter().map(|kind| (&**kind, in_words(kind))).collect();
    let mut options = vec![("", "Everything")];
    options.extend(words.iter().map(|(kind, words)| (*kind, &**words)));
    html! {
        form.filters method="get" action=(Tab::Activity.href()) aria-label="Which deeds" {
            (select_field(&Field {
                label: "What", name: "type", value: query.kind().as_deref().unwrap_or(""), required: true,
                ..Field::default()
            }, &options))
            (submit_quiet("Show"))
        }
    }
}

fn row(chrome: &Chrome, deed: &Activity) -> Markup {
    html! {
        tr {
            (td("When", instant(chrome, deed.at)))
            (td("What", html! {
                (in_words(&deed.r#type))
                @if let Some(id) = &deed.resource_id { br; code { (id) } }
            }))
            (td("By", html! {
                @match deed.channel.as_str() {
                    "page" => "a page",
                    "api" => "the API",
                    _ => "the command line",
                }
            }))
            (td("Address", html! { (deed.address.as_deref().unwrap_or("–")) }))
            (td("Agent", html! { (deed.agent.as_deref().unwrap_or("–")) }))
        }
    }
}

fn operator_card() -> Markup {
    card_with(
        "This server",
        link_button("Logs", "/record/logs", false),
        html! { p { "Warnings and errors of the process, for whoever runs it." } },
    )
}
