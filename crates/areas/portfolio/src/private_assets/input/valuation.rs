//! What it is worth, from the day on which it is opened.

use jiff::civil::Date;
use rust_decimal::Decimal;
use web::FieldError;

use super::{Opening, PrivateAssetBody, refusal};
use crate::private_assets::model::Appraisal;

/// Values stay below it: the column holds twelve digits before the point.
const MAX_VALUE: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);
const EARLIEST_YEAR: i16 = 1900;

/// What is known of the price of an instrument, which has no day on which it was opened.
pub(super) fn first_price(
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
pub(super) fn opening(
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

pub(super) fn amount(pointer: &str, stated: Decimal, errors: &mut Vec<FieldError>) -> Decimal {
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
