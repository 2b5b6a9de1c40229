//! The German floors, which trade into the evening, while Xetra closes at half past five.

use jiff::civil::date;

use super::{
    ALWAYS, at, early,
    europe::{XETRA, XETRA_EARLY},
    feasts::{
        ASCENSION, BOXING_DAY, CHRISTMAS, CHRISTMAS_EVE, CORPUS_CHRISTI, EASTER_MONDAY,
        GOOD_FRIDAY, LABOUR_DAY, NEW_YEAR, NEW_YEARS_EVE, WHIT_MONDAY,
    },
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{Rule, Shift},
};

const BERLIN: &str = "Europe/Berlin";

const FRANKFURT_HOURS: &[Hours] = &[
    hours(ALWAYS, at(9, 0), at(20, 0)),
    hours(date(2011, 6, 1), at(8, 0), at(20, 0)),
    hours(date(2021, 11, 29), at(8, 0), at(22, 0)),
];
// Of the other floors the hours of today stand for all years: a span that is too long loses no trade.
const MUNICH_HOURS: &[Hours] = &[hours(ALWAYS, at(8, 0), at(22, 0))];
const LONG_HOURS: &[Hours] = &[hours(ALWAYS, at(7, 30), at(22, 0))];

const UNITY_DAY: Rule = Rule::fixed("Day of German Unity", 10, 3);
const LAST_OF_YEAR: EarlyClose = early(
    Rule::fixed("last session of the year", 12, 30)
        .shift(Shift::ToFriday)
        .from(2010),
    at(14, 0),
);

/// On a public holiday on which it trades the floor goes home at eight since its hours are longer.
const FRANKFURT_EARLY: &[EarlyClose] = &[
    LAST_OF_YEAR,
    early(ASCENSION.from(2022), at(20, 0)),
    early(WHIT_MONDAY.from(2022), at(20, 0)),
    early(CORPUS_CHRISTI.from(2022), at(20, 0)),
    early(UNITY_DAY.from(2022), at(20, 0)),
];

/// Tradegate trades on Whit Monday and on the Day of Unity, when the floors did not.
const TRADEGATE: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
];

const TRADEGATE_EARLY: &[EarlyClose] = &[
    LAST_OF_YEAR,
    early(ASCENSION, at(20, 0)),
    early(WHIT_MONDAY, at(20, 0)),
    early(UNITY_DAY, at(20, 0)),
];

pub(crate) const XFRA: Rules =
    Rules::weekdays("XFRA", BERLIN, FRANKFURT_HOURS, &[XETRA], FRANKFURT_EARLY);
pub(crate) const XSTU: Rules = Rules::weekdays("XSTU", BERLIN, LONG_HOURS, &[XETRA], XETRA_EARLY);
pub(crate) const XMUN: Rules = Rules::weekdays("XMUN", BERLIN, MUNICH_HOURS, &[XETRA], XETRA_EARLY);
pub(crate) const TGAT: Rules =
    Rules::weekdays("TGAT", BERLIN, LONG_HOURS, &[TRADEGATE], TRADEGATE_EARLY);
