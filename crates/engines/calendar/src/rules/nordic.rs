use jiff::civil::Weekday::{Friday, Monday, Thursday};

use super::{
    ALWAYS, at, early,
    europe::CENTRAL_HOURS,
    feasts::{
        ASCENSION, BOXING_DAY, CHRISTMAS, CHRISTMAS_EVE, EASTER_MONDAY, EPIPHANY, GOOD_FRIDAY,
        LABOUR_DAY, MAUNDY_THURSDAY, NEW_YEAR, NEW_YEARS_EVE, WHIT_MONDAY,
    },
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule},
};

const COPENHAGEN_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(17, 0))];
const OSLO_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(16, 20))];
const HELSINKI_HOURS: &[Hours] = &[hours(ALWAYS, at(10, 0), at(18, 30))];
const REYKJAVIK_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 30), at(15, 30))];

/// What all five of them keep.
const NORDIC: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    ASCENSION,
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
];

const MIDSUMMER_EVE: Rule = Rule::new("Midsummer Eve", On::UpTo(Friday, 6, 25));

const STOCKHOLM: &[Rule] = &[
    EPIPHANY,
    LABOUR_DAY,
    WHIT_MONDAY.until(2004),
    Rule::fixed("National Day", 6, 6).from(2005),
    MIDSUMMER_EVE,
];

/// The sessions before a holiday are half ones.
const STOCKHOLM_EARLY: &[EarlyClose] = &[
    early(Rule::fixed("day before Epiphany", 1, 5), at(13, 0)),
    early(MAUNDY_THURSDAY, at(13, 0)),
    early(Rule::fixed("day before Labour Day", 4, 30), at(13, 0)),
    early(Rule::easter("day before Ascension Day", 38), at(13, 0)),
    early(
        Rule::new("All Saints' Eve", On::UpTo(Friday, 11, 5)),
        at(13, 0),
    ),
];

const COPENHAGEN: &[Rule] = &[
    MAUNDY_THURSDAY,
    Rule::easter("General Prayer Day", 26).until(2023),
    Rule::easter("day after Ascension Day", 40).from(2009),
    WHIT_MONDAY,
    Rule::fixed("Constitution Day", 6, 5),
];

const OSLO: &[Rule] = &[
    MAUNDY_THURSDAY,
    LABOUR_DAY,
    Rule::fixed("Constitution Day", 5, 17),
    WHIT_MONDAY,
];

const OSLO_EARLY: &[EarlyClose] = &[early(
    Rule::easter("Wednesday before Easter", -4).from(2011),
    at(13, 0),
)];

const HELSINKI: &[Rule] = &[
    EPIPHANY,
    LABOUR_DAY,
    MIDSUMMER_EVE,
    Rule::fixed("Independence Day", 12, 6),
];

const REYKJAVIK: &[Rule] = &[
    MAUNDY_THURSDAY,
    Rule::new("First Day of Summer", On::UpTo(Thursday, 4, 25)),
    LABOUR_DAY,
    WHIT_MONDAY,
    Rule::fixed("National Day", 6, 17),
    Rule::new("Commerce Day", On::Nth(1, Monday, 8)),
];

pub(crate) const XSTO: Rules = Rules::weekdays(
    "XSTO",
    "Europe/Stockholm",
    CENTRAL_HOURS,
    &[NORDIC, STOCKHOLM],
    STOCKHOLM_EARLY,
);
pub(crate) const XCSE: Rules = Rules::weekdays(
    "XCSE",
    "Europe/Copenhagen",
    COPENHAGEN_HOURS,
    &[NORDIC, COPENHAGEN],
    &[],
);
pub(crate) const XOSL: Rules = Rules::weekdays(
    "XOSL",
    "Europe/Oslo",
    OSLO_HOURS,
    &[NORDIC, OSLO],
    OSLO_EARLY,
);
pub(crate) const XHEL: Rules = Rules::weekdays(
    "XHEL",
    "Europe/Helsinki",
    HELSINKI_HOURS,
    &[NORDIC, HELSINKI],
    &[],
);
pub(crate) const XICE: Rules = Rules::weekdays(
    "XICE",
    "Atlantic/Reykjavik",
    REYKJAVIK_HOURS,
    &[NORDIC, REYKJAVIK],
    &[],
);
