use maud::{Markup, PreEscaped, html};
use money::Currency;
use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use serde_json::json;

use super::BarSeries;
use crate::{
    chrome::Chrome,
    components::{
        self,
        chart::{plot::number, price::digits, scale::spaced},
    },
    format,
};

/// Rows of the table below the chart, besides those of the marks.
const TABLE_ROWS: usize = 60;

/// What a bar tells, in words: names and, for each bar, its time and its values.
fn values(chrome: &Chrome, series: &BarSeries) -> (Vec<String>, Vec<Vec<String>>) {
    let mut names: Vec<String> = ["Open", "High", "Low", "Close"].map(String::from).to_vec();
    if series.has_volume() {
        names.push("Volume".into());
    }
    names.extend(series.overlays.iter().map(|line| line.name.clone()));
    if let Some((name, _)) = &series.band {
        names.push(name.clone());
    }
    if let Some((name, _)) = &series.oscillator {
        names.push(name.clone());
    }
    let price = |value: f64| price_text(chrome, series, value);
    let known = |value: Option<f64>| value.map_or_else(|| format::UNKNOWN.to_owned(), price);
    let rows = series.bars.iter().enumerate().map(|(index, bar)| {
        let mut row: Vec<String> = [bar.open, bar.high, bar.low, bar.close].map(price).to_vec();
        if series.has_volume() {
            row.push(
                bar.volume
                    .map_or_else(|| format::UNKNOWN.to_owned(), |v| compact(chrome, v)),
            );
        }
        let at = |values: &[Option<f64>]| values.get(index).copied().flatten();
        row.extend(series.overlays.iter().map(|line| known(at(&line.values))));
        if let Some((_, band)) = &series.band {
            let band = band.get(index).copied().flatten();
            row.push(band.map_or_else(
                || format::UNKNOWN.to_owned(),
                |(lower, upper)| format!("{} – {}", price(lower), price(upper)),
            ));
        }
        if let Some((_, values)) = &series.oscillator {
            let value = at(values).map(|value| number(chrome, value, 1));
            row.push(value.unwrap_or_else(|| format::UNKNOWN.to_owned()));
        }
        row
    });
    (names, rows.collect())
}

pub(super) fn readings(chrome: &Chrome, series: &BarSeries) -> String {
    let (names, rows) = values(chrome, series);
    let marks: Vec<_> = series
        .marks
        .iter()
        .map(|mark| json!([mark.index, format!("{} {}", mark.kind.name(), mark.label)]))
        .collect();
    json!({"labels": series.labels, "names": names, "rows": rows, "marks": marks}).to_string()
}

/// The last bar, read out; the script puts another in its place.
pub(super) fn reading(chrome: &Chrome, series: &BarSeries) -> Markup {
    let (names, rows) = values(chrome, series);
    let last = series.bars.len() - 1;
    html! {
        div.reading data-reading {
            strong data-reading-at { @if let Some(label) = series.labels.get(last) { (label) } }
            @for (name, value) in names.iter().zip(rows.last().into_iter().flatten()) {
                span.reading-part { span.reading-name { (name) } " " span.reading-value { (value) } }
            }
            span.reading-marks data-reading-marks {
                @for mark in series.marks_on(last) {
                    span { (mark.kind.name()) " " (mark.label) }
                }
            }
        }
    }
}

fn price_text(chrome: &Chrome, series: &BarSeries, value: f64) -> String {
    number(
        chrome,
        value,
        digits(value, series.currency.unwrap_or(Currency::USD)),
    )
}

/// `12.3M`: as much as there is room for beside an axis.
pub(super) fn compact(chrome: &Chrome, value: f64) -> String {
    let (size, word) = match value {
        _ if value >= 1e9 => (1e9, "B"),
        _ if value >= 1e6 => (1e6, "M"),
        _ if value >= 1e4 => (1e3, "K"),
        _ => (1.0, ""),
    };
    let scaled = Decimal::from_f64((value / size * 100.0).round() / 100.0).unwrap_or_default();
    format!("{}{word}", format::quantity(&chrome.formats, scaled))
}

pub(super) fn table(chrome: &Chrome, series: &BarSeries) -> Markup {
    let mut chosen = spaced(series.bars.len(), TABLE_ROWS);
    chosen.extend(series.marks.iter().map(|mark| mark.index));
    chosen.sort_unstable();
    chosen.dedup();
    let (names, rows) = values(chrome, series);
    html! {
        details.chart-data {
            summary { "Show as table" }
            (components::table_scroll(&series.summary, html! {
                table.data {
                    caption.visually-hidden { (series.summary) }
                    thead {
                        tr {
                            (components::th("Time"))
                            @for name in &names { (components::th_num(name)) }
                            (components::th("Events"))
                        }
                    }
                    tbody {
                        @for &index in chosen.iter().rev() {
                            tr {
                                th scope="row" { @if let Some(label) = series.labels.get(index) { (label) } }
                                @for value in rows.get(index).into_iter().flatten() { td.num { (value) } }
                                td { (events(series, index)) }
                            }
                        }
                    }
                }
            }))
            @if chosen.len() < series.bars.len() {
                p.hint {
                    (chosen.len()) " of " (series.bars.len()) " bars: evenly spaced, and those with events. "
                    @if let Some(href) = &series.table_href { a href=(href) { "All days" } }
                }
            }
        }
    }
}

fn events(series: &BarSeries, index: usize) -> Markup {
    html! {
        @for (place, mark) in series.marks_on(index).enumerate() {
            @if place > 0 { (PreEscaped(" ")) }
            span.event {
                @if let Some(href) = &mark.href {
                    a href=(href) { (mark.kind.name()) " " (mark.label) }
                } @else {
                    (mark.kind.name()) " " (mark.label)
                }
            }
        }
    }
}
