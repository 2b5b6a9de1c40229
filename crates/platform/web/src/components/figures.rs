use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use money::{Currency, Quotation};
use rust_decimal::Decimal;

use crate::{chrome::Chrome, format};

/// Fractional digits of percentages in pages.
const PERCENT_DIGITS: usize = 2;

/// An amount of money: the one component for it. A person can hide all of them with one key; the
/// exact value is in the attribute `value`, for sorting and for programs.
pub fn amount(chrome: &Chrome, value: Decimal, currency: Currency) -> Markup {
    html! {
        data.amount value=(value.normalize()) {
            span.figure { (format::money(&chrome.formats, value, currency)) }
        }
    }
}

/// A change in money: sign, arrow, colour and a word for those who see none of them.
pub fn signed_amount(chrome: &Chrome, value: Decimal, currency: Currency) -> Markup {
    let direction = Direction::of(format::rounded(value, currency.digits()));
    html! {
        data.amount.signed.(direction.class()) value=(value.normalize()) {
            (direction.arrow())
            span.figure { (direction.plus()) (format::money(&chrome.formats, value, currency)) }
        }
    }
}

/// A share or a rate: `0.1234` is shown as `12.34%`. Not hidden with the amounts.
pub fn percent(chrome: &Chrome, ratio: f64) -> Markup {
    html! {
        data.percent value=(ratio) { (format::percent(&chrome.formats, ratio, PERCENT_DIGITS)) }
    }
}

/// A change as a ratio, with sign, arrow, colour and word.
pub fn signed_percent(chrome: &Chrome, ratio: f64) -> Markup {
    if !ratio.is_finite() {
        return missing("not known");
    }
    let direction = Direction::of_ratio(ratio, PERCENT_DIGITS);
    html! {
        data.percent.signed.(direction.class()) value=(ratio) {
            (direction.arrow())
            span { (direction.plus()) (format::percent(&chrome.formats, ratio, PERCENT_DIGITS)) }
        }
    }
}

/// A number of shares or units. Hidden with the amounts, because with a price it tells them.
pub fn quantity(chrome: &Chrome, value: Decimal) -> Markup {
    html! {
        data.amount.quantity value=(value.normalize()) {
            span.figure { (format::quantity(&chrome.formats, value)) }
        }
    }
}

/// The price of one unit: public, so never hidden.
pub fn price(chrome: &Chrome, value: Decimal, quoted: impl Into<Quotation>) -> Markup {
    html! {
        data.price value=(value.normalize()) { (format::price(&chrome.formats, value, quoted.into())) }
    }
}

/// A day.
pub fn date(chrome: &Chrome, date: Date) -> Markup {
    html! { time datetime=(date) { (format::date(&chrome.formats, date)) } }
}

/// An instant, by day and minute on the clock of the person.
pub fn instant(chrome: &Chrome, at: Timestamp) -> Markup {
    html! { time datetime=(at) { (format::instant(&chrome.formats, at)) } }
}

/// The day of an instant on the clock of the person.
pub fn day_of(chrome: &Chrome, at: Timestamp) -> Markup {
    date(chrome, at.to_zoned(chrome.formats.zone.clone()).date())
}

/// Stands where a value is not known, and says why to those who hover or listen.
pub fn missing(reason: &str) -> Markup {
    html! {
        span.missing title=(reason) {
            span aria-hidden="true" { (format::UNKNOWN) }
            span.visually-hidden { (reason) }
        }
    }
}

/// Which way a change goes, after rounding: what is shown as zero has no direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Gain,
    Loss,
    Flat,
}

impl Direction {
    pub(super) fn of(rounded: Decimal) -> Self {
        if rounded.is_zero() {
            Self::Flat
        } else if rounded.is_sign_negative() {
            Self::Loss
        } else {
            Self::Gain
        }
    }

    pub(super) fn of_ratio(ratio: f64, percent_digits: usize) -> Self {
        let text = format!("{:.percent_digits$}", ratio.abs() * 100.0);
        if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
            Self::Flat
        } else if ratio < 0.0 {
            Self::Loss
        } else {
            Self::Gain
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::Loss => "loss",
            Self::Flat => "flat",
        }
    }

    fn plus(self) -> &'static str {
        if self == Self::Gain { "+" } else { "" }
    }

    fn arrow(self) -> Markup {
        html! {
            @match self {
                Self::Gain => {
                    span.arrow aria-hidden="true" { "▲" }
                    span.visually-hidden { "gain " }
                }
                Self::Loss => {
                    span.arrow aria-hidden="true" { "▼" }
                    span.visually-hidden { "loss " }
                }
                Self::Flat => {}
            }
        }
    }
}
