//! What clients and forms send, and what they get.

use jiff::civil::Date;
use market::{
    AssetClass, InstrumentId,
    instruments::{InstrumentBody, NewInstrument},
};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use super::model::{Appraisal, CustomInstrument, Kind, PrivateAsset, word};
use crate::portfolios::PortfolioId;

/// Values stay below it: the column holds twelve digits before the point.
const MAX_VALUE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 2_000;
const EARLIEST_YEAR: i16 = 1900;
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
    /// Every value, by day.
    pub(crate) appraisals: Vec<Appraisal>,
}

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

impl PrivateAssetView {
    pub(crate) fn new(asset: PrivateAsset, appraisals: Vec<Appraisal>) -> Self {
        Self {
            instrument_id: asset.instrument_id,
            name: asset.name,
            kind: asset.kind,
            currency: asset.currency,
            note: asset.note,
            instrument: asset.instrument,
            appraisals,
        }
    }
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
    pub(super) fn word(&self) -> &str {
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
    pub(super) fn empty() -> Self {
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
        let value = body.value.map(|value| amount("value", value, &mut errors));
        let (opening, appraisals) = if body.kind.has_units() {
            (None, first_price(body, value, today, &mut errors))
        } else {
            opening(body, value, today, &mut errors)
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

/// What is known of the price of an instrument, which has no day on which it was opened.
fn first_price(
    body: &PrivateAssetBody,
    price: Option<Decimal>,
    today: Date,
    errors: &mut Vec<FieldError>,
) -> Vec<Appraisal> {
    for (pointer, is_stated) in [
        ("portfolio_id", body.portfolio_id.is_some()),
        ("since", body.since.is_some()),
        ("cost", body.cost.is_some()),
    ] {
        if is_stated {
            let detail = "Leave it out: transactions bring an instrument into a portfolio.";
            errors.push(refusal(pointer, "not_of_this_kind", detail));
        }
    }
    match (price, body.valued_on) {
        (Some(price), valued_on) => {
            let date = valued_on.unwrap_or(today);
            day("valued_on", date, today, errors);
            vec![Appraisal { date, price }]
        }
        (None, Some(_)) => {
            let detail = "State the price of that day, or leave the day out.";
            errors.push(refusal("value", "missing_field", detail));
            Vec::new()
        }
        (None, None) => Vec::new(),
    }
}

/// How a portfolio comes to hold one of it, and what it is worth from then on.
fn opening(
    body: &PrivateAssetBody,
    value: Option<Decimal>,
    today: Date,
    errors: &mut Vec<FieldError>,
) -> (Option<Opening>, Vec<Appraisal>) {
    let cost = body.cost.map(|cost| amount("cost", cost, errors));
    for (pointer, is_missing, detail) in [
        (
            "portfolio_id",
            body.portfolio_id.is_none(),
            "Choose the portfolio that holds it.",
        ),
        (
            "value",
            value.is_none(),
            "State what it is worth, or what is owed.",
        ),
        (
            "since",
            body.since.is_none(),
            "State since when it has been owned or owed.",
        ),
    ] {
        if is_missing {
            errors.push(refusal(pointer, "missing_field", detail));
        }
    }
    let (Some(portfolio_id), Some(value), Some(since)) = (body.portfolio_id, value, body.since)
    else {
        return (None, Vec::new());
    };
    day("since", since, today, errors);
    let valued_on = body
        .valued_on
        .unwrap_or(if cost.is_some() { today } else { since });
    if valued_on != since {
        day("valued_on", valued_on, today, errors);
    }
    if valued_on < since && since <= today {
        let detail = "The day of the value must not be before it was owned or owed.";
        errors.push(refusal("valued_on", "too_early", detail));
    }
    let cost = cost.unwrap_or(value);
    let mut appraisals = vec![Appraisal {
        date: since,
        price: cost,
    }];
    if valued_on == since {
        appraisals.clear();
    }
    appraisals.push(Appraisal {
        date: valued_on,
        price: value,
    });
    let opening = Opening {
        portfolio_id,
        since,
        cost,
    };
    (Some(opening), appraisals)
}

impl Appraisal {
    /// Checks what is said about a day.
    pub(crate) fn new(date: Date, price: Decimal, today: Date) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        day("date", date, today, &mut errors);
        let price = amount("price", price, &mut errors);
        if errors.is_empty() {
            Ok(Self { date, price })
        } else {
            Err(errors)
        }
    }
}

fn amount(pointer: &str, stated: Decimal, errors: &mut Vec<FieldError>) -> Decimal {
    let stored = money::round_to_store(stated);
    if stored < Decimal::ZERO {
        let detail = "The amount must not be negative; a debt is stated as what is owed.";
        errors.push(refusal(pointer, "negative", detail));
    } else if stored >= MAX_VALUE {
        let detail = "The amount must be below 1,000,000,000,000.";
        errors.push(refusal(pointer, "too_large", detail));
    }
    stored
}

fn day(pointer: &str, stated: Date, today: Date, errors: &mut Vec<FieldError>) {
    if stated > today {
        let detail = "The day must not be in the future.";
        errors.push(refusal(pointer, "in_the_future", detail));
    } else if stated.year() < EARLIEST_YEAR {
        let detail = "The date must not be before 1900.";
        errors.push(refusal(pointer, "too_early", detail));
    }
}

fn refusal(pointer: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn body(value: Decimal, cost: Option<Decimal>, valued_on: Option<Date>) -> PrivateAssetBody {
        PrivateAssetBody {
            portfolio_id: Some(PortfolioId(uuid::Uuid::nil())),
            name: " Flat ".to_owned(),
            kind: Kind::Property,
            value: Some(value),
            valued_on,
            since: Some(date(2015, 6, 1)),
            cost,
            ..PrivateAssetBody::default()
        }
    }

    fn savings_plan() -> PrivateAssetBody {
        PrivateAssetBody {
            name: "World fund of the insurer".to_owned(),
            kind: Kind::Instrument,
            currency: Some("EUR".to_owned()),
            instrument: Some(CustomInstrument {
                symbol: " world-p ".to_owned(),
                ..CustomInstrument::empty()
            }),
            ..PrivateAssetBody::default()
        }
    }

    fn days(new: &NewPrivateAsset) -> Vec<(Date, Decimal)> {
        new.appraisals.iter().map(|a| (a.date, a.price)).collect()
    }

    fn refused(body: &PrivateAssetBody) -> Vec<String> {
        let today = date(2026, 3, 2);
        let errors = NewPrivateAsset::new(body, Some(Currency::EUR), today).expect_err("refused");
        errors.into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn the_cost_is_the_value_of_the_first_day() {
        let today = date(2026, 3, 2);
        let read = |body: &PrivateAssetBody| {
            NewPrivateAsset::new(body, Some(Currency::EUR), today).expect("acceptable")
        };
        let bought = read(&body(dec("350000"), Some(dec("200000")), None));
        assert_eq!(
            days(&bought),
            [(date(2015, 6, 1), dec("200000")), (today, dec("350000"))]
        );
        assert_eq!(
            bought.opening.map(|opening| opening.cost),
            Some(dec("200000"))
        );
        assert_eq!(bought.details.name, "Flat");
        let plain = read(&body(dec("350000"), None, None));
        assert_eq!(days(&plain), [(date(2015, 6, 1), dec("350000"))]);
        assert_eq!(
            plain.opening.map(|opening| opening.cost),
            Some(dec("350000"))
        );
    }

    #[test]
    fn an_instrument_has_a_price_but_no_opening() {
        let today = date(2026, 3, 2);
        let priced = PrivateAssetBody {
            value: Some(dec("12.34")),
            ..savings_plan()
        };
        let new = NewPrivateAsset::new(&priced, None, today).expect("acceptable");
        assert_eq!(days(&new), [(today, dec("12.34"))]);
        assert!(new.opening.is_none());
        assert_eq!(new.details.word(), "WORLD-P");
        let new = NewPrivateAsset::new(&savings_plan(), None, today).expect("acceptable");
        assert_eq!(days(&new), []);
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let cases = [
            (body(dec("-1"), None, None), "value"),
            (body(dec("1000000000000"), None, None), "value"),
            (body(dec("1"), Some(dec("-1")), None), "cost"),
            (body(dec("1"), None, Some(date(2026, 3, 3))), "valued_on"),
            (body(dec("1"), None, Some(date(2015, 5, 31))), "valued_on"),
        ];
        for (body, pointer) in cases {
            assert_eq!(refused(&body), [pointer], "{body:?}");
        }
    }

    #[test]
    fn each_kind_has_fields_of_its_own() {
        let nothing = PrivateAssetBody {
            name: "Flat".to_owned(),
            ..PrivateAssetBody::default()
        };
        assert_eq!(refused(&nothing), ["portfolio_id", "value", "since"]);
        let with_symbol = PrivateAssetBody {
            instrument: Some(CustomInstrument::empty()),
            ..body(dec("1"), None, None)
        };
        assert_eq!(refused(&with_symbol), ["instrument"]);
        let opened = PrivateAssetBody {
            kind: Kind::Instrument,
            currency: None,
            instrument: None,
            ..body(dec("1"), Some(dec("1")), None)
        };
        let pointers = ["instrument", "currency", "portfolio_id", "since", "cost"];
        assert_eq!(refused(&opened), pointers);
        let of_symbol = |instrument| PrivateAssetBody {
            instrument: Some(instrument),
            ..savings_plan()
        };
        let spaced = CustomInstrument {
            symbol: "WORLD FUND".to_owned(),
            isin: Some("LU0000000000".to_owned()),
            asset_class: AssetClass::Index,
            ..CustomInstrument::empty()
        };
        let pointers = [
            "/instrument/asset_class",
            "/instrument/symbol",
            "/instrument/isin",
        ];
        assert_eq!(refused(&of_symbol(spaced)), pointers);
    }
}
