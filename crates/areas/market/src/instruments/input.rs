//! What clients and forms send, and what they get.

use jiff::{Timestamp, civil::Date};
use ledger::OptionRight;
use money::{Currency, Quotation, QuoteUnit};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use super::{
    matching::is_isin,
    model::{AssetClass, Instrument, InstrumentId, NewInstrument, OptionTerms},
};

/// What the owner sends to list an instrument.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstrumentBody {
    /// Ticker; 1 to 50 characters, no spaces; kept in upper case.
    pub(crate) symbol: String,
    /// Exchange code, e.g. `XNAS`.
    pub(crate) exchange: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
    /// What kind of thing it is; `equity` unless given.
    #[serde(default)]
    pub(crate) asset_class: AssetClass,
    /// Currency of its prices, e.g. `USD`; `GBX` (or `GBp`) for prices in pence, likewise `ZAC` and
    /// `ILA`.
    pub(crate) currency: Option<String>,
    /// Sector of the economy.
    pub(crate) sector: Option<String>,
    /// Country of domicile.
    pub(crate) country: Option<String>,
    /// International Securities Identification Number.
    pub(crate) isin: Option<String>,
}

/// What the owner changes about an instrument. What is left out stays; `null` makes a field unknown.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstrumentPatch {
    /// Name.
    pub(crate) name: Option<String>,
    /// What kind of thing it is.
    pub(crate) asset_class: Option<AssetClass>,
    /// Currency of its prices, or the code of its hundredth: `GBX`, `ZAC`, `ILA`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) currency: Change,
    /// Sector of the economy.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) sector: Change,
    /// Country of domicile.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) country: Change,
    /// International Securities Identification Number.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) isin: Change,
}

/// An instrument on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstrumentView {
    /// Names the instrument.
    id: InstrumentId,
    /// Ticker.
    symbol: String,
    /// Exchange code; empty where unknown.
    exchange: String,
    /// Name; empty where unknown.
    name: String,
    /// What kind of thing it is.
    asset_class: AssetClass,
    /// Currency of its prices; `null` where unknown.
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
    /// What its bars are stated in: the currency, or `GBX` for pence, `ZAC`, `ILA`.
    quoted_in: Option<String>,
    /// Units that a price stands for; 1 unless it is a contract.
    #[schema(value_type = String)]
    multiplier: Decimal,
    /// What the contract is about, when it is an option whose terms are known.
    option: Option<OptionView>,
    /// Sector of the economy.
    sector: Option<String>,
    /// Country of domicile.
    country: Option<String>,
    /// International Securities Identification Number.
    isin: Option<String>,
    /// Whether it belongs to the simulated sample data.
    is_simulated: bool,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What an option contract is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OptionView {
    /// What changes hands.
    underlying_id: InstrumentId,
    /// Whether the holder may buy or sell.
    #[schema(value_type = String, example = "call")]
    right: OptionRight,
    /// Price of one share then.
    #[schema(value_type = String)]
    strike: Decimal,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    expires_on: Date,
}

impl From<OptionTerms> for OptionView {
    fn from(terms: OptionTerms) -> Self {
        Self {
            underlying_id: terms.underlying,
            right: terms.right,
            strike: terms.strike,
            expires_on: terms.expires_on,
        }
    }
}

impl From<Instrument> for InstrumentView {
    fn from(instrument: Instrument) -> Self {
        Self {
            quoted_in: instrument.quotation().map(|found| found.to_string()),
            multiplier: instrument.multiplier,
            option: instrument.option.map(OptionView::from),
            id: instrument.id,
            symbol: instrument.symbol,
            exchange: instrument.exchange,
            name: instrument.name,
            asset_class: instrument.asset_class,
            currency: instrument.currency,
            sector: instrument.sector,
            country: instrument.country,
            isin: instrument.isin,
            is_simulated: instrument.is_simulated,
            updated_at: instrument.updated_at,
        }
    }
}

/// What an edit does to a field that may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Change {
    /// The field was left out.
    #[default]
    Keep,
    /// The field was given; `null` makes it unknown.
    To(Option<String>),
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<String>::deserialize(deserializer).map(Self::To)
    }
}

impl TryFrom<InstrumentBody> for NewInstrument {
    type Error = Vec<FieldError>;

    fn try_from(body: InstrumentBody) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::default();
        let quotation = check.quotation(body.currency.as_deref());
        let new = Self {
            symbol: check.symbol(&body.symbol),
            exchange: check.code("exchange", body.exchange.as_deref()),
            name: check
                .text("name", body.name.as_deref(), 200)
                .unwrap_or_default(),
            asset_class: body.asset_class,
            currency: quotation.map(|found| found.currency),
            quote_unit: unit(quotation),
            sector: check.text("sector", body.sector.as_deref(), 100),
            country: check.text("country", body.country.as_deref(), 100),
            isin: check.isin(body.isin.as_deref()),
            is_simulated: false,
        };
        check.finish(new)
    }
}

impl InstrumentPatch {
    /// The instrument as it should be.
    pub(super) fn apply(self, mut instrument: Instrument) -> Result<Instrument, Vec<FieldError>> {
        let mut check = Check::default();
        if let Some(name) = &self.name {
            instrument.name = check.text("name", Some(name), 200).unwrap_or_default();
        }
        instrument.asset_class = self.asset_class.unwrap_or(instrument.asset_class);
        if let Change::To(currency) = &self.currency {
            let quotation = check.quotation(currency.as_deref());
            instrument.currency = quotation.map(|found| found.currency);
            instrument.quote_unit = unit(quotation);
        }
        if let Change::To(sector) = &self.sector {
            instrument.sector = check.text("sector", sector.as_deref(), 100);
        }
        if let Change::To(country) = &self.country {
            instrument.country = check.text("country", country.as_deref(), 100);
        }
        if let Change::To(isin) = &self.isin {
            instrument.isin = check.isin(isin.as_deref());
        }
        check.finish(instrument)
    }
}

/// Collects what is not acceptable. A text that is blank says that the field is unknown.
#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn finish<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors)
        }
    }

    fn refuse(&mut self, pointer: &str, code: &str, detail: String) {
        self.errors.push(FieldError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail,
        });
    }

    fn symbol(&mut self, text: &str) -> String {
        let symbol = text.trim().to_uppercase();
        let length = symbol.chars().count();
        if !(1..=50).contains(&length)
            || symbol.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            let detail = "The symbol must have 1 to 50 characters and no spaces, such as MSFT.";
            self.refuse("symbol", "invalid_symbol", detail.to_owned());
        }
        symbol
    }

    fn code(&mut self, pointer: &str, text: Option<&str>) -> String {
        let code = text.unwrap_or_default().trim().to_uppercase();
        if code.chars().count() > 20 || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
            let detail = format!("The {pointer} must be at most 20 letters and digits.");
            self.refuse(pointer, "invalid_code", detail);
        }
        code
    }

    fn text(&mut self, pointer: &str, text: Option<&str>, longest: usize) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        if text.chars().count() > longest || text.chars().any(char::is_control) {
            let detail = format!("The {pointer} must be one line of at most {longest} characters.");
            self.refuse(pointer, "invalid_length", detail);
        }
        Some(text.to_owned())
    }

    fn quotation(&mut self, text: Option<&str>) -> Option<Quotation> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        match Quotation::parse(text) {
            Ok(quotation) => Some(quotation),
            Err(error) => {
                self.refuse("currency", "unknown_currency", error.to_string());
                None
            }
        }
    }

    fn isin(&mut self, text: Option<&str>) -> Option<String> {
        let isin = text
            .map(str::trim)
            .filter(|text| !text.is_empty())?
            .to_uppercase();
        if !is_isin(&isin) || !has_valid_check_digit(&isin) {
            let detail = format!(
                "{isin} is no ISIN: two letters, nine letters or digits and a check digit, such as \
                 US5949181045."
            );
            self.refuse("isin", "invalid_isin", detail);
        }
        Some(isin)
    }
}

fn unit(quotation: Option<Quotation>) -> QuoteUnit {
    quotation.map_or(QuoteUnit::Major, |found| found.unit)
}

/// ISO 6166: letters count as 10 to 35, every second digit from the right but one is doubled, and the
/// digits of it all add up to a multiple of ten.
fn has_valid_check_digit(isin: &str) -> bool {
    let digits: String = isin
        .chars()
        .filter_map(|c| c.to_digit(36))
        .map(|n| n.to_string())
        .collect();
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_catches_a_slip() {
        for isin in [
            "US5949181045",
            "US0378331005",
            "GB00BH4HKS39",
            "DE0007164600",
        ] {
            assert!(has_valid_check_digit(isin), "{isin}");
        }
        for isin in ["US5949181046", "US5949811045", "GB00BH4HKS38"] {
            assert!(!has_valid_check_digit(isin), "{isin}");
        }
    }

    #[test]
    fn null_is_not_the_same_as_left_out() {
        let patch: InstrumentPatch = serde_json::from_str(r#"{"sector": null}"#).unwrap();
        assert_eq!(
            (patch.sector, patch.country),
            (Change::To(None), Change::Keep)
        );
    }
}
