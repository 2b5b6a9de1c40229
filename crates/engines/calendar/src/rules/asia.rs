use jiff::civil::{Weekday::Monday, date};

use super::{ALWAYS, at, early, hours};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

const AFTER_SUNDAY: Shift = Shift::SundayBy(1);

/// The last year of the table of equinoxes.
const EQUINOXES_UNTIL: i16 = 2040;

const TOKYO_HOURS: &[Hours] = &[
    Hours {
        pause: Some((at(11, 0), at(12, 30))),
        ..hours(ALWAYS, at(9, 0), at(15, 0))
    },
    Hours {
        pause: Some((at(11, 30), at(12, 30))),
        ..hours(date(2011, 11, 21), at(9, 0), at(15, 0))
    },
    Hours {
        pause: Some((at(11, 30), at(12, 30))),
        ..hours(date(2024, 11, 5), at(9, 0), at(15, 30))
    },
];

/// The Act on National Holidays: one that falls on a Sunday is made up for on the next day that is
/// none. The three days of May stand in a row, so the first of them moves by three.
const TOKYO: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1),
    Rule::fixed("market holiday", 1, 2),
    Rule::fixed("market holiday", 1, 3),
    Rule::fixed("market holiday", 12, 31),
    Rule::new("Coming of Age Day", On::Nth(2, Monday, 1)),
    Rule::fixed("National Foundation Day", 2, 11).shift(AFTER_SUNDAY),
    Rule::fixed("Emperor's Birthday", 2, 23)
        .shift(AFTER_SUNDAY)
        .from(2020),
    Rule::days(
        "Vernal Equinox Day",
        &[
            (2000, &[320]),
            (2001, &[320]),
            (2002, &[321]),
            (2003, &[321]),
            (2005, &[321]),
            (2006, &[321]),
            (2007, &[321]),
            (2008, &[320]),
            (2009, &[320]),
            (2010, &[322]),
            (2011, &[321]),
            (2012, &[320]),
            (2013, &[320]),
            (2014, &[321]),
            (2016, &[321]),
            (2017, &[320]),
            (2018, &[321]),
            (2019, &[321]),
            (2020, &[320]),
            (2022, &[321]),
            (2023, &[321]),
            (2024, &[320]),
            (2025, &[320]),
            (2026, &[320]),
            (2027, &[322]),
            (2028, &[320]),
            (2029, &[320]),
            (2030, &[320]),
            (2031, &[321]),
            (2033, &[321]),
            (2034, &[320]),
            (2035, &[321]),
            (2036, &[320]),
            (2037, &[320]),
            (2039, &[321]),
            (2040, &[320]),
        ],
    ),
    Rule::fixed("Greenery Day", 4, 29)
        .shift(AFTER_SUNDAY)
        .until(2006),
    Rule::fixed("Showa Day", 4, 29)
        .shift(AFTER_SUNDAY)
        .from(2007),
    Rule::fixed("Constitution Memorial Day", 5, 3)
        .shift(AFTER_SUNDAY)
        .until(2006),
    Rule::fixed("Constitution Memorial Day", 5, 3)
        .shift(Shift::SundayBy(3))
        .from(2007),
    Rule::fixed("Citizens' Holiday", 5, 4).until(2006),
    Rule::fixed("Greenery Day", 5, 4)
        .shift(Shift::SundayBy(2))
        .from(2007),
    Rule::fixed("Children's Day", 5, 5).shift(AFTER_SUNDAY),
    Rule::fixed("Marine Day", 7, 20)
        .shift(AFTER_SUNDAY)
        .until(2002),
    Rule::new("Marine Day", On::Nth(3, Monday, 7))
        .from(2003)
        .until(2019),
    // Moved for the Olympic Games.
    Rule::days("Marine Day", &[(2020, &[723]), (2021, &[722])]),
    Rule::days("Sports Day", &[(2020, &[724]), (2021, &[723])]),
    Rule::days("Mountain Day", &[(2020, &[810]), (2021, &[809])]),
    Rule::new("Marine Day", On::Nth(3, Monday, 7)).from(2022),
    Rule::fixed("Mountain Day", 8, 11)
        .shift(AFTER_SUNDAY)
        .from(2016)
        .until(2019),
    Rule::fixed("Mountain Day", 8, 11)
        .shift(AFTER_SUNDAY)
        .from(2022),
    Rule::fixed("Respect for the Aged Day", 9, 15)
        .shift(AFTER_SUNDAY)
        .until(2002),
    Rule::new("Respect for the Aged Day", On::Nth(3, Monday, 9)).from(2003),
    Rule::days(
        "Citizens' Holiday",
        &[
            (2009, &[922]),
            (2015, &[922]),
            (2026, &[922]),
            (2032, &[921]),
            (2037, &[922]),
        ],
    ),
    Rule::days(
        "Autumnal Equinox Day",
        &[
            (2001, &[924]),
            (2002, &[923]),
            (2003, &[923]),
            (2004, &[923]),
            (2005, &[923]),
            (2007, &[924]),
            (2008, &[923]),
            (2009, &[923]),
            (2010, &[923]),
            (2011, &[923]),
            (2013, &[923]),
            (2014, &[923]),
            (2015, &[923]),
            (2016, &[922]),
            (2018, &[924]),
            (2019, &[923]),
            (2020, &[922]),
            (2021, &[923]),
            (2022, &[923]),
            (2024, &[923]),
            (2025, &[923]),
            (2026, &[923]),
            (2027, &[923]),
            (2028, &[922]),
            (2029, &[924]),
            (2030, &[923]),
            (2031, &[923]),
            (2032, &[922]),
            (2033, &[923]),
            (2035, &[924]),
            (2036, &[922]),
            (2037, &[923]),
            (2038, &[923]),
            (2039, &[923]),
        ],
    ),
    Rule::new("Sports Day", On::Nth(2, Monday, 10)).until(2019),
    Rule::new("Sports Day", On::Nth(2, Monday, 10)).from(2022),
    Rule::fixed("Culture Day", 11, 3).shift(AFTER_SUNDAY),
    Rule::fixed("Labour Thanksgiving Day", 11, 23).shift(AFTER_SUNDAY),
    Rule::fixed("Emperor's Birthday", 12, 23)
        .shift(AFTER_SUNDAY)
        .until(2018),
    Rule::days(
        "accession of the Emperor",
        &[(2019, &[430, 501, 502, 1022])],
    ),
    Rule::days("failure of the trading system", &[(2020, &[1001])]),
];

/// The last year of the table of the lunar calendar.
const MOON_UNTIL: i16 = 2030;

/// In two steps the session grew longer and the pause shorter.
const HONG_KONG_HOURS: &[Hours] = &[
    Hours {
        pause: Some((at(12, 30), at(14, 30))),
        ..hours(ALWAYS, at(10, 0), at(16, 0))
    },
    Hours {
        pause: Some((at(12, 0), at(13, 30))),
        ..hours(date(2011, 3, 7), at(9, 30), at(16, 0))
    },
    Hours {
        pause: Some((at(12, 0), at(13, 0))),
        ..hours(date(2012, 3, 5), at(9, 30), at(16, 0))
    },
];

const HONG_KONG: &[Rule] = &[
    Rule::fixed("New Year's Day", 1, 1).shift(AFTER_SUNDAY),
    Rule::easter("Good Friday", -2),
    Rule::easter("Easter Monday", 1),
    Rule::fixed("Labour Day", 5, 1).shift(AFTER_SUNDAY),
    Rule::fixed("Establishment Day", 7, 1).shift(AFTER_SUNDAY),
    Rule::fixed("National Day", 10, 1).shift(AFTER_SUNDAY),
    Rule::fixed("Christmas Day", 12, 25).shift(Shift::ByTwo),
    Rule::fixed("Boxing Day", 12, 26),
    Rule::days("festival of the lunar calendar", LUNAR),
    Rule::days(
        "storm",
        &[
            (2001, &[706, 725]),
            (2008, &[806, 822]),
            (2011, &[929]),
            (2013, &[814]),
            (2016, &[802, 1021]),
            (2017, &[823]),
            (2020, &[1013]),
            (2021, &[1013]),
            (2023, &[717, 901, 908]),
            (2024, &[906]),
        ],
    ),
    Rule::days("end of the war, 70 years", &[(2015, &[903])]),
];

/// The weekdays on which Hong Kong keeps Lunar New Year, Ching Ming, the Birthday of the Buddha, Tuen
/// Ng, the day after Mid-Autumn and Chung Yeung, with the days given for those that fall on a Sunday
/// or on another holiday: as gazetted to 2026, computed from the lunar calendar to 2030.
const LUNAR: &[(i16, &[u16])] = &[
    (2000, &[204, 207, 404, 511, 606, 913, 1006]),
    (2001, &[124, 125, 126, 405, 430, 625, 1002, 1025]),
    (2002, &[212, 213, 214, 405, 520, 1014]),
    (2003, &[131, 203, 508, 604, 912]),
    (2004, &[122, 123, 405, 526, 622, 929, 1022]),
    (2005, &[209, 210, 211, 405, 516, 919, 1011]),
    (2006, &[130, 131, 405, 505, 531, 1030]),
    (2007, &[219, 220, 405, 524, 619, 926, 1019]),
    (2008, &[207, 208, 404, 512, 609, 915, 1007]),
    (2009, &[126, 127, 128, 528, 1026]),
    (2010, &[215, 216, 406, 521, 616, 923]),
    (2011, &[203, 204, 405, 510, 606, 913, 1005]),
    (2012, &[123, 124, 125, 404, 1002, 1023]),
    (2013, &[211, 212, 213, 404, 517, 612, 920, 1014]),
    (2014, &[131, 203, 506, 602, 909, 1002]),
    (2015, &[219, 220, 407, 525, 928, 1021]),
    (2016, &[208, 209, 210, 404, 609, 916, 1010]),
    (2017, &[130, 131, 404, 503, 530, 1005]),
    (2018, &[216, 219, 405, 522, 618, 925, 1017]),
    (2019, &[205, 206, 207, 405, 513, 607, 1007]),
    (2020, &[127, 128, 430, 625, 1002, 1026]),
    (2021, &[212, 215, 406, 519, 614, 922, 1014]),
    (2022, &[201, 202, 203, 405, 509, 603, 912, 1004]),
    (2023, &[123, 124, 125, 405, 526, 622, 1023]),
    (2024, &[212, 213, 404, 515, 610, 918, 1011]),
    (2025, &[129, 130, 131, 404, 505, 1007, 1029]),
    (2026, &[217, 218, 219, 407, 525, 619, 1019]),
    (2027, &[208, 209, 405, 513, 609, 916, 1008]),
    (2028, &[126, 127, 128, 404, 502, 529, 1004, 1026]),
    (2029, &[213, 214, 215, 404, 521, 1016]),
    (2030, &[204, 205, 206, 405, 509, 605, 913]),
];

/// Lunar New Year's Eve has been a half day since 2014; storms and weekends aside.
const LUNAR_EVES: &[(i16, &[u16])] = &[
    (2014, &[130]),
    (2015, &[218]),
    (2017, &[127]),
    (2018, &[215]),
    (2019, &[204]),
    (2020, &[124]),
    (2021, &[211]),
    (2022, &[131]),
    (2024, &[209]),
    (2025, &[128]),
    (2026, &[216]),
    (2027, &[205]),
    (2028, &[125]),
    (2029, &[212]),
];

const HONG_KONG_EARLY: &[EarlyClose] = &[
    // Before the longer hours of March 2011 the morning session ended at half past twelve.
    early(Rule::fixed("Christmas Eve", 12, 24).until(2010), at(12, 30)),
    early(
        Rule::fixed("New Year's Eve", 12, 31).until(2010),
        at(12, 30),
    ),
    early(Rule::fixed("Christmas Eve", 12, 24).from(2011), at(12, 0)),
    early(Rule::fixed("New Year's Eve", 12, 31).from(2011), at(12, 0)),
    early(Rule::days("Lunar New Year's Eve", LUNAR_EVES), at(12, 0)),
];

pub(crate) const XTKS: Rules =
    Rules::weekdays("XTKS", "Asia/Tokyo", TOKYO_HOURS, &[TOKYO], &[]).known_until(EQUINOXES_UNTIL);
pub(crate) const XHKG: Rules = Rules::weekdays(
    "XHKG",
    "Asia/Hong_Kong",
    HONG_KONG_HOURS,
    &[HONG_KONG],
    HONG_KONG_EARLY,
)
.known_until(MOON_UNTIL);
