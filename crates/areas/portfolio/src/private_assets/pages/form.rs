//! Something private as typed.

use jiff::civil::Date;
use market::AssetClass;
use serde::Deserialize;
use web::{FieldError, Problem};

use super::super::{
    CustomInstrument, Error, Kind, PrivateAsset,
    input::{DetailsBody, OF_INSTRUMENT, PrivateAssetBody},
};
use crate::{
    portfolios::{self, PortfolioId},
    transactions::{
        self,
        form::{field_error, number, optional, word},
    },
};

/// Something private as typed; each kind shows its own fields, and an edit those that can change.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AssetForm {
    /// The version that was opened; empty for a new one.
    pub(super) version: String,
    pub(super) portfolio_id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) currency: String,
    pub(super) value: String,
    pub(super) valued_on: String,
    pub(super) since: String,
    pub(super) cost: String,
    pub(super) note: String,
    pub(super) symbol: String,
    pub(super) asset_class: String,
    pub(super) sector: String,
    pub(super) industry: String,
    pub(super) country: String,
    pub(super) isin: String,
}

impl AssetForm {
    /// The form of one that is stored.
    pub(super) fn of(asset: &PrivateAsset) -> Self {
        let form = Self {
            version: asset.version.to_string(),
            name: asset.name.clone(),
            kind: asset.kind.as_str().to_owned(),
            note: asset.note.clone().unwrap_or_default(),
            ..Self::default()
        };
        match &asset.instrument {
            Some(instrument) => form.with(instrument),
            None => form,
        }
    }

    /// The same with what an instrument is.
    pub(super) fn with(self, instrument: &CustomInstrument) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            symbol: instrument.symbol.clone(),
            asset_class: instrument.asset_class.as_str().to_owned(),
            sector: text(&instrument.sector),
            industry: text(&instrument.industry),
            country: text(&instrument.country),
            isin: text(&instrument.isin),
            ..self
        }
    }

    /// The kind that was chosen.
    pub(super) fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }

    /// What the API would get to record it.
    pub(super) fn body(&self) -> Result<PrivateAssetBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        let day = "Give the date as year-month-day.";
        let details = self.read_details(&mut errors);
        let valued_on: Option<Date> = optional(&self.valued_on, "valued_on", day, &mut errors);
        let value = number(&self.value, "value", &mut errors);
        let mut body = PrivateAssetBody {
            currency: Some(self.currency.clone()),
            value,
            valued_on,
            ..PrivateAssetBody::default()
        };
        if self.kind().is_some_and(|kind| !kind.has_units()) {
            let portfolio = "Choose a portfolio.";
            let of: Option<PortfolioId> =
                optional(&self.portfolio_id, "portfolio_id", portfolio, &mut errors);
            body.portfolio_id = of;
            body.since = optional(&self.since, "since", day, &mut errors);
            body.cost = number(&self.cost, "cost", &mut errors);
        }
        match details {
            Some(details) if errors.is_empty() => Ok(PrivateAssetBody {
                name: details.name,
                kind: details.kind,
                note: details.note,
                instrument: details.instrument,
                ..body
            }),
            _ => Err(errors),
        }
    }

    /// What the API would get to change it.
    pub(super) fn details(&self) -> Result<DetailsBody, Vec<FieldError>> {
        let mut errors = Vec::new();
        self.read_details(&mut errors).ok_or(errors)
    }

    fn read_details(&self, errors: &mut Vec<FieldError>) -> Option<DetailsBody> {
        let kind: Kind = word(&self.kind, "kind", "Choose a kind.", errors)?;
        let instrument = if kind.has_units() {
            let asset_class: AssetClass =
                word(&self.asset_class, "asset_class", "Choose a class.", errors)?;
            Some(CustomInstrument {
                symbol: self.symbol.clone(),
                asset_class,
                sector: Some(self.sector.clone()),
                industry: Some(self.industry.clone()),
                country: Some(self.country.clone()),
                isin: Some(self.isin.clone()),
            })
        } else {
            None
        };
        Some(DetailsBody {
            name: self.name.clone(),
            kind,
            note: Some(self.note.clone()),
            instrument,
        })
    }

    /// What the form shows beside its fields; anything else is a problem of its own.
    pub(super) fn errors(&self, error: Error) -> Result<Vec<FieldError>, Problem> {
        match error {
            Error::Invalid(errors) | Error::Transaction(transactions::Error::Invalid(errors)) => {
                Ok(errors.into_iter().map(field_of).collect())
            }
            Error::Transaction(transactions::Error::Portfolio(portfolios::Error::NotFound)) => {
                let detail = "Choose one of your portfolios.";
                Ok(vec![field_error(
                    "portfolio_id",
                    "unknown_portfolio",
                    detail,
                )])
            }
            Error::NameTaken { .. } if self.kind().is_some_and(Kind::has_units) => {
                let detail = "You have something private of this symbol or name already.";
                Ok(vec![field_error("symbol", "name_taken", detail)])
            }
            Error::NameTaken { .. } => {
                let detail = "You have something private of this name already.";
                Ok(vec![field_error("name", "name_taken", detail)])
            }
            other => Err(other.into()),
        }
    }
}

/// The form has no room within the room.
fn field_of(error: FieldError) -> FieldError {
    match error.pointer.strip_prefix(OF_INSTRUMENT) {
        Some(field) => FieldError {
            pointer: field.to_owned(),
            ..error
        },
        None => error,
    }
}
