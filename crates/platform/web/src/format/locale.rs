use std::fmt;

/// A language with its region, and its way to write numbers, money and dates. `en-US` unless a person
/// chose another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English (United States).
    #[default]
    EnUs,
    /// English (United Kingdom).
    EnGb,
    /// German (Germany).
    DeDe,
    /// German (Switzerland).
    DeCh,
    /// French (France).
    FrFr,
    /// Spanish (Spain).
    EsEs,
    /// Italian (Italy).
    ItIt,
    /// Dutch (Netherlands).
    NlNl,
    /// Portuguese (Portugal).
    PtPt,
    /// Swedish (Sweden).
    SvSe,
    /// Japanese (Japan).
    JaJp,
}

/// Where the currency stands.
pub(super) enum Place {
    /// `−$5.00`; a code keeps a space.
    Before,
    /// `€ −5,00`.
    BeforeSpaced,
    /// `−5,00 €`.
    After,
}

pub(super) enum DatePattern {
    MonthDayYear,
    DayMonthYear,
    Dotted,
    DaySlashes,
    YearSlashes,
}

pub(super) struct Spec {
    tag: &'static str,
    name: &'static str,
    pub(super) decimal: char,
    pub(super) group: char,
    /// Between the number and the percent sign.
    pub(super) percent_gap: &'static str,
    pub(super) currency: Place,
    pub(super) date: DatePattern,
    /// Abbreviated, for the patterns that spell the month.
    pub(super) months: [&'static str; 12],
}

impl Locale {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::EnUs,
        Self::EnGb,
        Self::DeDe,
        Self::DeCh,
        Self::FrFr,
        Self::EsEs,
        Self::ItIt,
        Self::NlNl,
        Self::PtPt,
        Self::SvSe,
        Self::JaJp,
    ];

    /// The locale of a BCP 47 tag, whatever its case: `de-CH`.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(tag))
    }

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        self.spec().tag
    }

    /// What the locale is called in a list of choices.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    pub(super) fn spec(self) -> &'static Spec {
        match self {
            Self::EnUs => &EN_US,
            Self::EnGb => &EN_GB,
            Self::DeDe => &DE_DE,
            Self::DeCh => &DE_CH,
            Self::FrFr => &FR_FR,
            Self::EsEs => &ES_ES,
            Self::ItIt => &IT_IT,
            Self::NlNl => &NL_NL,
            Self::PtPt => &PT_PT,
            Self::SvSe => &SV_SE,
            Self::JaJp => &JA_JP,
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

const EN_MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// For the patterns that write the month as a number.
const NO_MONTHS: [&str; 12] = [""; 12];

static EN_US: Spec = Spec {
    tag: "en-US",
    name: "English (United States)",
    decimal: '.',
    group: ',',
    percent_gap: "",
    currency: Place::Before,
    date: DatePattern::MonthDayYear,
    months: EN_MONTHS,
};
static EN_GB: Spec = Spec {
    tag: "en-GB",
    name: "English (United Kingdom)",
    decimal: '.',
    group: ',',
    percent_gap: "",
    currency: Place::Before,
    date: DatePattern::DayMonthYear,
    months: [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec",
    ],
};
static DE_DE: Spec = Spec {
    tag: "de-DE",
    name: "Deutsch (Deutschland)",
    decimal: ',',
    group: '.',
    percent_gap: "\u{a0}",
    currency: Place::After,
    date: DatePattern::Dotted,
    months: NO_MONTHS,
};
static DE_CH: Spec = Spec {
    tag: "de-CH",
    name: "Deutsch (Schweiz)",
    decimal: '.',
    group: '\u{2019}',
    percent_gap: "",
    currency: Place::BeforeSpaced,
    date: DatePattern::Dotted,
    months: NO_MONTHS,
};
static FR_FR: Spec = Spec {
    tag: "fr-FR",
    name: "Français (France)",
    decimal: ',',
    group: '\u{202f}',
    percent_gap: "\u{202f}",
    currency: Place::After,
    date: DatePattern::DayMonthYear,
    months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ],
};
static ES_ES: Spec = Spec {
    tag: "es-ES",
    name: "Español (España)",
    decimal: ',',
    group: '.',
    percent_gap: "\u{a0}",
    currency: Place::After,
    date: DatePattern::DayMonthYear,
    months: [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic",
    ],
};
static IT_IT: Spec = Spec {
    tag: "it-IT",
    name: "Italiano (Italia)",
    decimal: ',',
    group: '.',
    percent_gap: "",
    currency: Place::After,
    date: DatePattern::DayMonthYear,
    months: [
        "gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic",
    ],
};
static NL_NL: Spec = Spec {
    tag: "nl-NL",
    name: "Nederlands (Nederland)",
    decimal: ',',
    group: '.',
    percent_gap: "",
    currency: Place::BeforeSpaced,
    date: DatePattern::DayMonthYear,
    months: [
        "jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
    ],
};
static PT_PT: Spec = Spec {
    tag: "pt-PT",
    name: "Português (Portugal)",
    decimal: ',',
    group: '\u{a0}',
    percent_gap: "",
    currency: Place::After,
    date: DatePattern::DaySlashes,
    months: NO_MONTHS,
};
static SV_SE: Spec = Spec {
    tag: "sv-SE",
    name: "Svenska (Sverige)",
    decimal: ',',
    group: '\u{a0}',
    percent_gap: "\u{a0}",
    currency: Place::After,
    date: DatePattern::DayMonthYear,
    months: [
        "jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.",
        "dec.",
    ],
};
static JA_JP: Spec = Spec {
    tag: "ja-JP",
    name: "日本語（日本）",
    decimal: '.',
    group: ',',
    percent_gap: "",
    currency: Place::Before,
    date: DatePattern::YearSlashes,
    months: NO_MONTHS,
};
