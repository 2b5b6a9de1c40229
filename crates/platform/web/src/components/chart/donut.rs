use std::f64::consts::TAU;

use maud::{Markup, html};
use money::Currency;

use super::plot::observed_money;
use crate::{chrome::Chrome, components};

/// Slices with a name of their own; the rest is drawn as one.
const MOST_SLICES: usize = 10;
const OUTER: f64 = 100.0;
const INNER: f64 = 64.0;
/// From here on a part is drawn as the whole ring: an arc that ends where it begins is not drawn.
const FULL: f64 = 0.9999;

/// A part of a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// What it is.
    pub label: String,
    /// How much of it.
    pub value: f64,
    /// Where it is explained.
    pub href: Option<String>,
    /// Whether it holds what could not be classified: drawn last, never among "Other".
    pub unknown: bool,
}

impl Slice {
    /// A slice that leads nowhere.
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Self {
            label: label.into(),
            value,
            href: None,
            unknown: false,
        }
    }

    /// A slice that leads to its explanation.
    pub fn linked(label: impl Into<String>, value: f64, href: impl Into<String>) -> Self {
        Self {
            href: Some(href.into()),
            ..Self::new(label, value)
        }
    }

    /// What could not be classified.
    pub fn unknown(value: f64) -> Self {
        Self {
            unknown: true,
            ..Self::new("Unknown", value)
        }
    }
}

/// A slice as it is drawn.
struct Drawn<'a> {
    label: String,
    value: f64,
    href: Option<&'a str>,
    class: String,
}

/// The parts of a whole: at most ten slices by size, then "Other" and "Unknown", with their table.
/// Parts that are not positive are in the table only. Values are in `currency`.
pub fn donut(
    chrome: &Chrome,
    id: &str,
    title: &str,
    currency: Currency,
    slices: &[Slice],
) -> Markup {
    let drawn = arrange(slices);
    let total: f64 = drawn.iter().map(|slice| slice.value).sum();
    if drawn.is_empty() {
        return html! {
            figure.chart.donut-chart id=(id) { p.chart-empty { "There is nothing to divide yet." } }
        };
    }
    let mut start = 0.0;
    let arcs: Vec<(f64, f64)> = drawn
        .iter()
        .map(|slice| {
            let from = start;
            start += slice.value / total;
            (from, start)
        })
        .collect();
    let is_complete = drawn.len() == slices.len();
    html! {
        figure.chart.donut-chart id=(id) aria-label=(title) {
            div.donut {
                svg viewBox="-104 -104 208 208" aria-hidden="true" {
                    @for (index, (slice, (from, to))) in drawn.iter().zip(&arcs).enumerate() {
                        path.slice.(slice.class) data-slice=(index) d=(arc(*from, *to)) {}
                    }
                }
                p.donut-centre aria-hidden="true" data-centre {
                    span.donut-label { (title) }
                }
            }
            table.legend {
                caption.visually-hidden { (title) }
                thead.visually-hidden {
                    tr {
                        (components::th("Part"))
                        (components::th_num("Share"))
                        (components::th_num("Amount"))
                    }
                }
                tbody {
                    @for (index, slice) in drawn.iter().enumerate() {
                        tr data-slice=(index) {
                            th scope="row" {
                                span.swatch.(slice.class) aria-hidden="true" {}
                                @match slice.href {
                                    Some(href) => a href=(href) { (slice.label) },
                                    None => (slice.label),
                                }
                            }
                            td.num { (components::percent(chrome, slice.value / total)) }
                            td.num { (observed_money(chrome, slice.value, currency)) }
                        }
                    }
                }
            }
            @if !is_complete { (all_parts(chrome, title, currency, slices, total)) }
        }
    }
}

fn all_parts(
    chrome: &Chrome,
    title: &str,
    currency: Currency,
    slices: &[Slice],
    total: f64,
) -> Markup {
    html! {
        details.chart-data {
            summary { "All " (slices.len()) " parts" }
            (components::table_scroll(title, html! {
                table.data {
                    caption.visually-hidden { (title) ", all parts" }
                    thead {
                        tr {
                            (components::th("Part"))
                            (components::th_num("Share"))
                            (components::th_num("Amount"))
                        }
                    }
                    tbody {
                        @for slice in slices {
                            tr {
                                th scope="row" {
                                    @match &slice.href {
                                        Some(href) => a href=(href) { (slice.label) },
                                        None => (slice.label),
                                    }
                                }
                                td.num { (components::percent(chrome, slice.value / total)) }
                                td.num { (observed_money(chrome, slice.value, currency)) }
                            }
                        }
                    }
                }
            }))
        }
    }
}

fn arrange(slices: &[Slice]) -> Vec<Drawn<'_>> {
    let positive = |slice: &&Slice| slice.value.is_finite() && slice.value > 0.0;
    let mut named: Vec<&Slice> = slices
        .iter()
        .filter(positive)
        .filter(|slice| !slice.unknown)
        .collect();
    named.sort_by(|a, b| b.value.total_cmp(&a.value));
    let rest = named.split_off(named.len().min(MOST_SLICES));
    let mut drawn: Vec<Drawn<'_>> = named
        .into_iter()
        .enumerate()
        .map(|(index, slice)| Drawn {
            label: slice.label.clone(),
            value: slice.value,
            href: slice.href.as_deref(),
            class: format!("series-{}", index + 1),
        })
        .collect();
    if !rest.is_empty() {
        drawn.push(Drawn {
            label: format!("Other ({})", rest.len()),
            value: rest.iter().map(|slice| slice.value).sum(),
            href: None,
            class: "series-other".to_owned(),
        });
    }
    let unknown: Vec<&Slice> = slices
        .iter()
        .filter(positive)
        .filter(|slice| slice.unknown)
        .collect();
    if let Some(first) = unknown.first() {
        drawn.push(Drawn {
            label: first.label.clone(),
            value: unknown.iter().map(|slice| slice.value).sum(),
            href: first.href.as_deref(),
            class: "series-unknown".to_owned(),
        });
    }
    drawn
}

/// A ring segment from one fraction of the circle to another, clockwise from the top.
fn arc(from: f64, to: f64) -> String {
    if to - from >= FULL {
        return ring();
    }
    let point = |fraction: f64, radius: f64| {
        let (sin, cos) = (fraction * TAU).sin_cos();
        format!("{:.2} {:.2}", radius * sin, -radius * cos)
    };
    let large = u8::from(to - from > 0.5);
    format!(
        "M{}A{OUTER} {OUTER} 0 {large} 1 {}L{}A{INNER} {INNER} 0 {large} 0 {}Z",
        point(from, OUTER),
        point(to, OUTER),
        point(to, INNER),
        point(from, INNER),
    )
}

/// The whole ring: the outer circle clockwise, the inner one against it, so that it stays open.
fn ring() -> String {
    let circle = |radius: f64, sweep: u8| {
        format!(
            "M0 {top}A{radius} {radius} 0 1 {sweep} 0 {radius}A{radius} {radius} 0 1 {sweep} 0 {top}Z",
            top = -radius
        )
    };
    circle(OUTER, 1) + &circle(INNER, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(count: usize) -> Vec<Slice> {
        (0..count)
            .map(|index| Slice::new(format!("Part {index}"), (index + 1) as f64))
            .collect()
    }

    fn labels(slices: &[Slice]) -> Vec<String> {
        arrange(slices)
            .into_iter()
            .map(|slice| slice.label)
            .collect()
    }

    #[test]
    fn ten_parts_keep_their_names_and_eleven_have_an_other() {
        assert_eq!(labels(&parts(10)).len(), 10);
        let eleven = labels(&parts(11));
        assert_eq!(eleven.len(), 11);
        assert_eq!(
            eleven.first().map(String::as_str),
            Some("Part 10"),
            "the largest is first"
        );
        assert_eq!(eleven.last().map(String::as_str), Some("Other (1)"));
    }

    #[test]
    fn what_is_unknown_stays_apart_and_last_however_large() {
        let mut slices = parts(14);
        slices.push(Slice::unknown(1_000.0));
        let drawn = arrange(&slices);
        let [.., other, unknown] = drawn.as_slice() else {
            panic!("two at least")
        };
        assert_eq!((other.label.as_str(), other.value), ("Other (4)", 10.0));
        assert_eq!(
            (unknown.label.as_str(), unknown.value),
            ("Unknown", 1_000.0)
        );
        assert_eq!(drawn.len(), 12);
    }

    #[test]
    fn nothing_is_lost_and_nothing_negative_is_drawn() {
        let mut slices = parts(25);
        slices.push(Slice::new("Short", -50.0));
        slices.push(Slice::new("Broken", f64::NAN));
        let total: f64 = arrange(&slices).iter().map(|slice| slice.value).sum();
        assert!((total - 325.0).abs() < 1e-9);
        let page = donut(&Chrome::default(), "d", "Parts", Currency::EUR, &slices).into_string();
        assert!(
            page.contains("All 27 parts") && page.contains("Short"),
            "the table has them"
        );
    }

    #[test]
    fn a_single_part_is_a_full_ring() {
        assert_eq!(arc(0.0, 1.0), ring());
        assert_eq!(
            ring().matches('A').count(),
            4,
            "two half circles outside, two inside"
        );
        assert_ne!(arc(0.0, 0.6), ring());
    }
}
