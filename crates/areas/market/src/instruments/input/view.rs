use jiff::{Timestamp, civil::Date};
use ledger::OptionRight;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::{AssetClass, CapBucket, Instrument, InstrumentId, OptionTerms, PeBucket};

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
    /// The exchange by its ISO 10383 code, where it is known.
    mic: Option<String>,
    /// Industry within the sector.
    industry: Option<String>,
    /// Value of all shares in US dollars.
    #[schema(value_type = Option<String>)]
    market_cap: Option<Decimal>,
    /// `small` below 2, `mid` below 10 billion dollars, `large` from there.
    market_cap_bucket: Option<CapBucket>,
    /// Price over the earnings of the last four quarters; negative after a loss.
    #[schema(value_type = Option<String>)]
    pe_ratio: Option<Decimal>,
    /// `low` below 15, `medium` up to 25, `high` above; `null` after a loss.
    pe_bucket: Option<PeBucket>,
    /// Financial Instrument Global Identifier.
    figi: Option<String>,
    /// CUSIP number.
    cusip: Option<String>,
    /// Whether it is traded still.
    is_active: bool,
    /// First day of trading.
    #[schema(value_type = Option<String>, format = Date)]
    listed_on: Option<Date>,
    /// Last day of trading.
    #[schema(value_type = Option<String>, format = Date)]
    delisted_on: Option<Date>,
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
            mic: instrument.facts.mic,
            industry: instrument.facts.industry,
            market_cap: instrument.facts.market_cap,
            market_cap_bucket: instrument.facts.market_cap_bucket,
            pe_ratio: instrument.facts.pe_ratio,
            pe_bucket: instrument.facts.pe_bucket,
            figi: instrument.facts.figi,
            cusip: instrument.facts.cusip,
            is_active: instrument.facts.is_active,
            listed_on: instrument.facts.listed_on,
            delisted_on: instrument.facts.delisted_on,
            is_simulated: instrument.is_simulated,
            updated_at: instrument.updated_at,
        }
    }
}
