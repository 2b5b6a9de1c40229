//! The frame around every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    assets,
    chrome::{Chrome, NavItem, Visitor},
    components::{csrf_field, icon},
    look::{Choice as _, Theme, attribute},
    problem::Problem,
};

const SEARCH_PAGE: &str = "/market/instruments";
const SEARCH_API: &str = "/api/v1/market/search";
const SETTINGS: &str = "/identity/settings";

/// A whole page. `main` begins with [`crate::components::page_head`] or a breadcrumb before it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn page(chrome: &Chrome, title: &str, main: Markup) -> Markup {
    framed(chrome, title, &main, Life::Still)
}

/// A page whose figures move with the market: the script fetches it anew as often as the person wants.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn market_page(chrome: &Chrome, title: &str, main: Markup) -> Markup {
    framed(chrome, title, &main, Life::Market)
}

/// A page about something that is under way: it is fetched anew every few seconds, by the script from
/// an element with `data-poll`, and without one by the browser.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn live_page(chrome: &Chrome, title: &str, main: Markup, every_s: u32) -> Markup {
    framed(chrome, title, &main, Life::UnderWay { every_s })
}

/// What becomes of a page while it is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Still,
    /// Changes with prices.
    Market,
    /// Changes until something is done.
    UnderWay {
        every_s: u32,
    },
}

fn framed(chrome: &Chrome, title: &str, main: &Markup, life: Life) -> Markup {
    let refresh_s = chrome.refresh_s.filter(|_| life == Life::Market);
    let every_s = match life {
        Life::UnderWay { every_s } => Some(every_s),
        Life::Still | Life::Market => None,
    };
    let has_time_chart = main.0.contains("data-chart=");
    let body = html! {
        a.skip-link href="#main" { "Skip to content" }
        (header(chrome))
        @if chrome.demo {
            aside.demo-banner aria-label="About this demo" {
                strong { "Simulated data." }
                " Prices and trades are made up."
            }
        }
        main id="main" tabindex="-1" data-refresh=[refresh_s] { (main) }
        (footer())
    };
    document(chrome, title, "app", &body, (has_time_chart, every_s))
}

/// A page with nothing but a card in its middle: sign-in, set-up.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn bare_page(chrome: &Chrome, title: &str, main: Markup) -> Markup {
    let body = html! {
        a.skip-link href="#main" { "Skip to content" }
        header.bare-head { (brand()) }
        main.bare id="main" tabindex="-1" { div.card { (main) } }
        (footer())
    };
    document(chrome, title, "bare", &body, (false, None))
}

/// The page of a refusal.
pub fn error_page(chrome: &Chrome, problem: &Problem, request_id: Option<&str>) -> Markup {
    let main = html! {
        div.error-page {
            p.error-status { (problem.status.as_u16()) }
            h1 { (problem.title) }
            p.lead { (problem.detail) }
            @if problem.errors.len() > 1 {
                ul { @for error in &problem.errors { li { (error.detail) } } }
            }
            p.actions {
                a.button.primary href="/" { "To the start" }
            }
            @if let Some(id) = request_id {
                p.hint { "Request " code { (id) } }
            }
        }
    };
    if chrome.visitor.is_some() {
        page(chrome, problem.title, main)
    } else {
        bare_page(chrome, problem.title, main)
    }
}

fn document(
    chrome: &Chrome,
    title: &str,
    body_class: &str,
    body: &Markup,
    (has_time_chart, every_s): (bool, Option<u32>),
) -> Markup {
    let look = chrome.look;
    html! {
        (DOCTYPE)
        html lang="en" .private[chrome.private] data-theme=[attribute(chrome.theme)]
            data-signs=[attribute(look.signs)] data-font=[attribute(look.font)]
            data-font-size=[attribute(look.font_size)] data-density=[attribute(look.density)]
            data-still=[look.still.then_some("")]
            data-locale=(chrome.formats.locale.tag()) data-numerals=(chrome.formats.numerals_tag())
            data-dates=[attribute(chrome.formats.dates)] {
            head {
                meta charset="utf-8";
                title { (title) " · Bursar" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(every_s) = every_s {
                    noscript { meta http-equiv="refresh" content=(every_s); }
                }
                link rel="icon" type="image/svg+xml" href=(assets::url("favicon.svg"));
                link rel="stylesheet" href=(assets::url("app.css"));
                script type="module" src=(assets::url("app.js")) {}
                script type="module" src=(assets::url("tables.js")) {}
                @if body.0.contains("data-passkey=") {
                    script type="module" src=(assets::url("passkeys.js")) {}
                }
                @if body.0.contains("data-passkey-offer=") {
                    script type="module" src=(assets::url("passkey-offer.js")) {}
                }
                @if body.0.contains("data-readings=") {
                    script type="module" src=(assets::url("bars.js")) {}
                }
                @if body.0.contains("data-quote=") {
                    script type="module" src=(assets::url("live.js")) {}
                }
                @if has_time_chart {
                    script src=(assets::url("echarts.js")) defer {}
                    script type="module" src=(assets::url("charts.js")) {}
                }
            }
            body.(body_class) { (PreEscaped(&body.0)) }
        }
    }
}

fn header(chrome: &Chrome) -> Markup {
    html! {
        header.top {
            div.top-inner {
                (brand())
                @if !chrome.nav.is_empty() && chrome.visitor.is_some() { (navigation(chrome)) }
                @if let Some(visitor) = &chrome.visitor {
                    form.search role="search" action=(SEARCH_PAGE) data-api=(SEARCH_API) {
                        label.visually-hidden for="search" { "Search instruments" }
                        (icon("search"))
                        input id="search" name="q" type="search" placeholder="Search"
                            autocomplete="off" aria-keyshortcuts="/";
                        kbd aria-hidden="true" { "/" }
                    }
                    (privacy_button(chrome))
                    (visitor_menu(chrome, visitor))
                } @else {
                    a.button.quiet href="/identity/sign-in" { "Sign in" }
                }
            }
        }
    }
}

fn brand() -> Markup {
    html! {
        a.brand href="/" {
            svg.brand-mark aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" {
                use href=(format!("{}#brand", assets::url("icons.svg"))) {}
            }
            "Bursar"
        }
    }
}

fn navigation(chrome: &Chrome) -> Markup {
    let current = current_entry(chrome);
    html! {
        nav.main-nav aria-label="Main" {
            @for (item, key) in chrome.nav.iter().zip(shortcut_keys(chrome.nav)) {
                a href=(item.href) data-go=[key]
                    aria-current=[(current == Some(item.href)).then_some("page")] {
                    (icon(item.icon))
                    span { (item.label) }
                }
            }
        }
    }
}

/// The entry under which the path lies: the longest that begins it.
fn current_entry(chrome: &Chrome) -> Option<&'static str> {
    let is_above = |href: &str| {
        chrome.path == href
            || (href != "/"
                && chrome
                    .path
                    .strip_prefix(href)
                    .is_some_and(|rest| rest.starts_with('/')))
    };
    chrome
        .nav
        .iter()
        .map(|item| item.href)
        .filter(|href| is_above(href))
        .max_by_key(|h| h.len())
}

/// The letter that follows `g`: the first of the label that no entry before has taken.
fn shortcut_keys(nav: &[NavItem]) -> Vec<Option<char>> {
    let mut taken = Vec::new();
    nav.iter()
        .map(|item| {
            let letters = item.label.chars().filter(char::is_ascii_alphabetic);
            let key = letters
                .map(|c| c.to_ascii_lowercase())
                .find(|c| !taken.contains(c));
            taken.extend(key);
            key
        })
        .collect()
}

fn privacy_button(chrome: &Chrome) -> Markup {
    let label = if chrome.private {
        "Show amounts"
    } else {
        "Hide amounts"
    };
    html! {
        form.inline method="post" action="/identity/privacy" data-privacy {
            (csrf_field(chrome))
            input type="hidden" name="next" value=(chrome.path);
            button.icon-button type="submit" aria-keyshortcuts="p" aria-label=(label)
                title=(format!("{label} (p)")) aria-pressed=(chrome.private) {
                span.when-shown { (icon("eye")) }
                span.when-hidden { (icon("eye-off")) }
            }
        }
    }
}

fn visitor_menu(chrome: &Chrome, visitor: &Visitor) -> Markup {
    let initial: String = visitor.name.chars().next().into_iter().collect();
    html! {
        details.menu data-menu {
            summary aria-label=(format!("Menu of {}", visitor.name)) {
                span.avatar aria-hidden="true" { (initial.to_uppercase()) }
            }
            div.menu-panel {
                p.menu-name { (visitor.name) }
                form.theme-choice method="post" action="/identity/theme" data-theme-choice {
                    (csrf_field(chrome))
                    input type="hidden" name="next" value=(chrome.path);
                    @for (theme, label, glyph) in [
                        (Theme::System, "System", "system"),
                        (Theme::Light, "Light", "sun"),
                        (Theme::Dark, "Dark", "moon"),
                    ] {
                        button type="submit" name="theme" value=(theme.as_str())
                            aria-pressed=(chrome.theme == theme) {
                            (icon(glyph)) span { (label) }
                        }
                    }
                }
                a href=(SETTINGS) { (icon("settings")) "Settings" }
                button.needs-script type="button" data-shortcuts {
                    (icon("keyboard")) "Shortcuts" kbd { "?" }
                }
                form method="post" action="/identity/sign-out" {
                    (csrf_field(chrome))
                    button type="submit" { (icon("sign-out")) "Sign out" }
                }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer.foot {
            span { "Bursar " (env!("CARGO_PKG_VERSION")) }
            a href="/api/browser/" { "API" }
            a href=(assets::LICENCES_URL) { "Licences" }
        }
    }
}

#[cfg(test)]
mod tests;
