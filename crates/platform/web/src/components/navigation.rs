use maud::{Markup, html};

use crate::chrome::Chrome;

/// The period of a figure or chart; lives in the address, so that it can be shared and goes back.
pub fn period_selector(
    _chrome: &Chrome,
    current: &str,
    periods: &[(&str, &str)],
    href: impl Fn(&str) -> String,
) -> Markup {
    html! {
        nav.periods aria-label="Period" {
            @for (key, label) in periods {
                a href=(href(key)) aria-current=[(*key == current).then_some("true")] { (label) }
            }
        }
    }
}

/// Choices that live in the address: what is chosen is marked, and each leads to the page as it looks with
/// the other choice. Triples of label, address and whether it is chosen.
pub fn choice_links(label: &str, choices: &[(&str, String, bool)]) -> Markup {
    html! {
        nav.periods aria-label=(label) {
            @for (word, href, is_chosen) in choices {
                a href=(href) aria-current=[is_chosen.then_some("true")] { (word) }
            }
        }
    }
}

/// Views of the same thing, as pairs of label and address; `current` is the address of this one.
pub fn tabs(items: &[(&str, &str)], current: &str) -> Markup {
    html! {
        nav.tabs aria-label="Views" {
            @for (label, href) in items {
                a href=(href) aria-current=[(*href == current).then_some("page")] { (label) }
            }
        }
    }
}

/// The way back up, as pairs of label and address, and where one stands.
pub fn breadcrumb(trail: &[(&str, &str)], current: &str) -> Markup {
    html! {
        nav.breadcrumb aria-label="Breadcrumb" {
            ol {
                @for (label, href) in trail { li { a href=(href) { (label) } } }
                li aria-current="page" { (current) }
            }
        }
    }
}

/// Leads to the next rows of a list, if there are any.
pub fn pagination(next_href: Option<&str>) -> Markup {
    html! {
        @if let Some(href) = next_href {
            nav.pagination aria-label="Pages" { a.button.quiet href=(href) rel="next" { "Next page" } }
        }
    }
}

/// A link that looks like a button: leads on, changes nothing.
pub fn link_button(label: &str, href: &str, primary: bool) -> Markup {
    html! { a.button.primary[primary].quiet[!primary] href=(href) { (label) } }
}

/// The steps of an assistant; `current` counts from 0.
pub fn stepper(steps: &[&str], current: usize) -> Markup {
    html! {
        ol.stepper aria-label="Steps" {
            @for (index, step) in steps.iter().enumerate() {
                li.done[index < current] aria-current=[(index == current).then_some("step")] {
                    span.step-number aria-hidden="true" {
                        @if index < current { "✓" } @else { (index + 1) }
                    }
                    span { (step) }
                    @if index < current { span.visually-hidden { " done" } }
                }
            }
        }
    }
}
