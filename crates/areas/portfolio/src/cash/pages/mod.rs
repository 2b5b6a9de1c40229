//! The list of balances, and the ledger of each.

mod show;

use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use maud::{Markup, html};
use money::Currency;
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui},
};

use super::{
    api::{BalanceView, balances_of},
    trail::Cash,
};
use crate::{
    portfolios::{Portfolio, PortfolioId},
    scope::{self, Scope},
    trail::{Way, Whole},
    valuation::{Valuation, Valuations},
};

const PATH: &str = "/portfolio/cash";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/portfolio/cash/{portfolio_id}/{currency}", get(show::show))
}

/// The address of a ledger, as known on the day of a scope.
pub(crate) fn href(portfolio: PortfolioId, currency: Currency, scope: &Scope) -> String {
    Scope::known(None, scope.known_on).href(&path(portfolio, currency), None)
}

fn path(portfolio: PortfolioId, currency: Currency) -> String {
    format!("{PATH}/{}/{currency}", portfolio.0)
}

async fn list(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let chrome = &viewer.chrome;
    let balances = balances_of(&valuation);
    let untracked: Vec<&Portfolio> = valuation
        .portfolios
        .iter()
        .filter(|portfolio| !portfolio.tracks_cash)
        .collect();
    let main = html! {
        (ui::page_head_with("Cash", scope::marks(&valuation), html! {
            (ui::link_button("Add transaction", "/portfolio/transactions/new?type=deposit", false))
        }))
        (scope::views(&scope, PATH))
        (scope.selector(PATH, &portfolios, &[]))
        @if balances.is_empty() && scope.known_on.is_some() {
            (scope.nothing_known(PATH))
        } @else if balances.is_empty() {
            (ui::empty_state(
                "No cash yet",
                "A balance appears with the first deposit, sale or dividend of a portfolio that tracks cash.",
                ("Add a deposit", "/portfolio/transactions/new?type=deposit"),
                Some(("Import a file", "/portfolio/imports/new")),
            ))
        } @else {
            (ui::card("Balances", balance_table(chrome, &valuation, &balances, &scope)))
        }
        @for portfolio in untracked { (not_tracked(portfolio)) }
    };
    Ok(web::page(chrome, "Cash", main))
}

fn not_tracked(portfolio: &Portfolio) -> Markup {
    html! {
        p.hint {
            (portfolio.name) " tracks no cash: each purchase counts as paid in and each sale as taken out. "
            a href=(format!("/portfolio/portfolios/{}/edit", portfolio.id.0)) { "Change that" }
        }
    }
}

fn balance_table(
    chrome: &Chrome,
    valuation: &Valuation,
    balances: &[BalanceView],
    scope: &Scope,
) -> Markup {
    ui::table_scroll(
        "Balances",
        html! {
            table.data.cards {
                caption.visually-hidden { "Cash by portfolio and currency" }
                thead { tr { (ui::th("Portfolio and currency")) (ui::th_num("Balance")) (ui::th_num("Worth")) } }
                tbody {
                    @for row in balances {
                        @let way = Way::new(&Scope::known(Some(row.portfolio_id), scope.known_on)).with("of", Some(row.currency));
                        tr {
                            (ui::td("Portfolio and currency", html! { a href=(href(row.portfolio_id, row.currency, scope)) { (row.portfolio) " · " (row.currency) } }))
                            (ui::td_num("Balance", html! {
                                @if row.is_negative { (ui::badge("below zero")) " " }
                                (way.to(Cash::Balance, ui::amount(chrome, row.balance, row.currency)))
                            }))
                            (ui::td_num("Worth", match row.value {
                                Some(value) => way.with("base", Some(row.base_currency)).to(Cash::Worth, ui::amount(chrome, value, row.base_currency)),
                                None => ui::missing("there is no exchange rate"),
                            }))
                        }
                    }
                }
                tfoot { tr {
                    td { "Together" } td {}
                    (ui::td_num("Worth", Way::new(scope).to(Whole::Cash, ui::amount(chrome, valuation.totals.cash, valuation.base))))
                } }
            }
        },
    )
}
