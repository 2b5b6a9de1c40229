//! What is recorded, checked.

use jiff::civil::Date;
use market::{
    AssetClass,
    instruments::{InstrumentBody, NewInstrument},
};
use money::Currency;
use rust_decimal::Decimal;
use web::FieldError;

use super::{DetailsBody, OF_INSTRUMENT, PrivateAssetBody, refusal, valuation};
use crate::{
    portfolios::PortfolioId,
    private_assets::model::{Appraisal, CustomInstrument, Kind, PrivateAsset, word},
};

const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 2_000;

/// What is recorded; valid by construction.
#[derive(Clone, Debug)]
pub(crate) struct NewPrivateAsset {
    pub(crate) details: Details,
    pub(crate) currency: Currency,
    /// How a portfolio comes to hold it; an instrument comes by transactions.
    pub(crate) opening: Option<Opening>,
    /// By day, those of an opening from its day on.
    pub(crate) appraisals: Vec<Appraisal>,
}

/// How a portfolio comes to hold something of which there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) since: Date,
    pub(crate) cost: Decimal,
}

/// What is known of it; valid by construction.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) note: Option<String>,
    pub(crate) instrument: Option<CustomInstrument>,
}

impl Details {
    fn new(
        DetailsBody {
            name,
            kind,
            note,
            instrument,
        }: &DetailsBody,
        errors: &mut Vec<FieldError>,
    ) -> Self {
        let name = name.trim().to_owned();
        let length = name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
            let detail = "The name must be one line of 1 to 100 characters.";
            errors.push(refusal("name", "invalid_length", detail));
        }
        let note = note
            .as_deref()
            .map(str::trim)
            .filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.contains('\0') || note.chars().count() > LONGEST_NOTE) {
            let detail = "The note has at most 2,000 characters, and no character NUL.";
            errors.push(refusal("note", "invalid_text", detail));
        }
        Self {
            name,
            kind: *kind,
            note: note.map(str::to_owned),
            instrument: instrument_of(*kind, instrument.as_ref(), errors),
        }
    }

    /// The word that stands for it.
    pub(in crate::private_assets) fn word(&self) -> &str {
        word(&self.name, self.instrument.as_ref())
    }
}

fn instrument_of(
    kind: Kind,
    stated: Option<&CustomInstrument>,
    errors: &mut Vec<FieldError>,
) -> Option<CustomInstrument> {
    match (kind.has_units(), stated) {
        (true, Some(stated)) => Some(stated.checked(errors)),
        (true, None) => {
            let detail =
                "State what it is as an instrument: its symbol and its asset class at least.";
            errors.push(refusal("instrument", "missing_field", detail));
            None
        }
        (false, Some(_)) => {
            let detail = "Only the kind instrument has a symbol and an asset class.";
            errors.push(refusal("instrument", "not_of_this_kind", detail));
            None
        }
        (false, None) => None,
    }
}

impl CustomInstrument {
    /// Checks its words by the rules for listed instruments.
    fn checked(&self, errors: &mut Vec<FieldError>) -> Self {
        if !Self::CLASSES.contains(&self.asset_class) {
            let pointer = format!("{OF_INSTRUMENT}asset_class");
            let detail = "Choose equity, etf, fund, bond, crypto, commodity, cash or alternative.";
            errors.push(refusal(&pointer, "unknown_class", detail));
        }
        let listed = NewInstrument::try_from(InstrumentBody {
            symbol: self.symbol.clone(),
            asset_class: self.asset_class,
            sector: self.sector.clone(),
            industry: self.industry.clone(),
            country: self.country.clone(),
            isin: self.isin.clone(),
            ..InstrumentBody::default()
        });
        match listed {
            Ok(listed) => Self {
                symbol: listed.symbol,
                asset_class: listed.asset_class,
                sector: listed.sector,
                industry: listed.facts.industry,
                country: listed.country,
                isin: listed.isin,
            },
            Err(found) => {
                errors.extend(found.into_iter().map(|error| FieldError {
                    pointer: format!("{OF_INSTRUMENT}{}", error.pointer),
                    ..error
                }));
                self.clone()
            }
        }
    }

    /// One of which nothing is known yet, for a form.
    pub(in crate::private_assets) fn empty() -> Self {
        Self {
            symbol: String::new(),
            asset_class: AssetClass::Fund,
            sector: None,
            industry: None,
            country: None,
            isin: None,
        }
    }
}

impl DetailsBody {
    /// Checks the fields against what is stored.
    pub(crate) fn read(&self, stored: &PrivateAsset) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let details = Details::new(self, &mut errors);
        if self.kind.is_owed() != stored.kind.is_owed() {
            let detail = "A debt stays a debt, and what is owned does not become one.";
            errors.push(refusal("kind", "not_changeable", detail));
        }
        if self.kind.has_units() != stored.kind.has_units() {
            let detail = "An instrument stays one, and nothing else becomes one.";
            errors.push(refusal("kind", "not_changeable", detail));
        }
        if errors.is_empty() {
            Ok(details)
        } else {
            Err(errors)
        }
    }
}

impl NewPrivateAsset {
    /// Checks a body; `currency` is that of the portfolio that it names.
    pub(crate) fn new(
        body: &PrivateAssetBody,
        currency: Option<Currency>,
        today: Date,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let stated = DetailsBody {
            name: body.name.clone(),
            kind: body.kind,
            note: body.note.clone(),
            instrument: body.instrument.clone(),
        };
        let details = Details::new(&stated, &mut errors);
        let currency = currency_of(body, currency, &mut errors);
        let value = body
            .value
            .map(|value| valuation::amount("value", value, &mut errors));
        let (opening, appraisals) = if body.kind.has_units() {
            (
                None,
                valuation::first_price(body, value, today, &mut errors),
            )
        } else {
            valuation::opening(body, value, today, &mut errors)
        };
        match currency {
            Some(currency) if errors.is_empty() => Ok(Self {
                details,
                currency,
                opening,
                appraisals,
            }),
            _ => Err(errors),
        }
    }
}

/// `None` with an error, or where the portfolio is missing, which is one too.
fn currency_of(
    body: &PrivateAssetBody,
    of_portfolio: Option<Currency>,
    errors: &mut Vec<FieldError>,
) -> Option<Currency> {
    let stated = body.currency.as_deref().map(str::trim);
    match stated.filter(|code| !code.is_empty()).map(Currency::new) {
        None => {
            if body.kind.has_units() {
                let detail = "State the currency of its prices.";
                errors.push(refusal("currency", "missing_field", detail));
            }
            of_portfolio
        }
        Some(Ok(stated)) => Some(stated),
        Some(Err(error)) => {
            errors.push(refusal("currency", "unknown_currency", &error.to_string()));
            None
        }
    }
}
