use std::fmt::Write;

use axum::{Extension, extract::State};
use identity::{SignedIn, Viewer};
use jiff::{ToSpan, civil::Date};
use maud::{Markup, html};
use money::{Quotation, QuoteUnit};
use series::Basis;
use web::{
    App, Choice as _, Chrome, CsvFile, Path, Problem, Query,
    components::{
        self as c, Column, DataTable, LiveField, NoticeKind, card, data_table, link_button, notice,
        stat, stats, td, td_num,
    },
    market_page,
};

use super::{facts, price, provenance, reported, title, volume};
use crate::{
    bars::{self, DailyBar, adjusted::of_closes},
    charts::{self, Asked, History, Options, OwnTrade, OwnTrades},
    corporate_actions::{self, CorporateAction},
    feeds,
    freshness::{self, FigureSource},
    fundamentals::{self, Fundamental},
    instruments::{self, FormerSymbol, Instrument, InstrumentId, store},
    quotes::{self, Quote},
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
    let latest = bars::store::list_latest(tx.conn(), id, LATEST_BARS).await?;
    let actions = corporate_actions::of_instruments(tx.conn(), &[id]).await?;
    let former = instruments::former_symbols(tx.conn(), id).await?;
    let usual = viewer.preferences.chart_timeframe.as_str();
    let options = Options::new(&asked, usual, viewer.chrome.look.chart_type);
    let history = charts::history(tx.conn(), &instrument, &options).await?;
    let known = freshness::of_instrument(tx.conn(), id).await?;
    let reported = fundamentals::store::list(tx.conn(), id, None, REPORTED).await?;
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
        latest: &latest,
        actions: &actions,
        former: &former,
    }))
}

fn render(view: &View<'_>) -> Markup {
    let instrument = view.instrument;
    market_page(
        view.chrome,
        &instrument.symbol,
        html! {
            (c::breadcrumb(&[("Instruments", "/market/instruments")], &instrument.symbol))
            (c::page_head_with(&title(instrument), html! {
                @if instrument.is_simulated { (c::simulated_mark()) }
                @if !instrument.facts.is_active { (c::badge("No longer traded")) }
                @if !view.closes.is_empty() { (c::live_state()) }
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
            @if view.closes.is_empty() {
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
    let Some((date, last)) = view.closes.last() else {
        return html! {};
    };
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
    let (latest, change) = latest_price(view, *date, *last);
    stats(&[
        latest,
        change,
        stat(
            "Last close",
            price(view.chrome, *last, currency),
            html! {
                @if view.instrument.quote_unit == QuoteUnit::Minor
                    && let Some((bar, _)) = view.latest.first()
                {
                    (price(view.chrome, bar.close, view.instrument.quotation())) " · "
                }
                (c::date(view.chrome, *date)) " " (c::stale_mark(view.chrome, *date, view.today))
            },
        ),
        stat("Closes of the last year", range, html! {}),
    ])
}

/// The latest price with its change: that of a quote which is not older than the last close, or the close.
fn latest_price(view: &View<'_>, date: Date, last: f64) -> (Markup, Markup) {
    let (chrome, id) = (view.chrome, view.instrument.id);
    let currency = view.instrument.currency.map(Quotation::major);
    let day_of = |quote: &&Quote| quote.at.to_zoned(view.history.zone().clone()).date();
    let quote = view.quote.filter(|quote| day_of(quote) >= date);
    let unit = view.instrument.quote_unit;
    let value = quote.map_or(last, |quote| unit.in_currency(quote.price));
    let before = view
        .closes
        .iter()
        .rev()
        .nth(1)
        .map(|(_, before)| last / before - 1.0);
    let change = match quote {
        Some(quote) => quote.change_percent.map(|percent| percent / 100.0),
        None => before,
    };
    let at = html! {
        @if let Some(quote) = quote { (c::instant(chrome, quote.at)) }
        @else { "close of " (c::date(chrome, date)) }
    };
    let change = match change {
        Some(change) => c::signed_percent(chrome, change),
        None => c::missing("one close only"),
    };
    let compared = if quote.is_some() {
        "against the close before"
    } else {
        "on the day"
    };
    (
        stat(
            "Price",
            c::live(id, LiveField::Price, price(chrome, value, currency)),
            html! {
                (c::live(id, LiveField::At, at)) " "
                (c::stale_mark(chrome, quote.as_ref().map_or(date, day_of), view.today))
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
                (td("Source", html! { (source) }))
            }
        }
    };
    data_table(&table, rows, None)
}

fn optional(value: Option<f64>, figure: impl Fn(f64) -> Markup) -> Markup {
    value.map_or_else(|| c::missing("not stated by the source"), figure)
}

pub(super) async fn download(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<InstrumentId>,
) -> Result<CsvFile, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = store::require(tx.conn(), id).await?;
    let bars = bars::store::list_all(tx.conn(), id).await?;
    let name: String = instrument
        .symbol
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    Ok(CsvFile {
        name: format!("{name}-bars.csv"),
        bytes: csv(&instrument.symbol, &bars).into_bytes(),
    })
}

/// The columns that the import of bars reads.
fn csv(symbol: &str, bars: &[DailyBar]) -> String {
    let mut text = String::from("symbol,date,open,high,low,close,adj close,volume\n");
    let quoted = if symbol.contains([',', '"']) {
        format!("\"{}\"", symbol.replace('"', "\"\""))
    } else {
        symbol.to_owned()
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for bar in bars {
        let DailyBar {
            date,
            open,
            high,
            low,
            close,
            adjusted_close,
            volume,
        } = *bar;
        let (adjusted, volume) = (number(adjusted_close), number(volume));
        // Writing to a string cannot fail.
        _ = writeln!(
            text,
            "{quoted},{date},{open},{high},{low},{close},{adjusted},{volume}"
        );
    }
    text
}
