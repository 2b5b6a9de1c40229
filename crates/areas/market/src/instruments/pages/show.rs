use std::fmt::Write;

use axum::extract::State;
use identity::{SignedIn, Viewer};
use jiff::{ToSpan, civil::Date};
use maud::{Markup, html};
use money::{Currency, Quotation, QuoteUnit};
use serde::Deserialize;
use web::{
    App, Choice as _, Chrome, CsvFile, Path, Problem, Query,
    components::{
        self as c, Column, DataTable, NoticeKind, PriceSeries, card, data_table, link_button,
        notice, stat, stats, td, td_num,
    },
    market_page,
};

use super::{facts, price, title, volume};
use crate::{
    bars::{self, DailyBar},
    corporate_actions::{self, CorporateAction},
    instruments::{self, FormerSymbol, Instrument, InstrumentId, store},
};

/// Rows of the table of bars.
const LATEST_BARS: i64 = 30;
/// Days of the year whose highest and lowest price are shown.
const RANGE_DAYS: i64 = 365;
const PERIODS: [(&str, &str); 6] = [
    ("1M", "1M"),
    ("3M", "3M"),
    ("YTD", "YTD"),
    ("1Y", "1Y"),
    ("5Y", "5Y"),
    ("ALL", "All"),
];
/// ISO 4217's code for no currency.
const NO_CURRENCY: &str = "XXX";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    period: Option<String>,
}

struct View<'v> {
    chrome: &'v Chrome,
    today: Date,
    is_admin: bool,
    instrument: &'v Instrument,
    period: &'static str,
    /// In the currency.
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
    Query(choice): Query<Choice>,
) -> Result<Markup, Problem> {
    let mut tx = app.db.read(viewer.user_id).await?;
    let instrument = store::require(tx.conn(), id).await?;
    let closes = bars::closes(tx.conn(), &[id])
        .await?
        .remove(&id)
        .unwrap_or_default();
    let latest = bars::store::list_latest(tx.conn(), id, LATEST_BARS).await?;
    let actions = corporate_actions::of_instruments(tx.conn(), &[id]).await?;
    let former = instruments::former_symbols(tx.conn(), id).await?;
    let usual = viewer.preferences.chart_timeframe.as_str();
    let asked = choice.period.as_deref().unwrap_or(usual);
    let known = PERIODS
        .iter()
        .map(|(key, _)| *key)
        .find(|key| *key == asked);
    Ok(render(&View {
        chrome: &viewer.chrome,
        today: viewer.today,
        is_admin: who.is_admin,
        instrument: &instrument,
        period: known.unwrap_or(usual),
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
            }, html! {
                (link_button(
                    "Corrected prices",
                    &format!("/market/instruments/{}/overrides", instrument.id),
                    false,
                ))
                @if view.is_admin {
                    (link_button("Edit", &format!("/market/instruments/{}/edit", instrument.id), false))
                }
            }))
            @if instrument.currency.is_none() {
                (notice(NoticeKind::Warning, html! {
                    p {
                        "The currency of these prices is not known, so holdings cannot be valued. "
                        @if view.is_admin {
                            a href=(format!("/market/instruments/{}/edit", instrument.id)) {
                                "State it"
                            }
                            "."
                        } @else {
                            "The owner of this instance can state it."
                        }
                    }
                }))
            }
            @if view.closes.is_empty() {
                (card("Price", html! {
                    p { "No prices of " (instrument.symbol) " have been loaded yet." }
                    @if view.is_admin {
                        p { (link_button("Import prices", "/market/bars/import", true)) }
                    }
                }))
            } @else {
                (figures(view))
                (chart(view))
            }
            (card("Facts", facts::facts(view.chrome, instrument, view.former)))
            (corporate_actions::pages::card(view.chrome, instrument, view.actions, view.is_admin))
            @if !view.latest.is_empty() {
                (card("Latest bars", latest_bars(view)))
            }
        },
    )
}

fn figures(view: &View<'_>) -> Markup {
    let currency = view.instrument.currency.map(Quotation::major);
    let Some((date, last)) = view.closes.last() else {
        return html! {};
    };
    let before = view.closes.iter().rev().nth(1);
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
    let change = match before {
        Some((_, before)) => c::signed_percent(view.chrome, last / before - 1.0),
        None => c::missing("one close only"),
    };
    stats(&[
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
        stat("Change on the day", change, html! {}),
        stat("Closes of the last year", range, html! {}),
    ])
}

fn chart(view: &View<'_>) -> Markup {
    let id = view.instrument.id;
    let from = first_day(view.period, view.today);
    let shown = view
        .closes
        .iter()
        .filter(|(day, _)| from.is_none_or(|from| *day >= from));
    let (dates, close) = shown.copied().unzip();
    let unknown = || Currency::new(NO_CURRENCY).unwrap_or(Currency::USD);
    let series = PriceSeries {
        dates,
        close,
        currency: view.instrument.currency.unwrap_or_else(unknown),
        marks: Vec::new(),
        table_href: Some(format!("/market/instruments/{id}/bars.csv")),
    };
    let selector = c::period_selector(view.chrome, view.period, &PERIODS, |period| {
        format!("/market/instruments/{id}?period={period}")
    });
    c::card_with(
        "Price",
        selector,
        c::price_chart(view.chrome, "price", &series),
    )
}

/// The first day of a period; `None` for all days.
fn first_day(period: &str, today: Date) -> Option<Date> {
    match period {
        "1M" => Some(today.saturating_sub(1.month())),
        "3M" => Some(today.saturating_sub(3.months())),
        "YTD" => Some(today.first_of_year().yesterday().unwrap_or(today)),
        "1Y" => Some(today.saturating_sub(1.year())),
        "5Y" => Some(today.saturating_sub(5.years())),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use identity::preferences::ChartTimeframe;

    use super::*;

    #[test]
    fn every_timeframe_that_can_be_preferred_is_offered() {
        let offered = PERIODS.map(|(key, _)| key);
        let preferred: Vec<&str> = ChartTimeframe::ALL.iter().map(|one| one.as_str()).collect();
        for word in &preferred {
            assert!(offered.contains(word), "{word}");
        }
        assert_eq!(preferred.len(), offered.len());
    }
}
