//! What clients and forms send, and what they get.

use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use money::{Currency, Quotation};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use web::FieldError;

use super::{
    error::Error,
    model::{
        CashPerShare, CorporateAction, CorporateActionId, NewCorporateAction, Terms, ratio_text,
        refusal,
    },
};
use crate::{
    InstrumentId, SecurityKey,
    instruments::{self, store},
    stated_by::BY_HAND,
};

/// Characters of a note at most.
const LONGEST_NOTE: usize = 500;

/// What the owner sends to state or correct a corporate action.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorporateActionBody {
    /// Whose shares it is about; a correction leaves it as it is.
    pub(crate) instrument_id: InstrumentId,
    /// `split`, `spin_off`, `merger`, `symbol_change`, `stock_dividend`, `return_of_capital` or
    /// `dividend`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "split")]
    pub(crate) kind: TransactionKind,
    /// The first day on which the shares trade without what the action gives.
    #[schema(value_type = String, format = Date)]
    pub(crate) ex_date: Date,
    /// When money is paid, where that is a later day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) pay_date: Option<Date>,
    /// Shares after for shares before (split) or received for held, e.g. `4:1`.
    pub(crate) ratio: Option<String>,
    /// The instrument whose shares are received; or give `target_symbol`.
    #[schema(value_type = Option<Uuid>)]
    pub(crate) target_instrument_id: Option<InstrumentId>,
    /// Its symbol; it must be listed. A correction that repeats it means the same instrument.
    pub(crate) target_symbol: Option<String>,
    /// The part of the cost that goes with the shares received, 0 to 1.
    #[schema(value_type = Option<String>)]
    pub(crate) cost_share: Option<Decimal>,
    /// Money for each share, with `currency`.
    #[schema(value_type = Option<String>)]
    pub(crate) cash_per_share: Option<Decimal>,
    /// The currency of the money; the instrument's unless given. `GBX` states pence, which are kept
    /// as pounds.
    pub(crate) currency: Option<String>,
    /// Free text.
    pub(crate) note: Option<String>,
}

/// A corporate action on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorporateActionView {
    /// Names it.
    id: CorporateActionId,
    /// Whose shares it is about.
    instrument_id: InstrumentId,
    /// Symbol of that instrument.
    symbol: String,
    /// What happens.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: TransactionKind,
    /// The first day without what the action gives.
    #[schema(value_type = String, format = Date)]
    ex_date: Date,
    /// When money is paid, where that is a later day.
    #[schema(value_type = Option<String>, format = Date)]
    pay_date: Option<Date>,
    /// New shares for old.
    ratio: Option<String>,
    /// The instrument whose shares are received.
    target_instrument_id: Option<InstrumentId>,
    /// Its symbol.
    target_symbol: Option<String>,
    /// The part of the cost that goes with them.
    #[schema(value_type = Option<String>)]
    cost_share: Option<Decimal>,
    /// Money for each share.
    #[schema(value_type = Option<String>)]
    cash_per_share: Option<Decimal>,
    /// Its currency.
    #[schema(value_type = Option<String>)]
    currency: Option<Currency>,
    /// The provider or the file that says so; `by hand` where an administrator does.
    source: String,
    /// Free text.
    note: String,
    /// Grows with every edit; the `ETag`.
    version: i32,
}

impl From<CorporateAction> for CorporateActionView {
    fn from(action: CorporateAction) -> Self {
        let terms = action.terms;
        Self {
            id: action.id,
            instrument_id: action.instrument_id,
            symbol: action.symbol,
            kind: terms.kind,
            ex_date: terms.ex_date,
            pay_date: terms.pay_date,
            ratio: terms.ratio.map(ratio_text),
            target_instrument_id: terms.target_id,
            target_symbol: action.target_symbol,
            cost_share: terms.cost_share,
            cash_per_share: terms.cash.map(|cash| cash.amount),
            currency: terms.cash.map(|cash| cash.currency),
            source: action.source,
            note: action.note,
            version: action.version,
        }
    }
}

/// Checks what was sent for an instrument, and finds the other instrument that it names.
pub(crate) async fn read(
    conn: &mut PgConnection,
    body: &CorporateActionBody,
) -> Result<NewCorporateAction, Error> {
    let instrument = store::require(conn, body.instrument_id).await?;
    let mut errors = Vec::new();
    let target_id = target(conn, body, instrument.is_simulated, &mut errors).await?;
    let ratio = ratio(body.ratio.as_deref(), &mut errors);
    let cash = cash(body, instrument.currency, &mut errors);
    let note = body.note.as_deref().unwrap_or_default().trim().to_owned();
    if note.chars().count() > LONGEST_NOTE || note.contains('\0') {
        let detail = format!("The note must have at most {LONGEST_NOTE} characters.");
        errors.push(refusal("note", "invalid_length", detail));
    }
    let terms = Terms {
        kind: body.kind,
        ex_date: body.ex_date,
        pay_date: body.pay_date,
        ratio,
        target_id,
        cost_share: body.cost_share,
        cash,
    }
    .rounded();
    if let Err(more) = terms.check(instrument.id) {
        // A field that could not be read is not missing as well.
        let is_new = |new: &FieldError| errors.iter().all(|old| old.pointer != new.pointer);
        let more: Vec<_> = more.into_iter().filter(is_new).collect();
        errors.extend(more);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(NewCorporateAction {
        instrument_id: instrument.id,
        terms,
        source: BY_HAND.to_owned(),
        note,
    })
}

/// Like [`read`], for an action that is there: it stays with its instrument, and symbols are not unique,
/// so the one that was not touched means what it meant.
pub(crate) async fn read_correction(
    conn: &mut PgConnection,
    stored: &CorporateAction,
    body: &CorporateActionBody,
) -> Result<NewCorporateAction, Error> {
    if body.instrument_id != stored.instrument_id {
        let detail =
            "A correction leaves the instrument as it is: delete the action and state it there.";
        return Err(Error::Invalid(vec![refusal(
            "instrument_id",
            "fixed_field",
            detail,
        )]));
    }
    let named = body.target_symbol.as_deref().map(str::trim);
    let is_untouched = named.is_some() && named == stored.target_symbol.as_deref();
    let target = body.target_instrument_id;
    let body = CorporateActionBody {
        target_instrument_id: target.or(stored.terms.target_id.filter(|_| is_untouched)),
        ..body.clone()
    };
    read(conn, &body).await
}

async fn target(
    conn: &mut PgConnection,
    body: &CorporateActionBody,
    is_simulated: bool,
    errors: &mut Vec<FieldError>,
) -> Result<Option<InstrumentId>, Error> {
    if let Some(id) = body.target_instrument_id {
        if instruments::get(conn, id).await?.is_none() {
            let detail = "There is no such instrument.";
            errors.push(refusal(
                "target_instrument_id",
                "unknown_instrument",
                detail,
            ));
        }
        return Ok(Some(id));
    }
    let symbol = body.target_symbol.as_deref().map(str::trim);
    let Some(symbol) = symbol.filter(|symbol| !symbol.is_empty()) else {
        return Ok(None);
    };
    let key = SecurityKey {
        symbol: symbol.replace('\0', ""),
        exchange: is_simulated.then(|| instruments::SIMULATED_EXCHANGE.to_owned()),
        ..SecurityKey::default()
    };
    let found = instruments::resolve(conn, &key).await?;
    if found.is_none() {
        let detail = format!(
            "No single instrument is called {symbol}. Add it to the instruments first, or give its id."
        );
        errors.push(refusal("target_symbol", "unknown_instrument", detail));
    }
    Ok(found.map(|found| found.id))
}

fn ratio(text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Ratio> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    let ratio = parse_ratio(text);
    if ratio.is_none() {
        let detail = "The ratio is new shares for old, such as 4:1.";
        errors.push(refusal("ratio", "unparsable_ratio", detail));
    }
    ratio
}

/// Reads `4:1` and `3/2`.
fn parse_ratio(text: &str) -> Option<Ratio> {
    let (to, from) = text.split_once([':', '/'])?;
    Some(Ratio {
        to: to.trim().parse().ok()?,
        from: from.trim().parse().ok()?,
    })
}

fn cash(
    body: &CorporateActionBody,
    usual: Option<Currency>,
    errors: &mut Vec<FieldError>,
) -> Option<CashPerShare> {
    let amount = body.cash_per_share?;
    let code = body.currency.as_deref().map(str::trim).unwrap_or_default();
    let currency = if code.is_empty() {
        let usual = usual.map(Quotation::major);
        usual.ok_or_else(|| "The cash per share needs a currency.".to_owned())
    } else {
        Quotation::parse(code).map_err(|error| error.to_string())
    };
    match currency {
        Ok(found) => Some(CashPerShare {
            amount: amount * found.unit.factor(),
            currency: found.currency,
        }),
        Err(detail) => {
            errors.push(refusal("currency", "unknown_currency", detail));
            // Known to be there, so that it is not called missing.
            Some(CashPerShare {
                amount,
                currency: Currency::USD,
            })
        }
    }
}
