use maud::{Markup, html};

use crate::assets;

/// The first line of a page: its heading and what can be done here.
pub fn page_head(title: &str, actions: Markup) -> Markup {
    page_head_with(title, html! {}, actions)
}

/// The first line of a page with marks beside its heading.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn page_head_with(title: &str, marks: Markup, actions: Markup) -> Markup {
    html! {
        div.page-head {
            div.page-title { h1 { (title) } (marks) }
            @if !actions.0.is_empty() { div.actions { (actions) } }
        }
    }
}

/// A titled surface.
pub fn card(title: &str, body: Markup) -> Markup {
    card_with(title, html! {}, body)
}

/// A titled surface with links or small forms beside the title.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn card_with(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.card {
            div.card-head {
                h2 { (title) }
                @if !actions.0.is_empty() { div.actions { (actions) } }
            }
            (body)
        }
    }
}

/// A headline figure: what it is, how much, and a line below.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn stat(label: &str, value: Markup, sub: Markup) -> Markup {
    html! {
        div.stat {
            dt { (label) }
            dd.stat-value { (value) }
            @if !sub.0.is_empty() { dd.stat-sub { (sub) } }
        }
    }
}

/// The row in which [`stat`]s stand; the first is the largest.
pub fn stats(tiles: &[Markup]) -> Markup {
    html! { dl.stats { @for tile in tiles { (tile) } } }
}

/// Two columns, the first twice as wide; one below the other where there is no room.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn main_aside(main: Markup, aside: Markup) -> Markup {
    html! {
        div.main-aside { div.stack { (main) } div.stack { (aside) } }
    }
}

/// Blocks of equal width side by side, as many as there is room for.
pub fn grid(blocks: &[Markup]) -> Markup {
    html! { div.grid-auto { @for block in blocks { (block) } } }
}

/// A term that opens its own explanation, by touch and keyboard as well as by mouse.
pub fn definition(term: &str, text: &str) -> Markup {
    html! {
        details.definition { summary { (term) } p { (text) } }
    }
}

/// An icon of the sprite, for decoration beside a text.
pub fn icon(name: &str) -> Markup {
    html! {
        svg.icon aria-hidden="true" width="20" height="20" {
            use href=(format!("{}#{name}", assets::url("icons.svg"))) {}
        }
    }
}
