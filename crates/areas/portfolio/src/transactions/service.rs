use db::{UserId, UserTx};
use ledger::TransactionKind;
use market::{InstrumentId, SecurityKey, instruments::SIMULATED_EXCHANGE};
use money::{Currency, Quotation, QuoteUnit};
use rust_decimal::Decimal;
use uuid::Uuid;
use web::{App, FieldError};

use super::{
    Draft, Error, TransactionBody, TransactionId, TransactionView, contracts, excess,
    fingerprint::{self, Fingerprint},
    form::field_error,
    model, store, transfers,
};
use crate::{
    history::Cause,
    portfolios::{self, Portfolio},
    private_assets,
    transactions::store::versions::because,
};

/// Characters of a symbol at most, as in the table of instruments.
pub(crate) const LONGEST_SYMBOL: usize = 50;
/// How many equal bookings one portfolio may hold by hand.
const MAX_EQUAL_BOOKINGS: u32 = 1_000;

/// The instruments that a body names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instruments {
    pub(crate) instrument: Option<InstrumentId>,
    pub(crate) target: Option<InstrumentId>,
}

/// Finds the instruments that a body names; a symbol that nobody knows yet becomes an instrument, but
/// only for a body that is acceptable otherwise.
pub(crate) async fn resolve_instruments(
    app: &App,
    user: UserId,
    body: &TransactionBody,
) -> Result<Instruments, Error> {
    let contract = contracts::named(body)?;
    let contract_symbol = contract.as_ref().map(contracts::symbol);
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require(&mut tx, body.portfolio_id).await?;
    let instrument = known(
        &mut tx,
        ("instrument_id", body.instrument_id),
        (
            "symbol",
            contract_symbol.as_deref().or(body.symbol.as_deref()),
        ),
    )
    .await?;
    let target = known(
        &mut tx,
        ("target_instrument_id", body.target_instrument_id),
        ("target_symbol", body.target_symbol.as_deref()),
    )
    .await?;
    let own = contracts::key(
        key(&portfolio, body, instrument.symbol().unwrap_or_default()),
        contract,
    );
    contracts::check(tx.conn(), body, &own).await?;
    drop(tx);
    let is_same = instrument.symbol().is_some() && instrument.symbol() == target.symbol();
    let tentative = Instruments {
        instrument: instrument.or(Uuid::nil()),
        target: target.or(if is_same { Uuid::nil() } else { Uuid::max() }),
    };
    draft(body, &portfolio, tentative, Decimal::ONE)?;
    let own = instrument.symbol().map(|_| own);
    let other = target.symbol().map(|symbol| key(&portfolio, body, symbol));
    let keys: Vec<SecurityKey> = own.into_iter().chain(other).collect();
    let mut created = create(app, &keys).await?.into_iter();
    let mut id = |named: Named| match named {
        Named::Nothing => None,
        Named::Known(id) => Some(id),
        Named::Symbol(_) => created.next(),
    };
    Ok(Instruments {
        instrument: id(instrument),
        target: id(target),
    })
}

/// How a body names an instrument.
enum Named {
    Nothing,
    Known(InstrumentId),
    Symbol(String),
}

impl Named {
    fn symbol(&self) -> Option<&str> {
        match self {
            Self::Symbol(symbol) => Some(symbol),
            Self::Nothing | Self::Known(_) => None,
        }
    }

    /// The id, or one that stands for an instrument that is yet to be found by its symbol.
    fn or(&self, placeholder: Uuid) -> Option<InstrumentId> {
        match self {
            Self::Nothing => None,
            Self::Known(id) => Some(*id),
            Self::Symbol(_) => Some(InstrumentId(placeholder)),
        }
    }
}

async fn known(
    tx: &mut UserTx,
    (id_pointer, id): (&str, Option<InstrumentId>),
    (symbol_pointer, symbol): (&str, Option<&str>),
) -> Result<Named, Error> {
    if let Some(id) = id {
        return match private_assets::service::visible(tx, id).await? {
            Some(_) => Ok(Named::Known(id)),
            None => Err(refused(
                id_pointer,
                "unknown_instrument",
                "There is no such instrument.".to_owned(),
            )),
        };
    }
    let symbol = symbol.map(str::trim).filter(|s| !s.is_empty());
    // The words of a private asset never become an instrument that everybody sees.
    if let Some(name) = symbol
        && let Some(id) = private_assets::service::named(tx, name).await?
    {
        return Ok(Named::Known(id));
    }
    match symbol {
        None => Ok(Named::Nothing),
        Some(symbol) if is_storable_symbol(symbol) => Ok(Named::Symbol(symbol.to_uppercase())),
        Some(_) => Err(refused(
            symbol_pointer,
            "invalid_symbol",
            format!("A symbol has at most {LONGEST_SYMBOL} characters, such as MSFT."),
        )),
    }
}

/// By what an instrument is found that a body names by a symbol.
fn key(portfolio: &Portfolio, body: &TransactionBody, symbol: &str) -> SecurityKey {
    let quotation = body
        .currency
        .as_deref()
        .and_then(|code| Quotation::parse(code).ok());
    SecurityKey {
        symbol: symbol.to_owned(),
        exchange: portfolio
            .is_simulated
            .then(|| SIMULATED_EXCHANGE.to_owned()),
        currency: quotation.map(|found| found.currency),
        ..SecurityKey::default()
    }
}

async fn create(app: &App, keys: &[SecurityKey]) -> Result<Vec<InstrumentId>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app
        .db
        .system("create the instruments that transactions name")
        .await?;
    let ids = market::instruments::ensure(&mut tx, keys).await?;
    tx.commit().await?;
    Ok(ids)
}

fn refused(pointer: &str, code: &str, detail: String) -> Error {
    Error::Invalid(vec![FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail,
    }])
}

/// Whether a text can be the symbol of an instrument.
pub(crate) fn is_storable_symbol(symbol: &str) -> bool {
    (1..=LONGEST_SYMBOL).contains(&symbol.chars().count()) && !symbol.chars().any(char::is_control)
}

/// Turns a body into a draft, with the portfolio's currency where none is given. `multiplier` is that
/// of the instrument.
pub(crate) fn draft(
    body: &TransactionBody,
    portfolio: &Portfolio,
    instruments: Instruments,
    multiplier: Decimal,
) -> Result<Draft, Error> {
    let mut errors = Vec::new();
    let quotation = quotation("currency", body.currency.as_deref(), &mut errors);
    let settlement_currency = settlement_currency(body, &mut errors);
    let factor = quotation.map_or(Decimal::ONE, |found| found.unit.factor());
    if settlement_currency.is_some() != body.fx_rate.is_some() {
        errors.push(FieldError {
            pointer: "fx_rate".to_owned(),
            code: "missing_field".to_owned(),
            detail: "A settlement currency and its exchange rate belong together.".to_owned(),
        });
    }
    let amount = amount(body, multiplier);
    if amount.is_none() {
        errors.push(FieldError {
            pointer: "amount".to_owned(),
            code: "missing_field".to_owned(),
            detail: "Give an amount, or a quantity and a price.".to_owned(),
        });
    }
    let ratio = body
        .ratio
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let draft = Draft {
        kind: body.kind,
        date: body.date,
        executed_at: body.executed_at,
        instrument_id: instruments.instrument,
        quantity: body.quantity.filter(|_| body.kind.states_quantity()),
        price: price(body, multiplier).map(|price| price * factor),
        amount: amount.unwrap_or_default() * factor,
        fees: body.fees * factor,
        taxes: body.taxes * factor,
        currency: quotation.map_or(portfolio.currency, |found| found.currency),
        settlement: settlement_currency
            .zip(body.fx_rate)
            .map(|(currency, fx_rate)| ledger::Settlement { currency, fx_rate }),
        ratio: ratio.and_then(model::parse_ratio),
        target_id: instruments.target,
        cost_share: body.cost_share,
        acquired_on: body.acquired_on,
        transfer_id: None,
        lots: body.lots.clone(),
        note: body.note.clone().filter(|note| !note.trim().is_empty()),
        account: None,
        external_id: None,
    }
    .rounded();
    if errors.is_empty()
        && let Err(more) = draft.check()
    {
        errors = more;
    }
    if errors.is_empty() {
        Ok(draft)
    } else {
        Err(Error::Invalid(errors))
    }
}

/// The amount that a body states, or that follows from quantity and price; `None` where it is needed
/// and missing.
fn amount(body: &TransactionBody, multiplier: Decimal) -> Option<Decimal> {
    // A product beyond all numbers is refused later as too large.
    let traded = body.quantity.zip(body.price).map(|(quantity, price)| {
        let units = quantity.checked_mul(multiplier);
        let amount = units.and_then(|units| units.checked_mul(price));
        amount.unwrap_or(Decimal::MAX)
    });
    match amount_rule(body.kind) {
        AmountRule::None => Some(Decimal::ZERO),
        AmountRule::Optional => Some(body.amount.or(traded).unwrap_or_default()),
        AmountRule::Required => body.amount.or(traded),
    }
}

/// The price that a body states, or that follows from the amount of a trade.
fn price(body: &TransactionBody, multiplier: Decimal) -> Option<Decimal> {
    let states_price = body.kind.is_trade() || body.kind == TransactionKind::ReinvestedDividend;
    let derived = || {
        let units = body.quantity?.checked_mul(multiplier)?;
        body.amount?.checked_div(units)
    };
    body.price.or_else(|| derived().filter(|_| states_price))
}

/// Whether a type states money.
enum AmountRule {
    None,
    Optional,
    Required,
}

fn amount_rule(kind: TransactionKind) -> AmountRule {
    use TransactionKind as Kind;
    match kind {
        Kind::Split
        | Kind::SpinOff
        | Kind::SymbolChange
        | Kind::TransferOut
        | Kind::Exercise
        | Kind::Assignment
        | Kind::Expiry => AmountRule::None,
        Kind::Merger | Kind::StockDividend | Kind::TransferIn => AmountRule::Optional,
        _ => AmountRule::Required,
    }
}

/// A balance is kept in a currency, never in its hundredth.
fn settlement_currency(body: &TransactionBody, errors: &mut Vec<FieldError>) -> Option<Currency> {
    let pointer = "settlement_currency";
    let found = quotation(pointer, body.settlement_currency.as_deref(), errors)?;
    if found.unit == QuoteUnit::Minor {
        let detail = format!(
            "{found} is a hundredth of {}, and balances are kept in {}: write that, with its rate.",
            found.currency, found.currency
        );
        errors.push(field_error(pointer, "unknown_currency", &detail));
    }
    Some(found.currency)
}

/// A currency or its hundredth by its code; an empty code says nothing.
fn quotation(pointer: &str, code: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Quotation> {
    let code = code.map(str::trim).filter(|code| !code.is_empty())?;
    Quotation::parse(code)
        .map_err(|error| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                code: "unknown_currency".to_owned(),
                detail: error.to_string(),
            });
        })
        .ok()
}

/// Records a transaction made by hand. A transfer that names an own portfolio on its other side is
/// recorded there as well.
pub(crate) async fn record(
    tx: &mut UserTx,
    user: UserId,
    body: &TransactionBody,
    instruments: Instruments,
) -> Result<TransactionView, Error> {
    // Locked, so that ids follow the order in which others see the transactions of a day: of two sales
    // of the same shares the later one is too much.
    portfolios::store::lock_all(tx, [Some(body.portfolio_id), body.other_portfolio_id]).await?;
    let portfolio = portfolios::store::require(tx, body.portfolio_id).await?;
    let multiplier = multiplier(tx, instruments).await?;
    let mut draft = draft(body, &portfolio, instruments, multiplier)?;
    let other = transfers::other_side(tx, body, &portfolio, &mut draft).await?;
    let id = insert(tx, user, &portfolio, &draft).await?;
    if let Some((other_portfolio, other_draft)) = &other {
        insert(tx, user, other_portfolio, other_draft).await?;
    }
    let view = store::require(tx, id).await?;
    excess::refuse(tx, portfolio, &draft, id).await?;
    Ok(view)
}

/// Stores a transaction made by hand; equal ones get fingerprints of their own.
pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    portfolio: &Portfolio,
    draft: &Draft,
) -> Result<TransactionId, Error> {
    let id = TransactionId(Uuid::now_v7());
    for ordinal in 0..MAX_EQUAL_BOOKINGS {
        let row = store::NewRow {
            id,
            draft,
            fingerprint: fingerprint::by_hand(draft, ordinal),
        };
        if store::insert_many(tx, user, portfolio.id, None, &[row]).await? == 1 {
            break;
        }
    }
    Ok(id)
}

/// Replaces a transaction. The other side of a transfer between own portfolios follows.
pub(crate) async fn change(
    tx: &mut UserTx,
    id: TransactionId,
    body: &TransactionBody,
    instruments: Instruments,
) -> Result<TransactionView, Error> {
    let portfolio = portfolios::store::require(tx, body.portfolio_id).await?;
    let multiplier = multiplier(tx, instruments).await?;
    let mut draft = draft(body, &portfolio, instruments, multiplier)?;
    let former = store::require(tx, id).await?;
    draft.transfer_id = former.transfer_id;
    if former.transfer_id.is_some() {
        transfers::follow(tx, &former, &draft, portfolio.id).await?;
    }
    let fingerprint = fingerprint_there(tx, id, &portfolio, &draft).await?;
    store::update(tx, id, portfolio.id, &draft, fingerprint).await?;
    let view = store::require(tx, id).await?;
    excess::refuse(tx, portfolio, &draft, id).await?;
    Ok(view)
}

/// Deletes a transaction, and with one side of a transfer between own portfolios the other one.
pub(crate) async fn remove(tx: &mut UserTx, id: TransactionId) -> Result<(), Error> {
    let view = store::require(tx, id).await?;
    store::delete(tx, id).await?;
    let Some(transfer) = view.transfer_id else {
        return Ok(());
    };
    because(tx, Cause::Transfer).await?;
    store::delete_transfer(tx, transfer).await?;
    because(tx, Cause::ByHand).await
}

async fn multiplier(tx: &mut UserTx, instruments: Instruments) -> Result<Decimal, Error> {
    let Some(id) = instruments.instrument else {
        return Ok(Decimal::ONE);
    };
    let instrument = market::instruments::get(tx.conn(), id).await?;
    Ok(instrument.map_or(Decimal::ONE, |instrument| instrument.multiplier))
}

/// A transaction is recognised by the fingerprint under which it came, so an edit keeps it. One that
/// moves to a portfolio where an equal booking is takes the next free one; `None` is to keep it.
async fn fingerprint_there(
    tx: &mut UserTx,
    id: TransactionId,
    portfolio: &Portfolio,
    draft: &Draft,
) -> Result<Option<Fingerprint>, Error> {
    if !store::is_fingerprint_taken(tx, id, portfolio.id).await? {
        return Ok(None);
    }
    for ordinal in 0..MAX_EQUAL_BOOKINGS {
        let fingerprint = fingerprint::by_hand(draft, ordinal);
        if store::list_known(tx, portfolio.id, &[fingerprint])
            .await?
            .is_empty()
        {
            return Ok(Some(fingerprint));
        }
    }
    Ok(None)
}
