use std::fmt::Write as _;

use jiff::civil::Date;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    portfolios::PortfolioId,
    report::stored,
    valuation::{Valuation, store},
};

/// All portfolios together. Amounts are decimal strings in `currency`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// The currency of all amounts.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub(crate) as_of: Date,
    /// Whether any of it belongs to the simulated sample.
    pub(crate) is_simulated: bool,
    /// Holdings and cash.
    #[schema(value_type = String)]
    pub(crate) total_value: Decimal,
    /// That less what was paid in and not taken out, since inception.
    #[schema(value_type = String)]
    pub(crate) total_gain: Decimal,
    /// What is held, in the order of value.
    pub(crate) assets: Vec<AssetView>,
}

/// Something held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AssetView {
    /// The instrument.
    #[schema(value_type = uuid::Uuid)]
    instrument_id: InstrumentId,
    /// Its ticker.
    symbol: String,
    /// Shares.
    #[schema(value_type = String)]
    quantity: Decimal,
    /// What they are worth.
    #[schema(value_type = String)]
    value: Decimal,
    /// That less what they cost.
    #[schema(value_type = String)]
    gain: Decimal,
}

impl Overview {
    pub(super) fn new(valuation: &Valuation) -> Self {
        let totals = &valuation.totals;
        let assets = valuation.open_holdings().map(|holding| {
            let instrument = valuation.instrument(holding.asset);
            AssetView {
                instrument_id: instrument.id,
                symbol: instrument.symbol.clone(),
                quantity: holding.quantity.normalize(),
                value: stored(holding.value),
                gain: stored(holding.unrealized_gain),
            }
        });
        Self {
            currency: valuation.base,
            as_of: valuation.as_of,
            is_simulated: valuation.is_simulated(),
            total_value: stored(totals.value),
            total_gain: stored(totals.value - totals.net_invested),
            assets: assets.collect(),
        }
    }

    /// The values of the kept kind's fields, `version` last; `None` where they cannot be written.
    pub(super) fn fields(&self, version: String) -> Option<[String; 4]> {
        let assets = serde_json::to_string(&self.assets).ok()?;
        let (value, gain) = (self.total_value, self.total_gain);
        Some([value.to_string(), gain.to_string(), assets, version])
    }
}

/// What an overview is made of.
pub(super) struct Made {
    currency: Currency,
    as_of: Date,
    is_simulated: bool,
    market_revision: i64,
    revisions: Vec<(PortfolioId, i64)>,
}

impl Made {
    pub(super) fn new(of: store::Overview, currency: Currency, as_of: Date) -> Self {
        Self {
            currency,
            as_of,
            is_simulated: of.portfolios.iter().any(|portfolio| portfolio.is_simulated),
            market_revision: of.market_revision,
            revisions: of.revisions,
        }
    }

    /// Names it.
    pub(super) fn version(&self) -> String {
        let mut version = format!("{} {} {}", self.as_of, self.currency, self.market_revision);
        for (portfolio, revision) in &self.revisions {
            // Writing to a string cannot fail.
            let _ = write!(version, " {}:{revision}", portfolio.0);
        }
        version
    }

    /// What was kept, where it is of the same version and can be read.
    pub(super) fn read(&self, kept: &[String]) -> Option<Overview> {
        let [value, gain, assets, version] = kept else {
            return None;
        };
        if *version != self.version() {
            return None;
        }
        Some(Overview {
            currency: self.currency,
            as_of: self.as_of,
            is_simulated: self.is_simulated,
            total_value: value.parse().ok()?,
            total_gain: gain.parse().ok()?,
            assets: serde_json::from_str(assets).ok()?,
        })
    }
}
