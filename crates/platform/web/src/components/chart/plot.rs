use jiff::civil::Date;
use maud::{Markup, html};
use money::Currency;
use rust_decimal::Decimal;

use super::scale::{Scale, spaced};
use crate::{chrome::Chrome, format, look::ChartType};

/// Points per line of the server's drawing; more would not be seen.
const MOST_POINTS: usize = 400;
/// The drawing is stretched over its frame; strokes keep their width.
const SIDE: f64 = 1_000.0;
const DATE_TICKS: usize = 5;
const VALUE_TICKS: f64 = 4.0;

/// Bars of the server's drawing; more would touch each other.
const MOST_BARS: usize = 120;

/// One line of a time chart.
pub(super) struct Line<'a> {
    pub(super) class: &'static str,
    pub(super) values: &'a [f64],
    /// What the chart is about, drawn as the person wants; the others are lines.
    pub(super) is_main: bool,
}

/// A sign at a place of the drawing.
pub(super) struct Sign {
    pub(super) index: usize,
    pub(super) value: f64,
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
}

/// A time chart as the server draws it: lines in SVG, axes as text of the page.
pub(super) fn plot(
    chrome: &Chrome,
    dates: &[Date],
    lines: &[Line<'_>],
    signs: &[Sign],
    hides_amounts: bool,
) -> Markup {
    let scale = Scale::new(
        lines.iter().flat_map(|line| line.values.iter().copied()),
        VALUE_TICKS,
    );
    let chosen = spaced(dates.len(), MOST_POINTS);
    let digits = scale.digits();
    // One value a day is no candle.
    let is_filled = matches!(
        chrome.look.chart_type,
        ChartType::Candlestick | ChartType::Area
    );
    html! {
        div.plot aria-hidden="true" {
            svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                @for tick in &scale.ticks {
                    @let y = coordinate(&scale, *tick);
                    line.grid x1="0" x2="1000" y1=(y) y2=(y) {}
                }
                @for line in lines {
                    @if line.is_main && chrome.look.chart_type == ChartType::Bar {
                        path.bars.(line.class) d=(bars(&scale, line.values)) {}
                    } @else {
                        @let path = path(&scale, &chosen, line.values, dates.len());
                        @if line.is_main && is_filled && !path.is_empty() {
                            path.area.(line.class) d=(format!("{path}L1000 1000L0 1000Z")) {}
                        }
                        path.line.(line.class) d=(path) {}
                    }
                }
            }
            @for tick in &scale.ticks {
                span.tick-y.figure[hides_amounts] style=(style("top", 1.0 - scale.position(*tick))) {
                    (number(chrome, *tick, digits))
                }
            }
            div.ticks-x {
                @for index in spaced(dates.len(), DATE_TICKS) {
                    @if let Some(day) = dates.get(index) {
                        span.tick-x style=(style("left", fraction(index, dates.len()))) {
                            (format::date(&chrome.formats, *day))
                        }
                    }
                }
            }
            div.signs {
                @for sign in signs {
                    @let left = style("left", fraction(sign.index, dates.len()));
                    @let top = style("top", 1.0 - scale.position(sign.value));
                    span.sign.(sign.class) style=(format!("{left};{top}")) { (sign.glyph) }
                }
            }
        }
    }
}

/// A value of a chart as money: an observation on its way to the screen, not to a ledger.
pub(super) fn observed_money(chrome: &Chrome, value: f64, currency: Currency) -> Markup {
    match money::decimal_from_f64(value) {
        Some(value) => crate::components::amount(chrome, value, currency),
        None => crate::components::missing("no value on this day"),
    }
}

/// The numbers of a series, cut to digits that can be seen, with gaps where there is none.
pub(super) fn rounded(values: &[f64], digits: u32) -> Vec<Option<f64>> {
    let unit = 10f64.powi(digits as i32);
    values
        .iter()
        .map(|value| value.is_finite().then(|| (value * unit).round() / unit))
        .collect()
}

pub(super) fn number(chrome: &Chrome, value: f64, digits: u32) -> String {
    Decimal::from_f64_retain(value).map_or_else(String::new, |value| {
        format::decimal(&chrome.formats, value, digits)
    })
}

fn path(scale: &Scale, chosen: &[usize], values: &[f64], len: usize) -> String {
    let mut segments = Vec::with_capacity(chosen.len());
    let mut joined = false;
    for &index in chosen {
        match values.get(index).filter(|value| value.is_finite()) {
            Some(value) => {
                let x = fraction(index, len) * SIDE;
                let command = if joined { 'L' } else { 'M' };
                // A lone point becomes a dot: a line of no length with round ends.
                let dot = if joined { "" } else { "h0" };
                segments.push(format!(
                    "{command}{x:.1} {}{dot}",
                    coordinate(scale, *value)
                ));
                joined = true;
            }
            None => joined = false,
        }
    }
    segments.concat()
}

/// One upright stroke for each value, from the foot of the drawing.
fn bars(scale: &Scale, values: &[f64]) -> String {
    let strokes = spaced(values.len(), MOST_BARS)
        .into_iter()
        .filter_map(|index| {
            let value = values.get(index).filter(|value| value.is_finite())?;
            let x = fraction(index, values.len()) * SIDE;
            Some(format!("M{x:.1} 1000V{}", coordinate(scale, *value)))
        });
    strokes.collect()
}

fn coordinate(scale: &Scale, value: f64) -> String {
    format!("{:.1}", (1.0 - scale.position(value)) * SIDE)
}

fn fraction(index: usize, len: usize) -> f64 {
    if len > 1 {
        index as f64 / (len - 1) as f64
    } else {
        0.5
    }
}

pub(super) fn style(property: &str, fraction: f64) -> String {
    format!("{property}:{:.2}%", fraction * 100.0)
}
