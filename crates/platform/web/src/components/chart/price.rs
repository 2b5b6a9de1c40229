use jiff::civil::Date;
use maud::{Markup, html};
use money::Currency;
use serde_json::json;

use super::{
    plot::{Line, Sign, plot},
    scale::spaced,
};
use crate::{
    chrome::Chrome,
    components, format,
    look::{ChartType, Choice as _},
};

/// Rows of the table below the chart, besides those of the marks.
const TABLE_ROWS: usize = 60;

/// The digits in which an observed price is read: those of the currency, and more for small prices
/// and rates. What lies below is noise of adjusted floating-point series.
pub(super) fn digits(price: f64, currency: Currency) -> u32 {
    let fine = if price.abs() >= 10.0 {
        0
    } else if price.abs() >= 1.0 {
        4
    } else {
        6
    };
    currency.digits().max(fine)
}

fn observed(price: f64, currency: Currency) -> Option<f64> {
    let unit = 10f64.powi(digits(price, currency) as i32);
    price.is_finite().then(|| (price * unit).round() / unit)
}

/// What happened on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Bought.
    Buy,
    /// Sold.
    Sell,
    /// Received.
    Dividend,
    /// Divided or joined.
    Split,
}

impl MarkKind {
    fn word(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
            Self::Dividend => "dividend",
            Self::Split => "split",
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Buy => "mark-buy",
            Self::Sell => "mark-sell",
            Self::Dividend => "mark-dividend",
            Self::Split => "mark-split",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Buy => "Buy",
            Self::Sell => "Sell",
            Self::Dividend => "Dividend",
            Self::Split => "Split",
        }
    }

    pub(super) fn glyph(self) -> &'static str {
        match self {
            Self::Buy => "▲",
            Self::Sell => "▼",
            Self::Dividend => "●",
            Self::Split => "◆",
        }
    }
}

/// Something to see on the line of prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub date: Date,
    /// What.
    pub kind: MarkKind,
    /// In words: `10 at $187.20`.
    pub label: String,
}

/// Closing prices day by day, as long as `dates`; a price that is not finite is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceSeries {
    /// Days in order.
    pub dates: Vec<Date>,
    /// Closing prices.
    pub close: Vec<f64>,
    /// Their currency.
    pub currency: Currency,
    /// Own transactions and events.
    pub marks: Vec<Mark>,
    /// Where all days can be read, if the table cannot hold them.
    pub table_href: Option<String>,
}

impl PriceSeries {
    /// The day of the line on which a mark stands: its own, or the next one with a price.
    fn place(&self, mark: &Mark) -> Option<usize> {
        let index = self.dates.partition_point(|day| *day < mark.date);
        let is_within = self.dates.first().is_some_and(|first| *first <= mark.date);
        (is_within && index < self.dates.len()).then_some(index)
    }

    fn price_at(&self, index: usize) -> Option<f64> {
        self.close
            .get(index)
            .copied()
            .filter(|close| close.is_finite())
    }
}

/// The price of an instrument with one's own purchases and sales.
pub fn price_chart(chrome: &Chrome, id: &str, series: &PriceSeries) -> Markup {
    let Some((first, last)) = series.dates.first().zip(series.dates.last()) else {
        return html! {
            figure.chart id=(id) { p.chart-empty { "There are no prices in this period yet." } }
        };
    };
    let summary = format!(
        "Closing price, {} to {}",
        format::date(&chrome.formats, *first),
        format::date(&chrome.formats, *last)
    );
    let line = Line {
        class: "line-value",
        values: &series.close,
        is_main: true,
    };
    let signs: Vec<Sign> = series
        .marks
        .iter()
        .filter_map(|mark| {
            let index = series.place(mark)?;
            let value = series.price_at(index)?;
            Some(Sign {
                index,
                value,
                class: mark.kind.class(),
                glyph: mark.kind.glyph(),
            })
        })
        .collect();
    let kinds = [
        MarkKind::Buy,
        MarkKind::Sell,
        MarkKind::Dividend,
        MarkKind::Split,
    ];
    html! {
        figure.chart id=(id) data-chart=(data(chrome, series)) aria-label=(summary) {
            figcaption.chart-key {
                span.key.line-value { "Close" }
                @for kind in kinds {
                    @if series.marks.iter().any(|mark| mark.kind == kind) {
                        span.key-sign.(kind.class()) {
                            span aria-hidden="true" { (kind.glyph()) } " " (kind.name())
                        }
                    }
                }
            }
            (plot(chrome, &series.dates, &[line], &signs, false))
            (table(chrome, series, &summary))
        }
    }
}

/// How a line of single values is drawn.
pub(super) fn line_type(chrome: &Chrome) -> &'static str {
    match chrome.look.chart_type {
        ChartType::Candlestick => ChartType::Area.as_str(),
        chosen => chosen.as_str(),
    }
}

fn data(chrome: &Chrome, series: &PriceSeries) -> String {
    let marks: Vec<_> = series
        .marks
        .iter()
        .filter_map(|mark| {
            let index = series.place(mark)?;
            Some(json!({"index": index, "kind": mark.kind.word(), "label": mark.label}))
        })
        .collect();
    let closes: Vec<Option<f64>> = series
        .close
        .iter()
        .map(|close| observed(*close, series.currency))
        .collect();
    json!({
        "kind": "price",
        "type": line_type(chrome),
        "currency": series.currency.as_str(),
        "digits": series.currency.digits(),
        "dates": series.dates,
        "lines": [{"name": "Close", "key": "value", "data": closes}],
        "marks": marks,
    })
    .to_string()
}

fn table(chrome: &Chrome, series: &PriceSeries, summary: &str) -> Markup {
    let mut chosen = spaced(series.dates.len(), TABLE_ROWS);
    chosen.extend(series.marks.iter().filter_map(|mark| series.place(mark)));
    chosen.sort_unstable();
    chosen.dedup();
    let marks_on = |index: usize| {
        series
            .marks
            .iter()
            .filter(move |mark| series.place(mark) == Some(index))
    };
    html! {
        details.chart-data {
            summary { "Show as table" }
            (components::table_scroll(summary, html! {
                table.data {
                    caption.visually-hidden { (summary) }
                    thead {
                        tr {
                            (components::th("Date"))
                            (components::th_num("Close"))
                            (components::th("Events"))
                        }
                    }
                    tbody {
                        @for &index in chosen.iter().rev() {
                            @if let Some(day) = series.dates.get(index) {
                                tr {
                                    th scope="row" { (components::date(chrome, *day)) }
                                    td.num { (close(chrome, series, index)) }
                                    td {
                                        @for mark in marks_on(index) {
                                            span.event { (mark.kind.name()) " " (mark.label) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }))
            @if chosen.len() < series.dates.len() {
                p.hint {
                    (chosen.len()) " of " (series.dates.len()) " days: evenly spaced, and those with \
                    events. "
                    @if let Some(href) = &series.table_href { a href=(href) { "All days" } }
                }
            }
        }
    }
}

fn close(chrome: &Chrome, series: &PriceSeries, index: usize) -> Markup {
    match series
        .price_at(index)
        .and_then(|close| observed(close, series.currency))
        .and_then(money::decimal_from_f64)
    {
        Some(price) => components::price(chrome, price, series.currency),
        None => components::missing("no price on this day"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn series() -> PriceSeries {
        PriceSeries {
            dates: vec![date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)],
            close: vec![10.0, 10.5, 11.0],
            currency: Currency::USD,
            marks: Vec::new(),
            table_href: None,
        }
    }

    fn mark(day: Date) -> Mark {
        Mark {
            date: day,
            kind: MarkKind::Buy,
            label: "10 at $10.50".to_owned(),
        }
    }

    #[test]
    fn a_mark_on_a_day_without_price_stands_on_the_next() {
        assert_eq!(series().place(&mark(date(2026, 3, 7))), Some(2));
        assert_eq!(series().place(&mark(date(2026, 3, 6))), Some(1));
    }

    #[test]
    fn a_mark_outside_of_the_period_is_not_drawn() {
        assert_eq!(series().place(&mark(date(2026, 3, 4))), None);
        assert_eq!(series().place(&mark(date(2026, 3, 10))), None);
    }

    #[test]
    fn small_prices_keep_more_digits() {
        assert_eq!(observed(91.671_584, Currency::USD), Some(91.67));
        assert_eq!(observed(1.083_449, Currency::USD), Some(1.0834));
        assert_eq!(observed(0.000_123_4, Currency::USD), Some(0.000_123));
        assert_eq!(observed(f64::NAN, Currency::USD), None);
    }

    #[test]
    fn the_table_names_the_events() {
        let mut series = series();
        series.marks.push(mark(date(2026, 3, 6)));
        let page = price_chart(&Chrome::default(), "price", &series).into_string();
        assert!(
            page.contains("<span class=\"event\">Buy 10 at $10.50</span>"),
            "{page}"
        );
    }
}
