use jiff::Timestamp;
use maud::{Markup, html};
use sources::Limit;
use web::{
    Chrome,
    components::{
        self as c, Column, DataTable, Field, FieldKind, NoticeKind, badge, card, card_with,
        checkbox, csrf_field, data_table, instant, link_button, missing, notice, page_head,
        simulated_mark, submit, submit_quiet, td, td_num, text_field,
    },
    page,
};

use super::HOME;
use crate::{
    cache,
    feeds::{Attempt, Freshness, Order, ProviderState},
    stated_by,
};

/// What the page shows.
pub(super) struct Overview {
    pub(super) now: Timestamp,
    pub(super) states: Vec<ProviderState>,
    pub(super) orders: Vec<Order>,
    pub(super) freshness: Vec<Freshness>,
    pub(super) attempts: Vec<(Attempt, Option<String>)>,
    pub(super) cache: Vec<cache::Statistics>,
    pub(super) doubted: i64,
    /// Kind of data, of how many instruments, and when it came last.
    pub(super) kept: Vec<(String, i64, Option<Timestamp>)>,
    /// How many instruments are held and watched.
    pub(super) followed: (i64, i64),
}

pub(super) fn page_of(chrome: &Chrome, overview: &Overview) -> Markup {
    let actions = html! {
        form method="post" action="/market/sources/refresh" {
            (csrf_field(chrome)) (submit("Refresh now"))
        }
        (link_button("Doubtful prices", "/market/quarantine", false))
        (link_button("What is kept", "/market/lifetimes", false))
    };
    page(
        chrome,
        "Data sources",
        html! {
            (page_head("Data sources", actions))
            p.lead {
                "Where prices come from. Nothing is asked outside until you switch a source on; mind "
                "its terms."
            }
            @if overview.doubted > 0 {
                (notice(NoticeKind::Info, html! {
                    p {
                        (overview.doubted) " prices or findings wait for you: "
                        a href="/market/quarantine" { "doubtful prices" } "."
                    }
                }))
            }
            (sources(chrome, overview))
            (orders(chrome, overview))
            (kept(chrome, overview))
            (freshness(chrome, overview))
            (attempts(chrome, overview))
            (cached(chrome, overview))
        },
    )
}

fn sources(chrome: &Chrome, overview: &Overview) -> Markup {
    let columns = [
        Column::text("source", "Source").fixed(),
        Column::text("state", "State").fixed(),
        Column::text("success", "Last success").fixed(),
        Column::text("error", "Last error").fixed(),
        Column::text("limit", "Limit"),
        Column::number("counts", "Given / nothing new / failed / passed over").wide(),
        Column::text("action", "Action").fixed(),
    ];
    let table = DataTable {
        id: "sources",
        caption: "Data sources",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for state in &overview.states {
            (source(chrome, overview.now, state))
        }
    };
    card("Sources", data_table(&table, rows, None))
}

fn source(chrome: &Chrome, now: Timestamp, state: &ProviderState) -> Markup {
    let about = state.id.describe();
    let limit = state.limit.unwrap_or(about.limit);
    let switch = format!("{HOME}/{}/switch", state.id);
    let (to, verb) = if state.is_enabled {
        ("off", "Switch off")
    } else {
        ("on", "Switch on")
    };
    html! {
        tr {
            (td("Source", html! {
                strong { (about.name) }
                @if about.is_simulated { " " (simulated_mark()) }
                p.hint {
                    (about.licence)
                    @if !about.terms_url.is_empty() {
                        " Terms: " code { (about.terms_url) }
                    }
                }
            }))
            (td("State", html! {
                (badge(state.availability(now).label()))
                @if about.needs_key && !state.has_key { p.hint { "Wants a key." } }
            }))
            (td("Last success", at(chrome, state.last_success_at, "It has given nothing yet.")))
            (td("Last error", html! {
                (at(chrome, state.last_failure_at, "It has not failed yet."))
                @if let Some(reason) = &state.last_failure { p.hint { (reason) } }
            }))
            (td("Limit", html! { (in_words(limit)) }))
            (td_num("Given / nothing new / failed / passed over", html! {
                (state.fetched) " / " (state.not_modified) " / " (state.failed) " / " (state.skipped)
            }))
            (td("Action", html! {
                div.actions {
                    form method="post" action=(switch) {
                        (csrf_field(chrome))
                        input type="hidden" name="to" value=(to);
                        (submit_quiet(verb))
                    }
                    a href=(format!("{HOME}/{}/key", state.id)) {
                        "Key and limit" span.visually-hidden { " of " (about.name) }
                    }
                }
            }))
        }
    }
}

/// Such as "60 a minute".
fn in_words(limit: Limit) -> String {
    let count = limit.count;
    match limit.per.as_secs() {
        1 => format!("{count} a second"),
        60 => format!("{count} a minute"),
        3_600 => format!("{count} an hour"),
        86_400 => format!("{count} a day"),
        seconds => format!("{count} in {seconds} seconds"),
    }
}

fn at(chrome: &Chrome, at: Option<Timestamp>, never: &str) -> Markup {
    at.map_or_else(|| missing(never), |at| instant(chrome, at))
}

fn orders(chrome: &Chrome, overview: &Overview) -> Markup {
    card(
        "Whom to ask first",
        html! {
            p.hint { "Names of sources with commas between them; empty for the usual order." }
            div.orders {
                @for order in &overview.orders {
                    @let class = order.asset_class;
                    @let names = order.providers.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
                    form.filters method="post" action="/market/sources/order" {
                        (csrf_field(chrome))
                        input type="hidden" name="asset_class" value=(class.as_str());
                        (text_field(&Field {
                            label: class.label(), name: "order", value: &names,
                            of: class.as_str(),
                            ..Field::default()
                        }))
                        (submit_quiet("Save"))
                    }
                }
            }
        },
    )
}

fn kept(chrome: &Chrome, overview: &Overview) -> Markup {
    let (held, watched) = overview.followed;
    let columns = [
        Column::text("what", "What").fixed(),
        Column::number("number", "Instruments").fixed(),
        Column::text("last", "Came last").fixed(),
    ];
    let table = DataTable {
        id: "kept",
        caption: "What is kept up to date",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for (what, number, last) in &overview.kept {
            tr {
                (td("What", html! { (what.replace('_', " ")) }))
                (td_num("Instruments", html! { (number) }))
                (td("Came last", at(chrome, *last, "Nothing has come yet.")))
            }
        }
    };
    card(
        "What is kept up to date",
        html! {
            p.hint {
                "Daily bars of every instrument follow the close of its market. Quotes, bars of minutes, "
                "option chains and reports are fetched for what somebody holds (" (held) ") or watches ("
                (watched) ")."
            }
            @if !overview.kept.is_empty() { (data_table(&table, rows, None)) }
        },
    )
}

fn freshness(chrome: &Chrome, overview: &Overview) -> Markup {
    if overview.freshness.is_empty() {
        return card(
            "Freshness",
            html! { p { "There are no instruments with prices yet." } },
        );
    }
    let columns = [
        Column::text("instrument", "Instrument").fixed(),
        Column::text("last", "Last bar").fixed(),
        Column::text("state", "State").fixed(),
        Column::text("source", "Source").fixed(),
        Column::text("tried", "Last tried, and why nothing came").fixed(),
    ];
    let table = DataTable {
        id: "freshness",
        caption: "How far the prices of instruments reach",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for of in &overview.freshness {
            @let is_behind = of.is_behind(overview.now);
            tr {
                (td("Instrument", html! {
                    a href=(format!("/market/instruments/{}", of.id)) { (of.symbol) }
                    @if of.is_simulated { " " (simulated_mark()) }
                }))
                (td("Last bar", of.last_day.map_or_else(
                    || missing("No source has given a price yet."),
                    |day| c::date(chrome, day),
                )))
                (td("State", badge(if is_behind { "Behind" } else { "Current" })))
                (td("Source", html! { (of.source.as_deref().map_or("", stated_by::label)) }))
                (td("Last tried, and why nothing came", html! {
                    (at(chrome, of.tried_at, "Nothing has been tried yet."))
                    @if let Some(reason) = &of.reason { p.hint { (reason) } }
                }))
            }
        }
    };
    card_with(
        "Freshness, the stalest first",
        link_button("All instruments", "/market/freshness", false),
        data_table(&table, rows, None),
    )
}

fn attempts(chrome: &Chrome, overview: &Overview) -> Markup {
    if overview.attempts.is_empty() {
        return card(
            "Latest attempts",
            html! { p { "Nothing has been asked yet." } },
        );
    }
    let columns = [
        Column::text("at", "When").fixed(),
        Column::text("source", "Source").fixed(),
        Column::text("for", "For").fixed(),
        Column::text("outcome", "Outcome").fixed(),
        Column::text("reason", "Reason").fixed(),
    ];
    let table = DataTable {
        id: "attempts",
        caption: "Latest attempts",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for (attempt, symbol) in &overview.attempts {
            tr {
                (td("When", instant(chrome, attempt.at)))
                (td("Source", html! { (attempt.provider) }))
                (td("For", html! {
                    (symbol.as_deref().unwrap_or_default()) " "
                    (attempt.request["kind"].as_str().unwrap_or_default().replace('_', " "))
                }))
                (td("Outcome", badge(attempt.outcome.as_str())))
                (td("Reason", html! { (attempt.reason) }))
            }
        }
    };
    card("Latest attempts", data_table(&table, rows, None))
}

fn cached(chrome: &Chrome, overview: &Overview) -> Markup {
    let invalidate = html! {
        form method="post" action="/market/sources/invalidate" {
            (csrf_field(chrome)) (submit_quiet("Invalidate all"))
        }
    };
    if overview.cache.is_empty() {
        return card("Cache", html! { p { "Nothing has been cached yet." } });
    }
    let columns = [
        Column::text("kind", "Kind").fixed(),
        Column::number("entries", "Entries").fixed(),
        Column::number("stale", "Expired now"),
        Column::number("hits", "Hits").fixed(),
        Column::number("misses", "Misses").fixed(),
        Column::number("expired", "Found expired"),
        Column::number("invalidated", "Invalidated"),
    ];
    let table = DataTable {
        id: "cache",
        caption: "How the cache does",
        columns: &columns,
        csv_href: None,
    };
    let rows = html! {
        @for kind in &overview.cache {
            tr {
                (td("Kind", html! { (kind.data_type.replace('_', " ")) }))
                (td_num("Entries", html! { (kind.entries) }))
                (td_num("Expired now", html! { (kind.stale) }))
                (td_num("Hits", html! { (kind.hits) }))
                (td_num("Misses", html! { (kind.misses) }))
                (td_num("Found expired", html! { (kind.expired) }))
                (td_num("Invalidated", html! { (kind.invalidated) }))
            }
        }
    };
    card_with("Cache", invalidate, data_table(&table, rows, None))
}

/// Key and limit of a source.
pub(super) fn key_page(chrome: &Chrome, state: &ProviderState) -> Markup {
    let about = state.id.describe();
    let title = format!("Key and limit of {}", about.name);
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let count = number(state.limit.map(|limit| limit.count.into()));
    let seconds = number(state.limit.map(|limit| limit.per.as_secs()));
    let hint = if state.has_key {
        "There is a key. Leave this empty to keep it."
    } else {
        "As the source gave it to you. It is stored encrypted and not shown again."
    };
    let usual = format!(
        "Usually {}. Leave both empty for that.",
        in_words(about.limit)
    );
    page(
        chrome,
        &title,
        html! {
            (c::breadcrumb(&[("Data sources", HOME)], about.name))
            (page_head(&title, html! {}))
            form.form method="post" action=(format!("{HOME}/{}/key", state.id)) {
                (csrf_field(chrome))
                (text_field(&Field {
                    label: "Key", name: "api_key", kind: FieldKind::Password,
                    autocomplete: Some("off"), hint: Some(hint), ..Field::default()
                }))
                @if state.has_key { (checkbox("Remove the key", "remove", false, None)) }
                (text_field(&Field {
                    label: "Requests", name: "limit_count", value: &count,
                    kind: FieldKind::Integer, hint: Some(&usual), ..Field::default()
                }))
                (text_field(&Field {
                    label: "In so many seconds", name: "limit_seconds", value: &seconds,
                    kind: FieldKind::Integer, ..Field::default()
                }))
                div.actions { (submit("Save")) (link_button("Cancel", HOME, false)) }
            }
        },
    )
}
