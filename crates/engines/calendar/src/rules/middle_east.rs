use jiff::civil::Weekday::{Friday, Saturday};

use super::{
    ALWAYS, at, early,
    feasts::{LABOUR_DAY, NEW_YEAR},
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::Rule,
};

/// The last year of the table of Istanbul, which computes its feasts.
const ISTANBUL_UNTIL: i16 = 2030;
/// The years of the table of Riyadh, which announces its days off year by year.
const RIYADH_FROM: i16 = 2021;
const RIYADH_UNTIL: i16 = 2026;

const ISTANBUL_HOURS: &[Hours] = &[hours(ALWAYS, at(10, 0), at(18, 0))];

const ISTANBUL: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("National Sovereignty and Children's Day", 4, 23),
    LABOUR_DAY.from(2009),
    Rule::fixed("Youth and Sports Day", 5, 19),
    Rule::fixed("Democracy and National Unity Day", 7, 15).from(2017),
    Rule::fixed("Victory Day", 8, 30),
    Rule::fixed("Republic Day", 10, 29),
    Rule::days("attack", &[(2003, &[1121])]),
    Rule::days("snow", &[(2004, &[123])]),
    Rule::days("change of the currency", &[(2004, &[1230, 1231])]),
    Rule::days("earthquake", &[(2023, &[208, 209, 210, 213, 214])]),
    Rule::days("festival of the Islamic calendar", ISTANBUL_FEASTS),
];

/// The weekdays of the feasts of breaking the fast and of sacrifice, and the days given with them.
const ISTANBUL_FEASTS: &[(i16, &[u16])] = &[
    (2000, &[110, 316, 317, 1227, 1228, 1229]),
    (2001, &[305, 306, 307, 308, 1217, 1218]),
    (2002, &[104, 222, 225, 1205, 1206]),
    (
        2003,
        &[210, 211, 212, 213, 214, 1124, 1125, 1126, 1127, 1128],
    ),
    (2004, &[202, 203, 204, 1115, 1116]),
    (2005, &[120, 121, 1103, 1104]),
    (2006, &[109, 110, 111, 112, 113, 1023, 1024, 1025]),
    (2007, &[102, 103, 1012, 1220, 1221]),
    (2008, &[930, 1001, 1002, 1208, 1209, 1210, 1211]),
    (2009, &[921, 922, 1127, 1130]),
    (2010, &[909, 910, 1116, 1117, 1118, 1119]),
    (2011, &[831, 901, 1107, 1108, 1109]),
    (2012, &[820, 821, 1025, 1026]),
    (2013, &[808, 809, 1015, 1016, 1017, 1018]),
    (2014, &[728, 729, 730, 1006, 1007]),
    (2015, &[717, 924, 925]),
    (2016, &[705, 706, 707, 912, 913, 914, 915]),
    (2017, &[626, 627, 901, 904]),
    (2018, &[615, 821, 822, 823, 824]),
    (2019, &[604, 605, 606, 812, 813, 814]),
    (2020, &[525, 526, 731, 803]),
    (2021, &[513, 514, 720, 721, 722, 723]),
    (2022, &[502, 503, 504, 711, 712]),
    (2023, &[421, 628, 629, 630]),
    (2024, &[410, 411, 412, 617, 618, 619]),
    (2025, &[331, 401, 606, 609]),
    (2026, &[320, 527, 528, 529]),
    (2027, &[309, 310, 311, 517, 518]),
    (2028, &[228, 505, 508]),
    (2029, &[214, 215, 216, 424, 425, 426, 427]),
    (2030, &[204, 205, 206, 415, 416]),
];

const ISTANBUL_EVES: &[(i16, &[u16])] = &[
    (2000, &[107, 315, 1226]),
    (2002, &[221, 1204]),
    (2005, &[119, 1102]),
    (2007, &[1011, 1219]),
    (2008, &[929]),
    (2009, &[1126]),
    (2010, &[908, 1115]),
    (2011, &[829]),
    (2012, &[1024]),
    (2013, &[807, 1014]),
    (2014, &[1003]),
    (2015, &[716, 923]),
    (2016, &[704]),
    (2017, &[831]),
    (2018, &[614, 820]),
    (2019, &[603]),
    (2020, &[730]),
    (2021, &[512, 719]),
    (2022, &[708]),
    (2023, &[420, 627]),
    (2024, &[409]),
    (2025, &[605]),
    (2026, &[319, 526]),
    (2027, &[308]),
    (2028, &[225, 504]),
    (2029, &[213]),
    (2030, &[412]),
];

const ISTANBUL_EARLY: &[EarlyClose] = &[
    early(Rule::fixed("eve of Republic Day", 10, 28), at(12, 30)),
    early(Rule::days("eve of a festival", ISTANBUL_EVES), at(12, 30)),
];

const RIYADH_HOURS: &[Hours] = &[hours(ALWAYS, at(10, 0), at(15, 0))];

const RIYADH: &[Rule] = &[
    Rule::fixed("Founding Day", 2, 22).from(2022),
    Rule::fixed("National Day", 9, 23),
    Rule::days("festival of the Islamic calendar", RIYADH_FEASTS),
];

const RIYADH_FEASTS: &[(i16, &[u16])] = &[
    (2021, &[513, 516, 718, 719, 720, 721, 722]),
    (
        2022,
        &[428, 501, 502, 503, 504, 505, 508, 707, 710, 711, 712, 713],
    ),
    (2023, &[418, 419, 420, 423, 424, 425, 627, 628, 629, 702]),
    (
        2024,
        &[
            407, 408, 409, 410, 411, 414, 415, 613, 616, 617, 618, 619, 620, 623,
        ],
    ),
    (2025, &[327, 330, 331, 401, 402, 604, 605, 608, 609]),
    (2026, &[317, 318, 319, 322, 323, 524, 525, 526, 527, 528]),
];

pub(crate) const XIST: Rules = Rules::weekdays(
    "XIST",
    "Europe/Istanbul",
    ISTANBUL_HOURS,
    &[ISTANBUL],
    ISTANBUL_EARLY,
)
.known_until(ISTANBUL_UNTIL);
pub(crate) const XSAU: Rules = Rules {
    weekends: &[(ALWAYS, &[Friday, Saturday])],
    ..Rules::weekdays("XSAU", "Asia/Riyadh", RIYADH_HOURS, &[RIYADH], &[])
        .known_from(RIYADH_FROM)
        .known_until(RIYADH_UNTIL)
};
