use std::collections::{BTreeSet, HashMap};

use db::{UserId, UserTx};
use ledger::{Asset, AssetIndex, CostBasis, Rules, TransactionKind};
use market::{Instrument, InstrumentId, SecurityKey, instruments::SIMULATED_EXCHANGE};
use money::{Currency, FxTable};
use rust_decimal::Decimal;
use uuid::Uuid;
use web::{App, FieldError};

use super::{
    Draft, Error, TransactionBody, TransactionId, TransactionView,
    fingerprint::{self, Fingerprint},
    model, store,
};
use crate::portfolios::{self, Portfolio};

/// Characters of a symbol at most, as in the table of instruments.
pub(crate) const LONGEST_SYMBOL: usize = 50;
/// How many equal bookings one portfolio may hold by hand.
const MAX_EQUAL_BOOKINGS: u32 = 1_000;

/// Finds the instrument that a body names; a symbol that nobody knows yet becomes an instrument, but
/// only for a body that is acceptable otherwise.
pub(crate) async fn resolve_instrument(
    app: &App,
    user: UserId,
    body: &TransactionBody,
) -> Result<Option<InstrumentId>, Error> {
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require(&mut tx, body.portfolio_id).await?;
    if let Some(id) = body.instrument_id {
        return match market::instruments::get(tx.conn(), id).await? {
            Some(_) => Ok(Some(id)),
            None => Err(unknown_instrument()),
        };
    }
    drop(tx);
    let Some(symbol) = body
        .symbol
        .as_deref()
        .map(str::trim)
        .filter(|s| !s.is_empty())
    else {
        return Ok(None);
    };
    if !is_storable_symbol(symbol) {
        return Err(Error::Invalid(vec![FieldError {
            pointer: "symbol".to_owned(),
            code: "invalid_symbol".to_owned(),
            detail: format!("A symbol has at most {LONGEST_SYMBOL} characters, such as MSFT."),
        }]));
    }
    draft(body, &portfolio, Some(InstrumentId(Uuid::nil())))?;
    let key = SecurityKey {
        symbol: symbol.to_uppercase(),
        exchange: portfolio
            .is_simulated
            .then(|| SIMULATED_EXCHANGE.to_owned()),
        currency: body
            .currency
            .as_deref()
            .and_then(|code| Currency::new(code).ok()),
        ..SecurityKey::default()
    };
    let mut tx = app
        .db
        .system("create the instruments that transactions name")
        .await?;
    let ids = market::instruments::ensure(&mut tx, &[key]).await?;
    tx.commit().await?;
    Ok(ids.first().copied())
}

/// Whether a text can be the symbol of an instrument.
pub(crate) fn is_storable_symbol(symbol: &str) -> bool {
    (1..=LONGEST_SYMBOL).contains(&symbol.chars().count()) && !symbol.chars().any(char::is_control)
}

fn unknown_instrument() -> Error {
    Error::Invalid(vec![FieldError {
        pointer: "instrument_id".to_owned(),
        code: "unknown_instrument".to_owned(),
        detail: "There is no such instrument.".to_owned(),
    }])
}

/// Turns a body into a draft, with the portfolio's currency where none is given.
pub(crate) fn draft(
    body: &TransactionBody,
    portfolio: &Portfolio,
    instrument_id: Option<InstrumentId>,
) -> Result<Draft, Error> {
    let mut errors = Vec::new();
    let currency = currency("currency", body.currency.as_deref(), &mut errors);
    let settlement_currency = self::currency(
        "settlement_currency",
        body.settlement_currency.as_deref(),
        &mut errors,
    );
    if settlement_currency.is_some() != body.fx_rate.is_some() {
        errors.push(FieldError {
            pointer: "fx_rate".to_owned(),
            code: "missing_field".to_owned(),
            detail: "A settlement currency and its exchange rate belong together.".to_owned(),
        });
    }
    // A product beyond all numbers is refused below as too large.
    let traded = body
        .quantity
        .zip(body.price)
        .map(|(q, p)| q.checked_mul(p).unwrap_or(Decimal::MAX));
    let is_split = body.kind == TransactionKind::Split;
    let amount = if is_split {
        Some(Decimal::ZERO)
    } else {
        body.amount.or(traded)
    };
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
        instrument_id,
        quantity: body.quantity,
        price: body.price,
        amount: amount.unwrap_or_default(),
        fees: body.fees,
        taxes: body.taxes,
        currency: currency.unwrap_or(portfolio.currency),
        settlement: settlement_currency
            .zip(body.fx_rate)
            .map(|(currency, fx_rate)| ledger::Settlement { currency, fx_rate }),
        ratio: ratio.and_then(model::parse_ratio),
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

/// A currency by its code; an empty code says nothing.
fn currency(pointer: &str, code: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Currency> {
    let code = code.map(str::trim).filter(|code| !code.is_empty())?;
    Currency::new(code)
        .map_err(|error| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                code: "unknown_currency".to_owned(),
                detail: error.to_string(),
            });
        })
        .ok()
}

/// Records a transaction made by hand.
pub(crate) async fn record(
    tx: &mut UserTx,
    user: UserId,
    body: &TransactionBody,
    instrument_id: Option<InstrumentId>,
) -> Result<TransactionView, Error> {
    let portfolio = portfolios::store::require(tx, body.portfolio_id).await?;
    let draft = draft(body, &portfolio, instrument_id)?;
    let id = TransactionId(Uuid::now_v7());
    for ordinal in 0..MAX_EQUAL_BOOKINGS {
        let row = store::NewRow {
            id,
            draft: &draft,
            fingerprint: fingerprint::by_hand(&draft, ordinal),
        };
        if store::insert_many(tx, user, portfolio.id, None, &[row]).await? == 1 {
            break;
        }
    }
    let view = store::require(tx, id).await?;
    refuse_oversell(tx, &portfolio, &draft, &view).await?;
    Ok(view)
}

/// Replaces a transaction.
pub(crate) async fn change(
    tx: &mut UserTx,
    id: TransactionId,
    body: &TransactionBody,
    instrument_id: Option<InstrumentId>,
) -> Result<TransactionView, Error> {
    let portfolio = portfolios::store::require(tx, body.portfolio_id).await?;
    let draft = draft(body, &portfolio, instrument_id)?;
    let fingerprint = fingerprint_there(tx, id, &portfolio, &draft).await?;
    store::update(tx, id, portfolio.id, &draft, fingerprint).await?;
    let view = store::require(tx, id).await?;
    refuse_oversell(tx, &portfolio, &draft, &view).await?;
    Ok(view)
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

/// Refuses a sale of more than is held on its day. The unit of work is rolled back by the caller.
async fn refuse_oversell(
    tx: &mut UserTx,
    portfolio: &Portfolio,
    draft: &Draft,
    view: &TransactionView,
) -> Result<(), Error> {
    if draft.kind != TransactionKind::Sell {
        return Ok(());
    }
    let transactions = store::list_for_replay(tx, &[portfolio.id], draft.instrument_id).await?;
    let mut entries: Vec<_> = transactions
        .iter()
        .filter_map(|t| t.entry(Some(AssetIndex(0))))
        .collect();
    ledger::sort(&mut entries);
    // Quantities alone decide, so rates do not matter here.
    let symbol = view.symbol.clone().unwrap_or_default();
    let assets = [Asset::new(symbol, draft.currency)];
    let rules = Rules {
        base: draft.currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash: false,
    };
    let books = ledger::replay(&entries, &assets, &FxTable::default(), &rules);
    let oversell = books
        .findings
        .into_iter()
        .find(|finding| finding.code == "oversell" && finding.transaction == Some(view.id.0));
    match oversell {
        Some(finding) => Err(Error::Oversell {
            message: finding.message,
        }),
        None => Ok(()),
    }
}

/// All wanted transactions, oldest first, as rows of Bursar's own CSV.
pub(crate) async fn export(
    tx: &mut UserTx,
    filter: &store::Filter,
) -> Result<Vec<statements::Row>, Error> {
    let mut views = store::list(tx, filter, None, i64::MAX - 1).await?;
    views.reverse();
    let ids: BTreeSet<InstrumentId> = views.iter().filter_map(|view| view.instrument_id).collect();
    let ids: Vec<InstrumentId> = ids.into_iter().collect();
    let instruments: HashMap<InstrumentId, Instrument> = market::instruments::list(tx.conn(), &ids)
        .await?
        .into_iter()
        .map(|instrument| (instrument.id, instrument))
        .collect();
    let security = |id: Option<InstrumentId>| id.and_then(|id| instruments.get(&id)).map(security);
    Ok(views
        .into_iter()
        .zip(2..)
        .map(|(view, line)| row(security(view.instrument_id), view, line))
        .collect())
}

/// An instrument in the words of a statement: everything by which an import finds it again.
fn security(instrument: &Instrument) -> statements::Security {
    let known = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    statements::Security {
        symbol: instrument.symbol.clone(),
        isin: instrument.isin.clone(),
        exchange: known(&instrument.exchange),
        name: known(&instrument.name),
        asset_class: Some(instrument.asset_class.as_str().to_owned()),
        currency: instrument.currency,
    }
}

fn row(
    security: Option<statements::Security>,
    view: TransactionView,
    line: u64,
) -> statements::Row {
    statements::Row {
        line,
        account: view.account,
        external_id: view.external_id,
        date: view.date,
        executed_at: view.executed_at,
        kind: view.kind,
        security,
        quantity: view.quantity,
        price: view.price,
        amount: view.amount,
        fees: view.fees,
        taxes: view.taxes,
        currency: view.currency,
        settlement: view
            .settlement_currency
            .zip(view.fx_rate)
            .map(|(currency, fx_rate)| ledger::Settlement { currency, fx_rate }),
        ratio: view.ratio.as_deref().and_then(model::parse_ratio),
        note: view.note,
    }
}
