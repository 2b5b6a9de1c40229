//! Option contracts that are named by hand: by their terms, or by the symbol of the clearing house.

use ledger::TransactionKind;
use market::{AssetClass, Instrument, SecurityKey, instruments};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use statements::OptionTerms;
use web::FieldError;

use super::{Error, TransactionBody, form::field_error, service};

/// Shares of a contract where nobody says otherwise.
const USUAL_MULTIPLIER: Decimal = Decimal::ONE_HUNDRED;

/// The contract that a body names; `None` where its instrument is no option.
pub(super) fn named(body: &TransactionBody) -> Result<Option<OptionTerms>, Error> {
    let symbol = body.symbol.as_deref().unwrap_or_default();
    let of_symbol = statements::option_terms(symbol, body.multiplier);
    let mut errors = Vec::new();
    let stated = stated(body, &mut errors);
    if let (Some(stated), Some(read)) = (&stated, &of_symbol)
        && stated != read
    {
        let detail = format!(
            "The symbol {} is that of another contract: leave it out, or the terms.",
            symbol.trim()
        );
        errors.push(field_error("symbol", "contradicts_terms", &detail));
    }
    if errors.is_empty() {
        Ok(stated.or(of_symbol))
    } else {
        Err(Error::Invalid(errors))
    }
}

/// The terms that a body states in fields of their own.
fn stated(body: &TransactionBody, errors: &mut Vec<FieldError>) -> Option<OptionTerms> {
    let underlying = body.underlying.as_deref().map(str::trim);
    let underlying = underlying.filter(|symbol| !symbol.is_empty());
    let says_terms = body.right.is_some() || body.strike.is_some() || body.expires_on.is_some();
    if underlying.is_none() && !says_terms {
        if body.multiplier.is_some_and(|units| units <= Decimal::ZERO) {
            errors.push(not_positive("multiplier"));
        }
        return None;
    }
    if body.instrument_id.is_some() {
        let detail = "The instrument is named already: leave its terms out.";
        errors.push(field_error("underlying", "not_expected", detail));
    }
    let missing = [
        ("underlying", underlying.is_none()),
        ("right", body.right.is_none()),
        ("strike", body.strike.is_none()),
        ("expires_on", body.expires_on.is_none()),
    ];
    let detail = "An option needs its underlying, its right, its strike and its last day.";
    let absent = missing.into_iter().filter(|(_, is_missing)| *is_missing);
    errors.extend(absent.map(|(field, _)| field_error(field, "missing_field", detail)));
    if underlying.is_some_and(|symbol| !service::is_storable_symbol(symbol)) {
        let detail = "Write the ticker of the underlying, such as MSFT.";
        errors.push(field_error("underlying", "invalid_symbol", detail));
    }
    let multiplier = body.multiplier.unwrap_or(USUAL_MULTIPLIER);
    for (field, number) in [("strike", body.strike), ("multiplier", Some(multiplier))] {
        if number.is_some_and(|number| number <= Decimal::ZERO) {
            errors.push(not_positive(field));
        }
    }
    Some(OptionTerms {
        underlying: underlying?.to_uppercase(),
        expires_on: body.expires_on?,
        strike: body.strike?.normalize(),
        right: body.right?,
        multiplier,
    })
}

fn not_positive(field: &str) -> FieldError {
    let detail = format!("The {field} must be above zero.");
    field_error(field, "not_positive", &detail)
}

/// The symbol under which a contract is kept: the clearing house's, by which files find it too.
pub(super) fn symbol(terms: &OptionTerms) -> String {
    statements::option_symbol(terms).unwrap_or_else(|| {
        let right = match terms.right {
            ledger::OptionRight::Call => 'C',
            ledger::OptionRight::Put => 'P',
        };
        let (underlying, day) = (&terms.underlying, terms.expires_on);
        format!("{underlying} {day} {right} {}", terms.strike)
    })
}

/// Completes what an instrument is found or created by.
pub(super) fn key(key: SecurityKey, terms: Option<OptionTerms>) -> SecurityKey {
    SecurityKey {
        asset_class: terms.as_ref().map(|_| AssetClass::Option),
        option: terms,
        ..key
    }
}

/// Refuses terms that contradict those of the known contract, and events of options on something
/// that is none.
pub(super) async fn check(
    conn: &mut PgConnection,
    body: &TransactionBody,
    key: &SecurityKey,
) -> Result<(), Error> {
    let needs_terms = matches!(
        body.kind,
        TransactionKind::Exercise | TransactionKind::Assignment | TransactionKind::Expiry
    );
    if key.option.is_none() && !needs_terms && body.multiplier.is_none() {
        return Ok(());
    }
    let known = match body.instrument_id {
        Some(id) => instruments::get(conn, id).await?,
        None => instruments::resolve(conn, key).await?,
    };
    let terms = known.as_ref().and_then(|found| found.option);
    if needs_terms && terms.is_none() && key.option.is_none() {
        let detail = "This is not known as an option: state its underlying, right, strike and last day, or write its symbol like FB180921C00200000.";
        let error = field_error("symbol", "not_an_option", detail);
        return Err(Error::Invalid(vec![error]));
    }
    let (Some(found), Some(terms), Some(stated)) = (&known, terms, &key.option) else {
        return multiplier(body, known.as_ref(), key);
    };
    let differs = terms.strike != stated.strike
        || terms.right != stated.right
        || terms.expires_on != stated.expires_on
        || (body.multiplier.is_some() || body.underlying.is_some())
            && found.multiplier != stated.multiplier;
    if !differs {
        return Ok(());
    }
    let detail = format!(
        "{} is known with other terms: strike {}, last day {}, {} shares a contract.",
        found.symbol, terms.strike, terms.expires_on, found.multiplier
    );
    let error = field_error("underlying", "known_otherwise", &detail);
    Err(Error::Invalid(vec![error]))
}

/// Shares a contract are a term of an option: of anything else, or beside other terms, they would be
/// left out without a word.
fn multiplier(
    body: &TransactionBody,
    known: Option<&Instrument>,
    key: &SecurityKey,
) -> Result<(), Error> {
    let Some(stated) = body.multiplier.filter(|_| key.option.is_none()) else {
        return Ok(());
    };
    let detail = match known {
        Some(found) if found.multiplier == stated => return Ok(()),
        Some(found) if found.option.is_some() => format!(
            "{} is known with {} shares a contract: leave the multiplier out.",
            found.symbol, found.multiplier
        ),
        _ => "Only options have shares a contract: leave the multiplier out, or state the terms of the option.".to_owned(),
    };
    let error = field_error("multiplier", "not_expected", &detail);
    Err(Error::Invalid(vec![error]))
}
