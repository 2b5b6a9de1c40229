use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use ledger::OptionRight;
use maud::{Markup, html};
use money::{Currency, Quotation, QuoteUnit};
use web::{Chrome, components as c, format};

use crate::instruments::{FormerSymbol, Instrument, OptionTerms};

/// Days after which a company has published new figures.
const OLD_DAYS: i64 = 120;

/// What is known about an instrument, and what is not.
pub(super) fn facts(
    chrome: &Chrome,
    instrument: &Instrument,
    former: &[FormerSymbol],
    today: Date,
) -> Markup {
    let about = &instrument.facts;
    let currency = instrument.currency.map(|currency| currency.to_string());
    let quoted = instrument.quotation().and_then(quoted_text);
    let terms = [
        ("Symbol", Some(instrument.symbol.as_str())),
        ("Class", Some(instrument.asset_class.label())),
        ("Currency", quoted.as_deref().or(currency.as_deref())),
        ("ISIN", instrument.isin.as_deref()),
        ("FIGI", about.figi.as_deref()),
        ("CUSIP", about.cusip.as_deref()),
        ("Sector", instrument.sector.as_deref()),
        ("Industry", about.industry.as_deref()),
        ("Country", instrument.country.as_deref()),
    ];
    html! {
        dl.facts {
            @if let Some(terms) = &instrument.option {
                (fact("Contract", html! { (option_text(instrument, terms)) }))
            }
            @for (term, value) in terms { (fact(term, text_or_missing(value))) }
            (fact("Exchange", exchange(instrument)))
            (company(chrome, instrument))
            @if let Some(day) = about.listed_on { (fact("Listed on", c::date(chrome, day))) }
            @if let Some(day) = about.delisted_on { (fact("Delisted on", c::date(chrome, day))) }
            @if !former.is_empty() {
                (fact("Former symbols", html! {
                    @for (place, one) in former.iter().enumerate() {
                        @if place > 0 { ", " }
                        (one.symbol) " (until " (c::date(chrome, one.until)) ")"
                    }
                }))
            }
        }
        p.hint {
            "As they were stated or read on " (c::day_of(chrome, instrument.updated_at)) ". "
            @if is_old(instrument, today) { (c::badge("may be outdated")) }
        }
    }
}

/// Companies report four times a year; what has not been touched for longer may be another figure by now.
fn is_old(instrument: &Instrument, today: Date) -> bool {
    let stated = instrument.updated_at.to_zoned(TimeZone::UTC).date();
    let about = &instrument.facts;
    let is_reported = about.market_cap.is_some() || about.pe_ratio.is_some();
    is_reported && stated < today.saturating_sub(OLD_DAYS.days())
}

fn company(chrome: &Chrome, instrument: &Instrument) -> Markup {
    let about = &instrument.facts;
    html! {
        (fact("Market cap", match about.market_cap {
            Some(cap) => html! {
                data.price value=(cap) { (format::money(&chrome.formats, cap, Currency::USD)) }
                @if let Some(bucket) = about.market_cap_bucket { " · " (bucket.label()) }
            },
            None => c::missing("not known"),
        }))
        (fact("P/E ratio", match about.pe_ratio {
            Some(ratio) => html! {
                data value=(ratio) { (format::decimal(&chrome.formats, ratio, 1)) }
                @if let Some(bucket) = about.pe_bucket { " · " (bucket.label()) }
            },
            None => c::missing("not known"),
        }))
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
fn fact(term: &str, value: Markup) -> Markup {
    html! { div { dt { (term) } dd { (value) } } }
}

fn text_or_missing(value: Option<&str>) -> Markup {
    match value.filter(|text| !text.is_empty()) {
        Some(text) => html! { (text) },
        None => c::missing("not known"),
    }
}

/// As it was stated, leading to the exchange where it is known.
fn exchange(instrument: &Instrument) -> Markup {
    match &instrument.facts.mic {
        Some(mic) => html! {
            a href=(format!("/market/exchanges/{mic}")) { (instrument.exchange) }
        },
        None => text_or_missing(Some(&instrument.exchange)),
    }
}

/// Says so where prices are in a hundredth of the currency.
fn quoted_text(quotation: Quotation) -> Option<String> {
    let currency = quotation.currency;
    (quotation.unit == QuoteUnit::Minor)
        .then(|| format!("{currency}, quoted in {quotation}: 100 {quotation} are 1 {currency}"))
}

/// `Call at 200 until 2018-09-21, 100 shares each`.
fn option_text(instrument: &Instrument, terms: &OptionTerms) -> String {
    let right = match terms.right {
        OptionRight::Call => "Call",
        OptionRight::Put => "Put",
    };
    format!(
        "{right} at {} until {}, {} shares each",
        terms.strike, terms.expires_on, instrument.multiplier
    )
}
