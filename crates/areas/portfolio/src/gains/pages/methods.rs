use axum::{Extension, extract::State};
use identity::Viewer;
use ledger::CostBasis;
use maud::{Markup, html};
use rust_decimal::Decimal;
use web::{
    App, Chrome, Problem, Query,
    components::{self as ui, Column, DataTable},
};

use crate::{
    gains::{
        methods::{MethodFigures, Methods, MethodsReport},
        service,
    },
    portfolios::{Portfolio, pages::cost_basis_label},
    scope::{self, Scope},
    trail::{Comparison, Holding, Total, Way},
    valuation::Valuations,
};

const PATH: &str = "/portfolio/gains/methods";

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let (own, report) = service::compare_methods(&app, &valuations, &viewer, &scope).await?;
    let chrome = &viewer.chrome;
    let main = html! {
        (ui::breadcrumb(&[("Realised gains", &scope.href("/portfolio/gains", None))], "Cost bases"))
        (ui::page_head_with("Cost bases side by side", scope::marks(&own), html! {}))
        (scope.selector(PATH, &portfolios, &[]))
        @if report.holdings.is_empty() {
            (ui::empty_state(
                "Nothing is held yet",
                "A cost basis decides which shares count as sold. There is something to compare once shares have been bought and sold.",
                ("Add a transaction", "/portfolio/transactions/new"),
                None,
            ))
        } @else {
            p.hint { "Gains under each way of choosing the shares that were sold, and how far each is from the one in use. Looking changes nothing; once everything is sold, all come to the same total." }
            (ui::card("Total", totals(chrome, &report, &own.portfolios, &scope)))
            (ui::card("Realised gain", table(chrome, &report, &scope, &REALIZED)))
            (ui::card("Unrealised gain", table(chrome, &report, &scope, &UNREALIZED)))
            (ui::card("Open cost", table(chrome, &report, &scope, &OPEN_COST)))
            @if own.portfolios.len() > 1 { (ui::card("Set the cost basis of a portfolio", settings(&own.portfolios))) }
        }
    };
    Ok(web::page(chrome, "Cost bases side by side", main))
}

/// One of the compared figures.
struct Figure {
    id: &'static str,
    caption: &'static str,
    is_gain: bool,
    /// Its trails: of one holding, of all, and of the difference between two cost bases.
    trails: (Holding, Total, Comparison),
    of: fn(&MethodFigures) -> Decimal,
}

const REALIZED: Figure = Figure {
    id: "methods-realized",
    caption: "Realised gain of each holding under each cost basis",
    is_gain: true,
    trails: (
        Holding::RealizedGain,
        Total::RealizedGain,
        Comparison::RealizedGain,
    ),
    of: |figures| figures.realized_gain,
};
const UNREALIZED: Figure = Figure {
    id: "methods-unrealized",
    caption: "Unrealised gain of each holding under each cost basis",
    is_gain: true,
    trails: (
        Holding::UnrealizedGain,
        Total::UnrealizedGain,
        Comparison::UnrealizedGain,
    ),
    of: |figures| figures.unrealized_gain,
};
const OPEN_COST: Figure = Figure {
    id: "methods-open-cost",
    caption: "Open cost of each holding under each cost basis",
    is_gain: false,
    trails: (Holding::Cost, Total::Cost, Comparison::OpenCost),
    of: |figures| figures.open_cost,
};

/// The sums, a row a method; for one portfolio with a link that makes a method its own.
fn totals(
    chrome: &Chrome,
    report: &MethodsReport,
    portfolios: &[Portfolio],
    scope: &Scope,
) -> Markup {
    let base = report.currency;
    let only = match portfolios {
        [only] => Some(only),
        _ => None,
    };
    let columns = [
        Column::text("method", "Cost basis").fixed(),
        Column::number("realized", "Realised gain"),
        Column::number("difference", "Difference"),
        Column::number("unrealized", "Unrealised gain"),
        Column::number("cost", "Open cost").wide(),
        Column::text("choose", "").fixed(),
    ];
    let table = DataTable {
        id: "methods",
        caption: "Sums under each cost basis",
        columns: &columns,
        csv_href: None,
    };
    let signed = |amount| ui::signed_amount(chrome, amount, base);
    let rows = html! {
        @for method in &report.totals.all {
            @let is_own = portfolios.iter().all(|p| p.cost_basis == method.cost_basis);
            @let way = Way::new(scope).with("cost_basis", Some(method.cost_basis.as_str()));
            tr {
                td { (cost_basis_label(method.cost_basis)) @if is_own { " " (ui::badge("in use")) } }
                (ui::td_num("Realised gain", way.to(Total::RealizedGain, signed(method.figures.realized_gain))))
                (ui::td_num("Difference", way.to(Comparison::RealizedGain, signed(method.difference.realized_gain))))
                (ui::td_num("Unrealised gain", way.to(Total::UnrealizedGain, signed(method.figures.unrealized_gain))))
                (ui::td_num("Open cost", way.to(Total::Cost, ui::amount(chrome, method.figures.open_cost, base))))
                td.row-actions { @if let Some(portfolio) = only.filter(|_| !is_own) { a href=(edit_href(portfolio, Some(method.cost_basis))) { "Use this one" } } }
            }
        }
    };
    ui::data_table(&table, rows, None)
}

fn edit_href(portfolio: &Portfolio, proposed: Option<CostBasis>) -> String {
    let mut query = web::QueryString::new();
    query.push("cost_basis", proposed.map(CostBasis::as_str));
    format!(
        "/portfolio/portfolios/{}/edit{}",
        portfolio.id.0,
        query.finish()
    )
}

fn settings(portfolios: &[Portfolio]) -> Markup {
    html! {
        table.data.cards {
            caption.visually-hidden { "Portfolios and their cost basis" }
            thead { tr { (ui::th("Portfolio")) (ui::th("Cost basis")) (ui::th("")) } }
            tbody {
                @for portfolio in portfolios {
                    tr {
                        (ui::td("Portfolio", html! { (portfolio.name) }))
                        (ui::td("Cost basis", html! { (cost_basis_label(portfolio.cost_basis)) }))
                        td.row-actions {
                            a href=(format!("{PATH}?portfolio={}", portfolio.id.0)) { "Compare" } " "
                            a href=(edit_href(portfolio, None)) { "Change" }
                        }
                    }
                }
            }
        }
    }
}

fn table(chrome: &Chrome, report: &MethodsReport, scope: &Scope, figure: &Figure) -> Markup {
    let mut columns = vec![
        Column::text("holding", "Holding").fixed(),
        Column::number("own", "In use").fixed(),
    ];
    columns.extend(
        CostBasis::ALL.map(|method| Column::number(method.as_str(), cost_basis_label(method))),
    );
    let table = DataTable {
        id: figure.id,
        caption: figure.caption,
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for holding in &report.holdings {
            tr.closed[holding.quantity.is_zero()] {
                td { a href=(scope.holding_href(holding.instrument_id)) { (holding.symbol) } " " span.hint { (holding.name) } }
                (cells(chrome, report, &holding.methods, (figure, &Way::new(scope).with("instrument_id", Some(holding.instrument_id)), false)))
            }
        }
    };
    let sums = html! { tr { td { "Total" } (cells(chrome, report, &report.totals, (figure, &Way::new(scope), true))) } };
    ui::data_table(&table, rows, Some(sums))
}

/// The figure under each method, with its difference where there is one.
fn cells(
    chrome: &Chrome,
    report: &MethodsReport,
    methods: &Methods,
    (figure, way, is_total): (&Figure, &Way, bool),
) -> Markup {
    let (of_holding, of_all, between) = figure.trails;
    let base = report.currency;
    let shown = |figures: &MethodFigures, way: &Way| {
        let amount = (figure.of)(figures);
        let amount = if figure.is_gain {
            ui::signed_amount(chrome, amount, base)
        } else {
            ui::amount(chrome, amount, base)
        };
        if is_total {
            way.to(of_all, amount)
        } else {
            way.to(of_holding, amount)
        }
    };
    html! {
        (ui::td_num("In use", shown(&methods.own, way)))
        @for method in &methods.all {
            @let under = way.with("cost_basis", Some(method.cost_basis.as_str()));
            @let difference = (figure.of)(&method.difference);
            (ui::td_num(cost_basis_label(method.cost_basis), html! {
                (shown(&method.figures, &under))
                @if !difference.is_zero() { small { "difference " (under.to(between, ui::signed_amount(chrome, difference, base))) } }
            }))
        }
    }
}
