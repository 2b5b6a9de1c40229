use jiff::civil::Date;
use maud::{Markup, html};
use money::Currency;
use serde_json::json;

use super::{
    plot::{Line, observed_money, plot, rounded},
    price::line_type,
    scale::spaced,
};
use crate::{chrome::Chrome, components, format};

/// Rows of the table below the chart.
const TABLE_ROWS: usize = 60;

/// The value of a portfolio day by day. All series are as long as `dates`; a value that is not
/// finite is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSeries {
    /// Days in order.
    pub dates: Vec<Date>,
    /// Worth at the end of the day.
    pub value: Vec<f64>,
    /// Money put in less money taken out, up to the day.
    pub net_invested: Vec<f64>,
    /// Name and course of something to compare with, in the same currency.
    pub benchmark: Option<(String, Vec<f64>)>,
    /// Currency of all series.
    pub currency: Currency,
    /// Where all days can be read, if the table cannot hold them.
    pub table_href: Option<String>,
}

/// The value with the line of net investment, and optionally a benchmark.
pub fn value_chart(chrome: &Chrome, id: &str, series: &ValueSeries) -> Markup {
    let Some((first, last)) = series.dates.first().zip(series.dates.last()) else {
        return html! {
            figure.chart id=(id) { p.chart-empty { "There is no value in this period yet." } }
        };
    };
    let summary = format!(
        "Value over time, {} to {}",
        format::date(&chrome.formats, *first),
        format::date(&chrome.formats, *last)
    );
    let benchmark = series.benchmark.as_ref();
    let mut lines = vec![
        Line {
            class: "line-value",
            values: &series.value,
            is_main: true,
        },
        Line {
            class: "line-invested",
            values: &series.net_invested,
            is_main: false,
        },
    ];
    if let Some((_, values)) = benchmark {
        lines.push(Line {
            class: "line-benchmark",
            values,
            is_main: false,
        });
    }
    html! {
        figure.chart id=(id) data-chart=(data(chrome, series)) aria-label=(summary) {
            figcaption.chart-key {
                span.key.line-value { "Value" }
                span.key.line-invested { "Net invested" }
                @if let Some((name, _)) = benchmark { span.key.line-benchmark { (name) } }
            }
            (plot(chrome, &series.dates, &lines, &[], true))
            (table(chrome, series, &summary))
        }
    }
}

fn data(chrome: &Chrome, series: &ValueSeries) -> String {
    let digits = series.currency.digits();
    let mut lines = vec![
        json!({"name": "Value", "key": "value", "data": rounded(&series.value, digits)}),
        json!({"name": "Net invested", "key": "invested",
            "data": rounded(&series.net_invested, digits)}),
    ];
    if let Some((name, values)) = &series.benchmark {
        lines.push(json!({"name": name, "key": "benchmark", "data": rounded(values, digits)}));
    }
    json!({
        "kind": "value",
        "type": line_type(chrome),
        "currency": series.currency.as_str(),
        "digits": digits,
        "dates": series.dates,
        "lines": lines,
    })
    .to_string()
}

fn table(chrome: &Chrome, series: &ValueSeries, summary: &str) -> Markup {
    let chosen = spaced(series.dates.len(), TABLE_ROWS);
    let money = |values: &[f64], index: usize| {
        let value = values.get(index).copied().unwrap_or(f64::NAN);
        observed_money(chrome, value, series.currency)
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
                            (components::th_num("Value"))
                            (components::th_num("Net invested"))
                            @if let Some((name, _)) = &series.benchmark {
                                (components::th_num(name))
                            }
                        }
                    }
                    tbody {
                        @for &index in chosen.iter().rev() {
                            @if let Some(day) = series.dates.get(index) {
                                tr {
                                    th scope="row" { (components::date(chrome, *day)) }
                                    td.num { (money(&series.value, index)) }
                                    td.num { (money(&series.net_invested, index)) }
                                    @if let Some((_, values)) = &series.benchmark {
                                        td.num { (money(values, index)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }))
            @if chosen.len() < series.dates.len() {
                p.hint {
                    (chosen.len()) " of " (series.dates.len()) " days, evenly spaced. "
                    @if let Some(href) = &series.table_href { a href=(href) { "All days" } }
                }
            }
        }
    }
}
