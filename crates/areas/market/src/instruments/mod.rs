//! What has a price. A source names an instrument by ISIN, by symbol and exchange, or by symbol
//! alone ([`SecurityKey`]); [`resolve`] finds it, [`ensure`] finds or creates many at once.

pub(crate) mod api;
mod error;
mod identifiers;
mod input;
mod matching;
mod misspelling;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

use db::SystemTx;
use money::Currency;
use sqlx::PgConnection;

pub use error::Error;
pub use input::InstrumentBody;
pub use model::{
    AssetClass, CapBucket, Facts, FormerSymbol, Instrument, InstrumentId, NewInstrument,
    OptionTerms, PeBucket, SIMULATED_EXCHANGE, SecurityKey,
};

/// One instrument.
pub async fn get(conn: &mut PgConnection, id: InstrumentId) -> db::Result<Option<Instrument>> {
    store::get(conn, id).await
}

/// The instruments with these ids, in no particular order.
pub async fn list(conn: &mut PgConnection, ids: &[InstrumentId]) -> db::Result<Vec<Instrument>> {
    store::list_by_id(conn, ids).await
}

/// The best matches of a text: the symbol, the ISIN, FIGI or CUSIP itself, a former symbol, then
/// symbols and names that begin with it, names that contain it; and only where there are none, those of
/// the text that was probably meant. Case does not matter.
pub async fn search(
    conn: &mut PgConnection,
    text: &str,
    limit: i64,
) -> db::Result<Vec<Instrument>> {
    let text = text.trim();
    let found = store::search::search(conn, text, limit).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    match misspelling::corrected(conn, text).await? {
        Some(meant) => store::search::search(conn, &meant, limit).await,
        None => Ok(Vec::new()),
    }
}

/// The symbols that an instrument had before, the latest first.
pub async fn former_symbols(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<FormerSymbol>> {
    store::history::list(conn, id).await
}

/// The instrument that a source means: by ISIN, then by symbol and exchange, in whichever words the exchange is
/// named (MIC, common code or another), then by the symbol alone if exactly one instrument bears it, or, if none
/// does, bore it before. `None` when there is none, or no single one.
pub async fn resolve(conn: &mut PgConnection, key: &SecurityKey) -> db::Result<Option<Instrument>> {
    let key = matching::normalized(key);
    let known = store::list_candidates(conn, std::slice::from_ref(&key)).await?;
    Ok(known.choose(&key).cloned())
}

/// The instruments that a source means, in the order of the keys. Missing ones are created; an
/// unknown name, currency or ISIN of the others is filled in. As many statements,
/// whatever the number of keys.
pub async fn ensure(tx: &mut SystemTx, keys: &[SecurityKey]) -> db::Result<Vec<InstrumentId>> {
    let keys: Vec<_> = keys.iter().map(matching::normalized).collect();
    let known = list_candidates_locked(tx, &keys).await?;
    let plan = matching::plan(known, &keys);
    if !plan.is_empty() {
        write(tx, &plan).await?;
        crate::revision::bump(tx).await?;
    }
    Ok(plan.ids)
}

/// Like [`ensure`], but finds and creates nothing for a key that several instruments fit, and leaves
/// the revision to the caller, who goes on to load something for them.
pub(crate) async fn ensure_clear(
    tx: &mut SystemTx,
    keys: &[SecurityKey],
) -> db::Result<Vec<Option<InstrumentId>>> {
    let keys: Vec<_> = keys.iter().map(matching::normalized).collect();
    let known = list_candidates_locked(tx, &keys).await?;
    let is_clear: Vec<_> = keys.iter().map(|key| !known.is_ambiguous(key)).collect();
    let clear: Vec<_> = keys
        .into_iter()
        .zip(&is_clear)
        .filter_map(|(key, clear)| clear.then_some(key))
        .collect();
    let plan = matching::plan(known, &clear);
    write(tx, &plan).await?;
    let mut ids = plan.ids.into_iter();
    Ok(is_clear
        .into_iter()
        .map(|clear| if clear { ids.next() } else { None })
        .collect())
}

async fn list_candidates_locked(
    tx: &mut SystemTx,
    keys: &[SecurityKey],
) -> db::Result<matching::Known> {
    store::lock(tx).await?;
    let underlyings = keys.iter().filter_map(matching::underlying);
    let looked_up: Vec<_> = keys.iter().cloned().chain(underlyings).collect();
    store::list_candidates(tx.conn(), &looked_up).await
}

/// Like [`ensure`], for keys of the simulated exchange: what is missing becomes a simulated instrument.
pub async fn ensure_simulated(tx: &mut SystemTx, keys: &[SecurityKey]) -> db::Result<()> {
    let keys: Vec<_> = keys.iter().map(matching::normalized).collect();
    let known = list_candidates_locked(tx, &keys).await?;
    let mut plan = matching::plan(known, &keys);
    for created in &mut plan.created {
        created.is_simulated = true;
    }
    if !plan.is_empty() {
        write(tx, &plan).await?;
        crate::revision::bump(tx).await?;
    }
    Ok(())
}

async fn write(tx: &mut SystemTx, plan: &matching::Plan) -> db::Result<()> {
    store::insert_all(tx, &plan.created).await?;
    store::update_all(tx, &plan.learnt).await?;
    // With the currency the unit of the prices is learnt.
    crate::figures::mark(tx, plan.learnt.iter().map(|learnt| learnt.id)).await
}

/// Creates an instrument with all that is known about it.
pub async fn create(tx: &mut SystemTx, new: &NewInstrument) -> Result<Instrument, Error> {
    let instrument = store::insert(tx, new).await?;
    crate::revision::bump(tx).await?;
    Ok(instrument)
}

/// Creates the handle of something that only its owner knows: its name and values are kept by the area
/// that owns it, and nothing here says what it is.
pub async fn create_private(
    tx: &mut SystemTx,
    asset_class: AssetClass,
    currency: Currency,
) -> db::Result<InstrumentId> {
    let handle = matching::private(asset_class, currency);
    store::insert_all(tx, std::slice::from_ref(&handle)).await?;
    Ok(handle.id)
}

/// Deletes a handle to which nothing refers any more.
pub async fn delete_private(tx: &mut SystemTx, id: InstrumentId) -> db::Result<()> {
    store::delete_private(tx, id).await
}

/// Deletes the simulated instruments, with their bars, that no other row refers to; returns how
/// many there were.
pub async fn delete_unused_simulated(tx: &mut SystemTx) -> db::Result<i64> {
    let deleted = store::delete_unused_simulated(tx).await?;
    if deleted > 0 {
        crate::revision::bump(tx).await?;
    }
    Ok(deleted)
}
