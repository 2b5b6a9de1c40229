use axum::{Extension, extract::State};
use identity::Viewer;
use jiff::ToSpan;
use market::Instrument;
use maud::{Markup, html};
use statements::with_guard;
use web::{
    App, Chrome, CsvFile, Problem, Query,
    components::{self as ui, Column, DataTable, LiveField, TreeNode},
};

use crate::{
    contribution::month_returns,
    corporate_actions::notice,
    report::{HoldingReport, TotalsReport},
    scope::{self, Scope},
    trail::{Holding as Figure, Total, Way},
    valuation::{Holding, Valuation, Valuations},
};

/// Days that a sparkline covers.
const SPARKLINE_DAYS: i64 = 90;

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let portfolios = scope::portfolios(&app, viewer.user_id).await?;
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let waiting = notice::count(&app, viewer.user_id, &valuation).await?;
    let chrome = &viewer.chrome;
    let holdings: Vec<&Holding> = valuation
        .holdings
        .iter()
        .filter(|holding| holding.matters())
        .collect();
    let main = html! {
        (ui::page_head_with("Holdings", html! {
            (scope::marks(&valuation))
            @if scope.known_on.is_none() && !holdings.is_empty() { (ui::live_state()) }
        }, html! {
            (ui::link_button("Private assets", "/portfolio/private-assets", false))
            (ui::link_button("Add transaction", "/portfolio/transactions/new", false))
        }))
        (scope::views(&scope, "/portfolio/holdings"))
        (scope.selector("/portfolio/holdings", &portfolios, &[]))
        (notice::banner(waiting, &scope))
        @if holdings.is_empty() && scope.known_on.is_some() {
            (scope.nothing_known("/portfolio/holdings"))
        } @else if holdings.is_empty() {
            (ui::empty_state(
                "Nothing is held yet",
                "Holdings follow from transactions: import an export of your broker, or add a purchase.",
                ("Import a file", "/portfolio/imports/new"),
                Some(("Add a transaction", "/portfolio/transactions/new")),
            ))
        } @else {
            (ui::card("Map", treemap(chrome, &valuation, &scope)))
            (ui::card("Holdings", html! {
                (table(&viewer, &valuation, &holdings, &scope))
                p.hint { "Values and gains are reckoned from the last closes, also while prices move." }
            }))
        }
    };
    Ok(web::market_page(chrome, "Holdings", main))
}

fn treemap(chrome: &Chrome, valuation: &Valuation, scope: &Scope) -> Markup {
    let changes = month_returns(valuation);
    let nodes: Vec<TreeNode> = valuation
        .open_holdings()
        .map(|holding| {
            let instrument = valuation.instrument(holding.asset);
            TreeNode {
                label: instrument.symbol.clone(),
                group: instrument.asset_class.label().to_owned(),
                value: money::f64_from_decimal(holding.value),
                change: changes.get(&holding.asset).copied(),
                href: scope.holding_href(instrument.id),
            }
        })
        .collect();
    ui::treemap(
        chrome,
        "map",
        "Holdings by value, coloured by the return of the last month",
        valuation.base,
        &nodes,
    )
}

fn table(viewer: &Viewer, valuation: &Valuation, holdings: &[&Holding], scope: &Scope) -> Markup {
    let chrome = &viewer.chrome;
    let columns = [
        Column::text("holding", "Holding").fixed(),
        Column::text("trend", "90 days"),
        Column::number("quantity", "Quantity"),
        Column::number("price", "Price"),
        Column::number("average-cost", "Average cost").wide(),
        Column::number("cost", "Cost basis").wide(),
        Column::number("value", "Value").fixed(),
        Column::number("share", "Share").wide(),
        Column::number("unrealized", "Unrealised gain"),
        Column::number("unrealized-ratio", "Unrealised"),
        Column::number("price-gain", "Price gain").hidden(),
        Column::number("currency-gain", "Currency gain").hidden(),
        Column::number("realized", "Realised gain").wide(),
        Column::number("dividends", "Dividends").wide(),
        Column::number("fees", "Fees").hidden(),
    ];
    let csv = scope.href("/portfolio/holdings.csv", None);
    let table = DataTable {
        id: "holdings",
        caption: "Holdings",
        columns: &columns,
        csv_href: Some(&csv),
    };
    let totals = TotalsReport::new(valuation);
    let base = valuation.base;
    let way = Way::new(scope);
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    let rows = html! { @for holding in holdings { (row(viewer, valuation, holding, scope)) } };
    let sums = html! {
        tr {
            td { "Total" }
            td {} td {} td {} td {}
            (ui::td_num("Cost basis", money(Total::Cost, totals.cost_basis)))
            (ui::td_num("Value", money(Total::Value, totals.holdings_value)))
            td {}
            (ui::td_num("Unrealised gain", signed(Total::UnrealizedGain, totals.unrealized_gain)))
            td {}
            (ui::td_num("Price gain", signed(Total::PriceGain, totals.price_gain)))
            (ui::td_num("Currency gain", signed(Total::CurrencyGain, totals.currency_gain)))
            (ui::td_num("Realised gain", signed(Total::RealizedGain, totals.realized_gain)))
            (ui::td_num("Dividends", money(Total::Dividends, totals.dividends)))
            (ui::td_num("Fees", money(Total::Fees, totals.fees)))
        }
    };
    ui::data_table(&table, rows, Some(sums))
}

fn row(viewer: &Viewer, valuation: &Valuation, holding: &Holding, scope: &Scope) -> Markup {
    let chrome = &viewer.chrome;
    let base = valuation.base;
    let instrument = valuation.instrument(holding.asset);
    let local = valuation.asset_currency(holding.asset);
    let figures = HoldingReport::new(valuation, holding);
    let is_open = !holding.quantity.is_zero();
    let way = Way::new(scope).with("instrument_id", Some(instrument.id));
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    html! {
        tr.closed[!is_open] {
            td {
                a href=(scope.holding_href(instrument.id)) { (instrument.symbol) }
                " " span.hint { (instrument.name) }
                @if !is_open { " " (ui::badge("closed")) }
            }
            (ui::td("90 days", html! { @if is_open { (ui::sparkline(&trend(valuation, holding))) } }))
            (ui::td_num("Quantity", ui::quantity(chrome, holding.quantity)))
            (ui::td_num("Price", html! {
                @match holding.local_price.filter(|_| is_open) {
                    Some(price) => {
                        (live_price(scope, instrument, ui::price(chrome, price, local)))
                        @if let Some(day) = holding.price_on { " " (ui::stale_mark(chrome, day, viewer.today)) }
                    }
                    None if is_open => (ui::missing(without_price(instrument))),
                    None => {}
                }
            }))
            (ui::td_num("Average cost", html! { @if is_open { (money(Figure::AverageCost, figures.average_cost)) } }))
            (ui::td_num("Cost basis", money(Figure::Cost, holding.cost)))
            (ui::td_num("Value", html! {
                (money(Figure::Value, holding.value))
                @if !holding.is_priced { " " (ui::missing("valued at cost, because a price or rate is missing")) }
            }))
            (ui::td_num("Share", match valuation.share(holding) {
                Some(share) => way.to(Figure::Share, ui::percent(chrome, share)),
                None => ui::missing("the whole is worth nothing"),
            }))
            (ui::td_num("Unrealised gain", signed(Figure::UnrealizedGain, holding.unrealized_gain)))
            (ui::td_num("Unrealised", html! {
                @if let Some(gain) = holding.unrealized_return() { (way.to(Figure::UnrealizedReturn, ui::signed_percent(chrome, gain))) }
            }))
            (ui::td_num("Price gain", signed(Figure::PriceGain, holding.price_gain)))
            (ui::td_num("Currency gain", signed(Figure::CurrencyGain, holding.currency_gain)))
            (ui::td_num("Realised gain", signed(Figure::RealizedGain, holding.realized_gain)))
            (ui::td_num("Dividends", money(Figure::Dividends, holding.dividends)))
            (ui::td_num("Fees", money(Figure::Fees, holding.fees)))
        }
    }
}

/// Why there is no price, and where one comes from.
pub(super) fn without_price(instrument: &Instrument) -> &'static str {
    if instrument.is_private {
        "no price yet: state one on its page"
    } else {
        "no price yet: import one with `bursar import bars`"
    }
}

/// Followed while the page is seen, unless it shows what was known once. What is private has no market.
pub(super) fn live_price(scope: &Scope, instrument: &Instrument, price: Markup) -> Markup {
    if instrument.is_private || scope.known_on.is_some() {
        return price;
    }
    ui::live(instrument.id, LiveField::Price, price)
}

/// The last closes, one a weekday.
fn trend(valuation: &Valuation, holding: &Holding) -> Vec<f64> {
    let Some(prices) = &valuation.prices[holding.asset.0 as usize] else {
        return Vec::new();
    };
    let Ok(first) = valuation.as_of.checked_sub(SPARKLINE_DAYS.days()) else {
        return Vec::new();
    };
    first
        .series(1.day())
        .take_while(|day| *day <= valuation.as_of)
        .filter_map(|day| prices.at(day).filter(|(on, _)| *on == day))
        .map(|(_, close)| close)
        .collect()
}

/// The table as CSV, with exact figures.
pub(super) async fn csv(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Query(scope): Query<Scope>,
) -> Result<CsvFile, Problem> {
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "symbol",
        "name",
        "base_currency",
        "quantity",
        "average_cost",
        "cost_basis",
        "price",
        "value",
        "unrealized_gain",
        "price_gain",
        "currency_gain",
        "realized_gain",
        "dividends",
        "fees",
        "taxes",
        "currency",
        "local_price",
        "price_on",
    ];
    let mut write = |record: &[String]| writer.write_record(record);
    write(&header.map(str::to_owned)).map_err(|error| Problem::internal(&error))?;
    for holding in valuation.holdings.iter().filter(|h| h.matters()) {
        let figures = HoldingReport::new(&valuation, holding);
        let text = |value: Option<String>| value.unwrap_or_default();
        write(&[
            with_guard(&figures.symbol),
            with_guard(&figures.name),
            valuation.base.to_string(),
            figures.quantity.to_string(),
            figures.average_cost.to_string(),
            figures.cost_basis.to_string(),
            text(figures.price.map(|p| p.to_string())),
            figures.value.to_string(),
            figures.unrealized_gain.to_string(),
            figures.price_gain.to_string(),
            figures.currency_gain.to_string(),
            figures.realized_gain.to_string(),
            figures.dividends.to_string(),
            figures.fees.to_string(),
            figures.taxes.to_string(),
            figures.currency.to_string(),
            text(figures.local_price.map(|p| p.to_string())),
            text(figures.price_on.map(|day| day.to_string())),
        ])
        .map_err(|error| Problem::internal(&error))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Problem::internal(&error))?;
    Ok(CsvFile {
        name: "holdings.csv".to_owned(),
        bytes,
    })
}
