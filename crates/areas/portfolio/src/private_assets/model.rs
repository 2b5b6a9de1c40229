use jiff::civil::Date;
use market::{AssetClass, InstrumentId};
use money::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::FieldError;

use crate::portfolios::PortfolioId;

/// Values stay below it: the column holds twelve digits before the point.
const MAX_VALUE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 2_000;
const EARLIEST_YEAR: i16 = 1900;

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
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [
        Self::Property,
        Self::PrivateHolding,
        Self::Other,
        Self::Liability,
    ];

    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::PrivateHolding => "private_holding",
            Self::Other => "other",
            Self::Liability => "liability",
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
        }
    }

    /// Whether it is owed rather than owned.
    pub fn is_owed(self) -> bool {
        self == Self::Liability
    }

    /// What the shared handle says of it.
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
    /// The currency of its values.
    pub currency: Currency,
    /// Free text.
    pub note: Option<String>,
    /// Grows with every edit; the `ETag`.
    pub version: i32,
    /// Whether it is deleted: it is kept for what was known while it was there.
    pub is_deleted: bool,
}

/// What it was worth on a day, or what was owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Appraisal {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The value of the whole; for a debt what is owed.
    #[schema(value_type = String)]
    pub price: Decimal,
}

/// What a client sends to record a property, private holding or debt.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivateAssetBody {
    /// The portfolio that holds it.
    pub(crate) portfolio_id: PortfolioId,
    /// Unique among one's own, regardless of case; 1 to 100 characters.
    pub(crate) name: String,
    /// `property`, `private_holding`, `other` or `liability`.
    pub(crate) kind: Kind,
    /// The currency of its values; the portfolio's unless given.
    pub(crate) currency: Option<String>,
    /// What it is worth, or what is owed; not negative.
    #[schema(value_type = String)]
    pub(crate) value: Decimal,
    /// The day of that value; today unless given, and the day of the purchase without a cost.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) valued_on: Option<Date>,
    /// Since when it has been owned or owed.
    #[schema(value_type = String, format = Date)]
    pub(crate) since: Date,
    /// What it cost, or the amount that was borrowed; the value unless given. It is the value of the
    /// first day.
    #[schema(value_type = Option<String>)]
    pub(crate) cost: Option<Decimal>,
    /// Free text.
    pub(crate) note: Option<String>,
}

/// What a client sends to change what is known of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsBody {
    /// Unique among one's own, regardless of case; 1 to 100 characters.
    pub(crate) name: String,
    /// What kind of thing it is. A debt stays one, and nothing else becomes one.
    pub(crate) kind: Kind,
    /// Free text.
    pub(crate) note: Option<String>,
}

/// What a client sends about a day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppraisalBody {
    /// The value of the whole on that day; for a debt what is owed. Not negative.
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
    /// Every value, by day.
    pub(crate) appraisals: Vec<Appraisal>,
}

/// What is recorded; valid by construction.
#[derive(Clone, Debug)]
pub(crate) struct NewPrivateAsset {
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) details: Details,
    pub(crate) currency: Currency,
    pub(crate) since: Date,
    pub(crate) cost: Decimal,
    /// By day, the first of them on `since`.
    pub(crate) appraisals: Vec<Appraisal>,
}

/// Name, kind and note; valid by construction.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) note: Option<String>,
}

impl PrivateAssetView {
    pub(crate) fn new(asset: PrivateAsset, appraisals: Vec<Appraisal>) -> Self {
        Self {
            instrument_id: asset.instrument_id,
            name: asset.name,
            kind: asset.kind,
            currency: asset.currency,
            note: asset.note,
            appraisals,
        }
    }
}

impl Details {
    pub(crate) fn new(
        name: &str,
        kind: Kind,
        note: Option<&str>,
        errors: &mut Vec<FieldError>,
    ) -> Self {
        let name = name.trim().to_owned();
        let length = name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
            let detail = "The name must be one line of 1 to 100 characters.";
            errors.push(refusal("name", "invalid_length", detail));
        }
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.contains('\0') || note.chars().count() > LONGEST_NOTE) {
            let detail = "The note has at most 2,000 characters, and no character NUL.";
            errors.push(refusal("note", "invalid_text", detail));
        }
        Self {
            name,
            kind,
            note: note.map(str::to_owned),
        }
    }
}

impl DetailsBody {
    /// Checks the fields against what is stored.
    pub(crate) fn read(&self, stored: &PrivateAsset) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let details = Details::new(&self.name, self.kind, self.note.as_deref(), &mut errors);
        if self.kind.is_owed() != stored.kind.is_owed() {
            let detail = "A debt stays a debt, and what is owned does not become one.";
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
    /// Checks a body; `currency` is that of the portfolio.
    pub(crate) fn new(
        body: &PrivateAssetBody,
        currency: Currency,
        today: Date,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let details = Details::new(&body.name, body.kind, body.note.as_deref(), &mut errors);
        let stated = body.currency.as_deref().map(str::trim);
        let currency = match stated.filter(|code| !code.is_empty()).map(Currency::new) {
            None => currency,
            Some(Ok(stated)) => stated,
            Some(Err(error)) => {
                errors.push(refusal("currency", "unknown_currency", &error.to_string()));
                currency
            }
        };
        let value = amount("value", body.value, &mut errors);
        let cost = body.cost.map(|cost| amount("cost", cost, &mut errors));
        day("since", body.since, today, &mut errors);
        let valued_on = body
            .valued_on
            .unwrap_or(if cost.is_some() { today } else { body.since });
        if valued_on != body.since {
            day("valued_on", valued_on, today, &mut errors);
        }
        if valued_on < body.since && body.since <= today {
            let detail = "The day of the value must not be before it was owned or owed.";
            errors.push(refusal("valued_on", "too_early", detail));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let cost = cost.unwrap_or(value);
        let mut appraisals = vec![Appraisal {
            date: body.since,
            price: cost,
        }];
        if valued_on == body.since {
            appraisals.clear();
        }
        appraisals.push(Appraisal {
            date: valued_on,
            price: value,
        });
        Ok(Self {
            portfolio_id: body.portfolio_id,
            details,
            currency,
            since: body.since,
            cost,
            appraisals,
        })
    }
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
            portfolio_id: PortfolioId(uuid::Uuid::nil()),
            name: " Flat ".to_owned(),
            kind: Kind::Property,
            currency: None,
            value,
            valued_on,
            since: date(2015, 6, 1),
            cost,
            note: None,
        }
    }

    fn days(new: &NewPrivateAsset) -> Vec<(Date, Decimal)> {
        new.appraisals.iter().map(|a| (a.date, a.price)).collect()
    }

    #[test]
    fn the_cost_is_the_value_of_the_first_day() {
        let today = date(2026, 3, 2);
        let read = |body: &PrivateAssetBody| {
            NewPrivateAsset::new(body, Currency::EUR, today).expect("acceptable")
        };
        let bought = read(&body(dec("350000"), Some(dec("200000")), None));
        assert_eq!(
            days(&bought),
            [(date(2015, 6, 1), dec("200000")), (today, dec("350000"))]
        );
        assert_eq!(bought.cost, dec("200000"));
        assert_eq!(bought.details.name, "Flat");
        let plain = read(&body(dec("350000"), None, None));
        assert_eq!(days(&plain), [(date(2015, 6, 1), dec("350000"))]);
        assert_eq!(plain.cost, dec("350000"));
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let today = date(2026, 3, 2);
        let cases = [
            (body(dec("-1"), None, None), "value"),
            (body(dec("1000000000000"), None, None), "value"),
            (body(dec("1"), Some(dec("-1")), None), "cost"),
            (body(dec("1"), None, Some(date(2026, 3, 3))), "valued_on"),
            (body(dec("1"), None, Some(date(2015, 5, 31))), "valued_on"),
        ];
        for (body, pointer) in cases {
            let errors = NewPrivateAsset::new(&body, Currency::EUR, today).expect_err(pointer);
            let found: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
            assert_eq!(found, [pointer], "{body:?}");
        }
    }
}
