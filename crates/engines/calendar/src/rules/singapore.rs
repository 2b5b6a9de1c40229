use jiff::civil::date;

use super::{
    ALWAYS, at,
    feasts::{CHRISTMAS, GOOD_FRIDAY, LABOUR_DAY, NEW_YEAR},
    hours,
};
use crate::{
    calendar::{Hours, Rules},
    rule::{Rule, Shift},
};

/// Holidays are gazetted year by year.
const KNOWN_UNTIL: i16 = 2026;
const AFTER_SUNDAY: Shift = Shift::SundayBy(1);

/// The pause was given up in 2011 and came back, shorter, in 2017.
const SINGAPORE_HOURS: &[Hours] = &[
    Hours {
        pause: Some((at(12, 30), at(14, 0))),
        ..hours(ALWAYS, at(9, 0), at(17, 0))
    },
    hours(date(2011, 8, 1), at(9, 0), at(17, 0)),
    Hours {
        pause: Some((at(12, 0), at(13, 0))),
        ..hours(date(2017, 11, 13), at(9, 0), at(17, 0))
    },
];

const SINGAPORE: &[Rule] = &[
    NEW_YEAR.shift(AFTER_SUNDAY),
    GOOD_FRIDAY,
    LABOUR_DAY.shift(AFTER_SUNDAY),
    Rule::fixed("National Day", 8, 9).shift(AFTER_SUNDAY),
    CHRISTMAS.shift(AFTER_SUNDAY),
    Rule::days("festival or polling day", FESTIVALS),
];

/// Chinese New Year, Vesak, Hari Raya Puasa and Haji and Deepavali, and days of elections.
const FESTIVALS: &[(i16, &[u16])] = &[
    (2000, &[207, 316, 518, 1026, 1227]),
    (2001, &[124, 125, 306, 507, 1114, 1217]),
    (2002, &[212, 213, 527, 1104, 1206]),
    (2003, &[203, 212, 515, 1024, 1125]),
    (2004, &[122, 123, 202, 602, 1111, 1115]),
    (2005, &[121, 209, 210, 523, 1101, 1103]),
    (2006, &[110, 130, 131, 512, 1024]),
    (2007, &[102, 219, 220, 531, 1108, 1220]),
    (2008, &[207, 208, 519, 1001, 1027, 1208]),
    (2009, &[126, 127, 921, 1127]),
    (2010, &[215, 216, 528, 910, 1105, 1117]),
    (2011, &[203, 204, 517, 830, 1026, 1107]),
    (2012, &[123, 124, 820, 1026, 1113]),
    (2013, &[211, 212, 524, 808, 1015]),
    (2014, &[131, 513, 728, 1006, 1022]),
    (2015, &[219, 220, 601, 717, 807, 911, 924, 1110]),
    (2016, &[208, 209, 706, 912]),
    (2017, &[130, 510, 626, 901, 1018]),
    (2018, &[216, 529, 615, 822, 1106]),
    (2019, &[205, 206, 520, 605, 812, 1028]),
    (2020, &[127, 507, 525, 710, 731]),
    (2021, &[212, 513, 526, 720, 1104]),
    (2022, &[201, 202, 503, 516, 711, 1024]),
    (2023, &[123, 124, 602, 629, 901, 1113]),
    (2024, &[212, 410, 522, 617, 1031]),
    (2025, &[129, 130, 331, 512, 1020]),
    (2026, &[217, 218, 527, 601, 1109]),
];

pub(crate) const XSES: Rules =
    Rules::weekdays("XSES", "Asia/Singapore", SINGAPORE_HOURS, &[SINGAPORE], &[])
        .known_until(KNOWN_UNTIL);
