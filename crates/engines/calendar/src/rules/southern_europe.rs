use jiff::civil::date;

use super::{
    ALWAYS, at, early,
    europe::CENTRAL_HOURS,
    feasts::{
        ALL_SAINTS, ASSUMPTION, BOXING_DAY, CHRISTMAS, CHRISTMAS_EVE, EASTER_MONDAY, EPIPHANY,
        GOOD_FRIDAY, IMMACULATE_CONCEPTION, LABOUR_DAY, NEW_YEAR, NEW_YEARS_EVE,
    },
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

const MILAN: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    Rule::fixed("Ferragosto", 8, 15),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
];

const MADRID: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY.until(2006),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASSUMPTION.shift(Shift::ToMonday).until(2004),
    Rule::fixed("National Day", 10, 12).until(2004),
    ALL_SAINTS.until(2004),
    Rule::fixed("Constitution Day", 12, 6).until(2004),
    IMMACULATE_CONCEPTION.until(2004),
    CHRISTMAS_EVE.until(2010),
    CHRISTMAS_EVE.from(2021).until(2023),
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE.until(2010),
    NEW_YEARS_EVE.from(2021).until(2023),
];

const MADRID_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE.from(2012), at(14, 0)),
    early(NEW_YEARS_EVE.from(2012), at(14, 0)),
];

const ATHENS_HOURS: &[Hours] = &[
    hours(ALWAYS, at(10, 0), at(17, 0)),
    hours(date(2008, 9, 29), at(10, 0), at(17, 20)),
];

/// The feasts of the Orthodox churches, and the Easter of the others besides.
const ATHENS: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    Rule::new("Ash Monday", On::OrthodoxEaster(-48)),
    Rule::fixed("Independence Day", 3, 25),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    Rule::new("Orthodox Good Friday", On::OrthodoxEaster(-2)),
    Rule::new("Orthodox Easter Monday", On::OrthodoxEaster(1)),
    LABOUR_DAY,
    Rule::new("Orthodox Whit Monday", On::OrthodoxEaster(50)),
    ASSUMPTION,
    Rule::fixed("Ochi Day", 10, 28),
    CHRISTMAS_EVE.from(2009),
    CHRISTMAS,
    BOXING_DAY,
    Rule::days(
        "Labour Day, moved from Easter",
        &[(2002, &[507]), (2013, &[507]), (2016, &[503])],
    ),
    Rule::days("opening of the Olympic Games", &[(2004, &[813])]),
    Rule::days("strike", &[(2008, &[304, 305])]),
    Rule::days("New Year's Eve", &[(2014, &[1231])]),
    Rule::days(
        "closure of the banks",
        &[(
            2015,
            &[
                629, 630, 701, 702, 703, 706, 707, 708, 709, 710, 713, 714, 715, 716, 717, 720,
                721, 722, 723, 724, 727, 728, 729, 730, 731,
            ],
        )],
    ),
];

pub(crate) const XMIL: Rules = Rules::weekdays("XMIL", "Europe/Rome", CENTRAL_HOURS, &[MILAN], &[]);
pub(crate) const XMAD: Rules = Rules::weekdays(
    "XMAD",
    "Europe/Madrid",
    CENTRAL_HOURS,
    &[MADRID],
    MADRID_EARLY,
);
pub(crate) const XATH: Rules =
    Rules::weekdays("XATH", "Europe/Athens", ATHENS_HOURS, &[ATHENS], &[]);
