use jiff::civil::Weekday::{Friday, Monday};

use super::{
    ALWAYS, at, early,
    europe::CENTRAL_HOURS,
    feasts::{
        ALL_SAINTS, ASCENSION, ASSUMPTION, BOXING_DAY, CHRISTMAS, CHRISTMAS_EVE, CORPUS_CHRISTI,
        EASTER_MONDAY, EPIPHANY, GOOD_FRIDAY, IMMACULATE_CONCEPTION, LABOUR_DAY, NEW_YEAR,
        NEW_YEARS_EVE, WHIT_MONDAY,
    },
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{Rule, Shift},
};

const EASTERN_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(17, 0))];
const PRAGUE_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(16, 20))];

const VIENNA: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY.until(2018),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    ASCENSION.until(2018),
    WHIT_MONDAY.until(2022),
    CORPUS_CHRISTI.until(2018),
    LABOUR_DAY,
    ASSUMPTION.until(2018),
    Rule::fixed("National Day", 10, 26),
    ALL_SAINTS.until(2018),
    IMMACULATE_CONCEPTION.until(2018),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE.shift(Shift::ToFriday).until(2015),
    NEW_YEARS_EVE.from(2016),
];

const VIENNA_EARLY: &[EarlyClose] = &[early(
    Rule::fixed("last session of the year", 12, 30)
        .shift(Shift::ToFriday)
        .from(2017),
    at(14, 15),
)];

const WARSAW: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY.from(2011),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    Rule::fixed("Constitution Day", 5, 3),
    CORPUS_CHRISTI,
    Rule::fixed("Armed Forces Day", 8, 15),
    ALL_SAINTS,
    Rule::fixed("Independence Day", 11, 11),
    CHRISTMAS_EVE.until(2003),
    CHRISTMAS_EVE.from(2005),
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE.from(2011),
    Rule::days(
        "single closure",
        &[
            (2005, &[408]),
            (2007, &[1231]),
            (2008, &[502]),
            (2009, &[102]),
            (2013, &[416]),
            (2018, &[102, 1112]),
        ],
    ),
];

const PRAGUE: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY.from(2013),
    EASTER_MONDAY,
    LABOUR_DAY,
    Rule::fixed("Liberation Day", 5, 8),
    Rule::fixed("Saints Cyril and Methodius", 7, 5),
    Rule::fixed("Jan Hus Day", 7, 6),
    Rule::fixed("Statehood Day", 9, 28),
    Rule::fixed("Independence Day", 10, 28),
    Rule::fixed("Struggle for Freedom and Democracy Day", 11, 17),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
    Rule::days("flood", &[(2002, &[814])]),
    Rule::days("first days of the year", &[(2004, &[102]), (2005, &[103])]),
];

const NATIONAL_DAY: &str = "National Day";
const SAINT_STEPHEN: &str = "Saint Stephen's Day";
const BRIDGE: &str = "bridge to a weekend";

/// A holiday on a Tuesday takes the Monday before with it, one on a Thursday the Friday after.
const BUDAPEST: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed(BRIDGE, 12, 31).only(&[Monday]).until(2010),
    Rule::fixed(BRIDGE, 1, 2).only(&[Friday]),
    Rule::fixed(NATIONAL_DAY, 3, 15),
    Rule::fixed(BRIDGE, 3, 14).only(&[Monday]),
    Rule::fixed(BRIDGE, 3, 16).only(&[Friday]),
    GOOD_FRIDAY.from(2012),
    EASTER_MONDAY,
    LABOUR_DAY,
    Rule::fixed(BRIDGE, 4, 30).only(&[Monday]),
    Rule::fixed(BRIDGE, 5, 2).only(&[Friday]),
    WHIT_MONDAY,
    Rule::fixed(SAINT_STEPHEN, 8, 20),
    Rule::fixed(BRIDGE, 8, 19).only(&[Monday]),
    Rule::fixed(BRIDGE, 8, 21).only(&[Friday]),
    Rule::fixed(NATIONAL_DAY, 10, 23),
    Rule::fixed(BRIDGE, 10, 22).only(&[Monday]),
    Rule::fixed(BRIDGE, 10, 24).only(&[Friday]),
    ALL_SAINTS,
    Rule::fixed(BRIDGE, 10, 31).only(&[Monday]),
    Rule::fixed(BRIDGE, 11, 2).only(&[Friday]),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    Rule::fixed(BRIDGE, 12, 27).only(&[Friday]).from(2013),
    NEW_YEARS_EVE.from(2011),
];

pub(crate) const XWBO: Rules = Rules::weekdays(
    "XWBO",
    "Europe/Vienna",
    CENTRAL_HOURS,
    &[VIENNA],
    VIENNA_EARLY,
);
pub(crate) const XWAR: Rules =
    Rules::weekdays("XWAR", "Europe/Warsaw", EASTERN_HOURS, &[WARSAW], &[]);
pub(crate) const XPRA: Rules =
    Rules::weekdays("XPRA", "Europe/Prague", PRAGUE_HOURS, &[PRAGUE], &[]);
pub(crate) const XBUD: Rules =
    Rules::weekdays("XBUD", "Europe/Budapest", EASTERN_HOURS, &[BUDAPEST], &[]);
