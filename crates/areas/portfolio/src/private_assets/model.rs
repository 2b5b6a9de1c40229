use jiff::civil::Date;
use market::{AssetClass, InstrumentId};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A house, a flat, land.
    #[default]
    Property,
    /// A share of a company or a partnership that is not listed.
    PrivateHolding,
    /// Anything else that is worth something: a car, art.
    Other,
    /// A debt: a mortgage, a loan.
    Liability,
    /// An instrument with units and a price for one of them that no source knows: a fund of an insurer,
    /// shares of an employer.
    Instrument,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Property,
        Self::PrivateHolding,
        Self::Other,
        Self::Liability,
        Self::Instrument,
    ];

    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::PrivateHolding => "private_holding",
            Self::Other => "other",
            Self::Liability => "liability",
            Self::Instrument => "instrument",
        }
    }

    /// Reads [`Kind::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Property => "Property",
            Self::PrivateHolding => "Private holding",
            Self::Other => "Other asset",
            Self::Liability => "Debt",
            Self::Instrument => "Custom instrument",
        }
    }

    /// Whether it is owed rather than owned.
    pub fn is_owed(self) -> bool {
        self == Self::Liability
    }

    /// Whether it has units with a price each, instead of one value of the whole.
    pub fn has_units(self) -> bool {
        self == Self::Instrument
    }

    /// What a value of it is called.
    pub(super) fn value_label(self) -> &'static str {
        match self {
            Self::Liability => "Amount owed",
            Self::Instrument => "Price of one unit",
            Self::Property | Self::PrivateHolding | Self::Other => "Value",
        }
    }

    /// What the shared handle says of it: not even the class of an instrument, which is its owner's word.
    pub(super) fn asset_class(self) -> AssetClass {
        if self.is_owed() {
            AssetClass::Liability
        } else {
            AssetClass::Alternative
        }
    }
}

/// Something that only its owner knows.
#[derive(Clone, Debug)]
pub struct PrivateAsset {
    /// Its handle.
    pub instrument_id: InstrumentId,
    /// As its owner calls it.
    pub name: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is as an instrument; of the kind [`Kind::Instrument`], and of no other.
    pub instrument: Option<CustomInstrument>,
    /// The currency of its values.
    pub currency: Currency,
    /// Free text.
    pub note: Option<String>,
    /// Grows with every edit; the `ETag`.
    pub version: i32,
    /// Whether it is deleted: it is kept for what was known while it was there.
    pub is_deleted: bool,
}

impl PrivateAsset {
    /// The word that stands for it in transactions, in files and on pages: the symbol of an instrument,
    /// the name of anything else.
    pub fn word(&self) -> &str {
        word(&self.name, self.instrument.as_ref())
    }

    /// Its ISIN, which an instrument may have.
    pub fn isin(&self) -> Option<&str> {
        self.instrument.as_ref()?.isin.as_deref()
    }
}

pub(super) fn word<'a>(name: &'a str, instrument: Option<&'a CustomInstrument>) -> &'a str {
    instrument.map_or(name, |instrument| &instrument.symbol)
}

/// What an instrument of one's own is: what the market says of a listed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomInstrument {
    /// What stands for it in transactions and files, unique among one's own; 1 to 50 characters, no
    /// spaces; kept in upper case.
    pub symbol: String,
    /// `equity`, `etf`, `fund`, `bond`, `crypto`, `commodity`, `cash` or `alternative`.
    pub asset_class: AssetClass,
    /// Sector of the economy.
    pub sector: Option<String>,
    /// Industry within the sector.
    pub industry: Option<String>,
    /// Country of domicile.
    pub country: Option<String>,
    /// International Securities Identification Number, by which imports find it.
    pub isin: Option<String>,
}

impl CustomInstrument {
    /// The classes that one can have. An option has terms, a debt is a kind of its own, and neither a
    /// pair of currencies nor an index is held in units.
    pub const CLASSES: [AssetClass; 8] = [
        AssetClass::Equity,
        AssetClass::Etf,
        AssetClass::Fund,
        AssetClass::Bond,
        AssetClass::Crypto,
        AssetClass::Commodity,
        AssetClass::Cash,
        AssetClass::Alternative,
    ];
}

/// What it was worth on a day, or what was owed; of an instrument the price of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Appraisal {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The value of the whole; for a debt what is owed, of an instrument the price of one unit.
    #[schema(value_type = String)]
    pub price: Decimal,
}
