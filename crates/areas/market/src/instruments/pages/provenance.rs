use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::{Markup, html};
use web::{
    Chrome,
    components::{self as c, LiveField, td},
};

use crate::{CorporateAction, Instrument, charts::Provenance, overrides, quotes::Quote};

/// What the page of an instrument shows besides facts.
pub(super) struct Sources<'s> {
    pub(super) chrome: &'s Chrome,
    pub(super) today: Date,
    pub(super) instrument: &'s Instrument,
    pub(super) quote: Option<&'s Quote>,
    pub(super) known: &'s [Provenance],
    pub(super) actions: &'s [CorporateAction],
}

/// Of each kind of figure who stated it, how old it is and since when it is known.
pub(super) fn table(sources: &Sources<'_>) -> Markup {
    let chrome = sources.chrome;
    html! {
        table.data.cards.provenance {
            caption.visually-hidden { "Sources and ages of the figures of this page" }
            thead { tr {
                (c::th("Figure")) (c::th("Source")) (c::th("As of")) (c::th("Known since"))
            } }
            tbody {
                @if let Some(quote) = sources.quote {
                    tr {
                        (td("Figure", html! { "Latest price" }))
                        (td("Source", source(sources.instrument, &quote.source)))
                        (td("As of", html! {
                            (c::live(sources.instrument.id, LiveField::At, c::instant(chrome, quote.at))) " "
                            (stale(sources, quote.at.to_zoned(chrome.formats.zone.clone()).date()))
                        }))
                        (td("Known since", html! { "its time" }))
                    }
                }
                @for known in sources.known { (bars(sources, known)) }
                (actions(sources))
            }
        }
    }
}

fn bars(sources: &Sources<'_>, known: &Provenance) -> Markup {
    let chrome = sources.chrome;
    let is_daily = known.interval == "1d";
    let words = match known.interval.as_str() {
        "1m" => "Bars of 1 minute",
        "5m" => "Bars of 5 minutes",
        "15m" => "Bars of 15 minutes",
        "1h" => "Bars of 1 hour",
        _ => "Bars of a day",
    };
    // The bar of a day bears its midnight in UTC.
    let zone = if is_daily {
        jiff::tz::TimeZone::UTC
    } else {
        chrome.formats.zone.clone()
    };
    let day = known.at.to_zoned(zone).date();
    html! {
        tr {
            (td("Figure", html! { (words) }))
            (td("Source", source(sources.instrument, &known.source)))
            (td("As of", html! {
                @if is_daily { (c::date(chrome, day)) } @else { (c::instant(chrome, known.at)) }
                " " (stale(sources, day))
            }))
            (td("Known since", c::instant(chrome, known.observed_at)))
        }
    }
}

fn stale(sources: &Sources<'_>, day: Date) -> Markup {
    c::stale_mark(sources.chrome, day, sources.today)
}

fn source(instrument: &Instrument, source: &str) -> Markup {
    html! {
        (overrides::pages::source(source))
        @if instrument.is_simulated { " " (c::simulated_mark()) }
    }
}

fn actions(sources: &Sources<'_>) -> Markup {
    let stated = sources.actions.iter().filter(|action| !action.is_withdrawn);
    let names: BTreeSet<&str> = stated
        .clone()
        .map(|action| {
            if action.source.is_empty() {
                "a person"
            } else {
                &action.source
            }
        })
        .collect();
    let Some(last) = stated.map(|action| action.terms.ex_date).max() else {
        return html! {};
    };
    let names: Vec<&str> = names.into_iter().collect();
    html! {
        tr {
            (td("Figure", html! { "Corporate actions" }))
            (td("Source", html! { (names.join(", ")) }))
            (td("As of", html! { "the last one of " (c::date(sources.chrome, last)) }))
            (td("Known since", c::missing("kept with each of them")))
        }
    }
}
