use jiff::civil::Weekday::Monday;

use super::{
    ALWAYS, at, early,
    feasts::{
        ALL_SAINTS, ASCENSION, ASSUMPTION, BOXING_DAY, CARNIVAL_TUESDAY, CHRISTMAS, CHRISTMAS_EVE,
        CORPUS_CHRISTI, EASTER_MONDAY, GOOD_FRIDAY, IMMACULATE_CONCEPTION, LABOUR_DAY, NEW_YEAR,
        NEW_YEARS_EVE, WHIT_MONDAY,
    },
    hours,
};
use crate::{
    calendar::{EarlyClose, Hours, Rules},
    rule::{On, Rule, Shift},
};

pub(super) const LONDON_HOURS: &[Hours] = &[hours(ALWAYS, at(8, 0), at(16, 30))];
pub(super) const CENTRAL_HOURS: &[Hours] = &[hours(ALWAYS, at(9, 0), at(17, 30))];

/// The bank holidays of England and Wales. In jubilee years the spring one is moved.
const LONDON: &[Rule] = &[
    NEW_YEAR.shift(Shift::ToMonday),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    Rule::new("Early May Bank Holiday", On::Nth(1, Monday, 5)).until(2019),
    Rule::new("Early May Bank Holiday", On::Nth(1, Monday, 5)).from(2021),
    Rule::new("Spring Bank Holiday", On::UpTo(Monday, 5, 31)).until(2001),
    Rule::new("Spring Bank Holiday", On::UpTo(Monday, 5, 31))
        .from(2003)
        .until(2011),
    Rule::new("Spring Bank Holiday", On::UpTo(Monday, 5, 31))
        .from(2013)
        .until(2021),
    Rule::new("Spring Bank Holiday", On::UpTo(Monday, 5, 31)).from(2023),
    Rule::new("Summer Bank Holiday", On::UpTo(Monday, 8, 31)),
    CHRISTMAS.shift(Shift::ByTwo),
    BOXING_DAY.shift(Shift::ByTwo),
    Rule::days(
        "jubilee of the Queen",
        &[
            (2002, &[603, 604]),
            (2012, &[604, 605]),
            (2022, &[602, 603]),
        ],
    ),
    Rule::days("royal wedding", &[(2011, &[429])]),
    Rule::days("VE Day, 75 years", &[(2020, &[508])]),
    Rule::days("funeral of the Queen", &[(2022, &[919])]),
    Rule::days("coronation of the King", &[(2023, &[508])]),
];

const LONDON_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE.shift(Shift::ToFriday), at(12, 30)),
    early(NEW_YEARS_EVE.shift(Shift::ToFriday), at(12, 30)),
];

pub(super) const XETRA: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    Rule::days("Whit Monday", &[(2007, &[528])]),
    WHIT_MONDAY.from(2015).until(2021),
    Rule::fixed("Day of German Unity", 10, 3)
        .from(2014)
        .until(2021),
    Rule::days("Reformation, 500 years", &[(2017, &[1031])]),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
];

pub(super) const XETRA_EARLY: &[EarlyClose] = &[early(
    Rule::fixed("last session of the year", 12, 30)
        .shift(Shift::ToFriday)
        .from(2010),
    at(14, 0),
)];

/// Since 2003 the markets of Euronext share one calendar.
const EURONEXT: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    CHRISTMAS,
    BOXING_DAY,
];

const PARIS: &[Rule] = &[
    WHIT_MONDAY.until(2001),
    Rule::fixed("Bastille Day", 7, 14).until(2001),
    NEW_YEARS_EVE.until(2001),
];

const AMSTERDAM: &[Rule] = &[
    ASCENSION.until(2000),
    WHIT_MONDAY.until(2001),
    Rule::days("Queen's Day", &[(2001, &[430])]),
    NEW_YEARS_EVE.until(2001),
];

const BRUSSELS: &[Rule] = &[
    ASCENSION.until(2000),
    WHIT_MONDAY.until(2001),
    Rule::fixed("National Day", 7, 21).until(2001),
    NEW_YEARS_EVE.until(2001),
];

const LISBON: &[Rule] = &[
    CARNIVAL_TUESDAY.until(2002),
    Rule::fixed("Freedom Day", 4, 25).until(2002),
    CORPUS_CHRISTI.until(2002),
    Rule::fixed("Portugal Day", 6, 10).until(2002),
    Rule::fixed("Saint Anthony", 6, 13).until(2001),
    ASSUMPTION.until(2002),
    Rule::fixed("Republic Day", 10, 5).until(2002),
    ALL_SAINTS.until(2002),
    Rule::fixed("Restoration of Independence", 12, 1).until(2002),
    IMMACULATE_CONCEPTION.until(2002),
    CHRISTMAS_EVE.until(2002),
];

const EURONEXT_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE, at(14, 5)),
    early(NEW_YEARS_EVE, at(14, 5)),
];
const LISBON_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE, at(13, 5)),
    early(NEW_YEARS_EVE, at(13, 5)),
];

const DUBLIN_HOURS: &[Hours] = &[hours(ALWAYS, at(8, 0), at(16, 28))];

/// The bank holidays of Ireland, until Euronext's calendar came into force in 2019 but for May's.
const DUBLIN: &[Rule] = &[
    NEW_YEAR.shift(Shift::ToMonday),
    Rule::fixed("Saint Patrick's Day", 3, 17)
        .shift(Shift::ToMonday)
        .until(2000),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY.from(2008).until(2009),
    LABOUR_DAY.shift(Shift::ToMonday).from(2019),
    Rule::new("May Bank Holiday", On::Nth(1, Monday, 5)).until(2018),
    Rule::new("May Bank Holiday", On::Nth(1, Monday, 5)).from(2021),
    Rule::new("June Bank Holiday", On::Nth(1, Monday, 6)).until(2018),
    CHRISTMAS_EVE.until(2004),
    CHRISTMAS.shift(Shift::ByTwo),
    BOXING_DAY.shift(Shift::ByTwo),
    Rule::days("snow", &[(2018, &[302])]),
];

const DUBLIN_EARLY: &[EarlyClose] = &[
    early(CHRISTMAS_EVE.shift(Shift::ToFriday).from(2010), at(12, 28)),
    early(NEW_YEARS_EVE.shift(Shift::ToFriday).from(2010), at(12, 28)),
    early(Rule::days("snow", &[(2018, &[301])]), at(12, 28)),
];

const ZURICH: &[Rule] = &[
    NEW_YEAR,
    Rule::fixed("Berchtold's Day", 1, 2),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    Rule::fixed("National Day", 8, 1),
    CHRISTMAS_EVE,
    CHRISTMAS,
    BOXING_DAY,
    NEW_YEARS_EVE,
];

pub(crate) const XLON: Rules = Rules::weekdays(
    "XLON",
    "Europe/London",
    LONDON_HOURS,
    &[LONDON],
    LONDON_EARLY,
);
pub(crate) const XETR: Rules = Rules::weekdays(
    "XETR",
    "Europe/Berlin",
    CENTRAL_HOURS,
    &[XETRA],
    XETRA_EARLY,
);
pub(crate) const XPAR: Rules = Rules::weekdays(
    "XPAR",
    "Europe/Paris",
    CENTRAL_HOURS,
    &[EURONEXT, PARIS],
    EURONEXT_EARLY,
);
pub(crate) const XAMS: Rules = Rules::weekdays(
    "XAMS",
    "Europe/Amsterdam",
    CENTRAL_HOURS,
    &[EURONEXT, AMSTERDAM],
    EURONEXT_EARLY,
);
pub(crate) const XBRU: Rules = Rules::weekdays(
    "XBRU",
    "Europe/Brussels",
    CENTRAL_HOURS,
    &[EURONEXT, BRUSSELS],
    EURONEXT_EARLY,
);
pub(crate) const XLIS: Rules = Rules::weekdays(
    "XLIS",
    "Europe/Lisbon",
    LONDON_HOURS,
    &[EURONEXT, LISBON],
    LISBON_EARLY,
);
pub(crate) const XSWX: Rules =
    Rules::weekdays("XSWX", "Europe/Zurich", CENTRAL_HOURS, &[ZURICH], &[]);
pub(crate) const XDUB: Rules = Rules::weekdays(
    "XDUB",
    "Europe/Dublin",
    DUBLIN_HOURS,
    &[DUBLIN],
    DUBLIN_EARLY,
);
