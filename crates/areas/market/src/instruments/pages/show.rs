use std::cmp::Ordering;

use axum::{Extension, extract::State};
use identity::{SignedIn, Viewer};
use jiff::{Timestamp, ToSpan, civil::Date};
use maud::{Markup, html};
use money::{Quotation, QuoteUnit};
use series::Basis;
use web::{
    App, Choice as _, Chrome, Path, Problem, Query,
    components::{
        self as c, Column, DataTable, LiveField, NoticeKind, card, data_table, link_button, notice,
        stat, stats, td, td_num,
    },
    market_page,
};

use super::{facts, price, provenance, reported, title, volume};
use crate::{
    bars::{self, DailyBar, Running, adjusted::of_closes},
    charts::{self, Asked, History, Options, OwnTrade, OwnTrades},
    corporate_actions::{self, CorporateAction},
    feeds,
    freshness::{self, FigureSource},
    fundamentals::{self, Fundamental},
    instruments::{self, FormerSymbol, Instrument, InstrumentId, store},
    quotes::{self, Quote},
    stated_by,
};

/// Rows of the table of bars.
const LATEST_BARS: i64 = 30;
/// Reported figures that are shown.
const REPORTED: i64 = 40;
/// Days of the year whose highest and lowest price are shown.
const RANGE_DAYS: i64 = 365;
struct View<'v> {
    chrome: &'v Chrome,
    today: Date,
    is_admin: bool,
    instrument: &'v Instrument,
    options: &'v Options,
    history: &'v History,
    trades: &'v [OwnTrade],
    quote: Option<&'v Quote>,
    known: &'v [FigureSource],
    reported: &'v [Fundamental],
    /// In the currency, adjusted for splits.
    closes: &'v [(Date, f64)],
    /// The day that is still traded, with its last price.
    running: Option<(Running, f64)>,
    /// As they were observed.
    latest: &'v [(DailyBar, String)],
    actions: &'v [CorporateAction],
    former: &'v [FormerSymbol],
}

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    who: SignedIn,
    Path(id): Path<InstrumentId>,
    Query(asked): Query<Asked>,
    own: Option<Extension<OwnTrades>>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = store::require(tx.conn(), id).await?;
    let mut closes = bars::closes(tx.conn(), &[id])
        .await?
        .remove(&id)
        .unwrap_or_default();
    // So that a split is no change and no low of the year.
    let (adjustments, _) = of_closes(tx.conn(), &instrument, Basis::Splits, &closes).await?;
    for ((_, close), adjustment) in closes.iter_mut().zip(adjustments) {
        *close *= adjustment.price;
    }
    let running = bars::running(tx.conn(), &[id], app.clock.now()).await?;
    let running = running.get(&id).copied();
    let running = running.and_then(|day| Some((day, closes.pop()?.1)));
    let latest = bars::store::list_latest(tx.conn(), id, LATEST_BARS).await?;
    let actions = corporate_actions::of_instruments(tx.conn(), &[id]).await?;
    let former = instruments::former_symbols(tx.conn(), id).await?;
    let usual = viewer.preferences.chart_timeframe.as_str();
    let options = Options::new(&asked, usual, viewer.chrome.look.chart_type);
    let history = charts::history(tx.conn(), &instrument, &options).await?;
    let known = freshness::of_instrument(tx.conn(), id).await?;
    let reported = fundamentals::store::list(tx.conn(), id, None, None, REPORTED).await?;
    let quote = quotes::latest(tx.conn(), &[id]).await?.pop();
    let trades = match own {
        Some(Extension(OwnTrades(look))) => look(&mut tx, id).await?,
        None => Vec::new(),
    };
    drop(tx);
    Ok(render(&View {
        chrome: &viewer.chrome,
        today: viewer.today,
        is_admin: who.is_admin,
        instrument: &instrument,
        options: &options,
        history: &history,
        trades: &trades,
        quote: quote.as_ref(),
        known: &known,
        reported: &reported,
        closes: &closes,
        running,
        latest: &latest,
        actions: &actions,
        former: &former,
    }))
}

fn render(view: &View<'_>) -> Markup {
    let instrument = view.instrument;
    let has_prices = !view.closes.is_empty() || view.running.is_some();
    market_page(
        view.chrome,
        &instrument.symbol,
        html! {
            (c::breadcrumb(&[("Instruments", "/market/instruments")], &instrument.symbol))
            (c::page_head_with(&title(instrument), html! {
                @if instrument.is_simulated { (c::simulated_mark()) }
                @if !instrument.facts.is_active { (c::badge("No longer traded")) }
                @if has_prices { (c::live_state()) }
            }, html! {
                (link_button(
                    "Corrected prices",
                    &format!("/market/instruments/{}/overrides", instrument.id),
                    false,
                ))
                @if view.is_admin {
                    @if feeds::asks_for(instrument) {
                        (link_button(
                            "How sources write it",
                            &format!("/market/instruments/{}/spellings", instrument.id),
                            false,
                        ))
                    }
                    (link_button("Edit", &format!("/market/instruments/{}/edit", instrument.id), false))
                }
            }))
            @if instrument.currency.is_none() { (no_currency(view)) }
            @if !has_prices {
                (card("Price", html! {
                    p { "No prices of " (instrument.symbol) " have been loaded yet." }
                    @if view.is_admin {
                        p { (link_button("Import prices", "/market/bars/import", true)) }
                    }
                }))
            } @else {
                (figures(view))
                (charts::pages::card(&charts::pages::Chart {
                    chrome: view.chrome,
                    instrument,
                    options: view.options,
                    history: view.history,
                    actions: view.actions,
                    trades: view.trades,
                }))
            }
            (card("Facts", facts::facts(view.chrome, instrument, view.former, view.today)))
            @if !view.reported.is_empty() {
                (card("Reported figures", reported::table(view.chrome, view.today, view.reported)))
            }
            (card("Where these figures come from", provenance::table(&provenance::Sources {
                chrome: view.chrome,
                today: view.today,
                instrument,
                quote: view.quote,
                known: view.known,
                actions: view.actions,
            })))
            (corporate_actions::pages::card(view.chrome, instrument, view.actions, view.is_admin))
            @if !view.latest.is_empty() {
                (card("Latest bars", latest_bars(view)))
            }
        },
    )
}

fn no_currency(view: &View<'_>) -> Markup {
    let edit = format!("/market/instruments/{}/edit", view.instrument.id);
    notice(
        NoticeKind::Warning,
        html! {
            p {
                "The currency of these prices is not known, so holdings cannot be valued. "
                @if view.is_admin { a href=(edit) { "State it" } "." }
                @else { "The owner of this instance can state it." }
            }
        },
    )
}

fn figures(view: &View<'_>) -> Markup {
    let currency = view.instrument.currency.map(Quotation::major);
    let since = view.today.saturating_sub(RANGE_DAYS.days());
    let year = view
        .closes
        .iter()
        .filter(|(day, _)| *day > since)
        .map(|(_, close)| *close);
    let (low, high) = year.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), close| {
        (low.min(close), high.max(close))
    });
    let range = if low <= high {
        html! {
            (price(view.chrome, low, currency)) " – " (price(view.chrome, high, currency))
        }
    } else {
        c::missing("no price in the last year")
    };
    let (latest, change) = latest_price(view);
    stats(&[
        latest,
        change,
        last_close(view),
        stat("Closes of the last year", range, html! {}),
    ])
}

fn last_close(view: &View<'_>) -> Markup {
    let (chrome, instrument) = (view.chrome, view.instrument);
    let Some((date, close)) = view.closes.last() else {
        let missing = c::missing("the first day is not over yet");
        return stat("Last close", missing, html! {});
    };
    let observed = view.latest.iter().find(|(bar, _)| bar.date == *date);
    stat(
        "Last close",
        price(chrome, *close, instrument.currency.map(Quotation::major)),
        html! {
            @if instrument.quote_unit == QuoteUnit::Minor && let Some((bar, _)) = observed {
                (price(chrome, bar.close, instrument.quotation())) " · "
            }
            (c::date(chrome, *date)) " " (c::stale_mark(chrome, *date, view.today))
        },
    )
}

/// What an instrument costs, and since when.
struct Latest {
    date: Date,
    value: f64,
    /// As a ratio.
    change: Option<f64>,
    /// Whether a session has ended with it.
    is_close: bool,
    /// When it was made; of a close not told.
    at: Option<Timestamp>,
}

/// That of a quote which is not older than the last price of a bar, or this price.
fn latest(view: &View<'_>) -> Option<Latest> {
    let mut closes = view.closes.iter().rev();
    let (known, before) = match (view.running, closes.next()) {
        (Some((day, price)), last) => ((day.date, price, day.until), last),
        (None, Some((date, close))) => ((*date, *close, None), closes.next()),
        (None, None) => return None,
    };
    let (date, value, until) = known;
    let day_of = |quote: &Quote| quote.at.to_zoned(view.history.zone().clone()).date();
    let is_newer = |quote: &&Quote| match day_of(quote).cmp(&date) {
        Ordering::Less => false,
        Ordering::Equal => until.is_none_or(|until| quote.at >= until),
        Ordering::Greater => true,
    };
    Some(match view.quote.filter(is_newer) {
        Some(quote) => Latest {
            date: day_of(quote),
            value: view.instrument.quote_unit.in_currency(quote.price),
            change: quote.change_percent.map(|percent| percent / 100.0),
            is_close: false,
            at: Some(quote.at),
        },
        None => Latest {
            date,
            value,
            change: before.map(|(_, before)| value / before - 1.0),
            is_close: view.running.is_none(),
            at: until,
        },
    })
}

/// The latest price with its change.
fn latest_price(view: &View<'_>) -> (Markup, Markup) {
    let (chrome, id) = (view.chrome, view.instrument.id);
    let Some(latest) = latest(view) else {
        return (html! {}, html! {});
    };
    let at = html! {
        @if let Some(at) = latest.at { (c::instant(chrome, at)) }
        @else if latest.is_close { "close of " (c::date(chrome, latest.date)) }
        @else { "so far on " (c::date(chrome, latest.date)) }
    };
    let change = match latest.change {
        Some(change) => c::signed_percent(chrome, change),
        None => c::missing("no close before it"),
    };
    let compared = if latest.is_close {
        "on the day"
    } else {
        "against the close before"
    };
    let currency = view.instrument.currency.map(Quotation::major);
    (
        stat(
            "Price",
            c::live(id, LiveField::Price, price(chrome, latest.value, currency)),
            html! {
                (c::live(id, LiveField::At, at)) " "
                (c::stale_mark(chrome, latest.date, view.today))
            },
        ),
        stat(
            "Change",
            c::live(id, LiveField::Percent, change),
            html! { (compared) },
        ),
    )
}

fn latest_bars(view: &View<'_>) -> Markup {
    let columns = [
        Column::text("date", "Day").fixed(),
        Column::number("open", "Open"),
        Column::number("high", "High"),
        Column::number("low", "Low"),
        Column::number("close", "Close").fixed(),
        Column::number("adjusted", "Adjusted close").hidden(),
        Column::number("volume", "Volume"),
        Column::text("source", "Source"),
    ];
    let href = format!("/market/instruments/{}/bars.csv", view.instrument.id);
    let table = DataTable {
        id: "bars",
        caption: "Latest daily bars",
        columns: &columns,
        csv_href: Some(&href),
    };
    let observed = view.instrument.quotation();
    let figure = |value| price(view.chrome, value, observed);
    let rows = html! {
        @for (bar, source) in view.latest {
            tr {
                (td("Day", c::date(view.chrome, bar.date)))
                (td_num("Open", figure(bar.open)))
                (td_num("High", figure(bar.high)))
                (td_num("Low", figure(bar.low)))
                (td_num("Close", figure(bar.close)))
                (td_num("Adjusted close", optional(bar.adjusted_close, figure)))
                (td_num("Volume", volume(view.chrome, bar.volume)))
                (td("Source", html! { (stated_by::label(source)) }))
            }
        }
    };
    data_table(&table, rows, None)
}

fn optional(value: Option<f64>, figure: impl Fn(f64) -> Markup) -> Markup {
    value.map_or_else(|| c::missing("not stated by the source"), figure)
}
