use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use identity::Viewer;
use market::{
    CorporateAction, CorporateActionId,
    stated_by::{self, BY_HAND},
};
use maud::{Markup, html};
use money::Currency;
use web::{
    App, Chrome, Path, Problem, Query,
    components::{self as ui, NoticeKind},
};

use super::{
    Proposal, Status,
    judge::Judgement,
    preview::{Figures, PositionView, Preview},
    service,
};
use crate::{
    portfolios::PortfolioId,
    scope::{self, Scope},
};

const HOME: &str = "/portfolio/corporate-actions";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(HOME, get(list))
        .route("/portfolio/corporate-actions/apply-all", post(apply_all))
        .route(
            "/portfolio/corporate-actions/{portfolio_id}/{id}",
            get(show),
        )
        .route(
            "/portfolio/corporate-actions/{portfolio_id}/{id}/apply",
            post(apply),
        )
        .route(
            "/portfolio/corporate-actions/{portfolio_id}/{id}/decline",
            post(decline),
        )
        .route(
            "/portfolio/corporate-actions/{portfolio_id}/{id}/reopen",
            post(reopen),
        )
        .route(
            "/portfolio/corporate-actions/{portfolio_id}/{id}/reverse",
            post(reverse),
        )
}

fn status_label(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::Outdated => "Corrected after it was applied",
        Status::Withdrawn => "Deleted after it was applied",
        Status::Applied => "Applied",
        Status::Recorded => "Recorded by hand or import",
        Status::Declined => "Declined",
    }
}

fn href_of(proposal: &Proposal) -> String {
    let portfolio = proposal.portfolio_id.0;
    format!("{HOME}/{portfolio}/{}", proposal.action.id)
}

async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let found = service::list(&app, viewer.user_id, viewer.today, scope.portfolio).await?;
    let (waiting, mut decided): (Vec<Proposal>, Vec<Proposal>) = found
        .into_iter()
        .partition(|proposal| proposal.status.needs_decision());
    decided.reverse();
    let open = waiting
        .iter()
        .filter(|p| p.status == Status::Open && p.obstacle.is_none())
        .count();
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::page_head("Corporate actions", html! {
            @if open > 1 {
                form method="post" action="/portfolio/corporate-actions/apply-all" {
                    (ui::csrf_field(chrome))
                    @if let Some(id) = scope.portfolio {
                        input type="hidden" name="portfolio_id" value=(id.0);
                    }
                    (ui::submit(&format!("Apply all {open}")))
                }
            }
        }))
        (scope::views(&scope, HOME))
        (scope.tabs(HOME, &portfolios, &[]))
        (scope.only_now())
        @if waiting.is_empty() && decided.is_empty() {
            (ui::empty_state(
                "No corporate actions",
                "Splits, spin-offs, mergers, new symbols and payments appear here as soon as one is known of an instrument that you hold on the eve of it.",
                ("Holdings", "/portfolio/holdings"),
                None,
            ))
        } @else {
            (ui::card("Waiting for your decision", html! {
                @if waiting.is_empty() { p.hint { "Nothing waits." } }
                @else { (table(chrome, "Waiting", &waiting)) }
            }))
            @if !decided.is_empty() { (ui::card("Decided", table(chrome, "Decided", &decided))) }
        }
    };
    Ok(web::page(chrome, "Corporate actions", main))
}

fn table(chrome: &Chrome, caption: &str, proposals: &[Proposal]) -> Markup {
    html! {
        table.data.cards {
            caption.visually-hidden { (caption) }
            thead { tr {
                (ui::th("Ex-date")) (ui::th("Instrument")) (ui::th("Action")) (ui::th("Terms"))
                (ui::th("Portfolio")) (ui::th_num("Held before")) (ui::th("Status")) (ui::th(""))
            } }
            tbody {
                @for proposal in proposals { (row(chrome, proposal)) }
            }
        }
    }
}

fn row(chrome: &Chrome, proposal: &Proposal) -> Markup {
    let action = &proposal.action;
    html! {
        tr {
            (ui::td("Ex-date", ui::date(chrome, action.terms.ex_date)))
            (ui::td("Instrument", html! {
                a href=(format!("/market/instruments/{}", action.instrument_id)) { (action.symbol) }
            }))
            (ui::td("Action", html! { (action.label()) }))
            (ui::td("Terms", html! { (action.terms_text()) }))
            (ui::td("Portfolio", html! { (proposal.portfolio) }))
            (ui::td_num("Held before", ui::quantity(chrome, proposal.quantity)))
            (ui::td("Status", html! {
                (status_label(proposal.status))
                @if proposal.obstacle.is_some() && proposal.status == Status::Open { " (by hand)" }
            }))
            td.row-actions {
                a href=(href_of(proposal)) {
                    @if proposal.status.needs_decision() { "Review" } @else { "Show" }
                    span.visually-hidden { " " (title_of(action)) " in " (proposal.portfolio) }
                }
            }
        }
    }
}

fn title_of(action: &CorporateAction) -> String {
    format!("{} of {}", action.label(), action.symbol)
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> Result<Markup, Problem> {
    let judged = service::show(&app, viewer.user_id, viewer.today, portfolio, id).await?;
    let chrome = &viewer.chrome;
    let proposal = &judged.proposal;
    let title = title_of(&proposal.action);
    let main = html! {
        (ui::breadcrumb(&[("Corporate actions", HOME)], &title))
        (ui::page_head_with(&title, ui::badge(status_label(proposal.status)), html! {}))
        (explanation(proposal))
        (ui::card("Terms", facts(chrome, proposal)))
        @if let Some(preview) = &judged.preview {
            (ui::card("Before and after", changes(chrome, preview)))
        }
        (decision(chrome, &judged))
    };
    Ok(web::page(chrome, &title, main))
}

/// What the state means, where it is not plain.
fn explanation(proposal: &Proposal) -> Markup {
    let (kind, text) = match proposal.status {
        Status::Open | Status::Declined => match &proposal.obstacle {
            Some(obstacle) => (NoticeKind::Warning, obstacle.as_str()),
            None => return html! {},
        },
        Status::Outdated => (
            NoticeKind::Warning,
            "The action was corrected after you applied it. Your transaction is unchanged; applying again makes it what the action says now.",
        ),
        Status::Withdrawn => (
            NoticeKind::Warning,
            "The action was deleted after you applied it. Your transaction is unchanged; reversing deletes it.",
        ),
        Status::Recorded => (
            NoticeKind::Info,
            "A transaction of this type is recorded within three days of the action, so it counts as applied.",
        ),
        Status::Applied => return html! {},
    };
    ui::notice(kind, html! { p { (text) } })
}

fn facts(chrome: &Chrome, proposal: &Proposal) -> Markup {
    let action = &proposal.action;
    let fact = |term: &str, value: Markup| html! { div { dt { (term) } dd { (value) } } };
    html! {
        dl.facts {
            (fact("Portfolio", html! { (proposal.portfolio) }))
            (fact("Instrument", html! {
                a href=(format!("/market/instruments/{}", action.instrument_id)) { (action.symbol) }
            }))
            (fact("Ex-date", ui::date(chrome, action.terms.ex_date)))
            @if let Some(day) = action.terms.pay_date { (fact("Pay date", ui::date(chrome, day))) }
            (fact("Terms", html! { (action.terms_text()) }))
            (fact("Held on the eve", ui::quantity(chrome, proposal.quantity)))
            @if !action.note.is_empty() { (fact("Note", html! { (action.note) })) }
            @if action.source != BY_HAND { (fact("Source", html! { (stated_by::label(&action.source)) })) }
            @if let Some(id) = proposal.transaction_id {
                (fact("Transaction", html! {
                    a href=(format!("/portfolio/transactions/{id}/edit")) { "Open" }
                }))
            }
        }
    }
}

fn changes(chrome: &Chrome, preview: &Preview) -> Markup {
    let base = preview.base_currency;
    let pairs = preview
        .before
        .positions
        .iter()
        .zip(&preview.after.positions);
    let cash = preview.before.cash.iter().zip(&preview.after.cash);
    html! {
        table.data {
            caption.visually-hidden { "Figures before and after" }
            thead { tr { (ui::th("")) (ui::th_num("Before")) (ui::th_num("After")) } }
            tbody {
                @for (before, after) in pairs { (position(chrome, base, before, after)) }
                @for (before, after) in cash {
                    (line(&format!("Cash {}", before.currency),
                        ui::amount(chrome, before.amount, before.currency),
                        ui::amount(chrome, after.amount, after.currency)))
                }
            }
        }
        @if preview.before.positions.iter().chain(&preview.after.positions).any(|p| !p.lots.is_empty()) {
            details {
                summary { "Lots" }
                (ui::grid(&[lots(chrome, base, "Lots before", &preview.before), lots(chrome, base, "Lots after", &preview.after)]))
            }
        }
    }
}

fn line(label: &str, before: Markup, after: Markup) -> Markup {
    html! {
        tr {
            th scope="row" { (label) }
            (ui::td_num("Before", before))
            (ui::td_num("After", after))
        }
    }
}

fn position(
    chrome: &Chrome,
    base: Currency,
    before: &PositionView,
    after: &PositionView,
) -> Markup {
    let money = |amount| ui::amount(chrome, amount, base);
    let signed = |amount| ui::signed_amount(chrome, amount, base);
    let symbol = &before.symbol;
    let each = |view: &PositionView| match view.cost.checked_div(view.quantity) {
        Some(cost) => ui::price(chrome, cost, base),
        None => ui::missing("nothing is held"),
    };
    let of = |what: &str| format!("{symbol}: {what}");
    html! {
        (line(&of("quantity"), ui::quantity(chrome, before.quantity), ui::quantity(chrome, after.quantity)))
        (line(&of("cost"), money(before.cost), money(after.cost)))
        (line(&of("cost of one"), each(before), each(after)))
        (line(&of("realised gain"), signed(before.realized_gain), signed(after.realized_gain)))
        (line(&of("dividends"), money(before.dividends), money(after.dividends)))
        (line(&of("open lots"), html! { (before.lots.len()) }, html! { (after.lots.len()) }))
    }
}

fn lots(chrome: &Chrome, base: Currency, caption: &str, figures: &Figures) -> Markup {
    let all = figures
        .positions
        .iter()
        .flat_map(|position| position.lots.iter().map(move |lot| (position, lot)));
    html! {
        table.data {
            caption { (caption) }
            thead { tr {
                (ui::th("Instrument")) (ui::th("Acquired")) (ui::th_num("Quantity")) (ui::th_num("Cost"))
            } }
            tbody {
                @for (position, lot) in all {
                    tr {
                        (ui::td("Instrument", html! { (position.symbol) }))
                        (ui::td("Acquired", ui::date(chrome, lot.acquired_on)))
                        (ui::td_num("Quantity", ui::quantity(chrome, lot.quantity)))
                        (ui::td_num("Cost", ui::amount(chrome, lot.cost, base)))
                    }
                }
            }
        }
    }
}

/// The buttons that the state allows.
fn decision(chrome: &Chrome, judged: &Judgement) -> Markup {
    let proposal = &judged.proposal;
    let form = |verb: &str, button: Markup| {
        html! {
            form method="post" action=(format!("{}/{verb}", href_of(proposal))) {
                (ui::csrf_field(chrome))
                (button)
            }
        }
    };
    let can_apply = proposal.obstacle.is_none();
    html! {
        div.actions {
            @match proposal.status {
                Status::Open => {
                    @if can_apply { (form("apply", ui::submit("Apply"))) }
                    (form("decline", ui::submit_quiet("Decline")))
                }
                Status::Declined => {
                    @if can_apply { (form("apply", ui::submit("Apply after all"))) }
                    (form("reopen", ui::submit_quiet("Propose again")))
                }
                Status::Outdated => {
                    @if can_apply { (form("apply", ui::submit("Apply again"))) }
                    (form("reverse", ui::submit_danger("Reverse")))
                }
                Status::Applied | Status::Withdrawn => {
                    (form("reverse", ui::submit_danger("Reverse")))
                }
                Status::Recorded => {}
            }
            (ui::link_button("Back", HOME, false))
        }
    }
}

#[derive(Debug, Default, serde::Deserialize)]
struct Wanted {
    #[serde(default, deserialize_with = "scope::empty_is_none")]
    portfolio_id: Option<PortfolioId>,
}

async fn apply_all(
    State(app): State<App>,
    viewer: Viewer,
    web::Form(wanted): web::Form<Wanted>,
) -> Result<Redirect, Problem> {
    let wanted = wanted.portfolio_id;
    service::apply_all(&app, viewer.user_id, viewer.today, wanted).await?;
    let scope = Scope::known(wanted, None);
    Ok(Redirect::to(&scope.href(HOME, None)))
}

async fn apply(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> Result<Redirect, Problem> {
    service::apply(&app, viewer.user_id, viewer.today, portfolio, id).await?;
    Ok(Redirect::to(HOME))
}

async fn decline(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> Result<Redirect, Problem> {
    service::decline(&app, viewer.user_id, portfolio, id).await?;
    Ok(Redirect::to(HOME))
}

async fn reopen(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> Result<Redirect, Problem> {
    service::reopen(&app, viewer.user_id, portfolio, id).await?;
    Ok(Redirect::to(HOME))
}

async fn reverse(
    State(app): State<App>,
    viewer: Viewer,
    Path((portfolio, id)): Path<(PortfolioId, CorporateActionId)>,
) -> Result<Redirect, Problem> {
    service::reverse(&app, viewer.user_id, portfolio, id).await?;
    Ok(Redirect::to(HOME))
}
