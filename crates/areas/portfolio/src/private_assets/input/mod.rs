//! What clients and forms send, and what they get.

mod asset;
#[cfg(test)]
mod tests;
mod valuation;

use jiff::civil::Date;
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{FieldError, Page};

pub(crate) use asset::{Details, NewPrivateAsset, Opening};

use super::model::{Appraisal, CustomInstrument, Kind, PrivateAsset};
use crate::portfolios::PortfolioId;

/// Where a body states what an instrument is.
pub(super) const OF_INSTRUMENT: &str = "/instrument/";

/// What a client sends to record something private. An instrument comes into a portfolio by its
/// transactions, anything else with the body itself: then `portfolio_id`, `value` and `since` are needed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivateAssetBody {
    /// The portfolio that holds it; not of an instrument.
    pub(crate) portfolio_id: Option<PortfolioId>,
    /// 1 to 100 characters; unique among one's own regardless of case, unless it is an instrument, of
    /// which the symbol is.
    pub(crate) name: String,
    /// `property`, `private_holding`, `other`, `liability` or `instrument`.
    pub(crate) kind: Kind,
    /// The currency of its values; the portfolio's unless given. Needed of an instrument.
    pub(crate) currency: Option<String>,
    /// What it is worth, or what is owed; not negative. Of an instrument its first known price, if one
    /// is known.
    #[schema(value_type = Option<String>)]
    pub(crate) value: Option<Decimal>,
    /// The day of that value; today unless given, and the day of the purchase without a cost.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) valued_on: Option<Date>,
    /// Since when it has been owned or owed; not of an instrument.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) since: Option<Date>,
    /// What it cost, or the amount that was borrowed; the value unless given. It is the value of the
    /// first day; not of an instrument.
    #[schema(value_type = Option<String>)]
    pub(crate) cost: Option<Decimal>,
    /// Free text.
    pub(crate) note: Option<String>,
    /// What it is as an instrument; needed of that kind, and of no other.
    pub(crate) instrument: Option<CustomInstrument>,
}

/// What a client sends to change what is known of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsBody {
    /// 1 to 100 characters; unique among one's own regardless of case, unless it is an instrument.
    pub(crate) name: String,
    /// What kind of thing it is. A debt stays one and an instrument too, and nothing else becomes one.
    pub(crate) kind: Kind,
    /// Free text.
    pub(crate) note: Option<String>,
    /// What it is as an instrument; needed of that kind, and of no other.
    pub(crate) instrument: Option<CustomInstrument>,
}

/// What a client sends about a day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppraisalBody {
    /// The value of the whole on that day; for a debt what is owed, of an instrument the price of one
    /// unit. Not negative.
    #[schema(value_type = String)]
    pub(crate) price: Decimal,
}

/// Something private on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PrivateAssetView {
    /// Its handle, which stands for it in transactions and holdings.
    #[schema(value_type = uuid::Uuid)]
    pub(crate) instrument_id: InstrumentId,
    /// As its owner calls it.
    pub(crate) name: String,
    /// What kind of thing it is.
    pub(crate) kind: Kind,
    /// The currency of its values.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// Free text.
    pub(crate) note: Option<String>,
    /// What it is as an instrument, if it is one.
    pub(crate) instrument: Option<CustomInstrument>,
    /// The last value; `null` where none was stated.
    pub(crate) last_appraisal: Option<Appraisal>,
}

/// Something private with its values.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppraisedAssetView {
    /// What it is.
    #[serde(flatten)]
    pub(crate) asset: PrivateAssetView,
    /// A page of its values, the newest first.
    pub(crate) appraisals: Page<Appraisal>,
}

impl PrivateAssetView {
    pub(crate) fn new(asset: PrivateAsset, last_appraisal: Option<Appraisal>) -> Self {
        Self {
            instrument_id: asset.instrument_id,
            name: asset.name,
            kind: asset.kind,
            currency: asset.currency,
            note: asset.note,
            instrument: asset.instrument,
            last_appraisal,
        }
    }
}

fn refusal(pointer: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}
