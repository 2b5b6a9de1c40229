use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::{Markup, html};
use web::{
    Chrome,
    components::{self as c, LiveField, td, td_num},
};

use crate::{
    CorporateAction, Instrument,
    freshness::{FigureSource, pages::quality},
    quotes::Quote,
    stated_by,
};

/// The kind of figure that the latest price is.
const QUOTE: &str = "quote";

/// What the page of an instrument shows besides facts.
pub(super) struct Sources<'s> {
    pub(super) chrome: &'s Chrome,
    pub(super) today: Date,
    pub(super) instrument: &'s Instrument,
    pub(super) quote: Option<&'s Quote>,
    pub(super) known: &'s [FigureSource],
    pub(super) actions: &'s [CorporateAction],
}

/// Of each kind of figure who stated it, how old it is and since when it is known.
pub(super) fn table(sources: &Sources<'_>) -> Markup {
    let chrome = sources.chrome;
    html! {
        table.data.cards.provenance {
            caption.visually-hidden { "Sources and ages of the figures of this page" }
            thead { tr {
                (c::th("Figure")) (c::th("Source")) (c::th("As of")) (c::th("Known since")) (c::th_num("Quality"))
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
                        (td_num("Quality", quality(chrome, score(sources, quote))))
                    }
                }
                @for known in sources.known.iter().filter(|known| known.figure != QUOTE) {
                    (figure(sources, known))
                }
                (actions(sources))
            }
        }
    }
}

/// What a source gave is as good as it was found, for as long as its price stands.
fn score(sources: &Sources<'_>, quote: &Quote) -> Option<f64> {
    let mut known = sources.known.iter();
    let of_quote = known.find(|known| known.figure == QUOTE && known.source == quote.source);
    of_quote.and_then(|known| known.quality_score)
}

fn figure(sources: &Sources<'_>, known: &FigureSource) -> Markup {
    let chrome = sources.chrome;
    let is_daily = known.figure == "1d";
    let words = match known.figure.as_str() {
        "fundamentals" => "Reported figures",
        "option_chain" => "Option chain",
        "index_values" => "Index values",
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
            (td_num("Quality", quality(chrome, known.quality_score)))
        }
    }
}

fn stale(sources: &Sources<'_>, day: Date) -> Markup {
    c::stale_mark(sources.chrome, day, sources.today)
}

fn source(instrument: &Instrument, source: &str) -> Markup {
    html! {
        (stated_by::label(source))
        @if instrument.is_simulated { " " (c::simulated_mark()) }
    }
}

fn actions(sources: &Sources<'_>) -> Markup {
    let stated = sources.actions.iter().filter(|action| !action.is_withdrawn);
    let names: BTreeSet<&str> = stated
        .clone()
        .map(|action| stated_by::label(&action.source))
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
            (td_num("Quality", c::missing("what persons and files state is not scored")))
        }
    }
}
