use jiff::civil::Weekday::{Friday, Monday, Thursday, Tuesday};

use super::{ALWAYS, at, early, hours};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

const HOURS: &[Hours] = &[hours(ALWAYS, at(9, 30), at(16, 0))];

/// Rule 7.2 of the New York Stock Exchange: a holiday on a Saturday is kept on Friday and one on a
/// Sunday on Monday; but New Year's Day never takes the last session of the old year.
const NEW_YORK: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(Shift::SundayBy(1)),
    Rule::new("Martin Luther King Jr. Day", On::Nth(3, Monday, 1)).from(1998),
    Rule::new("Washington's Birthday", On::Nth(3, Monday, 2)),
    Rule::easter("Good Friday", -2),
    Rule::new("Memorial Day", On::UpTo(Monday, 5, 31)),
    Rule::fixed("Juneteenth", 6, 19)
        .shift(Shift::Nearest)
        .from(2022),
    Rule::fixed("Independence Day", 7, 4).shift(Shift::Nearest),
    Rule::new("Labor Day", On::Nth(1, Monday, 9)),
    Rule::new("Thanksgiving Day", On::Nth(4, Thursday, 11)),
    Rule::fixed("Christmas Day", 12, 25).shift(Shift::Nearest),
    Rule::days("attacks of 11 September", &[(2001, &[911, 912, 913, 914])]),
    Rule::days(
        "national day of mourning",
        &[
            (2004, &[611]),
            (2007, &[102]),
            (2018, &[1205]),
            (2025, &[109]),
        ],
    ),
    Rule::days("Hurricane Sandy", &[(2012, &[1029, 1030])]),
];

const NEW_YORK_EARLY: &[EarlyClose] = &[
    early(
        Rule::fixed("day before Independence Day", 7, 3)
            .until(2012)
            .only(&[Monday, Tuesday, Thursday]),
        at(13, 0),
    ),
    early(
        Rule::fixed("day after Independence Day", 7, 5)
            .until(2012)
            .only(&[Friday]),
        at(13, 0),
    ),
    early(
        Rule::fixed("day before Independence Day", 7, 3).from(2013),
        at(13, 0),
    ),
    early(
        Rule::new("day after Thanksgiving", On::Nth(4, Thursday, 11)).plus(1),
        at(13, 0),
    ),
    early(Rule::fixed("Christmas Eve", 12, 24), at(13, 0)),
    early(
        Rule::days("day after Christmas", &[(2003, &[1226])]),
        at(13, 0),
    ),
];

const TORONTO: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(Shift::ToMonday),
    Rule::new("Family Day", On::Nth(3, Monday, 2)).from(2008),
    Rule::easter("Good Friday", -2),
    Rule::new("Victoria Day", On::UpTo(Monday, 5, 24)),
    Rule::fixed("Canada Day", 7, 1).shift(Shift::ToMonday),
    Rule::new("Civic Holiday", On::Nth(1, Monday, 8)),
    Rule::new("Labour Day", On::Nth(1, Monday, 9)),
    Rule::new("Thanksgiving", On::Nth(2, Monday, 10)),
    Rule::fixed("Christmas Day", 12, 25).shift(Shift::ByTwo),
    Rule::fixed("Boxing Day", 12, 26).shift(Shift::ByTwo),
    Rule::days("attacks of 11 September", &[(2001, &[911, 912])]),
];

const TORONTO_EARLY: &[EarlyClose] = &[early(
    Rule::fixed("Christmas Eve", 12, 24).from(2010),
    at(13, 0),
)];

pub(crate) const XNYS: Rules = Rules::weekdays(
    "XNYS",
    "America/New_York",
    HOURS,
    &[NEW_YORK],
    NEW_YORK_EARLY,
);
pub(crate) const XNAS: Rules = Rules::weekdays(
    "XNAS",
    "America/New_York",
    HOURS,
    &[NEW_YORK],
    NEW_YORK_EARLY,
);
pub(crate) const XTSE: Rules =
    Rules::weekdays("XTSE", "America/Toronto", HOURS, &[TORONTO], TORONTO_EARLY);
