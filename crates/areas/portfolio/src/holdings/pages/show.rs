use axum::{Extension, extract::State};
use identity::Viewer;
use ledger::{CostBasis, TransactionKind};
use market::{AssetClass, InstrumentId};
use maud::{Markup, html};
use rust_decimal::Decimal;
use web::{
    App, Chrome, Path, Problem, Query, QueryString,
    components::{self as ui, Mark, MarkKind, PriceSeries},
};

use crate::{
    portfolios::Portfolio,
    private_assets,
    report::HoldingReport,
    scope::Scope,
    trail::{self, Figure},
    transactions::{self, TransactionView},
    valuation::{Holding, OpenLot, Valuation, Valuations},
};

/// Transactions marked in the chart.
const TRANSACTIONS_MARKED: i64 = 5000;
/// Transactions listed on the page; all of them are one link away.
const TRANSACTIONS_SHOWN: usize = 25;
/// Open lots listed at once.
const LOTS_SHOWN: usize = 12;

pub(super) async fn show(
    State(app): State<App>,
    Extension(valuations): Extension<Valuations>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
    Query(scope): Query<Scope>,
) -> Result<Markup, Problem> {
    let valuation = scope.value(&app, &valuations, &viewer).await?;
    let holding = valuation
        .holdings
        .iter()
        .find(|holding| valuation.instrument(holding.asset).id == id)
        .ok_or_else(|| Problem::not_found("holding"))?;
    let instrument = valuation.instrument(holding.asset);
    let mut tx = app.db.read(viewer.user_id).await?;
    let filter = transactions::store::Filter {
        portfolio_id: scope.portfolio,
        instrument_id: Some(id),
        ..Default::default()
    };
    let rows = transactions::store::list(&mut tx, &filter, None, TRANSACTIONS_MARKED).await?;
    let mut closes = market::bars::closes(tx.conn(), &[id]).await?;
    let shown = std::slice::from_ref(instrument);
    private_assets::service::add_closes(&mut tx, shown, &mut closes).await?;
    let closes = closes.remove(&id).unwrap_or_default();
    drop(tx);
    let chrome = &viewer.chrome;
    let title = format!("{} {}", instrument.symbol, instrument.name);
    // The market knows nothing of what is private.
    let about = if instrument.is_private {
        format!("/portfolio/private-assets/{id}")
    } else {
        format!("/market/instruments/{id}")
    };
    let is_fund = matches!(instrument.asset_class, AssetClass::Etf | AssetClass::Fund);
    let series = PriceSeries {
        dates: closes.iter().map(|(day, _)| *day).collect(),
        close: closes.iter().map(|(_, close)| *close).collect(),
        currency: valuation.asset_currency(holding.asset),
        marks: rows.iter().filter_map(|row| mark(chrome, row)).collect(),
        table_href: Some(about.clone()),
    };
    let mut all = QueryString::new();
    all.push("portfolio", scope.portfolio.map(|id| id.0));
    all.push("q", Some(&instrument.symbol));
    let all = format!("/portfolio/transactions{}", all.finish());
    let main = html! {
        (ui::breadcrumb(&[("Holdings", &scope.href("/portfolio/holdings", None))], &instrument.symbol))
        (ui::page_head_with(&title, html! { @if instrument.is_simulated { (ui::simulated_mark()) } }, html! {
            @if is_fund { (ui::link_button("Composition", &format!("/portfolio/fund-weights/{id}"), false)) }
            (ui::link_button(if instrument.is_private { "Values" } else { "Instrument" }, &about, false))
        }))
        (scope.knowledge(&format!("/portfolio/holdings/{}", id.0), &[]))
        (figures(&viewer, &valuation, holding, &scope))
        (ui::card("Price, purchases and sales", ui::price_chart(chrome, "price", &series)))
        (ui::card("Open lots", lots(chrome, &valuation, holding)))
        (ui::card_with("Transactions", html! { a href=(all) { "All " (rows.len()) } }, {
            let newest = &rows[..rows.len().min(TRANSACTIONS_SHOWN)];
            transactions::pages::table(chrome, newest, &valuation.portfolios)
        }))
    };
    Ok(web::market_page(chrome, &title, main))
}

fn figures(viewer: &Viewer, valuation: &Valuation, holding: &Holding, scope: &Scope) -> Markup {
    let chrome = &viewer.chrome;
    let id = valuation.instrument(holding.asset).id;
    let traced =
        |figure, shown: Markup| trail::traced(&trail::href(figure, scope, Some(id), None), &shown);
    let base = valuation.base;
    let local = valuation.asset_currency(holding.asset);
    let report = HoldingReport::new(valuation, holding);
    let price = html! {
        @match holding.local_price {
            Some(price) => {
                (ui::price(chrome, price, local)) " "
                @if let Some(day) = holding.price_on { (ui::stale_mark(chrome, day, viewer.today)) }
            }
            None => (ui::missing("no price yet: import one with `bursar import bars`")),
        }
    };
    let local_value = html! {
        @if local != base { "· " (ui::amount(chrome, holding.local_value, local)) }
        @if !holding.is_priced { " · valued at cost" }
    };
    let quantity = html! { (ui::quantity(chrome, holding.quantity)) " shares at " (price) };
    ui::stats(&[
        ui::stat(
            "Value",
            traced(
                Figure::HoldingValue,
                ui::amount(chrome, holding.value, base),
            ),
            html! { (quantity) " " (local_value) },
        ),
        ui::stat(
            "Cost basis",
            traced(Figure::HoldingCost, ui::amount(chrome, holding.cost, base)),
            html! { "average " (ui::amount(chrome, report.average_cost, base)) ", fees included" },
        ),
        ui::stat(
            "Unrealised gain",
            traced(
                Figure::UnrealizedGain,
                ui::signed_amount(chrome, holding.unrealized_gain, base),
            ),
            html! {
                @if local != base {
                    "price " (ui::signed_amount(chrome, holding.price_gain, base))
                    ", currency " (ui::signed_amount(chrome, holding.currency_gain, base))
                }
            },
        ),
        ui::stat(
            "Realised gain",
            traced(
                Figure::RealizedGain,
                ui::signed_amount(chrome, holding.realized_gain, base),
            ),
            html! {
                // Without a rate the gain in the instrument's currency is all that is known.
                @if local != base { (ui::signed_amount(chrome, holding.local_realized_gain, local)) " in " (local) }
            },
        ),
        ui::stat(
            "Dividends",
            traced(
                Figure::Dividends,
                ui::amount(chrome, holding.dividends, base),
            ),
            html! { "fees " (ui::amount(chrome, holding.fees, base)) ", taxes " (ui::amount(chrome, holding.taxes, base)) },
        ),
    ])
}

fn lots(chrome: &Chrome, valuation: &Valuation, holding: &Holding) -> Markup {
    let table = lot_table(chrome, valuation, holding);
    html! {
        @match holding.lots.len() {
            0 => p.hint { "Everything has been sold." },
            1..=LOTS_SHOWN => (table),
            count => details { summary { "Show all " (count) " lots" } (table) },
        }
    }
}

fn lot_table(chrome: &Chrome, valuation: &Valuation, holding: &Holding) -> Markup {
    let local = valuation.asset_currency(holding.asset);
    let symbol = &valuation.instrument(holding.asset).symbol;
    let sales: Vec<Option<String>> = holding
        .lots
        .iter()
        .map(|open| sale_href(&valuation.portfolios[open.portfolio], symbol, open))
        .collect();
    let any_chosen = sales.iter().any(Option::is_some);
    html! {
        table.data.cards {
            caption.visually-hidden { "Open lots, oldest first" }
            thead {
                tr {
                    (ui::th("Acquired")) (ui::th("Portfolio")) (ui::th_num("Quantity"))
                    (ui::th_num("Cost per share")) (ui::th_num("Cost")) (ui::th_num("Cost in base currency"))
                    @if any_chosen { (ui::th("")) }
                }
            }
            tbody {
                @for (open, sale) in holding.lots.iter().zip(&sales) {
                    @let lot = &open.lot;
                    tr {
                        (ui::td("Acquired", html! { a href=(format!("/portfolio/transactions/{}/edit", lot.entry)) { (ui::date(chrome, lot.acquired_on)) } }))
                        (ui::td("Portfolio", html! { (valuation.portfolios[open.portfolio].name) }))
                        (ui::td_num("Quantity", ui::quantity(chrome, lot.quantity)))
                        (ui::td_num("Cost per share", ui::amount(chrome, lot.cost.checked_div(lot.quantity).unwrap_or_default(), local)))
                        (ui::td_num("Cost", ui::amount(chrome, lot.cost, local)))
                        (ui::td_num("Cost in base currency", ui::amount(chrome, lot.cost_base, valuation.base)))
                        @if any_chosen {
                            td.row-actions { @if let Some(href) = sale { a href=(href) { "Sell from this lot" } } }
                        }
                    }
                }
            }
        }
    }
}

/// The form of a sale that takes its shares out of one lot, where the portfolio lets one choose.
fn sale_href(portfolio: &Portfolio, symbol: &str, open: &OpenLot) -> Option<String> {
    let is_chosen =
        portfolio.cost_basis == CostBasis::SpecificLot && open.lot.quantity > Decimal::ZERO;
    let mut query = QueryString::new();
    query.push("type", Some("sell"));
    query.push("portfolio", Some(portfolio.id.0));
    query.push("symbol", Some(symbol));
    query.push("quantity", Some(open.lot.quantity.normalize()));
    query.push("lot", Some(open.lot.entry));
    is_chosen.then(|| format!("/portfolio/transactions/new{}", query.finish()))
}

fn mark(chrome: &Chrome, row: &TransactionView) -> Option<Mark> {
    let kind = match row.kind {
        TransactionKind::Buy => MarkKind::Buy,
        TransactionKind::Sell => MarkKind::Sell,
        TransactionKind::Dividend => MarkKind::Dividend,
        TransactionKind::Split => MarkKind::Split,
        _ => return None,
    };
    let label = match (row.kind, row.quantity, &row.ratio) {
        (_, _, Some(ratio)) => format!("Split {ratio}"),
        (_, Some(quantity), _) => {
            format!(
                "{} {}",
                row.kind.as_str(),
                web::format::quantity(&chrome.formats, quantity)
            )
        }
        _ => format!(
            "Dividend {}",
            web::format::money(&chrome.formats, row.amount, row.currency)
        ),
    };
    Some(Mark {
        date: row.date,
        kind,
        label,
    })
}
