//! The calendars, one file a region.

mod america;
mod asia;
mod europe;
mod pacific;
mod round_the_clock;

use jiff::civil::{Date, Weekday, date};

use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::Rule,
};

pub(crate) const SATURDAY_SUNDAY: [Weekday; 2] = [Weekday::Saturday, Weekday::Sunday];

/// All calendars.
pub(crate) const ALL: &[&Rules] = &[
    &america::XNYS,
    &america::XNAS,
    &america::XTSE,
    &europe::XLON,
    &europe::XETR,
    &europe::XPAR,
    &europe::XAMS,
    &europe::XBRU,
    &europe::XLIS,
    &europe::XSWX,
    &asia::XTKS,
    &asia::XHKG,
    &pacific::XASX,
    &pacific::XNZE,
    &round_the_clock::CRYPTO,
    &round_the_clock::CURRENCIES,
];

/// Hours that stand from the first day of the calendars.
const ALWAYS: Date = date(1900, 1, 1);

/// `at(9, 30)` is half past nine.
const fn at(hour: i32, minute: i32) -> i32 {
    hour * 60 + minute
}

const fn hours(from: Date, opens: i32, closes: i32) -> Hours {
    Hours {
        from,
        opens,
        closes,
        pause: None,
    }
}

const fn early(rule: Rule, closes: i32) -> EarlyClose {
    EarlyClose { rule, closes }
}
