use axum::{
    Extension, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use checks::Checks;
use identity::{SignedIn, Viewer};
use maud::{Markup, html};
use web::{
    App, Problem,
    components::{self as ui, Check, CheckState},
};

use crate::{demo, scope};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/welcome", get(show))
        .route("/welcome/sample", post(load))
        .route("/welcome/remove", post(remove))
}

async fn show(
    State(app): State<App>,
    Extension(checks): Extension<Checks>,
    who: SignedIn,
    viewer: Viewer,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let has_sample = portfolios.iter().any(|portfolio| portfolio.is_simulated);
    let checks = self_checks(&app, &checks, who.is_admin).await;
    let first_steps = identity::onboarding::strip(&app, &viewer).await?;
    let main = html! {
        div.stack {
            h1 { "Welcome to Bursar" }
            p.lead { "Every figure here follows from transactions that you can see, edit, export and take back." }
            (first_steps)
            div.grid-auto {
                section.card {
                    h2 { "Start mine" }
                    p { "Open a portfolio in your currency, then import an export of your broker or add transactions by hand." }
                    (ui::link_button("Start mine", "/portfolio/portfolios/new", true))
                }
                section.card {
                    h2 { "Explore the demo" }
                    p {
                        "Three portfolios of an invented household with six years of prices. "
                        (ui::simulated_mark()) " Nothing in it is real, it needs no network, and one click removes it."
                    }
                    @if has_sample {
                        div.actions {
                            (ui::link_button("Open the dashboard", "/", false))
                            form method="post" action="/welcome/remove" { (ui::csrf_field(&viewer.chrome)) (ui::submit_danger("Remove the sample")) }
                        }
                    } @else {
                        form method="post" action="/welcome/sample" { (ui::csrf_field(&viewer.chrome)) (ui::submit_quiet("Explore the demo")) }
                    }
                }
            }
            (ui::check_strip(&checks))
            @if who.is_admin { p { (ui::link_button("All checks and their remedies", "/doctor", false)) } }
        }
    };
    Ok(web::page(&viewer.chrome, "Welcome", main))
}

/// What `bursar doctor` says, and what is not connected. How this machine is set up concerns those who
/// run it alone.
async fn self_checks(app: &App, checks: &Checks, is_owner: bool) -> Vec<Check> {
    let check = |name: &str, state, text: &str| Check {
        name: capitalized(name),
        state,
        text: text.to_owned(),
    };
    let facts = checks.facts(&app.db, &app.clock, true).await;
    let mut checks: Vec<Check> = facts
        .into_iter()
        .filter(|fact| is_owner || fact.name.starts_with("database."))
        .map(|fact| {
            let state = match fact.state {
                db::FactState::Good => CheckState::Ok,
                db::FactState::Doubtful => CheckState::Warn,
                db::FactState::Bad => CheckState::Fail,
            };
            check(&fact.name.replace(['.', '_'], " "), state, &fact.text)
        })
        .collect();
    checks.push(check(
        "price source",
        CheckState::Warn,
        "Prices come from files that you import; no source is connected.",
    ));
    checks.push(check(
        "mail",
        CheckState::Warn,
        "No mail server is connected; `bursar user reset-password` prints a link instead.",
    ));
    checks
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

async fn load(State(app): State<App>, viewer: Viewer) -> Result<Redirect, Problem> {
    demo::load(&app, viewer.user_id).await?;
    Ok(Redirect::to("/"))
}

async fn remove(State(app): State<App>, viewer: Viewer) -> Result<Redirect, Problem> {
    demo::remove(&app, viewer.user_id).await?;
    Ok(Redirect::to("/welcome"))
}
