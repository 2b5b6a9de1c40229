use db::{UserId, UserTx};
use ledger::{Asset, AssetIndex, CostBasis, Rules, TransactionKind};
use market::{InstrumentId, SecurityKey};
use money::{Currency, FxTable};
use uuid::Uuid;
use web::{App, FieldError};

use super::{
    Draft, Error, TransactionBody, TransactionId, TransactionView, fingerprint, model, store,
};
use crate::portfolios::{self, Portfolio};

/// How many equal bookings one portfolio may hold by hand.
const MAX_EQUAL_BOOKINGS: u32 = 1_000;

/// Finds the instrument that a body names; a symbol that nobody knows yet becomes an instrument.
pub(crate) async fn resolve_instrument(
    app: &App,
    body: &TransactionBody,
) -> Result<Option<InstrumentId>, Error> {
    if body.instrument_id.is_some() {
        return Ok(body.instrument_id);
    }
    let Some(symbol) = body.symbol.as_deref().map(str::trim).filter(|s| !s.is_empty()) else {
        return Ok(None);
    };
    let key = SecurityKey {
        symbol: symbol.to_uppercase(),
        currency: body.currency.as_deref().and_then(|code| Currency::new(code).ok()),
        ..SecurityKey::default()
    };
    let mut tx = app.db.system("create the instruments that transactions name").await?;
    let ids = market::instruments::ensure(&mut tx, &[key]).await?;
    tx.commit().await?;
    Ok(ids.first().copied())
}

/// Turns a body into a draft, with the portfolio's currency where none is given.
pub(crate) fn draft(
    body: &TransactionBody,
    portfolio: &Portfolio,
    instrument_id: Option<InstrumentId>,
) -> Result<Draft, Error> {
    let mut errors = Vec::new();
    let mut currency_of = |pointer: &str, code: &Option<String>| {
        let code = code.as_deref().map(str::trim).filter(|code| !code.is_empty())?;
        Currency::new(code)
            .map_err(|error| {
                errors.push(FieldError {
                    pointer: pointer.to_owned(),
                    code: "unknown_currency".to_owned(),
                    detail: error.to_string(),
                });
            })
            .ok()
    };
    let currency = currency_of("currency", &body.currency);
    let settlement_currency = currency_of("settlement_currency", &body.settlement_currency);
    if settlement_currency.is_some() != body.fx_rate.is_some() {
        errors.push(FieldError {
            pointer: "fx_rate".to_owned(),
            code: "missing_field".to_owned(),
            detail: "A settlement currency and its exchange rate belong together.".to_owned(),
        });
    }
    let traded = body.quantity.zip(body.price).map(|(q, p)| money::round_to_store(q * p));
    let is_split = body.kind == TransactionKind::Split;
    let amount = if is_split { Some(rust_decimal::Decimal::ZERO) } else { body.amount.or(traded) };
    if amount.is_none() {
        errors.push(FieldError {
            pointer: "amount".to_owned(),
            code: "missing_field".to_owned(),
            detail: "Give an amount, or a quantity and a price.".to_owned(),
        });
    }
    let ratio = body.ratio.as_deref().map(str::trim).filter(|text| !text.is_empty());
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
        external_id: None,
    };
    if errors.is_empty()
        && let Err(more) = draft.check()
    {
        errors = more;
    }
    if errors.is_empty() { Ok(draft) } else { Err(Error::Invalid(errors)) }
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
        let row =
            store::NewRow { id, draft: &draft, fingerprint: fingerprint::by_hand(&draft, ordinal) };
        if store::insert_many(tx, user, portfolio.id, None, &[row]).await? == 1 {
            break;
        }
    }
    refuse_oversell(tx, &portfolio, &draft, id).await?;
    store::require(tx, id).await
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
    store::update(tx, id, portfolio.id, &draft).await?;
    refuse_oversell(tx, &portfolio, &draft, id).await?;
    store::require(tx, id).await
}

/// Refuses a sale of more than is held on its day. The unit of work is rolled back by the caller.
async fn refuse_oversell(
    tx: &mut UserTx,
    portfolio: &Portfolio,
    draft: &Draft,
    id: TransactionId,
) -> Result<(), Error> {
    if draft.kind != TransactionKind::Sell {
        return Ok(());
    }
    let transactions =
        store::list_for_replay(tx, &[portfolio.id], draft.instrument_id).await?;
    let mut entries: Vec<_> =
        transactions.iter().filter_map(|t| t.entry(Some(AssetIndex(0)))).collect();
    ledger::sort(&mut entries);
    // Quantities alone decide, so neither rates nor the symbol matter here.
    let assets = [Asset { symbol: "the instrument".to_owned(), currency: draft.currency }];
    let rules = Rules {
        base: draft.currency,
        cost_basis: CostBasis::Fifo,
        tracks_cash: false,
    };
    let books = ledger::replay(&entries, &assets, &FxTable::default(), &rules);
    let oversell = books
        .findings
        .into_iter()
        .find(|finding| finding.code == "oversell" && finding.transaction == Some(id.0));
    match oversell {
        Some(finding) => Err(Error::Oversell { message: finding.message }),
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
    Ok(views.into_iter().zip(2..).map(|(view, line)| row(view, line)).collect())
}

fn row(view: TransactionView, line: u64) -> statements::Row {
    let security = view.symbol.map(|symbol| statements::Security {
        symbol,
        name: view.instrument_name.filter(|name| !name.is_empty()),
        ..statements::Security::default()
    });
    statements::Row {
        line,
        account: None,
        external_id: None,
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
