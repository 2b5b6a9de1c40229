//! What `bursar doctor` prints, as a page for whoever runs the instance.

use axum::{Extension, Router, extract::State, routing::get};
use checks::Checks;
use db::{Fact, FactState};
use identity::{SignedIn, Viewer};
use maud::{Markup, html};
use seal::{RotationError, Sealer};
use web::{
    App, Problem,
    components::{self as ui, Column, DataTable, data_table, td},
};

pub(crate) fn router(checks: &Checks) -> Router<App> {
    Router::new()
        .route("/doctor", get(show))
        .layer(Extension(checks.clone()))
}

async fn show(
    State(app): State<App>,
    Extension(checks): Extension<Checks>,
    who: SignedIn,
    viewer: Viewer,
) -> Result<Markup, Problem> {
    // To everybody else the page does not exist.
    if !who.is_admin {
        return Err(Problem::not_found("page"));
    }
    let mut facts = checks.facts(&app.db, &app.clock, true).await;
    let missing = seal::check_keys(&app.db, &app.sealer).await.err();
    facts.push(encryption(&app.sealer, missing));
    facts.push(market::lifetimes::fact(&app.db, app.clock.now()).await);
    let rank = |state: FactState| match state {
        FactState::Bad => 0,
        FactState::Doubtful => 1,
        FactState::Good => 2,
    };
    facts.sort_by_key(|fact| rank(fact.state));
    let columns = [
        Column::text("check", "Check").fixed(),
        Column::text("state", "State").fixed(),
        Column::text("finding", "Finding and remedy").fixed(),
    ];
    let rows = html! {
        @for fact in &facts {
            tr {
                (td("Check", html! { code { (fact.name) } }))
                (td("State", html! { (ui::badge(word(fact.state))) }))
                (td("Finding and remedy", html! { (fact.text) }))
            }
        }
    };
    let table = DataTable {
        id: "checks",
        caption: "Checks of this instance",
        columns: &columns,
        csv_href: None,
    };
    let main = html! {
        (ui::page_head("Doctor", html! {}))
        p.lead { (verdict(&facts)) }
        (data_table(&table, rows, None))
        p.hint { "The same list is printed by " code { "bursar doctor" } " on the server." }
    };
    Ok(web::page(&viewer.chrome, "Doctor", main))
}

fn word(state: FactState) -> &'static str {
    match state {
        FactState::Good => "ok",
        FactState::Doubtful => "look",
        FactState::Bad => "fail",
    }
}

/// The keys of what is stored encrypted, and whether one that is needed is missing.
pub(crate) fn encryption(sealer: &Sealer, missing: Option<RotationError>) -> Fact {
    let keys = sealer.keys();
    let active = keys.iter().find(|key| key.is_active);
    let (state, text) = match (missing, active) {
        // A schema that is not there yet holds nothing encrypted.
        (Some(RotationError::Seal(error)), _) => (FactState::Bad, error.to_string()),
        (Some(RotationError::Database(error)), Some(_)) if !is_missing(&error) => (
            FactState::Doubtful,
            format!("whether stored values can be read is not known: {error}"),
        ),
        (_, Some(key)) => {
            let (count, id, origin) = (keys.len(), key.id, &key.origin);
            (
                FactState::Good,
                format!("{count} keys; {id} ({origin}) seals new values"),
            )
        }
        (_, None) => (
            FactState::Good,
            "no key yet; the first start makes one".to_owned(),
        ),
    };
    Fact {
        name: "data.encryption",
        state,
        text,
    }
}

/// Whether the tables are not there yet.
fn is_missing(error: &db::Error) -> bool {
    let db::Error::Internal(source) = error else {
        return false;
    };
    let said = source.as_database_error();
    let code = said.and_then(|said| said.code().map(std::borrow::Cow::into_owned));
    code.is_some_and(|code| ["42P01", "42883", "3F000", "42704"].contains(&code.as_str()))
}

fn verdict(facts: &[Fact]) -> String {
    let count = |state| facts.iter().filter(|fact| fact.state == state).count();
    match (count(FactState::Bad), count(FactState::Doubtful)) {
        (0, 0) => "Everything is as it should be.".to_owned(),
        (0, doubtful) => format!("{doubtful} to look at; the rest is as it should be."),
        (bad, doubtful) => format!("{bad} wrong, {doubtful} to look at."),
    }
}
