//! The calendars, one file a region or a country.

mod africa;
mod america;
mod asia;
mod central_europe;
mod china;
mod europe;
mod feasts;
mod futures;
mod germany;
mod india;
mod indonesia;
mod israel;
mod korea;
mod latin_america;
mod malaysia;
mod middle_east;
mod nordic;
mod pacific;
mod philippines;
mod round_the_clock;
mod singapore;
mod southern_europe;
mod taiwan;
mod thailand;

use jiff::civil::{Date, Weekday, date};

use crate::{
    calendar::{EarlyClose, Hours, Rules, Special},
    rule::Rule,
};

pub(crate) const SATURDAY_SUNDAY: &[(Date, &[Weekday])] =
    &[(ALWAYS, &[Weekday::Saturday, Weekday::Sunday])];

/// All calendars.
pub(crate) const ALL: &[&Rules] = &[
    &america::XNYS,
    &america::XNAS,
    &america::XTSE,
    &futures::XCME,
    &futures::IFUS,
    &latin_america::BVMF,
    &latin_america::XMEX,
    &latin_america::XBUE,
    &latin_america::XSGO,
    &latin_america::XBOG,
    &latin_america::XLIM,
    &europe::XLON,
    &europe::XETR,
    &europe::XPAR,
    &europe::XAMS,
    &europe::XBRU,
    &europe::XLIS,
    &europe::XSWX,
    &europe::XDUB,
    &germany::XFRA,
    &germany::XSTU,
    &germany::XMUN,
    &germany::TGAT,
    &nordic::XSTO,
    &nordic::XCSE,
    &nordic::XOSL,
    &nordic::XHEL,
    &nordic::XICE,
    &southern_europe::XMIL,
    &southern_europe::XMAD,
    &southern_europe::XATH,
    &central_europe::XWBO,
    &central_europe::XWAR,
    &central_europe::XPRA,
    &central_europe::XBUD,
    &middle_east::XIST,
    &israel::XTAE,
    &middle_east::XSAU,
    &africa::XJSE,
    &asia::XTKS,
    &asia::XHKG,
    &china::XSHG,
    &china::XSHE,
    &korea::XKRX,
    &taiwan::XTAI,
    &india::XBOM,
    &india::XNSE,
    &singapore::XSES,
    &thailand::XBKK,
    &indonesia::XIDX,
    &malaysia::XKLS,
    &philippines::XPHS,
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
        months: &[],
        weekdays: &[],
        abroad: None,
    }
}

const fn early(rule: Rule, closes: i32) -> EarlyClose {
    EarlyClose { rule, closes }
}

const fn special(rule: Rule, opens: i32, closes: i32) -> Special {
    Special {
        rule,
        opens,
        closes,
    }
}
