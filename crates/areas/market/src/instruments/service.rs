//! What an administrator does to instruments, by a page or by the API.

use db::{Db, SystemTx};
use serde_json::json;
use web::IfMatch;

use super::{
    Error, Instrument, InstrumentId, NewInstrument,
    input::{InstrumentBody, InstrumentPatch},
    store,
};

/// Lists an instrument.
pub(super) async fn create(db: &Db, body: InstrumentBody) -> Result<Instrument, Error> {
    let new = NewInstrument::try_from(body).map_err(Error::Invalid)?;
    let mut tx = db.system("create an instrument").await?;
    let instrument = super::create(&mut tx, &new).await?;
    note(&mut tx, &instrument).await?;
    tx.commit().await?;
    Ok(instrument)
}

/// Changes what is known about an instrument, unless somebody did after `opened`.
pub(super) async fn change(
    db: &Db,
    id: InstrumentId,
    opened: IfMatch,
    patch: InstrumentPatch,
) -> Result<Instrument, Error> {
    let mut tx = db.system("change an instrument").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    opened.require(stored.version())?;
    let changed = patch.apply(stored).map_err(Error::Invalid)?;
    let instrument = store::update(&mut tx, &changed).await?;
    // The unit of its prices may be another now.
    crate::figures::mark(&mut tx, [id]).await?;
    crate::revision::bump(&mut tx).await?;
    note(&mut tx, &instrument).await?;
    tx.commit().await?;
    Ok(instrument)
}

/// Puts on record that an administrator entered or changed an instrument.
async fn note(tx: &mut SystemTx, instrument: &Instrument) -> db::Result<()> {
    let details = json!({ "instrument": instrument.id, "symbol": instrument.symbol });
    tx.note_deed(None, &details).await
}
