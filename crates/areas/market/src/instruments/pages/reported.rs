use jiff::{ToSpan as _, civil::Date};
use maud::{Markup, html};
use web::{
    Chrome,
    components::{self as c, td, td_num},
    format,
};

use crate::{fundamentals::Fundamental, stated_by};

/// Days after the end of a period by which its successor has been reported.
const OLD_DAYS: i64 = 200;

/// The last value of each reported concept, with its period, its report and its source.
pub(super) fn table(chrome: &Chrome, today: Date, reported: &[Fundamental]) -> Markup {
    html! {
        div.table-scroll role="region" aria-label="Reported figures" tabindex="0" {
            table.data.cards {
                caption.visually-hidden { "Reported figures, the last of each" }
                thead { tr {
                    (c::th("Figure")) (c::th_num("Value")) (c::th("Unit")) (c::th("As of"))
                    (c::th("Report")) (c::th("Source"))
                } }
                tbody { @for figure in reported { (row(chrome, today, figure)) } }
            }
        }
    }
}

fn row(chrome: &Chrome, today: Date, figure: &Fundamental) -> Markup {
    let digits = figure.value.scale().min(4);
    html! {
        tr {
            (td("Figure", html! { (words(&figure.concept)) }))
            (td_num("Value", html! {
                data value=(figure.value) { (format::decimal(&chrome.formats, figure.value, digits)) }
            }))
            (td("Unit", html! { (figure.unit) }))
            (td("As of", html! {
                (c::date(chrome, figure.period_end))
                @if figure.period_end < today.saturating_sub(OLD_DAYS.days()) {
                    " " (c::badge("may be outdated"))
                }
            }))
            (td("Report", html! {
                (figure.form)
                @if let Some(filed) = figure.filed { " of " (c::date(chrome, filed)) }
            }))
            (td("Source", html! { (stated_by::label(&figure.source)) }))
        }
    }
}

/// `EarningsPerShareBasic` as words.
fn words(concept: &str) -> String {
    let mut words = String::with_capacity(concept.len() + 8);
    let mut before_is_lower = false;
    for letter in concept.chars() {
        if letter.is_uppercase() && before_is_lower {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
        before_is_lower = letter.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn concepts_are_told_as_words() {
        assert_eq!(words("EarningsPerShareBasic"), "Earnings per share basic");
        assert_eq!(words("Revenues"), "Revenues");
        assert_eq!(words("pe_ratio"), "pe_ratio");
    }
}
