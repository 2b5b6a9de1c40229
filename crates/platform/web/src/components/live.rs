//! Figures that a script keeps up with the market. Without the script they stay as the server wrote them; with
//! it nothing moves but the digits: each stands in a place as wide as it will ever need.

use std::fmt::Display;

use maud::{Markup, html};

/// Which figure of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveField {
    /// The last price.
    Price,
    /// The change against the close before, in the unit of the price.
    Change,
    /// The same in percent.
    Percent,
    /// When the price was made.
    At,
}

impl LiveField {
    fn word(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Change => "change",
            Self::Percent => "percent",
            Self::At => "at",
        }
    }
}

/// A figure of an instrument, followed while the page is seen. `content` is what is known when the page is
/// made, and stays where the script has nothing newer.
#[expect(
    clippy::needless_pass_by_value,
    reason = "markup is built in place and handed over"
)]
pub fn live(instrument: impl Display, field: LiveField, content: Markup) -> Markup {
    html! {
        span.live data-quote=(instrument) data-quote-field=(field.word()) { (content) }
    }
}

/// Says whether the figures of the page are being followed; empty, but as large, without the script.
pub fn live_state() -> Markup {
    html! { span.live-state data-live-state role="status" {} }
}
