use std::fmt;

use jiff::{Timestamp, civil::Date};
use ledger::OptionRight;
use money::{Currency, Quotation, QuoteUnit};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Names an instrument.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    sqlx::Type,
    ToSchema,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct InstrumentId(pub Uuid);

/// What kind of thing an instrument is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    sqlx::Type,
    ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum AssetClass {
    /// A share of a company.
    #[default]
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// A fund that is not traded on an exchange.
    Fund,
    /// A bond or a bill.
    Bond,
    /// A crypto currency or token.
    Crypto,
    /// A pair of currencies.
    Forex,
    /// A commodity, or a note that tracks one.
    Commodity,
    /// Money in an account.
    Cash,
    /// An option contract.
    Option,
    /// Property, art, private holdings.
    Alternative,
    /// A debt: a position in it is negative.
    Liability,
    /// An index, which cannot be bought itself.
    Index,
}

/// A thing that has a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Names the instrument.
    pub id: InstrumentId,
    /// Ticker, upper case.
    pub symbol: String,
    /// Exchange code; empty where no source said.
    pub exchange: String,
    /// Empty where no source said.
    pub name: String,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// Currency of its prices; unknown until a source or the first trade tells.
    pub currency: Option<Currency>,
    /// Whether its bars are in that currency or in its hundredth.
    pub quote_unit: QuoteUnit,
    /// Sector of the economy.
    pub sector: Option<String>,
    /// Country of domicile.
    pub country: Option<String>,
    /// International Securities Identification Number.
    pub isin: Option<String>,
    /// Whether it belongs to the simulated sample data.
    pub is_simulated: bool,
    /// Whether it is a handle whose name and prices only its owner has.
    pub is_private: bool,
    /// Units that a price stands for; 1 unless it is a contract.
    pub multiplier: Decimal,
    /// What the contract is about, when it is an option whose terms are known.
    pub option: Option<OptionTerms>,
    /// What else is known about it.
    pub facts: Facts,
    /// When it was last changed; the version of an edit.
    pub updated_at: Timestamp,
}

/// What is known about a company or a fund beyond what its bookings need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The exchange by its ISO 10383 code, where the stated exchange is known by that, by its common
    /// code or by another word. Derived: not written by anybody.
    pub mic: Option<String>,
    /// Industry within the sector.
    pub industry: Option<String>,
    /// Value of all shares in US dollars.
    pub market_cap: Option<Decimal>,
    /// Derived from the market cap.
    pub market_cap_bucket: Option<CapBucket>,
    /// Price over the earnings of the last four quarters; negative after a loss.
    pub pe_ratio: Option<Decimal>,
    /// Derived from the P/E ratio.
    pub pe_bucket: Option<PeBucket>,
    /// Financial Instrument Global Identifier.
    pub figi: Option<String>,
    /// Number of the Committee on Uniform Securities Identification Procedures.
    pub cusip: Option<String>,
    /// Whether it is traded still.
    pub is_active: bool,
    /// First day of trading.
    pub listed_on: Option<Date>,
    /// Last day of trading.
    pub delisted_on: Option<Date>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            mic: None,
            industry: None,
            market_cap: None,
            market_cap_bucket: None,
            pe_ratio: None,
            pe_bucket: None,
            figi: None,
            cusip: None,
            is_active: true,
            listed_on: None,
            delisted_on: None,
        }
    }
}

/// How large a company is, by its market cap in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CapBucket {
    /// Below 2 billion.
    Small,
    /// From 2 to below 10 billion.
    Mid,
    /// 10 billion and more.
    Large,
}

impl CapBucket {
    /// All of them, in the order of size.
    pub const ALL: [Self; 3] = [Self::Small, Self::Mid, Self::Large];

    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Mid => "mid",
            Self::Large => "large",
        }
    }

    /// Reads [`CapBucket::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == word)
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Small => "Small (below $2 bn)",
            Self::Mid => "Mid ($2 to 10 bn)",
            Self::Large => "Large ($10 bn and more)",
        }
    }
}

/// How dear the earnings of a company are. A company with a loss is in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeBucket {
    /// Above 0 and below 15.
    Low,
    /// From 15 to 25.
    Medium,
    /// Above 25.
    High,
}

impl PeBucket {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads [`PeBucket::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == word)
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "Low (below 15)",
            Self::Medium => "Medium (15 to 25)",
            Self::High => "High (above 25)",
        }
    }
}

/// A symbol that an instrument had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormerSymbol {
    /// The symbol.
    pub symbol: String,
    /// The exchange as it was stated; empty where unknown.
    pub exchange: String,
    /// The day on which another took its place.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
}

/// What an option contract is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionTerms {
    /// What changes hands.
    pub underlying: InstrumentId,
    /// Price of one share then.
    pub strike: Decimal,
    /// Whether the holder may buy or sell.
    pub right: OptionRight,
    /// Last day.
    pub expires_on: Date,
}

/// The exchange of everything that is simulated.
pub const SIMULATED_EXCHANGE: &str = "SIM";

/// An instrument as a source names it: by what it is found, and what is learnt about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityKey {
    /// Ticker; surrounding space and case do not matter.
    pub symbol: String,
    /// International Securities Identification Number.
    pub isin: Option<String>,
    /// Exchange code.
    pub exchange: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// What kind of thing it is; equity where nobody says.
    pub asset_class: Option<AssetClass>,
    /// Currency of its prices.
    pub currency: Option<Currency>,
    /// Whether its bars are in that currency or in its hundredth, where the source says so.
    pub quote_unit: Option<QuoteUnit>,
    /// What the contract is about, when it is an option.
    pub option: Option<statements::OptionTerms>,
}

/// What the owner states about an instrument; valid by construction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NewInstrument {
    /// Ticker, upper case.
    pub symbol: String,
    /// Exchange code, or empty.
    pub exchange: String,
    /// Name, or empty.
    pub name: String,
    /// What kind of thing it is.
    pub asset_class: AssetClass,
    /// Currency of its prices.
    pub currency: Option<Currency>,
    /// Whether its bars are in that currency or in its hundredth.
    pub quote_unit: QuoteUnit,
    /// Sector of the economy.
    pub sector: Option<String>,
    /// Country of domicile.
    pub country: Option<String>,
    /// International Securities Identification Number.
    pub isin: Option<String>,
    /// Whether it belongs to the simulated sample data.
    pub is_simulated: bool,
    /// What else is known about it.
    pub facts: Facts,
}

impl fmt::Display for InstrumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Instrument {
    /// What its bars are stated in.
    pub fn quotation(&self) -> Option<Quotation> {
        self.currency.map(|currency| Quotation {
            currency,
            unit: self.quote_unit,
        })
    }
}

impl AssetClass {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 12] = [
        Self::Equity,
        Self::Etf,
        Self::Fund,
        Self::Bond,
        Self::Crypto,
        Self::Forex,
        Self::Commodity,
        Self::Cash,
        Self::Option,
        Self::Alternative,
        Self::Liability,
        Self::Index,
    ];

    /// The word used in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Etf => "etf",
            Self::Fund => "fund",
            Self::Bond => "bond",
            Self::Crypto => "crypto",
            Self::Forex => "forex",
            Self::Commodity => "commodity",
            Self::Cash => "cash",
            Self::Option => "option",
            Self::Alternative => "alternative",
            Self::Liability => "liability",
            Self::Index => "index",
        }
    }

    /// Whether sources are asked for its prices. Contracts come with the chain of what they are on; the others
    /// have no market.
    pub fn is_fetched(self) -> bool {
        !matches!(
            self,
            Self::Cash | Self::Option | Self::Alternative | Self::Liability
        )
    }

    /// Reads [`AssetClass::as_str`]; case does not matter.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str().eq_ignore_ascii_case(word.trim()))
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Equity => "Equity",
            Self::Etf => "ETF",
            Self::Fund => "Fund",
            Self::Bond => "Bond",
            Self::Crypto => "Crypto",
            Self::Forex => "Forex",
            Self::Commodity => "Commodity",
            Self::Cash => "Cash",
            Self::Option => "Option",
            Self::Alternative => "Alternative",
            Self::Liability => "Liability",
            Self::Index => "Index",
        }
    }
}

impl From<&statements::Security> for SecurityKey {
    fn from(security: &statements::Security) -> Self {
        Self {
            symbol: security.symbol.clone(),
            isin: security.isin.clone(),
            exchange: security.exchange.clone(),
            name: security.name.clone(),
            asset_class: if security.option.is_some() {
                Some(AssetClass::Option)
            } else {
                security.asset_class.as_deref().and_then(AssetClass::parse)
            },
            currency: security.currency,
            // What was paid is in the currency whatever the market quotes in.
            quote_unit: None,
            option: security.option.clone(),
        }
    }
}
