use jiff::civil::date;

use super::{
    ALWAYS, at,
    feasts::{CHRISTMAS, LABOUR_DAY, NEW_YEAR, NEW_YEARS_EVE},
    hours, special,
};
use crate::{
    calendar::{Hours, Rules, Special},
    rule::{Rule, Shift},
};

/// The last year of the table of the lunar calendar.
const MOON_UNTIL: i16 = 2030;

const SEOUL_HOURS: &[Hours] = &[
    Hours {
        pause: Some((at(12, 0), at(13, 0))),
        ..hours(ALWAYS, at(9, 0), at(15, 0))
    },
    hours(date(2000, 5, 22), at(9, 0), at(15, 0)),
    hours(date(2016, 8, 1), at(9, 0), at(15, 30)),
];

const SEOUL: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("Independence Movement Day", 3, 1),
    Rule::fixed("Arbor Day", 4, 5).until(2005),
    LABOUR_DAY,
    Rule::fixed("Children's Day", 5, 5),
    Rule::fixed("Memorial Day", 6, 6),
    Rule::fixed("Constitution Day", 7, 17).until(2007),
    Rule::fixed("Liberation Day", 8, 15),
    Rule::fixed("National Foundation Day", 10, 3),
    Rule::fixed("Hangul Day", 10, 9).from(2013),
    CHRISTMAS,
    NEW_YEARS_EVE.shift(Shift::ToFriday),
    Rule::days(
        "festival of the lunar calendar, substitute or election",
        LUNAR,
    ),
];

/// Seollal, the Birthday of the Buddha and Chuseok, days given for holidays on a weekend, and elections.
const LUNAR: &[(i16, &[u16])] = &[
    (2000, &[103, 204, 413, 511, 911, 912, 913, 1227, 1228]),
    (2001, &[123, 124, 125, 1001, 1002]),
    (2002, &[211, 212, 213, 613, 701, 920, 1219]),
    (2003, &[131, 508, 910, 911, 912]),
    (2004, &[121, 122, 123, 415, 526, 927, 928, 929]),
    (2005, &[208, 209, 210, 919]),
    (2006, &[130, 531, 1005, 1006]),
    (2007, &[219, 524, 924, 925, 926, 1219]),
    (2008, &[206, 207, 208, 409, 512, 915]),
    (2009, &[126, 127, 1002]),
    (2010, &[215, 521, 602, 921, 922, 923]),
    (2011, &[202, 203, 204, 510, 912, 913]),
    (2012, &[123, 124, 411, 528, 1001, 1219]),
    (2013, &[211, 517, 918, 919, 920]),
    (2014, &[130, 131, 506, 604, 908, 909, 910]),
    (2015, &[218, 219, 220, 525, 814, 928, 929]),
    (2016, &[208, 209, 210, 413, 506, 914, 915, 916]),
    (2017, &[127, 130, 503, 509, 1002, 1004, 1005, 1006]),
    (2018, &[215, 216, 507, 522, 613, 924, 925, 926]),
    (2019, &[204, 205, 206, 506, 912, 913]),
    (2020, &[124, 127, 415, 430, 817, 930, 1001, 1002]),
    (2021, &[211, 212, 519, 816, 920, 921, 922, 1004, 1011]),
    (2022, &[131, 201, 202, 309, 601, 909, 912, 1010]),
    (2023, &[123, 124, 529, 928, 929, 1002]),
    (2024, &[209, 212, 410, 506, 515, 916, 917, 918, 1001]),
    (2025, &[127, 128, 129, 130, 303, 506, 603, 1006, 1007, 1008]),
    (2026, &[216, 217, 218, 302, 525, 817, 924, 925, 1005]),
    (2027, &[208, 209, 513, 816, 914, 915, 916, 1004, 1011, 1227]),
    (2028, &[126, 127, 128, 502, 1002, 1004, 1005]),
    (2029, &[212, 213, 214, 507, 521, 921, 924]),
    (2030, &[204, 205, 506, 509, 911, 912, 913]),
];

const FIRST_OF_YEAR: Rule = Rule::fixed("first session of the year", 1, 2).shift(Shift::ToMonday);

/// On the day of the entrance examination to universities everything begins an hour later.
const EXAMINATIONS: &[(i16, &[u16])] = &[
    (2000, &[1115]),
    (2001, &[1107]),
    (2002, &[1106]),
    (2003, &[1105]),
    (2004, &[1117]),
    (2005, &[1123]),
    (2006, &[1116]),
    (2007, &[1115]),
    (2008, &[1113]),
    (2009, &[1112]),
    (2010, &[1118]),
    (2011, &[1110]),
    (2012, &[1108]),
    (2013, &[1107]),
    (2014, &[1113]),
    (2015, &[1112]),
    (2016, &[1117]),
    (2017, &[1116, 1123]),
    (2018, &[1115]),
    (2019, &[1114]),
    (2020, &[1203]),
    (2021, &[1118]),
    (2022, &[1117]),
    (2023, &[1116]),
    (2024, &[1114]),
    (2025, &[1113]),
    (2026, &[1119]),
];

const EXAMINATION: Rule = Rule::days("university entrance examination", EXAMINATIONS);

const SEOUL_SPECIAL: &[Special] = &[
    special(FIRST_OF_YEAR.from(2001).until(2016), at(10, 0), at(15, 0)),
    special(FIRST_OF_YEAR.from(2017), at(10, 0), at(15, 30)),
    special(EXAMINATION.until(2015), at(10, 0), at(16, 0)),
    special(EXAMINATION.from(2016), at(10, 0), at(16, 30)),
];

pub(crate) const XKRX: Rules = Rules::weekdays("XKRX", "Asia/Seoul", SEOUL_HOURS, &[SEOUL], &[])
    .special(SEOUL_SPECIAL)
    .known_until(MOON_UNTIL);
