use super::{
    ALWAYS, at,
    feasts::{
        ALL_SAINTS, CHRISTMAS, CHRISTMAS_EVE, GOOD_FRIDAY, IMMACULATE_CONCEPTION, LABOUR_DAY,
        MAUNDY_THURSDAY, NEW_YEAR, NEW_YEARS_EVE,
    },
    hours,
};
use crate::{
    calendar::{Hours, Rules},
    rule::{On, Rule},
};

/// Holidays are proclaimed year by year.
const KNOWN_UNTIL: i16 = 2026;

const MANILA_HOURS: &[Hours] = &[Hours {
    pause: Some((at(12, 0), at(13, 0))),
    ..hours(ALWAYS, at(9, 30), at(15, 30))
}];

/// The rules have held since 2011; before, many holidays were moved by a proclamation of the year.
const MANILA: &[Rule] = &[
    NEW_YEAR.from(2011),
    Rule::fixed("People Power Revolution", 2, 25)
        .from(2016)
        .until(2021),
    Rule::fixed("Day of Valor", 4, 9).from(2011),
    MAUNDY_THURSDAY.from(2011),
    GOOD_FRIDAY,
    LABOUR_DAY.from(2011),
    Rule::fixed("Independence Day", 6, 12).from(2011),
    Rule::fixed("Ninoy Aquino Day", 8, 21)
        .from(2011)
        .until(2023),
    Rule::fixed("Ninoy Aquino Day", 8, 21).from(2025),
    Rule::new(
        "National Heroes Day",
        On::UpTo(jiff::civil::Weekday::Monday, 8, 31),
    )
    .from(2011),
    ALL_SAINTS.from(2011),
    Rule::fixed("Bonifacio Day", 11, 30).from(2011).until(2022),
    Rule::fixed("Bonifacio Day", 11, 30).from(2024),
    IMMACULATE_CONCEPTION.from(2017),
    CHRISTMAS_EVE.from(2011),
    CHRISTMAS.from(2011),
    Rule::fixed("Rizal Day", 12, 30).from(2011),
    NEW_YEARS_EVE.from(2011),
    Rule::days("holiday by proclamation", PROCLAMATIONS),
];

/// Chinese New Year, the feasts of the Islamic calendar, elections, typhoons, bridges; before 2011 all of
/// the holidays but Good Friday.
const PROCLAMATIONS: &[(i16, &[u16])] = &[
    (
        2002,
        &[
            101, 225, 328, 408, 501, 612, 715, 1031, 1101, 1206, 1224, 1225, 1230, 1231,
        ],
    ),
    (
        2003,
        &[
            101, 225, 407, 417, 501, 502, 613, 822, 1126, 1224, 1225, 1226, 1231,
        ],
    ),
    (
        2004,
        &[
            101, 102, 225, 407, 408, 510, 1101, 1115, 1129, 1203, 1224, 1227, 1230, 1231,
        ],
    ),
    (
        2005,
        &[
            225, 323, 324, 502, 613, 725, 829, 1031, 1101, 1104, 1128, 1226, 1230,
        ],
    ),
    (
        2006,
        &[
            413, 501, 612, 724, 821, 928, 929, 1024, 1101, 1201, 1225, 1226,
        ],
    ),
    (
        2007,
        &[
            101, 405, 409, 501, 514, 611, 820, 827, 1012, 1029, 1101, 1102, 1130, 1224, 1225, 1231,
        ],
    ),
    (
        2008,
        &[
            101, 225, 320, 407, 501, 609, 818, 825, 1001, 1201, 1225, 1226, 1229, 1230, 1231,
        ],
    ),
    (
        2009,
        &[
            101, 102, 406, 409, 501, 612, 717, 805, 821, 831, 907, 921, 1102, 1130, 1224, 1225,
            1230, 1231,
        ],
    ),
    (
        2010,
        &[
            101, 401, 409, 503, 510, 614, 630, 830, 910, 1025, 1101, 1116, 1129, 1224, 1227, 1231,
        ],
    ),
    (2011, &[620, 830, 927, 1031, 1107]),
    (2012, &[123, 807, 820, 1026, 1102]),
    (2013, &[513, 809, 819, 820, 1015, 1028]),
    (2014, &[131, 716, 729, 919, 1006, 1208, 1226]),
    (2015, &[102, 115, 116, 219, 717, 925, 1118, 1119]),
    (2016, &[208, 509, 706, 912, 1031, 1226]),
    (2017, &[102, 428, 626, 901, 912, 1016, 1031, 1226]),
    (2018, &[102, 216, 514, 615, 1102]),
    (2019, &[205, 513, 605, 812]),
    (2020, &[525, 731, 1102]),
    (2021, &[212, 513, 720]),
    (2022, &[201, 503, 509, 1031]),
    (2023, &[102, 224, 410, 421, 628, 1030, 1102, 1127, 1226]),
    (2024, &[209, 410, 617, 823]),
    (2025, &[129, 401, 512, 606, 1031]),
    (2026, &[217, 320, 527]),
];

pub(crate) const XPHS: Rules =
    Rules::weekdays("XPHS", "Asia/Manila", MANILA_HOURS, &[MANILA], &[]).known_until(KNOWN_UNTIL);
