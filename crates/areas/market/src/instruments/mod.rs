//! What has a price. A source names an instrument by ISIN, by symbol and exchange, or by symbol
//! alone ([`SecurityKey`]); [`resolve`] finds it, [`ensure`] finds or creates many at once.

pub(crate) mod api;
mod error;
mod input;
mod matching;
mod model;
pub(crate) mod pages;
pub(crate) mod store;

use db::SystemTx;
use sqlx::PgConnection;

pub use error::Error;
pub use model::{AssetClass, Instrument, InstrumentId, NewInstrument, SecurityKey};

/// One instrument.
pub async fn get(conn: &mut PgConnection, id: InstrumentId) -> db::Result<Option<Instrument>> {
    store::get(conn, id).await
}

/// The instruments with these ids, in no particular order.
pub async fn list(conn: &mut PgConnection, ids: &[InstrumentId]) -> db::Result<Vec<Instrument>> {
    store::list_by_id(conn, ids).await
}

/// The best matches of a text for a picker: the symbol itself, then symbols that begin with it,
/// then names that contain it. Case does not matter.
pub async fn search(
    conn: &mut PgConnection,
    text: &str,
    limit: i64,
) -> db::Result<Vec<Instrument>> {
    store::search(conn, text.trim(), limit).await
}

/// The instrument that a source means: by ISIN, then by symbol and exchange, then by the symbol
/// alone if exactly one instrument bears it. `None` when there is none, or no single one.
pub async fn resolve(conn: &mut PgConnection, key: &SecurityKey) -> db::Result<Option<Instrument>> {
    let key = matching::normalized(key);
    let candidates = store::list_candidates(conn, std::slice::from_ref(&key)).await?;
    Ok(matching::choose(&candidates, &key).cloned())
}

/// The instruments that a source means, in the order of the keys. Missing ones are created; an
/// unknown name, currency or ISIN of the others is filled in. Three statements, whatever the number
/// of keys.
pub async fn ensure(tx: &mut SystemTx, keys: &[SecurityKey]) -> db::Result<Vec<InstrumentId>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    store::lock(tx).await?;
    let keys: Vec<_> = keys.iter().map(matching::normalized).collect();
    let candidates = store::list_candidates(tx.conn(), &keys).await?;
    let plan = matching::plan(candidates, &keys);
    let is_changed = !plan.created.is_empty() || !plan.learnt.is_empty();
    store::insert_all(tx, &plan.created).await?;
    store::update_all(tx, &plan.learnt).await?;
    if is_changed {
        crate::revision::bump(tx).await?;
    }
    Ok(plan.ids)
}

/// Creates an instrument with all that is known about it.
pub async fn create(tx: &mut SystemTx, new: &NewInstrument) -> Result<Instrument, Error> {
    let instrument = store::insert(tx, new).await?;
    crate::revision::bump(tx).await?;
    Ok(instrument)
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
