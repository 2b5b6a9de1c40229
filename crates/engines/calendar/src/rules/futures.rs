//! The futures exchanges of the United States: a trading day begins on the evening before, and a holiday
//! of the cash market is half a day here.

use jiff::civil::Weekday::{Monday, Thursday};

use super::{ALWAYS, at, early, feasts::GOOD_FRIDAY, hours};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

const CHICAGO_HOURS: &[Hours] = &[hours(ALWAYS, at(-7, 0), at(17, 0))];
const ICE_HOURS: &[Hours] = &[hours(ALWAYS, at(-4, 0), at(18, 0))];

const FUTURES: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(Shift::SundayBy(1)),
    GOOD_FRIDAY,
    Rule::fixed("Christmas Day", 12, 25).shift(Shift::Nearest),
    Rule::days(
        "national day of mourning",
        &[
            (2004, &[611]),
            (2007, &[102]),
            (2018, &[1205]),
            (2025, &[109]),
        ],
    ),
];

const ICE: &[Rule] = &[Rule::days("Hurricane Sandy", &[(2012, &[1029])])];

const KING_DAY: Rule = Rule::new("Martin Luther King Jr. Day", On::Nth(3, Monday, 1));
const WASHINGTON: Rule = Rule::new("Washington's Birthday", On::Nth(3, Monday, 2));
const MEMORIAL_DAY: Rule = Rule::new("Memorial Day", On::UpTo(Monday, 5, 31));
const INDEPENDENCE_DAY: Rule = Rule::fixed("Independence Day", 7, 4).shift(Shift::Nearest);
const LABOR_DAY: Rule = Rule::new("Labor Day", On::Nth(1, Monday, 9));
const THANKSGIVING: Rule = Rule::new("Thanksgiving Day", On::Nth(4, Thursday, 11));

const CHICAGO_EARLY: &[EarlyClose] = &[
    early(KING_DAY, at(12, 0)),
    early(WASHINGTON, at(12, 0)),
    early(MEMORIAL_DAY, at(12, 0)),
    early(INDEPENDENCE_DAY, at(12, 0)),
    early(LABOR_DAY, at(12, 0)),
    early(THANKSGIVING, at(12, 0)),
    early(THANKSGIVING.plus(1), at(12, 0)),
    early(Rule::fixed("Christmas Eve", 12, 24), at(12, 0)),
];

const ICE_EARLY: &[EarlyClose] = &[
    early(KING_DAY, at(13, 0)),
    early(WASHINGTON, at(13, 0)),
    early(MEMORIAL_DAY, at(13, 0)),
    early(INDEPENDENCE_DAY, at(13, 0)),
    early(LABOR_DAY, at(13, 0)),
    early(THANKSGIVING, at(13, 0)),
];

/// Chicago Mercantile Exchange and Board of Trade, NYMEX and COMEX, which share its platform.
pub(crate) const XCME: Rules = Rules::weekdays(
    "XCME",
    "America/Chicago",
    CHICAGO_HOURS,
    &[FUTURES],
    CHICAGO_EARLY,
);
pub(crate) const IFUS: Rules = Rules::weekdays(
    "IFUS",
    "America/New_York",
    ICE_HOURS,
    &[FUTURES, ICE],
    ICE_EARLY,
);
