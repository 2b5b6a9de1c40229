use jiff::civil::{
    Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday},
    date,
};

use super::{
    ALWAYS, at, early,
    feasts::{
        ALL_SAINTS, ASSUMPTION, CARNIVAL_MONDAY, CARNIVAL_TUESDAY, CHRISTMAS, CHRISTMAS_EVE,
        CORPUS_CHRISTI, GOOD_FRIDAY, IMMACULATE_CONCEPTION, LABOUR_DAY, MAUNDY_THURSDAY, NEW_YEAR,
        NEW_YEARS_EVE, monday_up_to,
    },
    hours, special,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules, Special},
    rule::{On, Rule, Shift},
};

/// Where the country has no summer time, some exchanges open and close with New York.
const NEW_YORK_HOURS: Hours = Hours {
    abroad: Some("America/New_York"),
    ..hours(ALWAYS, at(9, 30), at(16, 0))
};

const SAO_PAULO_HOURS: &[Hours] = &[
    hours(ALWAYS, at(10, 0), at(17, 0)),
    hours(date(2019, 11, 4), at(10, 0), at(18, 0)),
];

const SAO_PAULO: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("Anniversary of Sao Paulo", 1, 25).until(2021),
    CARNIVAL_MONDAY,
    CARNIVAL_TUESDAY,
    GOOD_FRIDAY,
    CORPUS_CHRISTI,
    Rule::fixed("Tiradentes", 4, 21),
    LABOUR_DAY,
    Rule::fixed("Constitutionalist Revolution", 7, 9).until(2019),
    Rule::days("Constitutionalist Revolution", &[(2021, &[709])]),
    Rule::fixed("Independence Day", 9, 7),
    Rule::fixed("Our Lady of Aparecida", 10, 12),
    Rule::fixed("All Souls' Day", 11, 2),
    Rule::fixed("Republic Day", 11, 15),
    Rule::fixed("Black Awareness Day", 11, 20)
        .from(2004)
        .until(2019),
    Rule::fixed("Black Awareness Day", 11, 20).from(2024),
    CHRISTMAS_EVE,
    CHRISTMAS,
    NEW_YEARS_EVE.shift(Shift::ToFriday),
    Rule::days("opening of the World Cup", &[(2014, &[612])]),
];

const ASH_WEDNESDAY: Rule = Rule::easter("Ash Wednesday", -46);

const SAO_PAULO_SPECIAL: &[Special] = &[
    special(ASH_WEDNESDAY.from(2016).until(2019), at(13, 0), at(17, 0)),
    special(ASH_WEDNESDAY.from(2020), at(13, 0), at(18, 0)),
];

/// The country gave up summer time in October 2022.
const MEXICO_CITY_HOURS: &[Hours] = &[
    hours(ALWAYS, at(8, 30), at(15, 0)),
    Hours {
        from: date(2023, 1, 1),
        ..NEW_YORK_HOURS
    },
];

const MEXICO_CITY: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("Constitution Day", 2, 5).until(2006),
    Rule::new("Constitution Day", On::Nth(1, Monday, 2)).from(2007),
    Rule::fixed("Birthday of Benito Juarez", 3, 21).until(2006),
    Rule::new("Birthday of Benito Juarez", On::Nth(3, Monday, 3)).from(2007),
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    Rule::fixed("Independence Day", 9, 16),
    Rule::days("Independence Day, 200 years", &[(2010, &[917])]),
    Rule::fixed("All Souls' Day", 11, 2).from(2006),
    Rule::fixed("Revolution Day", 11, 20).until(2006),
    Rule::new("Revolution Day", On::Nth(3, Monday, 11)).from(2007),
    Rule::fixed("Day of the Bank Employee", 12, 12),
    CHRISTMAS,
];

const BUENOS_AIRES_HOURS: &[Hours] = &[hours(ALWAYS, at(11, 0), at(17, 0))];

const BUENOS_AIRES: &[Rule] = &[
    NEW_YEAR,
    CARNIVAL_MONDAY.from(2011),
    CARNIVAL_TUESDAY.from(2011),
    Rule::fixed("Day of Remembrance", 3, 24).from(2005),
    monday_up_to("Malvinas Day", 4, 6).until(2004),
    Rule::fixed("Malvinas Day", 4, 2).from(2005),
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    Rule::fixed("May Revolution", 5, 25),
    Rule::fixed("Guemes Day", 6, 17).from(2016),
    Rule::new("Flag Day", On::Nth(3, Monday, 6)).until(2010),
    Rule::fixed("Flag Day", 6, 20).from(2011),
    Rule::fixed("Independence Day", 7, 9),
    Rule::new("San Martin's Day", On::Nth(3, Monday, 8)).until(2010),
    Rule::new("San Martin's Day", On::Nth(3, Monday, 8)).from(2012),
    monday_up_to("Day of Cultural Diversity", 10, 16).until(2011),
    monday_up_to("Day of Cultural Diversity", 10, 16).from(2013),
    Rule::fixed("Day of the Bank Employee", 11, 6).until(2017),
    Rule::new("Day of National Sovereignty", On::Nth(4, Monday, 11))
        .from(2010)
        .until(2014),
    monday_up_to("Day of National Sovereignty", 11, 23).from(2017),
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    Rule::days(
        "closure in the crisis",
        &[(
            2002,
            &[
                107, 108, 109, 110, 111, 114, 115, 116, 422, 423, 424, 425, 426,
            ],
        )],
    ),
    Rule::days("holiday by decree", BUENOS_AIRES_DECREES),
];

/// Bridges, holidays moved for a year, mourning.
const BUENOS_AIRES_DECREES: &[(i16, &[u16])] = &[
    (2009, &[710]),
    (2010, &[524, 1027]),
    (2011, &[325, 822, 1209]),
    (2012, &[102, 227, 430, 924, 1008]),
    (2013, &[131, 220, 401, 621]),
    (2014, &[502, 1226]),
    (2015, &[323, 1127, 1207]),
    (2016, &[708, 1128, 1209]),
    (2018, &[430, 1130, 1224, 1231]),
    (2019, &[708]),
];

const BUENOS_AIRES_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE, at(13, 0)),
    early(NEW_YEARS_EVE, at(13, 0)),
];

/// Until five from November to February, when the sun sets late.
const SANTIAGO_HOURS: &[Hours] = &[
    hours(ALWAYS, at(9, 30), at(16, 0)),
    Hours {
        months: &[11, 12, 1, 2],
        ..hours(ALWAYS, at(9, 30), at(17, 0))
    },
];

const EVANGELICAL: &str = "Day of the Evangelical Churches";

const SANTIAGO: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    Rule::easter("Monday before Corpus Christi", 57).until(2007),
    LABOUR_DAY,
    Rule::fixed("Navy Day", 5, 21),
    Rule::days(
        "Day of the Indigenous Peoples",
        &[
            (2021, &[621]),
            (2022, &[621]),
            (2023, &[621]),
            (2024, &[620]),
            (2025, &[620]),
        ],
    ),
    Rule::fixed("Saints Peter and Paul", 6, 29).shift(Shift::NearestMonday),
    Rule::fixed("Our Lady of Mount Carmel", 7, 16).from(2008),
    ASSUMPTION,
    Rule::fixed("day before Independence Day", 9, 17)
        .only(&[Monday])
        .from(2003),
    Rule::fixed("Independence Day", 9, 18),
    Rule::fixed("Army Day", 9, 19),
    Rule::fixed("day after Army Day", 9, 20)
        .only(&[Friday])
        .from(2003),
    Rule::fixed("Meeting of Two Worlds", 10, 12).shift(Shift::NearestMonday),
    // One on a Tuesday is kept on the Friday before, one on a Wednesday on the Friday after.
    Rule::fixed(EVANGELICAL, 10, 27).only(&[Friday]).from(2008),
    Rule::fixed(EVANGELICAL, 10, 31)
        .only(&[Monday, Thursday, Friday])
        .from(2008),
    Rule::fixed(EVANGELICAL, 11, 2).only(&[Friday]).from(2008),
    ALL_SAINTS,
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    NEW_YEARS_EVE,
    Rule::days(
        "holiday by decree",
        &[
            (2010, &[917, 920]),
            (2017, &[102, 419]),
            (2018, &[116]),
            (2022, &[916]),
        ],
    ),
];

const SANTIAGO_EARLY: &[EarlyClose] = &[
    early(MAUNDY_THURSDAY, at(13, 30)),
    early(
        Rule::fixed("day before Independence Day", 9, 17)
            .only(&[Tuesday, Wednesday, Thursday, Friday]),
        at(13, 30),
    ),
    early(CHRISTMAS_EVE, at(12, 30)),
    early(Rule::fixed("last session of the year", 12, 30), at(12, 30)),
];

const BOGOTA_HOURS: &[Hours] = &[NEW_YORK_HOURS];

/// The Emiliani act: many holidays are kept on the Monday after.
const BOGOTA: &[Rule] = &[
    NEW_YEAR,
    monday_up_to("Epiphany", 1, 12),
    monday_up_to("Saint Joseph", 3, 25),
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    Rule::easter("Ascension Day", 43),
    Rule::easter("Corpus Christi", 64),
    Rule::easter("Sacred Heart", 71),
    monday_up_to("Saints Peter and Paul", 7, 5),
    Rule::fixed("Independence Day", 7, 20),
    Rule::fixed("Battle of Boyaca", 8, 7),
    monday_up_to("Assumption Day", 8, 21),
    monday_up_to("Day of the Race", 10, 18),
    monday_up_to("All Saints' Day", 11, 7),
    monday_up_to("Independence of Cartagena", 11, 17),
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    NEW_YEARS_EVE.shift(Shift::ToFriday),
];

/// It opens half an hour before New York in winter; one span for both is stated, which loses no trade.
const LIMA_HOURS: &[Hours] = &[Hours {
    opens: at(9, 0),
    ..NEW_YORK_HOURS
}];

const LIMA: &[Rule] = &[
    NEW_YEAR,
    MAUNDY_THURSDAY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    Rule::fixed("Flag Day", 6, 7).from(2024),
    Rule::fixed("Saints Peter and Paul", 6, 29),
    Rule::fixed("Air Force Day", 7, 23).from(2023),
    Rule::fixed("Independence Day", 7, 28),
    Rule::fixed("Independence Day", 7, 29),
    Rule::fixed("Battle of Junin", 8, 6).from(2022),
    Rule::fixed("Saint Rose of Lima", 8, 30),
    Rule::fixed("Battle of Angamos", 10, 8),
    ALL_SAINTS,
    IMMACULATE_CONCEPTION,
    Rule::fixed("Battle of Ayacucho", 12, 9).from(2022),
    CHRISTMAS,
    NEW_YEARS_EVE.until(2007),
    Rule::days(
        "holiday by decree",
        &[(2009, &[102, 727]), (2015, &[102, 727, 1009])],
    ),
    Rule::days(
        "summit of states",
        &[(2012, &[1001, 1002]), (2016, &[1117, 1118]), (2018, &[413])],
    ),
];

pub(crate) const BVMF: Rules = Rules::weekdays(
    "BVMF",
    "America/Sao_Paulo",
    SAO_PAULO_HOURS,
    &[SAO_PAULO],
    &[],
)
.special(SAO_PAULO_SPECIAL);
pub(crate) const XMEX: Rules = Rules::weekdays(
    "XMEX",
    "America/Mexico_City",
    MEXICO_CITY_HOURS,
    &[MEXICO_CITY],
    &[],
);
pub(crate) const XBUE: Rules = Rules::weekdays(
    "XBUE",
    "America/Argentina/Buenos_Aires",
    BUENOS_AIRES_HOURS,
    &[BUENOS_AIRES],
    BUENOS_AIRES_EARLY,
);
pub(crate) const XSGO: Rules = Rules::weekdays(
    "XSGO",
    "America/Santiago",
    SANTIAGO_HOURS,
    &[SANTIAGO],
    SANTIAGO_EARLY,
);
pub(crate) const XBOG: Rules =
    Rules::weekdays("XBOG", "America/Bogota", BOGOTA_HOURS, &[BOGOTA], &[]);
pub(crate) const XLIM: Rules = Rules::weekdays("XLIM", "America/Lima", LIMA_HOURS, &[LIMA], &[]);
