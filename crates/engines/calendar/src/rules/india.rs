use jiff::civil::date;

use super::{
    ALWAYS, at,
    feasts::{CHRISTMAS, GOOD_FRIDAY},
    hours, special,
};
use crate::{
    calendar::{Hours, Rules, Special},
    rule::Rule,
};

/// The exchanges announce their holidays year by year.
const KNOWN_UNTIL: i16 = 2026;

const KOLKATA: &str = "Asia/Kolkata";

const INDIA_HOURS: &[Hours] = &[
    hours(ALWAYS, at(9, 55), at(15, 30)),
    hours(date(2010, 1, 4), at(9, 0), at(15, 30)),
    hours(date(2010, 10, 18), at(9, 15), at(15, 30)),
];

/// What both exchanges keep.
const INDIA: &[Rule] = &[
    Rule::fixed("Republic Day", 1, 26),
    GOOD_FRIDAY,
    Rule::fixed("Maharashtra Day", 5, 1),
    Rule::fixed("Independence Day", 8, 15),
    Rule::fixed("Gandhi Jayanti", 10, 2),
    CHRISTMAS,
    Rule::days("festival or election", FESTIVALS),
];

/// The festivals of four religions, elections and mourning, which the two exchanges announce alike.
const FESTIVALS: &[(i16, &[u16])] = &[
    (2000, &[317, 320, 414, 901]),
    (2001, &[306, 405, 822, 1026, 1116, 1130, 1217]),
    (2002, &[325, 910, 1015, 1106, 1119]),
    (2003, &[213, 314, 318, 414, 1126]),
    (2004, &[202, 302, 414, 426, 1013, 1022, 1115, 1126]),
    (2005, &[121, 414, 728, 907, 1012, 1103, 1104, 1115]),
    (2006, &[111, 209, 315, 406, 411, 1024, 1025]),
    (2007, &[101, 130, 216, 327, 502, 1221]),
    (
        2008,
        &[306, 320, 414, 418, 519, 903, 1009, 1030, 1113, 1127, 1209],
    ),
    (
        2009,
        &[
            108, 223, 310, 311, 403, 407, 414, 430, 921, 928, 1013, 1019, 1102, 1228,
        ],
    ),
    (2010, &[101, 212, 301, 324, 414, 910, 1117, 1217]),
    (
        2011,
        &[302, 412, 414, 831, 901, 1006, 1027, 1107, 1110, 1206],
    ),
    (2012, &[220, 308, 405, 820, 919, 1024, 1114, 1128]),
    (2013, &[327, 419, 424, 809, 909, 1016, 1104, 1115]),
    (
        2014,
        &[
            227, 317, 408, 414, 424, 729, 829, 1003, 1006, 1015, 1024, 1104, 1106,
        ],
    ),
    (2015, &[217, 306, 402, 414, 917, 925, 1022, 1112, 1125]),
    (
        2016,
        &[
            307, 324, 414, 415, 419, 706, 905, 913, 1011, 1012, 1031, 1114,
        ],
    ),
    (2017, &[224, 313, 404, 626, 825, 1020]),
    (2018, &[213, 302, 329, 822, 913, 920, 1018, 1108, 1123]),
    (
        2019,
        &[
            304, 321, 417, 429, 605, 812, 902, 910, 1008, 1021, 1028, 1112,
        ],
    ),
    (2020, &[221, 310, 402, 406, 414, 525, 1116, 1130]),
    (
        2021,
        &[311, 329, 414, 421, 513, 721, 819, 910, 1015, 1105, 1119],
    ),
    (2022, &[301, 318, 414, 503, 809, 831, 1005, 1026, 1108]),
    (2023, &[307, 330, 404, 414, 629, 919, 1024, 1114, 1127]),
    (2024, &[122, 308, 325, 411, 417, 520, 617, 717, 1115, 1120]),
    (2025, &[226, 314, 331, 410, 414, 827, 1022, 1105]),
    (
        2026,
        &[115, 303, 326, 331, 414, 528, 626, 914, 1020, 1110, 1124],
    ),
];

const BOMBAY: &[Rule] = &[Rule::days("festival or election", BOMBAY_ONLY)];
const BOMBAY_ONLY: &[(i16, &[u16])] = &[(2001, &[101]), (2004, &[101])];

const NATIONAL: &[Rule] = &[Rule::days("festival or election", NATIONAL_ONLY)];
const NATIONAL_ONLY: &[(i16, &[u16])] = &[
    (2001, &[308, 321, 620, 823, 910, 1129]),
    (2002, &[118, 128, 816]),
    (2003, &[410, 1016]),
    (2004, &[1012, 1015]),
    (2005, &[727]),
];

/// An hour of trading for luck in the evening of Diwali.
const MUHURAT: &str = "Muhurat trading";
const BUDGET: &str = "budget";
const DRILL: &str = "session of the emergency system";

const INDIA_SPECIAL: &[Special] = &[
    special(
        Rule::days(MUHURAT, &[(2000, &[1026])]),
        at(18, 30),
        at(19, 45),
    ),
    special(
        Rule::days(MUHURAT, &[(2001, &[1114]), (2002, &[1104])]),
        at(17, 0),
        at(18, 15),
    ),
    special(
        Rule::days(MUHURAT, &[(2004, &[1112])]),
        at(17, 30),
        at(18, 45),
    ),
    special(
        Rule::days(MUHURAT, &[(2005, &[1101])]),
        at(18, 5),
        at(19, 20),
    ),
    special(
        Rule::days(MUHURAT, &[(2007, &[1109]), (2024, &[1101])]),
        at(18, 0),
        at(19, 0),
    ),
    special(
        Rule::days(
            MUHURAT,
            &[
                (2008, &[1028]),
                (2010, &[1105]),
                (2021, &[1104]),
                (2022, &[1024]),
            ],
        ),
        at(18, 15),
        at(19, 15),
    ),
    special(
        Rule::days(MUHURAT, &[(2011, &[1026])]),
        at(16, 45),
        at(18, 0),
    ),
    special(
        Rule::days(MUHURAT, &[(2012, &[1113])]),
        at(15, 45),
        at(17, 0),
    ),
    special(
        Rule::days(MUHURAT, &[(2014, &[1023]), (2017, &[1019])]),
        at(18, 30),
        at(19, 30),
    ),
    special(
        Rule::days(MUHURAT, &[(2015, &[1111])]),
        at(17, 45),
        at(18, 45),
    ),
    special(
        Rule::days(MUHURAT, &[(2018, &[1107])]),
        at(17, 30),
        at(18, 30),
    ),
    special(
        Rule::days(MUHURAT, &[(2025, &[1021])]),
        at(13, 45),
        at(14, 45),
    ),
    // On weekends: each of these began and ended within this span.
    special(
        Rule::days(
            MUHURAT,
            &[
                (2003, &[1025]),
                (2006, &[1021]),
                (2009, &[1017]),
                (2013, &[1103]),
                (2016, &[1030]),
                (2019, &[1027]),
                (2020, &[1114]),
                (2023, &[1112]),
                (2026, &[1108]),
            ],
        ),
        at(17, 30),
        at(19, 30),
    ),
    special(
        Rule::days(
            BUDGET,
            &[
                (2015, &[228]),
                (2020, &[201]),
                (2025, &[201]),
                (2026, &[201]),
            ],
        ),
        at(9, 15),
        at(15, 30),
    ),
    special(
        Rule::days(
            DRILL,
            &[
                (2012, &[107, 303, 428, 908]),
                (2013, &[511]),
                (2014, &[322]),
                (2024, &[120, 302, 518]),
            ],
        ),
        at(9, 15),
        at(15, 30),
    ),
];

pub(crate) const XBOM: Rules = Rules::weekdays("XBOM", KOLKATA, INDIA_HOURS, &[INDIA, BOMBAY], &[])
    .special(INDIA_SPECIAL)
    .known_until(KNOWN_UNTIL);
pub(crate) const XNSE: Rules =
    Rules::weekdays("XNSE", KOLKATA, INDIA_HOURS, &[INDIA, NATIONAL], &[])
        .special(INDIA_SPECIAL)
        .known_until(KNOWN_UNTIL);
