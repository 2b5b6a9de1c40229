//! What clients and forms send, and what they get.

mod view;

use jiff::civil::Date;
use money::{Quotation, QuoteUnit};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use web::FieldError;

pub(crate) use view::InstrumentView;

use super::{
    identifiers::{is_checked_cusip, is_checked_figi, is_checked_isin},
    model::{AssetClass, Facts, Instrument, NewInstrument},
};

/// What the owner sends to list an instrument.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentBody {
    /// Ticker; 1 to 50 characters, no spaces; kept in upper case.
    pub symbol: String,
    /// Exchange code, e.g. `XNAS`.
    pub exchange: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// What kind of thing it is; `equity` unless given.
    #[serde(default)]
    pub asset_class: AssetClass,
    /// Currency of its prices, e.g. `USD`; `GBX` (or `GBp`) for prices in pence, likewise `ZAC` and
    /// `ILA`.
    pub currency: Option<String>,
    /// Sector of the economy.
    pub sector: Option<String>,
    /// Country of domicile.
    pub country: Option<String>,
    /// International Securities Identification Number.
    pub isin: Option<String>,
    /// Industry within the sector.
    pub industry: Option<String>,
    /// Value of all shares in US dollars.
    pub market_cap: Option<String>,
    /// Price over the earnings of the last four quarters; negative after a loss.
    pub pe_ratio: Option<String>,
    /// Financial Instrument Global Identifier.
    pub figi: Option<String>,
    /// CUSIP number.
    pub cusip: Option<String>,
    /// Whether it is traded still; `true` unless given.
    pub is_active: Option<bool>,
    /// First day of trading.
    pub listed_on: Option<String>,
    /// Last day of trading.
    pub delisted_on: Option<String>,
}

/// What the owner changes about an instrument. What is left out stays; `null` makes a field unknown.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstrumentPatch {
    /// Ticker; the former one is kept, and found by searches.
    pub(crate) symbol: Option<String>,
    /// Exchange code; empty where unknown.
    pub(crate) exchange: Option<String>,
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
    /// Industry within the sector.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) industry: Change,
    /// Value of all shares in US dollars.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) market_cap: Change,
    /// Price over the earnings of the last four quarters; negative after a loss.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) pe_ratio: Change,
    /// Financial Instrument Global Identifier.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) figi: Change,
    /// CUSIP number.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) cusip: Change,
    /// First day of trading.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) listed_on: Change,
    /// Last day of trading.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) delisted_on: Change,
    /// Whether it is traded still.
    pub(crate) is_active: Option<bool>,
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
            facts: Facts {
                industry: check.text("industry", body.industry.as_deref(), 100),
                market_cap: check.market_cap(body.market_cap.as_deref()),
                pe_ratio: check.pe_ratio(body.pe_ratio.as_deref()),
                figi: check.figi(body.figi.as_deref()),
                cusip: check.cusip(body.cusip.as_deref()),
                is_active: body.is_active.unwrap_or(true),
                listed_on: check.day("listed_on", body.listed_on.as_deref()),
                delisted_on: check.day("delisted_on", body.delisted_on.as_deref()),
                ..Facts::default()
            },
        };
        check.listing(&new.facts);
        check.finish(new)
    }
}

impl InstrumentPatch {
    /// The instrument as it should be.
    pub(super) fn apply(self, mut instrument: Instrument) -> Result<Instrument, Vec<FieldError>> {
        let mut check = Check::default();
        if let Some(symbol) = &self.symbol {
            instrument.symbol = check.symbol(symbol);
        }
        if let Some(exchange) = &self.exchange {
            instrument.exchange = check.code("exchange", Some(exchange));
        }
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
        self.apply_facts(&mut check, &mut instrument.facts);
        check.listing(&instrument.facts);
        check.finish(instrument)
    }

    fn apply_facts(&self, check: &mut Check, facts: &mut Facts) {
        if let Change::To(industry) = &self.industry {
            facts.industry = check.text("industry", industry.as_deref(), 100);
        }
        if let Change::To(market_cap) = &self.market_cap {
            facts.market_cap = check.market_cap(market_cap.as_deref());
        }
        if let Change::To(pe_ratio) = &self.pe_ratio {
            facts.pe_ratio = check.pe_ratio(pe_ratio.as_deref());
        }
        if let Change::To(figi) = &self.figi {
            facts.figi = check.figi(figi.as_deref());
        }
        if let Change::To(cusip) = &self.cusip {
            facts.cusip = check.cusip(cusip.as_deref());
        }
        facts.is_active = self.is_active.unwrap_or(facts.is_active);
        if let Change::To(day) = &self.listed_on {
            facts.listed_on = check.day("listed_on", day.as_deref());
        }
        if let Change::To(day) = &self.delisted_on {
            facts.delisted_on = check.day("delisted_on", day.as_deref());
        }
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
        // Common codes of exchanges have hyphens, such as CBOE-BZX.
        let is_of_code = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if code.chars().count() > 20 || !code.chars().all(is_of_code) {
            let detail = format!("The {pointer} must be at most 20 letters, digits and hyphens.");
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
        let detail = "two letters, nine letters or digits and a check digit, such as US5949181045";
        self.number("isin", text, is_checked_isin, detail)
    }

    fn figi(&mut self, text: Option<&str>) -> Option<String> {
        let detail =
            "twelve characters with G as the third and a check digit, such as BBG000B9XRY4";
        self.number("figi", text, is_checked_figi, detail)
    }

    fn cusip(&mut self, text: Option<&str>) -> Option<String> {
        let detail = "eight letters or digits and a check digit, such as 037833100";
        self.number("cusip", text, is_checked_cusip, detail)
    }

    fn number(
        &mut self,
        pointer: &str,
        text: Option<&str>,
        is_one: impl Fn(&str) -> bool,
        form: &str,
    ) -> Option<String> {
        let number = given(text)?.to_uppercase();
        if !is_one(&number) {
            let detail = format!("{number} is no {}: {form}.", pointer.to_uppercase());
            self.refuse(pointer, &format!("invalid_{pointer}"), detail);
        }
        Some(number)
    }

    fn market_cap(&mut self, text: Option<&str>) -> Option<Decimal> {
        let text = given(text)?;
        let cap = text.parse::<Decimal>().ok().map(|cap| cap.round_dp(2));
        let cap = cap.filter(|cap| *cap > Decimal::ZERO && *cap < LARGEST);
        if cap.is_none() {
            let detail = format!("{text} is no market cap: an amount of US dollars above 0.");
            self.refuse("market_cap", "invalid_amount", detail);
        }
        cap
    }

    fn pe_ratio(&mut self, text: Option<&str>) -> Option<Decimal> {
        let text = given(text)?;
        let ratio = text.parse::<Decimal>().ok().map(|ratio| ratio.round_dp(4));
        let ratio = ratio.filter(|ratio| ratio.abs() < LARGEST_RATIO);
        if ratio.is_none() {
            let detail = format!("{text} is no ratio: a number such as 21.4, below a million.");
            self.refuse("pe_ratio", "invalid_number", detail);
        }
        ratio
    }

    fn day(&mut self, pointer: &str, text: Option<&str>) -> Option<Date> {
        let text = given(text)?;
        let day = text.parse::<Date>().ok();
        let day = day.filter(|day| (1600..=2200).contains(&day.year()));
        if day.is_none() {
            let detail = format!("{text} is no day: year, month and day, such as 1986-03-13.");
            self.refuse(pointer, "invalid_date", detail);
        }
        day
    }

    fn listing(&mut self, facts: &Facts) {
        if let (Some(listed), Some(delisted)) = (facts.listed_on, facts.delisted_on)
            && delisted < listed
        {
            let detail = format!("It cannot leave the exchange before it is listed on {listed}.");
            self.refuse("delisted_on", "before_listing", detail);
        }
    }
}

/// No company is worth a hundred quadrillion dollars.
const LARGEST: Decimal = Decimal::from_parts(1_569_325_056, 23_283_064, 0, false, 0);
const LARGEST_RATIO: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// The text, unless it is blank.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn unit(quotation: Option<Quotation>) -> QuoteUnit {
    quotation.map_or(QuoteUnit::Major, |found| found.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_not_the_same_as_left_out() {
        let patch: InstrumentPatch = serde_json::from_str(r#"{"sector": null}"#).unwrap();
        assert_eq!(
            (patch.sector, patch.country),
            (Change::To(None), Change::Keep)
        );
    }
}
