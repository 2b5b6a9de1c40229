use super::{
    ALWAYS, at,
    feasts::{LABOUR_DAY, NEW_YEAR, NEW_YEARS_EVE},
    hours,
};
use crate::{
    calendar::{Hours, Rules},
    rule::{Rule, Shift},
};

/// Holidays are decreed year by year.
const KNOWN_UNTIL: i16 = 2026;
const TO_MONDAY: Shift = Shift::ToMonday;

const BANGKOK_HOURS: &[Hours] = &[Hours {
    pause: Some((at(12, 30), at(14, 0))),
    ..hours(ALWAYS, at(10, 0), at(16, 30))
}];

const BANGKOK: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("Chakri Memorial Day", 4, 6).shift(TO_MONDAY),
    Rule::fixed("Songkran", 4, 13),
    Rule::fixed("Songkran", 4, 14),
    Rule::fixed("Songkran", 4, 15),
    LABOUR_DAY.shift(TO_MONDAY),
    Rule::fixed("Coronation Day", 5, 5)
        .shift(TO_MONDAY)
        .until(2016),
    Rule::fixed("Coronation Day", 5, 4)
        .shift(TO_MONDAY)
        .from(2019),
    Rule::fixed("Birthday of the Queen", 6, 3)
        .shift(TO_MONDAY)
        .from(2019),
    Rule::fixed("Half Year", 7, 1).from(2002).until(2016),
    Rule::fixed("Birthday of the King", 7, 28)
        .shift(TO_MONDAY)
        .from(2017),
    Rule::fixed("Birthday of the Queen Mother", 8, 12).shift(TO_MONDAY),
    Rule::fixed("Memorial of King Bhumibol", 10, 13)
        .shift(TO_MONDAY)
        .from(2017),
    Rule::fixed("Chulalongkorn Day", 10, 23).shift(TO_MONDAY),
    Rule::fixed("Birthday of King Bhumibol", 12, 5).shift(TO_MONDAY),
    Rule::fixed("Constitution Day", 12, 10).shift(TO_MONDAY),
    NEW_YEARS_EVE.until(2002),
    NEW_YEARS_EVE.from(2004),
    Rule::days("festival of the lunar calendar or decree", DECREES),
];

/// Makha Bucha, Visakha Bucha and Asanha Bucha, bridges, mourning, floods and days given for holidays on
/// a weekend.
const DECREES: &[(i16, &[u16])] = &[
    (2000, &[103, 518]),
    (2001, &[102, 208, 416, 705]),
    (2002, &[226, 416, 527, 725, 1230]),
    (2003, &[217, 515, 714]),
    (2004, &[102, 305, 602, 802]),
    (2005, &[103, 223, 523, 722]),
    (2006, &[102, 213, 419, 512, 612, 613, 711, 920]),
    (2007, &[102, 305, 416, 531, 730, 1224]),
    (2008, &[221, 519, 717]),
    (2009, &[102, 209, 508, 706, 707]),
    (2010, &[301, 520, 521, 528, 726, 813]),
    (2011, &[103, 218, 516, 517, 715]),
    (2012, &[102, 103, 307, 409, 416, 604, 802]),
    (2013, &[225, 416, 524, 722, 1230]),
    (2014, &[214, 513, 711, 811]),
    (2015, &[102, 304, 504, 601, 730]),
    (2016, &[222, 506, 520, 718, 719]),
    (2017, &[102, 103, 213, 510, 710, 1026]),
    (2018, &[102, 301, 416, 529, 727]),
    (2019, &[219, 416, 520, 716]),
    (2020, &[210, 506, 706]),
    (2021, &[212, 226, 526, 726, 924, 1022]),
    (2022, &[103, 216, 516, 713, 729, 1014]),
    (2023, &[102, 103, 306, 505, 801, 1229]),
    (2024, &[102, 226, 412, 416, 522, 722]),
    (2025, &[212, 512, 602, 710, 811]),
    (2026, &[102, 303, 601, 729]),
];

pub(crate) const XBKK: Rules =
    Rules::weekdays("XBKK", "Asia/Bangkok", BANGKOK_HOURS, &[BANGKOK], &[])
        .known_until(KNOWN_UNTIL);
