use axum::{Extension, Router, extract::State, routing::get};
use identity::Viewer;
use jiff::civil::Date;
use market::{AssetClass, Instrument};
use maud::{Markup, html};
use serde::Deserialize;
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, TreeNode},
};

use super::{
    Worth,
    model::{DIMENSIONS, Dimension, Slice, tiles},
    service::{self, Divided},
    trail::{Allocation, UNKNOWN},
};
use crate::{
    contribution::month_returns,
    fund_weights,
    portfolios::PortfolioId,
    scope::{self, Scope},
    trail::{Way, Whole},
    valuation::{Valuation, Valuations},
};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/portfolio/allocation", get(show))
}

const PATH: &str = "/portfolio/allocation";
/// Says in the address that funds count as one thing.
pub(super) const WHOLE: &str = "no";

/// What the address says.
#[derive(Clone, Debug, Default, Deserialize)]
struct AllocationQuery {
    #[serde(default, deserialize_with = "scope::empty_is_none")]
    portfolio: Option<PortfolioId>,
    dimension: Option<String>,
    look_through: Option<String>,
    #[serde(default, deserialize_with = "scope::empty_is_none")]
    known_on: Option<Date>,
}

/// What is shown, and how.
#[derive(Clone, Copy)]
struct View {
    portfolio: Option<PortfolioId>,
    dimension: Dimension,
    looks_through: bool,
    known_on: Option<Date>,
}

impl View {
    fn of(query: &AllocationQuery) -> Self {
        Self {
            portfolio: query.portfolio,
            dimension: query
                .dimension
                .as_deref()
                .and_then(Dimension::parse)
                .unwrap_or_default(),
            looks_through: query.look_through.as_deref() != Some(WHOLE),
            known_on: query.known_on,
        }
    }

    fn href(self) -> String {
        self.scope().href_with(PATH, None, &self.rest())
    }

    /// What stands in the address besides the scope.
    fn rest(self) -> Vec<(&'static str, String)> {
        let mut rest = Vec::new();
        if self.dimension != Dimension::default() {
            rest.push(("dimension", self.dimension.key().to_owned()));
        }
        if !self.looks_through {
            rest.push(("look_through", WHOLE.to_owned()));
        }
        rest
    }

    fn scope(self) -> Scope {
        Scope::known(self.portfolio, self.known_on)
    }

    /// The way to the trails of a part.
    fn way(self, slice: &Slice) -> Way {
        let key = slice.key.as_deref().unwrap_or(UNKNOWN);
        Way::new(&self.scope())
            .group(self.dimension.key(), key)
            .with("look_through", (!self.looks_through).then_some(WHOLE))
    }

    /// Whether funds may count as what they are made of.
    fn can_look_through(self) -> bool {
        matches!(
            self.dimension,
            Dimension::AssetClass | Dimension::Sector | Dimension::Region | Dimension::Country
        )
    }
}

async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(query): Query<AllocationQuery>,
) -> Result<Markup, Problem> {
    let view = View::of(&query);
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let divided = service::allocate(
        &app,
        &valuations,
        &viewer,
        &view.scope(),
        view.dimension,
        view.looks_through,
    )
    .await?;
    let chrome = &viewer.chrome;
    let valuation = &divided.valuation;
    let dimensions: Vec<(String, String)> = DIMENSIONS
        .iter()
        .map(|(_, label, dimension)| {
            let view = View {
                dimension: *dimension,
                ..view
            };
            ((*label).to_owned(), view.href())
        })
        .collect();
    let main = html! {
        (ui::page_head_with("Allocation", scope::marks(valuation), html! {
            (ui::link_button("Categories", &view.scope().href("/portfolio/categories", None), false))
            (ui::link_button("Add property or debt", "/portfolio/private-assets/new", false))
        }))
        (scope::views(&view.scope(), PATH))
        (view.scope().selector(PATH, &portfolios, &view.rest()))
        (tabs(&dimensions, &view.href()))
        @if divided.allocation.slices.is_empty() && view.known_on.is_some() {
            (view.scope().nothing_known(PATH))
        } @else if divided.allocation.slices.is_empty() {
            (ui::empty_state(
                "Nothing to divide yet",
                "The allocation follows from what you hold: import an export of your broker, or add a purchase.",
                ("Import a file", "/portfolio/imports/new"),
                Some(("Add a transaction", "/portfolio/transactions/new")),
            ))
        } @else {
            @if !divided.allocation.worth.liabilities.is_zero() { (worth_stats(chrome, valuation, divided.allocation.worth, &Way::new(&view.scope()))) }
            @let title = format!("By {}", view.dimension.label().to_lowercase());
            (ui::card_with(&title, switch(view), donut(chrome, &divided, view)))
            (ui::card("Parts", table(chrome, &divided, view)))
            (treemap(chrome, &divided, view))
            (notes(&divided, view))
        }
    };
    Ok(web::page(chrome, "Allocation", main))
}

fn tabs(items: &[(String, String)], current: &str) -> Markup {
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(label, href)| (label.as_str(), href.as_str()))
        .collect();
    ui::tabs(&items, current)
}

/// What is owned, what is owed, and what is left.
pub(crate) fn worth_stats(
    chrome: &Chrome,
    valuation: &Valuation,
    worth: Worth,
    way: &Way,
) -> Markup {
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, valuation.base));
    ui::stats(&[
        ui::stat(
            "Assets",
            money(Whole::Assets, worth.assets),
            html! { "holdings and cash" },
        ),
        ui::stat(
            "Liabilities",
            money(Whole::Liabilities, worth.liabilities),
            html! { "debts, short positions, cash below zero" },
        ),
        ui::stat(
            "Net worth",
            money(Whole::NetWorth, worth.net_worth),
            html! { "assets less liabilities" },
        ),
    ])
}

/// From funds as what they are made of to funds as one thing, and back.
fn switch(view: View) -> Markup {
    let other = View {
        looks_through: !view.looks_through,
        ..view
    };
    html! {
        @if view.can_look_through() {
            a href=(other.href()) {
                @if view.looks_through { "Funds as one thing" } @else { "Look through funds" }
            }
        }
    }
}

fn donut(chrome: &Chrome, divided: &Divided, view: View) -> Markup {
    let title = format!("Allocation by {}", view.dimension.label().to_lowercase());
    let slices: Vec<ui::Slice> = divided
        .allocation
        .slices
        .iter()
        .map(|slice| ui::Slice {
            unknown: slice.key.is_none(),
            href: href(slice, view),
            ..ui::Slice::new(slice.label.clone(), money::f64_from_decimal(slice.value))
        })
        .collect();
    ui::donut(
        chrome,
        "allocation",
        &title,
        divided.allocation.currency,
        &slices,
    )
}

/// Where a part is explained.
fn href(slice: &Slice, view: View) -> Option<String> {
    let key = slice.key.as_deref()?;
    match view.dimension {
        Dimension::Account => {
            let portfolio = key.parse().ok().map(PortfolioId);
            Some(Scope::known(portfolio, view.known_on).href("/portfolio/holdings", None))
        }
        Dimension::Category if key.parse::<uuid::Uuid>().is_ok() => {
            let path = format!("/portfolio/categories/{key}");
            Some(view.scope().href(&path, None))
        }
        _ => None,
    }
}

fn table(chrome: &Chrome, divided: &Divided, view: View) -> Markup {
    let allocation = &divided.allocation;
    let label = view.dimension.label();
    ui::table_scroll(
        "Parts",
        html! {
            table.data.cards {
                caption.visually-hidden { "Parts by " (label.to_lowercase()) ", which add up to the net worth" }
                thead { tr { (ui::th(label)) (ui::th_num("Holdings")) (ui::th_num("Value")) (ui::th_num("Share of assets")) } }
                tbody {
                    @for slice in &allocation.slices {
                        @let way = view.way(slice);
                        tr {
                            (ui::td(label, html! {
                                @match href(slice, view) {
                                    Some(href) => a href=(href) { (slice.label) },
                                    None => (slice.label),
                                }
                            }))
                            (ui::td_num("Holdings", html! { @if slice.holdings > 0 { (slice.holdings) } }))
                            (ui::td_num("Value", way.to(Allocation::Value, ui::amount(chrome, slice.value, allocation.currency))))
                            (ui::td_num("Share of assets", match slice.share {
                                Some(share) => way.to(Allocation::Share, ui::percent(chrome, share)),
                                None => ui::missing("nothing is owned"),
                            }))
                        }
                    }
                }
                tfoot {
                    tr {
                        td { "Net worth" }
                        td {}
                        (ui::td_num("Value", Way::new(&view.scope()).to(Whole::NetWorth, ui::amount(chrome, allocation.worth.net_worth, allocation.currency))))
                        td {}
                    }
                }
            }
        },
    )
}

fn treemap(chrome: &Chrome, divided: &Divided, view: View) -> Markup {
    let valuation = &divided.valuation;
    let changes = month_returns(valuation);
    let nodes: Vec<TreeNode> = tiles(valuation, view.dimension, &divided.facts)
        .into_iter()
        .map(|tile| {
            let instrument = valuation.instrument(tile.asset);
            TreeNode {
                label: instrument.symbol.clone(),
                group: tile.part,
                value: money::f64_from_decimal(tile.value),
                change: changes.get(&tile.asset).copied(),
                href: view.scope().holding_href(instrument.id),
            }
        })
        .collect();
    let title = format!(
        "Holdings by {}, coloured by the return of the last month",
        view.dimension.label().to_lowercase()
    );
    html! {
        @if !nodes.is_empty() {
            (ui::card("Map", ui::treemap(chrome, "map", &title, divided.allocation.currency, &nodes)))
        }
    }
}

/// What would make the picture clearer.
fn notes(divided: &Divided, view: View) -> Markup {
    let funds = unknown_funds(divided, view);
    html! {
        @if view.can_look_through() && view.looks_through && !funds.is_empty() {
            p.hint {
                "Funds whose parts are not known count as one thing. State what they are made of: "
                @for (at, fund) in funds.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href=(format!("/portfolio/fund-weights/{}", fund.id)) { (fund.symbol) }
                }
                "."
            }
        }
        @if view.dimension == Dimension::Category {
            p.hint { "Targets, rules and suggestions are under " a href="/portfolio/categories" { "Categories" } "." }
        }
    }
}

fn unknown_funds(divided: &Divided, view: View) -> Vec<&Instrument> {
    let of = match view.dimension {
        Dimension::AssetClass => fund_weights::Dimension::AssetClass,
        Dimension::Sector => fund_weights::Dimension::Sector,
        _ => fund_weights::Dimension::Country,
    };
    let valuation = &divided.valuation;
    valuation
        .open_holdings()
        .map(|holding| valuation.instrument(holding.asset))
        .filter(|i| matches!(i.asset_class, AssetClass::Etf | AssetClass::Fund))
        .filter(|i| divided.facts.weights.get(i.id, of).is_none())
        .collect()
}
