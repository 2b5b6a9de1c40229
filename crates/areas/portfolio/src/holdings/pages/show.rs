use std::collections::BTreeSet;

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

use super::list::{live_price, without_price};
use crate::{
    history,
    portfolios::Portfolio,
    private_assets,
    report::HoldingReport,
    scope::{self, Scope},
    trail::{Holding as Figure, Way},
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
        known_on: scope.known_on,
        ..Default::default()
    };
    let rows = transactions::store::list(&mut tx, &filter, None, TRANSACTIONS_MARKED).await?;
    let mut closes = market::bars::closes(tx.conn(), &[id]).await?;
    let shown = std::slice::from_ref(instrument);
    let before = scope.known_on.map(history::end_of);
    private_assets::service::add_closes(&mut tx, shown, before, &mut closes).await?;
    // What was held then may be deleted by now.
    let is_gone = instrument.is_private
        && private_assets::service::visible(&mut tx, id)
            .await?
            .is_none();
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
        table_href: Some(about.clone()).filter(|_| !is_gone),
    };
    let mut all = QueryString::new();
    all.push("portfolio", scope.portfolio.map(|id| id.0));
    all.push("q", Some(&instrument.symbol));
    all.push("known_on", scope.known_on);
    let all = format!("/portfolio/transactions{}", all.finish());
    let main = html! {
        (ui::breadcrumb(&[("Holdings", &scope.href("/portfolio/holdings", None))], &instrument.symbol))
        (ui::page_head_with(&title, html! {
            @if instrument.is_simulated { (ui::simulated_mark()) }
            (scope::unreconciled_mark(&valuation))
            @if !instrument.is_private && scope.known_on.is_none() { (ui::live_state()) }
        }, html! {
            @if is_fund { (ui::link_button("Composition", &format!("/portfolio/fund-weights/{id}"), false)) }
            @if !is_gone { (ui::link_button(if instrument.is_private { "Values" } else { "Instrument" }, &about, false)) }
        }))
        (scope.knowledge(&format!("/portfolio/holdings/{}", id.0), &[]))
        (figures(&viewer, &valuation, holding, &scope))
        (ui::card("Price, purchases and sales", ui::price_chart(chrome, "price", &series)))
        (ui::card("Open lots", lots(chrome, &valuation, holding)))
        (ui::card_with("Transactions", html! { a href=(all) { "All " (rows.len()) } }, {
            let newest = &rows[..rows.len().min(TRANSACTIONS_SHOWN)];
            transactions::pages::table(chrome, newest, &valuation.portfolios, scope.known_on)
        }))
    };
    Ok(web::market_page(chrome, &title, main))
}

fn figures(viewer: &Viewer, valuation: &Valuation, holding: &Holding, scope: &Scope) -> Markup {
    let chrome = &viewer.chrome;
    let id = valuation.instrument(holding.asset).id;
    let way = Way::new(scope).with("instrument_id", Some(id));
    let base = valuation.base;
    let local = valuation.asset_currency(holding.asset);
    let money = |figure, amount| way.to(figure, ui::amount(chrome, amount, base));
    let signed = |figure, amount| way.to(figure, ui::signed_amount(chrome, amount, base));
    let report = HoldingReport::new(valuation, holding);
    let price = html! {
        @match holding.local_price {
            Some(price) => {
                (live_price(scope, valuation.instrument(holding.asset), ui::price(chrome, price, local))) " "
                @if let Some(day) = holding.price_on { (ui::stale_mark(chrome, day, viewer.today)) }
            }
            None => (ui::missing(without_price(valuation.instrument(holding.asset)))),
        }
    };
    let local_value = html! {
        @if local != base { "· " (way.to(Figure::LocalValue, ui::amount(chrome, holding.local_value, local))) }
        @if !holding.is_priced { " · valued at cost" }
    };
    let quantity = html! { (ui::quantity(chrome, holding.quantity)) " shares at " (price) };
    ui::stats(&[
        ui::stat(
            "Value",
            money(Figure::Value, holding.value),
            html! { (quantity) " " (local_value) },
        ),
        ui::stat(
            "Cost basis",
            money(Figure::Cost, holding.cost),
            html! { "average " (money(Figure::AverageCost, report.average_cost)) ", fees included" },
        ),
        ui::stat(
            "Unrealised gain",
            signed(Figure::UnrealizedGain, holding.unrealized_gain),
            html! {
                @if local != base {
                    "price " (signed(Figure::PriceGain, holding.price_gain))
                    ", currency " (signed(Figure::CurrencyGain, holding.currency_gain))
                }
            },
        ),
        ui::stat(
            "Realised gain",
            signed(Figure::RealizedGain, holding.realized_gain),
            html! {
                // Without a rate the gain in the instrument's currency is all that is known.
                @if local != base {
                    (way.to(Figure::LocalRealizedGain, ui::signed_amount(chrome, holding.local_realized_gain, local)))
                    " in " (local)
                }
            },
        ),
        ui::stat(
            "Dividends",
            money(Figure::Dividends, holding.dividends),
            html! { "fees " (money(Figure::Fees, holding.fees)) ", taxes " (money(Figure::Taxes, holding.taxes)) },
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
    let is_chosen = |open: &OpenLot| {
        let portfolio = &valuation.portfolios[open.portfolio];
        portfolio.cost_basis == CostBasis::SpecificLot && open.lot.quantity > Decimal::ZERO
    };
    let sellers: BTreeSet<usize> = holding
        .lots
        .iter()
        .filter(|open| is_chosen(open))
        .map(|open| open.portfolio)
        .collect();
    let known = Scope::known(None, valuation.known_on);
    html! {
        table.data.cards {
            caption.visually-hidden { "Open lots, oldest first" }
            thead {
                tr {
                    (ui::th("Acquired")) (ui::th("Portfolio")) (ui::th_num("Quantity"))
                    (ui::th_num("Cost per share")) (ui::th_num("Cost")) (ui::th_num("Cost in base currency"))
                    @if !sellers.is_empty() { (ui::th_num("To sell")) }
                }
            }
            tbody {
                @for open in &holding.lots {
                    @let lot = &open.lot;
                    tr {
                        (ui::td("Acquired", html! { a href=(known.transaction_href(lot.entry)) { (ui::date(chrome, lot.acquired_on)) } }))
                        (ui::td("Portfolio", html! { (valuation.portfolios[open.portfolio].name) }))
                        (ui::td_num("Quantity", ui::quantity(chrome, lot.quantity)))
                        (ui::td_num("Cost per share", ui::amount(chrome, lot.cost.checked_div(lot.quantity).unwrap_or_default(), local)))
                        (ui::td_num("Cost", ui::amount(chrome, lot.cost, local)))
                        (ui::td_num("Cost in base currency", ui::amount(chrome, lot.cost_base, valuation.base)))
                        @if !sellers.is_empty() {
                            (ui::td_num("To sell", html! { @if is_chosen(open) { (shares_to_sell(open)) } }))
                        }
                    }
                }
            }
        }
        @for seller in &sellers { (sale(&valuation.portfolios[*seller], &valuation.instrument(holding.asset).symbol, *seller)) }
    }
}

/// How many shares of a lot go, where the portfolio lets one choose.
fn shares_to_sell(open: &OpenLot) -> Markup {
    let (form, day) = (sale_form(open.portfolio), open.lot.acquired_on);
    html! {
        input type="hidden" name="lot" value=(open.lot.entry) form=(form);
        input.short type="text" inputmode="decimal" name="shares" form=(form)
            aria-label=(format!("Shares of the lot of {day} to sell"))
            placeholder=(open.lot.quantity.normalize());
    }
}

/// Leads to the form of a sale of the chosen shares.
fn sale(portfolio: &Portfolio, symbol: &str, place: usize) -> Markup {
    html! {
        form.actions id=(sale_form(place)) method="get" action="/portfolio/transactions/new" {
            input type="hidden" name="type" value="sell";
            input type="hidden" name="portfolio" value=(portfolio.id.0);
            input type="hidden" name="symbol" value=(symbol);
            (ui::submit("Sell these shares"))
            span.hint { "from " (portfolio.name) ", out of the lots for which you state shares" }
        }
    }
}

fn sale_form(place: usize) -> String {
    format!("sale-{place}")
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
