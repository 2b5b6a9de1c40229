//! A chart of bars: candles, bars of four prices or a line, volume and an oscillator below, marks of events, and a table that says
//! the same. The picture is drawn in `drawing`; what is said about it stands in `words`.

mod drawing;
mod words;

use maud::{Markup, html};
use money::Currency;

use self::{
    drawing::{oscillator, prices, time_axis, volumes},
    words::{reading, readings, table},
};
use super::{price::MarkKind, scale::Scale};
use crate::chrome::Chrome;

const VALUE_TICKS: f64 = 5.0;

/// Prices of the span of one bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candle {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// What was traded.
    pub volume: Option<f64>,
}

/// How prices are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// A body from open to close, hollow where the price rose, with the extremes.
    Candles,
    /// A stroke from the lowest to the highest price, with the open on its left and the close on its right.
    Ohlc,
    /// A line of closes.
    Line,
    /// The same over a tinted surface.
    Area,
}

/// A line over the prices; of each bar its value, if it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// What it is called: `SMA 20`.
    pub name: String,
    /// 1 to 6: its colour and its dashes.
    pub style: u8,
    /// As many as there are bars.
    pub values: Vec<Option<f64>>,
}

/// Something that happened in a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BarMark {
    /// The place of the bar.
    pub index: usize,
    /// What.
    pub kind: MarkKind,
    /// In words: `at $187.20`. Nothing in it is hidden with the amounts.
    pub label: String,
    /// Where it can be read in full.
    pub href: Option<String>,
}

/// Lower and upper edge of a band at each bar, where it has begun.
pub type Edges = Vec<Option<(f64, f64)>>;

/// Bars in the order of time, with what is drawn over and below them.
#[derive(Clone, Debug, PartialEq)]
pub struct BarSeries {
    /// What the chart shows, in words.
    pub summary: String,
    /// When each bar was, in words.
    pub labels: Vec<String>,
    /// Marks of the time axis: places and words.
    pub ticks: Vec<(usize, String)>,
    /// The bars, as many as there are labels.
    pub bars: Vec<Candle>,
    /// How prices are drawn.
    pub drawing: Drawing,
    /// Equal distances are equal ratios.
    pub is_log: bool,
    /// Of the prices, where it is known.
    pub currency: Option<Currency>,
    /// Lines over the prices.
    pub overlays: Vec<Overlay>,
    /// A surface between a lower and an upper value, with its name.
    pub band: Option<(String, Edges)>,
    /// An index from 0 to 100 below the prices, with its name; 30 and 70 are marked.
    pub oscillator: Option<(String, Vec<Option<f64>>)>,
    /// What happened.
    pub marks: Vec<BarMark>,
    /// Where all bars can be had, if the table cannot hold them.
    pub table_href: Option<String>,
}

impl BarSeries {
    fn left(&self, index: usize) -> f64 {
        (index as f64 + 0.5) / self.bars.len().max(1) as f64
    }

    fn marks_on(&self, index: usize) -> impl Iterator<Item = &BarMark> {
        self.marks.iter().filter(move |mark| mark.index == index)
    }

    fn scale(&self) -> Scale {
        let prices = self.bars.iter().flat_map(|bar| match self.drawing {
            Drawing::Candles | Drawing::Ohlc => [bar.low, bar.high],
            Drawing::Line | Drawing::Area => [bar.close, bar.close],
        });
        let lines = self
            .overlays
            .iter()
            .flat_map(|line| line.values.iter().flatten().copied());
        let band = self.band.iter().flat_map(|(_, band)| band.iter().flatten());
        let band = band.flat_map(|(lower, upper)| [*lower, *upper]);
        let all = prices.chain(lines).chain(band);
        if self.is_log {
            Scale::log(all, VALUE_TICKS)
        } else {
            Scale::new(all, VALUE_TICKS)
        }
    }

    fn has_volume(&self) -> bool {
        self.bars
            .iter()
            .any(|bar| bar.volume.is_some_and(|volume| volume > 0.0))
    }
}

/// Prices as candles, as bars of four prices or as a line, what was traded below them, and what is reckoned from them. The drawing is
/// the server's; a script reads out the bar under the pointer or the arrow keys.
pub fn bar_chart(chrome: &Chrome, id: &str, series: &BarSeries) -> Markup {
    if series.bars.is_empty() {
        return html! {
            figure.chart id=(id) { p.chart-empty { "There are no prices in this period yet." } }
        };
    }
    html! {
        figure.chart.bars-chart id=(id) data-readings=(readings(chrome, series)) aria-label=(series.summary) {
            (key(series))
            (reading(chrome, series))
            div.bars-frame data-frame {
                (prices(chrome, series))
                @if series.has_volume() { (volumes(chrome, series)) }
                @if let Some((name, values)) = &series.oscillator { (oscillator(series, name, values)) }
                (time_axis(series))
            }
            (table(chrome, series))
        }
    }
}

fn key(series: &BarSeries) -> Markup {
    let kinds = [
        MarkKind::Buy,
        MarkKind::Sell,
        MarkKind::Dividend,
        MarkKind::Split,
    ];
    html! {
        figcaption.chart-key {
            @match series.drawing {
                Drawing::Candles => {
                    span.key-candle.gain { "Rose" }
                    span.key-candle.loss { "Fell" }
                }
                Drawing::Ohlc => {
                    span.key-ohlc.gain { "Rose" }
                    span.key-ohlc.loss { "Fell" }
                }
                Drawing::Line | Drawing::Area => span.key.line-value { "Close" },
            }
            @for line in &series.overlays { span.key.(overlay_class(line.style)) { (line.name) } }
            @if let Some((name, _)) = &series.band { span.key.key-band { (name) } }
            @for kind in kinds {
                @if series.marks.iter().any(|mark| mark.kind == kind) {
                    span.key-sign.(kind.class()) {
                        span aria-hidden="true" { (kind.glyph()) } " " (kind.name())
                    }
                }
            }
        }
    }
}

fn overlay_class(style: u8) -> &'static str {
    match style {
        1 => "overlay-1",
        2 => "overlay-2",
        3 => "overlay-3",
        4 => "overlay-4",
        5 => "overlay-5",
        _ => "overlay-6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candle(open: f64, close: f64) -> Candle {
        Candle {
            open,
            high: open.max(close) + 1.0,
            low: open.min(close) - 1.0,
            close,
            volume: Some(1_500_000.0),
        }
    }

    fn series() -> BarSeries {
        BarSeries {
            summary: "ACME by the day".into(),
            labels: ["Mar 5", "Mar 6", "Mar 9"].map(String::from).to_vec(),
            ticks: vec![(0, "Mar 5".into())],
            bars: vec![candle(10.0, 11.0), candle(11.0, 10.5), candle(10.5, 12.0)],
            drawing: Drawing::Candles,
            is_log: false,
            currency: Some(Currency::USD),
            overlays: vec![Overlay {
                name: "SMA 2".into(),
                style: 1,
                values: vec![None, Some(10.75), Some(11.25)],
            }],
            band: None,
            oscillator: Some(("RSI 14".into(), vec![None, Some(40.0), Some(60.0)])),
            marks: vec![BarMark {
                index: 1,
                kind: MarkKind::Buy,
                label: "at $10.50".into(),
                href: Some("/portfolio/transactions/1".into()),
            }],
            table_href: None,
        }
    }

    #[test]
    fn a_candle_that_rose_is_told_from_one_that_fell_by_more_than_colour() {
        let page = bar_chart(&Chrome::default(), "price", &series()).into_string();
        assert_eq!(
            page.matches("<path class=\"candle gain\"").count(),
            1,
            "one path for all"
        );
        assert_eq!(page.matches("<path class=\"candle loss\"").count(), 1);
        let line = BarSeries {
            drawing: Drawing::Line,
            ..series()
        };
        let page = bar_chart(&Chrome::default(), "price", &line).into_string();
        assert!(!page.contains("candle"), "{page}");
        assert!(page.contains("class=\"line line-value\""));
    }

    #[test]
    fn a_bar_of_four_prices_has_its_open_on_the_left_and_its_close_on_the_right() {
        let bars = BarSeries {
            drawing: Drawing::Ohlc,
            overlays: Vec::new(),
            bars: vec![candle(10.0, 11.0), candle(11.0, 10.0)],
            labels: vec!["Mar 5".into(), "Mar 6".into()],
            ..series()
        };
        let scale = bars.scale();
        let page = bar_chart(&Chrome::default(), "price", &bars).into_string();
        let y = |value: f64| format!("{:.1}", (1.0 - scale.position(value)) * 1_000.0);
        let [low, ten, eleven, high] = [9.0, 10.0, 11.0, 12.0].map(y);
        let rose = format!("M250.0 {high}V{low}M80.0 {ten}H250.0M250.0 {eleven}H420.0");
        let fell = format!("M750.0 {high}V{low}M580.0 {eleven}H750.0M750.0 {ten}H920.0");
        for (class, path) in [("gain", rose), ("loss", fell)] {
            let drawn = format!("<path class=\"ohlc {class}\" d=\"{path}\">");
            assert!(page.contains(&drawn), "{drawn}: {page}");
        }
        assert!(!page.contains("candle"), "{page}");
        assert!(page.contains("class=\"key-ohlc gain\""), "{page}");
    }

    #[test]
    fn the_last_bar_is_read_out_and_the_table_has_all_with_their_events() {
        let page = bar_chart(&Chrome::default(), "price", &series()).into_string();
        assert!(
            page.contains("<strong data-reading-at>Mar 9</strong>"),
            "{page}"
        );
        assert!(page.contains("<span class=\"reading-name\">Close</span> <span class=\"reading-value\">12.00</span>"), "{page}");
        assert!(page.contains("<td class=\"num\">1.5M</td>"), "{page}");
        assert!(
            page.contains("<a href=\"/portfolio/transactions/1\">Buy at $10.50</a>"),
            "{page}"
        );
        assert!(
            page.contains("<td class=\"num\">10.75</td>"),
            "the average: {page}"
        );
    }

    #[test]
    fn words_from_outside_stay_words() {
        let mut hostile = series();
        hostile.summary = "</figure><script>alert(1)</script>".into();
        hostile.labels[2] = "\"><script>".into();
        let page = bar_chart(&Chrome::default(), "price", &hostile).into_string();
        assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn without_bars_the_chart_says_so() {
        let none = BarSeries {
            bars: Vec::new(),
            ..series()
        };
        let page = bar_chart(&Chrome::default(), "price", &none).into_string();
        assert!(page.contains("There are no prices in this period yet."));
    }
}
