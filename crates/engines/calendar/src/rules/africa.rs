use super::{
    ALWAYS, at,
    feasts::{BOXING_DAY, CHRISTMAS, EASTER_MONDAY, GOOD_FRIDAY, NEW_YEAR},
    hours,
};
use crate::{
    calendar::{Hours, Rules},
    rule::{Rule, Shift},
};

const JOHANNESBURG_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(17, 0))];
const AFTER_SUNDAY: Shift = Shift::SundayBy(1);

const JOHANNESBURG: &[Rule] = &[
    NEW_YEAR.shift(AFTER_SUNDAY),
    Rule::fixed("Human Rights Day", 3, 21).shift(AFTER_SUNDAY),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    Rule::fixed("Freedom Day", 4, 27).shift(AFTER_SUNDAY),
    Rule::fixed("Workers' Day", 5, 1).shift(AFTER_SUNDAY),
    Rule::fixed("Youth Day", 6, 16).shift(AFTER_SUNDAY),
    Rule::fixed("National Women's Day", 8, 9).shift(AFTER_SUNDAY),
    Rule::fixed("Heritage Day", 9, 24).shift(AFTER_SUNDAY),
    Rule::fixed("Day of Reconciliation", 12, 16).shift(AFTER_SUNDAY),
    CHRISTMAS.shift(AFTER_SUNDAY),
    BOXING_DAY.shift(AFTER_SUNDAY),
    Rule::days(
        "election",
        &[
            (2004, &[414]),
            (2006, &[301]),
            (2009, &[422]),
            (2011, &[518]),
            (2014, &[507]),
            (2016, &[803]),
            (2019, &[508]),
        ],
    ),
    Rule::days(
        "holiday given for another",
        &[(2008, &[502]), (2011, &[1227]), (2016, &[1227])],
    ),
];

pub(crate) const XJSE: Rules = Rules::weekdays(
    "XJSE",
    "Africa/Johannesburg",
    JOHANNESBURG_HOURS,
    &[JOHANNESBURG],
    &[],
);
