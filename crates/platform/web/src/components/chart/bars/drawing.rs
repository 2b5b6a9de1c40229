use std::fmt::Write as _;

use maud::{Markup, html};

use super::{BarSeries, Drawing, overlay_class, words::compact};
use crate::{
    chrome::Chrome,
    components::chart::{
        plot::{number, style},
        price::MarkKind,
        scale::Scale,
    },
};

/// The drawings are stretched over their frames; strokes keep their width.
const SIDE: f64 = 1_000.0;
/// What a candle or a column takes of the room of its bar.
const BODY: f64 = 0.68;

// Writing to a string cannot fail, so what `write!` returns below is let go.

pub(super) fn prices(chrome: &Chrome, series: &BarSeries) -> Markup {
    let scale = series.scale();
    let tick_digits = scale.digits();
    html! {
        div.plot.price-plot aria-hidden="true" {
            svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                (grid(&scale))
                @if let Some((_, band)) = &series.band {
                    path.band d=(band_path(series, &scale, band)) {}
                }
                (course(series, &scale))
                @for line in &series.overlays {
                    path.line.overlay.(overlay_class(line.style))
                        d=(line_path(series, &scale, |index| line.values.get(index).copied().flatten())) {}
                }
            }
            @for tick in &scale.ticks {
                span.tick-y style=(style("top", 1.0 - scale.position(*tick))) {
                    (number(chrome, *tick, tick_digits))
                }
            }
            (signs(series, &scale))
        }
    }
}

fn grid(scale: &Scale) -> Markup {
    html! {
        @for tick in &scale.ticks {
            @let y = y(scale, *tick);
            line.grid x1="0" x2="1000" y1=(y) y2=(y) {}
        }
    }
}

fn course(series: &BarSeries, scale: &Scale) -> Markup {
    match series.drawing {
        Drawing::Candles => candles(series, scale),
        Drawing::Ohlc => ohlc_bars(series, scale),
        Drawing::Line | Drawing::Area => {
            let path = line_path(series, scale, |index| {
                series.bars.get(index).map(|bar| bar.close)
            });
            let (first, last) = (
                series.left(0) * SIDE,
                series.left(series.bars.len() - 1) * SIDE,
            );
            html! {
                @if series.drawing == Drawing::Area {
                    path.area.line-value d=(format!("{path}L{last:.1} 1000L{first:.1} 1000Z")) {}
                }
                path.line.line-value d=(path) {}
            }
        }
    }
}

/// Two paths for those that rose, which stay hollow, and two for those that fell: a page holds hundreds.
fn candles(series: &BarSeries, scale: &Scale) -> Markup {
    let half = SIDE / series.bars.len() as f64 * BODY / 2.0;
    let mut wicks = [String::new(), String::new()];
    let mut bodies = [String::new(), String::new()];
    for (index, bar) in series.bars.iter().enumerate() {
        let x = series.left(index) * SIDE;
        let (top, bottom) = (bar.open.max(bar.close), bar.open.min(bar.close));
        let fell = usize::from(bar.close < bar.open);
        let [high, top, bottom, low] =
            [bar.high, top, bottom, bar.low].map(|value| y(scale, value));
        if let (Some(wicks), Some(bodies)) = (wicks.get_mut(fell), bodies.get_mut(fell)) {
            _ = write!(wicks, "M{x:.1} {high}V{top}M{x:.1} {bottom}V{low}");
            let (left, right) = (x - half, x + half);
            _ = write!(bodies, "M{left:.1} {top}H{right:.1}V{bottom}H{left:.1}Z");
        }
    }
    let [rose_wicks, fell_wicks] = wicks;
    let [rose, fell] = bodies;
    html! {
        path.wick.gain d=(rose_wicks) {}
        path.wick.loss d=(fell_wicks) {}
        path.candle.gain d=(rose) {}
        path.candle.loss d=(fell) {}
    }
}

/// One path for those that rose and one for those that fell. They are told apart by their ticks as well as by
/// colour: the open stands on the left of the stroke, the close on the right.
fn ohlc_bars(series: &BarSeries, scale: &Scale) -> Markup {
    let half = SIDE / series.bars.len() as f64 * BODY / 2.0;
    let mut paths = [String::new(), String::new()];
    for (index, bar) in series.bars.iter().enumerate() {
        let Some(path) = paths.get_mut(usize::from(bar.close < bar.open)) else {
            continue;
        };
        let x = series.left(index) * SIDE;
        let [open, high, low, close] =
            [bar.open, bar.high, bar.low, bar.close].map(|value| y(scale, value));
        let (left, right) = (x - half, x + half);
        _ = write!(
            path,
            "M{x:.1} {high}V{low}M{left:.1} {open}H{x:.1}M{x:.1} {close}H{right:.1}"
        );
    }
    let [rose, fell] = paths;
    html! {
        path.ohlc.gain d=(rose) {}
        path.ohlc.loss d=(fell) {}
    }
}

fn line_path(series: &BarSeries, scale: &Scale, value: impl Fn(usize) -> Option<f64>) -> String {
    let mut path = String::new();
    let mut joined = false;
    for index in 0..series.bars.len() {
        let Some(value) = value(index).filter(|value| value.is_finite()) else {
            joined = false;
            continue;
        };
        let command = if joined { 'L' } else { 'M' };
        let dot = if joined { "" } else { "h0" };
        let x = series.left(index) * SIDE;
        _ = write!(path, "{command}{x:.1} {}{dot}", y(scale, value));
        joined = true;
    }
    path
}

/// From left to right along the top and back along the bottom; values begin once and do not end.
fn band_path(series: &BarSeries, scale: &Scale, band: &[Option<(f64, f64)>]) -> String {
    let known: Vec<(f64, f64, f64)> = band
        .iter()
        .enumerate()
        .filter_map(|(index, band)| {
            let (lower, upper) = (*band)?;
            Some((series.left(index) * SIDE, lower, upper))
        })
        .collect();
    let top = known.iter().map(|(x, _, upper)| (x, upper));
    let bottom = known.iter().rev().map(|(x, lower, _)| (x, lower));
    let mut path = String::new();
    for (x, value) in top.chain(bottom) {
        let command = if path.is_empty() { 'M' } else { 'L' };
        _ = write!(path, "{command}{x:.1} {}", y(scale, *value));
    }
    path
}

fn y(scale: &Scale, value: f64) -> String {
    format!("{:.1}", (1.0 - scale.position(value)) * SIDE)
}

/// Purchases stand below the lowest price and sales above the highest, events at the foot.
fn signs(series: &BarSeries, scale: &Scale) -> Markup {
    html! {
        div.signs {
            @for mark in &series.marks {
                @if let Some(bar) = series.bars.get(mark.index) {
                    @let (low, high) = match series.drawing {
                        Drawing::Candles | Drawing::Ohlc => (bar.low, bar.high),
                        Drawing::Line | Drawing::Area => (bar.close, bar.close),
                    };
                    @let top = match mark.kind {
                        MarkKind::Buy => 1.0 - scale.position(low),
                        MarkKind::Sell => 1.0 - scale.position(high),
                        MarkKind::Dividend | MarkKind::Split => 0.985,
                    };
                    @let place = format!("{};{}", style("left", series.left(mark.index)), style("top", top));
                    span.sign.(mark.kind.class()) style=(place) { (mark.kind.glyph()) }
                }
            }
        }
    }
}

pub(super) fn volumes(chrome: &Chrome, series: &BarSeries) -> Markup {
    let most = series
        .bars
        .iter()
        .filter_map(|bar| bar.volume)
        .fold(0.0_f64, f64::max);
    let half = SIDE / series.bars.len() as f64 * BODY / 2.0;
    let mut paths = [String::new(), String::new()];
    for (index, bar) in series.bars.iter().enumerate() {
        let volume = bar.volume.unwrap_or_default();
        let Some(path) = paths.get_mut(usize::from(bar.close < bar.open)) else {
            continue;
        };
        if volume > 0.0 {
            let (x, top) = (series.left(index) * SIDE, (1.0 - volume / most) * SIDE);
            let (left, right) = (x - half, x + half);
            _ = write!(path, "M{left:.1} 1000V{top:.1}H{right:.1}V1000Z");
        }
    }
    let [rose, fell] = paths;
    html! {
        div.plot.volume-plot aria-hidden="true" {
            svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                path.column.gain d=(rose) {}
                path.column.loss d=(fell) {}
                line.grid x1="0" x2="1000" y1="1000" y2="1000" {}
            }
            span.plot-name { "Volume" }
            span.tick-y style="top:8.00%" { (compact(chrome, most)) }
        }
    }
}

pub(super) fn oscillator(series: &BarSeries, name: &str, values: &[Option<f64>]) -> Markup {
    let scale = Scale::new([0.0, 100.0].into_iter(), 1.0);
    html! {
        div.plot.oscillator-plot aria-hidden="true" {
            svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                @for level in [30.0, 70.0] {
                    @let y = y(&scale, level);
                    line.grid x1="0" x2="1000" y1=(y) y2=(y) {}
                }
                path.line.oscillator
                    d=(line_path(series, &scale, |index| values.get(index).copied().flatten())) {}
            }
            span.plot-name { (name) }
            span.tick-y style="top:30.00%" { "70" }
            span.tick-y style="top:70.00%" { "30" }
        }
    }
}

pub(super) fn time_axis(series: &BarSeries) -> Markup {
    html! {
        div.bars-ticks aria-hidden="true" {
            @for (index, word) in &series.ticks {
                span.tick-x style=(style("left", series.left(*index))) { (word) }
            }
        }
    }
}
