//! The instruments and how each of them behaves. All of them are invented.

use money::Currency;

use super::factors::Factor;

const EUR: Currency = Currency::EUR;
const USD: Currency = Currency::USD;

/// The stock that is split four for one, and kept by the household through the split.
pub(super) const SPLITTING: &str = "KSTM";

/// When and how an instrument is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Open, high, low and close on every business day.
    Exchange,
    /// One net asset value on every business day.
    NetAssetValue,
    /// Open, high, low and close on every day of the week.
    AllDays,
}

/// How prices move. Volatilities and growth are yearly fractions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dynamics {
    /// Growth of the total return that is not due to chance or to the tide of the market.
    pub(super) growth: f64,
    /// Share of the market's move that is followed.
    pub(super) beta: f64,
    pub(super) factor: Factor,
    /// Share of the factor's move that is followed.
    pub(super) load: f64,
    /// Volatility that is the instrument's alone.
    pub(super) own: f64,
    /// Yearly rate at which factor and own moves fade: keeps fortunes from running away over decades.
    pub(super) pull: f64,
}

/// What a holder is paid, and in which months.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payout {
    Nothing,
    /// A yearly fraction of the average price, in equal parts.
    Dividend {
        yearly: f64,
        months: &'static [i8],
    },
    /// A yearly fraction of the nominal of 100.
    Coupon {
        yearly: f64,
        months: &'static [i8],
    },
}

/// One instrument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listing {
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    pub(super) asset_class: &'static str,
    pub(super) currency: Currency,
    pub(super) sector: Option<&'static str>,
    /// ISO 3166 code.
    pub(super) country: Option<&'static str>,
    /// Price on the eve of the epoch.
    pub(super) first_price: f64,
    /// Shares traded on a usual day.
    pub(super) volume: f64,
    pub(super) quoting: Quoting,
    pub(super) dynamics: Dynamics,
    pub(super) payout: Payout,
}

impl Listing {
    const fn new(
        asset_class: &'static str,
        symbol: &'static str,
        name: &'static str,
        currency: Currency,
        first_price: f64,
    ) -> Self {
        Self {
            symbol,
            name,
            asset_class,
            currency,
            sector: None,
            country: None,
            first_price,
            volume: 8e7 / first_price,
            quoting: Quoting::Exchange,
            dynamics: Dynamics {
                growth: 0.0,
                beta: 0.0,
                factor: Factor::Rates,
                load: 0.0,
                own: 0.0,
                pull: 0.5,
            },
            payout: Payout::Nothing,
        }
    }

    const fn of(mut self, country: &'static str) -> Self {
        self.country = Some(country);
        self
    }

    const fn within(mut self, sector: &'static str, country: &'static str) -> Self {
        self.sector = Some(sector);
        self.of(country)
    }

    const fn quoted(mut self, quoting: Quoting) -> Self {
        self.quoting = quoting;
        self
    }

    const fn moving(mut self, growth: f64, beta: f64, factor: Factor, load: f64, own: f64) -> Self {
        let pull = self.dynamics.pull;
        self.dynamics = Dynamics {
            growth,
            beta,
            factor,
            load,
            own,
            pull,
        };
        self
    }

    const fn paying(mut self, payout: Payout) -> Self {
        self.payout = payout;
        self
    }
}

const fn equity(
    symbol: &'static str,
    name: &'static str,
    currency: Currency,
    first_price: f64,
) -> Listing {
    Listing::new("equity", symbol, name, currency, first_price)
}

const fn quarterly(yearly: f64) -> Payout {
    Payout::Dividend {
        yearly,
        months: &[2, 5, 8, 11],
    }
}

const fn quarter_end(yearly: f64) -> Payout {
    Payout::Dividend {
        yearly,
        months: &[3, 6, 9, 12],
    }
}

const fn once_a_year(yearly: f64) -> Payout {
    Payout::Dividend {
        yearly,
        months: &[5],
    }
}

const fn coupon(yearly: f64, months: &'static [i8]) -> Payout {
    Payout::Coupon { yearly, months }
}

/// Every instrument of the universe: first the stocks, then everything else.
pub(super) fn listings() -> impl Iterator<Item = &'static Listing> {
    STOCKS
        .iter()
        .chain(&POOLS_AND_BONDS)
        .chain(&REAL_AND_DIGITAL)
        .chain(&INDICES)
}

static STOCKS: [Listing; 16] = [
    equity("BRWD", "Brindlewood Software", USD, 88.0)
        .within("Technology", "US")
        .moving(0.11, 1.15, Factor::Technology, 1.0, 0.20)
        .paying(quarterly(0.008)),
    equity(SPLITTING, "Kestrelyn Microdevices", USD, 190.0)
        .within("Technology", "US")
        .moving(0.18, 1.25, Factor::Technology, 1.3, 0.22)
        .paying(quarterly(0.005)),
    equity("LMFG", "Lumenforge Systems", USD, 46.0)
        .within("Technology", "US")
        .moving(0.03, 1.30, Factor::Technology, 1.2, 0.32),
    equity("HLCY", "Halcyra Therapeutics", USD, 132.0)
        .within("Health Care", "US")
        .moving(0.09, 0.75, Factor::Health, 1.0, 0.24)
        .paying(quarter_end(0.012)),
    equity("ALPQ", "Alpenquell Pharma", Currency::CHF, 78.0)
        .within("Health Care", "CH")
        .moving(0.06, 0.60, Factor::Health, 0.9, 0.14)
        .paying(Payout::Dividend {
            yearly: 0.031,
            months: &[4],
        }),
    equity("THMB", "Thistledown & Marsh Bank", Currency::GBP, 7.4)
        .within("Financials", "GB")
        .moving(0.05, 1.05, Factor::Finance, 1.1, 0.19)
        .paying(Payout::Dividend {
            yearly: 0.044,
            months: &[3, 9],
        }),
    equity("CRVN", "Corvane Insurance", USD, 64.0)
        .within("Financials", "US")
        .moving(0.07, 0.90, Factor::Finance, 0.9, 0.15)
        .paying(quarterly(0.026)),
    equity("OTFP", "Oatfield & Pell Foods", USD, 52.0)
        .within("Consumer Staples", "US")
        .moving(0.05, 0.50, Factor::Consumer, 1.0, 0.12)
        .paying(quarter_end(0.029)),
    equity("SFRQ", "Saffronique Maison", EUR, 205.0)
        .within("Consumer Discretionary", "FR")
        .moving(0.08, 1.10, Factor::Consumer, 1.3, 0.20)
        .paying(once_a_year(0.014)),
    equity("PDLR", "Pedalora Mobility", EUR, 38.0)
        .within("Consumer Discretionary", "NL")
        .moving(-0.09, 1.20, Factor::Consumer, 1.2, 0.34),
    equity("MRGT", "Marrowgate Robotics", USD, 71.0)
        .within("Industrials", "US")
        .moving(0.12, 1.20, Factor::Industry, 1.1, 0.23)
        .paying(quarter_end(0.007)),
    equity("GLBK", "Galebruck Netze", EUR, 27.0)
        .within("Utilities", "DE")
        .moving(0.06, 0.55, Factor::Utilities, 1.0, 0.14)
        .paying(once_a_year(0.038)),
    equity("PTLM", "Petrelume Energy", USD, 58.0)
        .within("Energy", "US")
        .moving(0.04, 0.95, Factor::Resources, 1.2, 0.20)
        .paying(quarterly(0.036)),
    equity("CBLT", "Cobaltine Mining", USD, 24.0)
        .within("Materials", "CA")
        .moving(-0.02, 1.15, Factor::Resources, 1.3, 0.27)
        .paying(Payout::Dividend {
            yearly: 0.018,
            months: &[6, 12],
        }),
    equity("ECHV", "Echovale Networks", USD, 43.0)
        .within("Communication Services", "US")
        .moving(-0.01, 0.85, Factor::Technology, 0.6, 0.21)
        .paying(quarterly(0.041)),
    equity("HRTH", "Hearthstead Residential Trust", USD, 96.0)
        .within("Real Estate", "US")
        .moving(0.05, 0.80, Factor::Rates, 1.5, 0.15)
        .paying(quarter_end(0.037)),
];

static POOLS_AND_BONDS: [Listing; 12] = [
    Listing::new("etf", "MWLD", "Meridane World Equity ETF", EUR, 54.0)
        .of("IE")
        .moving(0.075, 1.0, Factor::Technology, 0.15, 0.015),
    Listing::new("etf", "MEMG", "Meridane Emerging Markets ETF", EUR, 31.0)
        .of("IE")
        .moving(0.050, 1.0, Factor::Resources, 0.35, 0.08),
    Listing::new(
        "etf",
        "MSML",
        "Meridane Global Small Companies ETF",
        EUR,
        42.0,
    )
    .of("IE")
    .moving(0.070, 1.15, Factor::Industry, 0.5, 0.06),
    Listing::new("etf", "MDIV", "Meridane Dividend Leaders ETF", EUR, 28.0)
        .of("IE")
        .moving(0.065, 0.80, Factor::Finance, 0.4, 0.04)
        .paying(quarter_end(0.034)),
    Listing::new(
        "etf",
        "MEGB",
        "Meridane Euro Government Bond ETF",
        EUR,
        118.0,
    )
    .of("IE")
    .moving(0.020, -0.04, Factor::Rates, 1.2, 0.008),
    Listing::new("etf", "FXSC", "Foxmantle Semiconductor ETF", USD, 36.0)
        .of("IE")
        .moving(0.12, 1.25, Factor::Technology, 1.2, 0.08),
    Listing::new(
        "fund",
        "LQMM",
        "Linden Quay Euro Money Market",
        EUR,
        1_024.0,
    )
    .of("LU")
    .quoted(Quoting::NetAssetValue)
    .moving(0.019, 0.0, Factor::Rates, 0.01, 0.0006),
    Listing::new("fund", "LQBF", "Linden Quay Balanced", EUR, 143.0)
        .of("LU")
        .quoted(Quoting::NetAssetValue)
        .moving(0.048, 0.50, Factor::Rates, 0.5, 0.015)
        .paying(Payout::Dividend {
            yearly: 0.015,
            months: &[11],
        }),
    Listing::new(
        "bond",
        "VLD44",
        "Republic of Valdoria 2.40 % 2044",
        EUR,
        99.2,
    )
    .moving(0.0, -0.05, Factor::Rates, 1.5, 0.012)
    .paying(coupon(0.024, &[4])),
    Listing::new("bond", "GLB48", "Galebruck Netze 3.75 % 2048", EUR, 100.6)
        .within("Utilities", "DE")
        .moving(0.0, 0.08, Factor::Rates, 1.2, 0.018)
        .paying(coupon(0.0375, &[10])),
    Listing::new("bond", "NTB52", "Norrholm Treasury 4.10 % 2052", USD, 98.7)
        .moving(0.0, -0.05, Factor::Rates, 1.7, 0.015)
        .paying(coupon(0.041, &[2, 8])),
    Listing::new(
        "bond",
        "THM46",
        "Thistledown & Marsh Bank 4.60 % 2046",
        EUR,
        101.3,
    )
    .within("Financials", "GB")
    .moving(0.0, 0.12, Factor::Rates, 1.0, 0.02)
    .paying(coupon(0.046, &[6])),
];

static REAL_AND_DIGITAL: [Listing; 6] = [
    Listing::new("commodity", "AULN", "Aurelane Physical Gold", EUR, 112.0)
        .of("IE")
        .moving(0.055, -0.05, Factor::Metals, 1.0, 0.02),
    Listing::new("commodity", "AGLN", "Aurelane Physical Silver", EUR, 24.0)
        .of("IE")
        .moving(0.035, 0.15, Factor::Metals, 1.5, 0.12),
    Listing::new(
        "alternative",
        "PNTV",
        "Pontvale Infrastructure Trust",
        EUR,
        61.0,
    )
    .within("Utilities", "LU")
    .moving(0.062, 0.55, Factor::Utilities, 0.8, 0.08)
    .paying(quarterly(0.042)),
    Listing::new("alternative", "CNDB", "Cinderbrook Timberland", USD, 33.0)
        .within("Real Estate", "US")
        .moving(0.045, 0.45, Factor::Resources, 0.4, 0.10)
        .paying(quarter_end(0.027)),
    Listing::new("crypto", "NMBS", "Nimbuscoin", USD, 2_150.0)
        .quoted(Quoting::AllDays)
        .moving(0.16, 0.70, Factor::Coins, 1.0, 0.20),
    Listing::new("crypto", "QRTZ", "Quartzlet", USD, 38.0)
        .quoted(Quoting::AllDays)
        .moving(0.06, 0.90, Factor::Coins, 1.3, 0.35),
];

/// Nobody holds them: they are what the others are compared with.
static INDICES: [Listing; 3] = [
    Listing::new("index", "MWX", "Meridane World Index", USD, 1_420.0).moving(
        0.045,
        1.0,
        Factor::Technology,
        0.15,
        0.01,
    ),
    Listing::new("index", "MEX", "Meridane Europe Index", EUR, 3_150.0).moving(
        0.03,
        0.95,
        Factor::Finance,
        0.2,
        0.03,
    ),
    Listing::new("index", "MTX", "Meridane Technology Index", USD, 5_300.0).moving(
        0.08,
        1.1,
        Factor::Technology,
        0.9,
        0.02,
    ),
];
