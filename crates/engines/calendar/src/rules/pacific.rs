use jiff::civil::Weekday::Monday;

use super::{
    ALWAYS, at, early,
    feasts::{self, EASTER_MONDAY, GOOD_FRIDAY},
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

const SYDNEY_HOURS: &[Hours] = &[hours(ALWAYS, at(10, 0), at(16, 0))];
const AUCKLAND_HOURS: &[Hours] = &[hours(ALWAYS, at(10, 0), at(16, 45))];

const ANZAC_DAY: Rule = Rule::fixed("Anzac Day", 4, 25);
const CHRISTMAS: Rule = feasts::CHRISTMAS.shift(Shift::ByTwo);
const BOXING_DAY: Rule = feasts::BOXING_DAY.shift(Shift::ByTwo);
const BEFORE_CHRISTMAS: Rule =
    Rule::fixed("last session before Christmas", 12, 24).shift(Shift::ToFriday);
const LAST_OF_YEAR: Rule = Rule::fixed("last session of the year", 12, 31).shift(Shift::ToFriday);

const SYDNEY: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(Shift::ToMonday),
    Rule::fixed("Australia Day", 1, 26).shift(Shift::ToMonday),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    ANZAC_DAY,
    // It coincided with a weekend and with Easter Monday; both times another day was given.
    Rule::days("Anzac Day", &[(2010, &[426])]),
    Rule::days("Easter Tuesday", &[(2011, &[426])]),
    Rule::new("King's Birthday", On::Nth(2, Monday, 6)),
    Rule::days("mourning of the Queen", &[(2022, &[922])]),
    CHRISTMAS,
    BOXING_DAY,
];

const SYDNEY_EARLY: &[EarlyClose] = &[
    early(BEFORE_CHRISTMAS.from(2010), at(14, 10)),
    early(LAST_OF_YEAR.from(2010), at(14, 10)),
];

/// The last year of which Parliament's table of Matariki is kept here.
const MATARIKI_UNTIL: i16 = 2035;

/// Waitangi Day and Anzac Day are moved off weekends since 2014.
const AUCKLAND: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(Shift::ByTwo),
    Rule::fixed("Day after New Year's Day", 1, 2).shift(Shift::ByTwo),
    Rule::fixed("Waitangi Day", 2, 6).until(2013),
    Rule::fixed("Waitangi Day", 2, 6)
        .shift(Shift::ToMonday)
        .from(2014),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    ANZAC_DAY.until(2013),
    ANZAC_DAY.shift(Shift::ToMonday).from(2014),
    Rule::new("King's Birthday", On::Nth(1, Monday, 6)),
    // Te Kahui o Matariki Public Holiday Act 2022, schedule 1.
    Rule::days(
        "Matariki",
        &[
            (2022, &[624]),
            (2023, &[714]),
            (2024, &[628]),
            (2025, &[620]),
            (2026, &[710]),
            (2027, &[625]),
            (2028, &[714]),
            (2029, &[706]),
            (2030, &[621]),
            (2031, &[711]),
            (2032, &[702]),
            (2033, &[624]),
            (2034, &[707]),
            (2035, &[629]),
        ],
    ),
    Rule::days("memorial of the Queen", &[(2022, &[926])]),
    Rule::new("Labour Day", On::Nth(4, Monday, 10)),
    CHRISTMAS,
    BOXING_DAY,
];

const AUCKLAND_EARLY: &[EarlyClose] = &[
    early(BEFORE_CHRISTMAS.from(2011), at(12, 45)),
    early(LAST_OF_YEAR.from(2011), at(12, 45)),
];

pub(crate) const XASX: Rules = Rules::weekdays(
    "XASX",
    "Australia/Sydney",
    SYDNEY_HOURS,
    &[SYDNEY],
    SYDNEY_EARLY,
);
pub(crate) const XNZE: Rules = Rules::weekdays(
    "XNZE",
    "Pacific/Auckland",
    AUCKLAND_HOURS,
    &[AUCKLAND],
    AUCKLAND_EARLY,
)
.known_until(MATARIKI_UNTIL);
