//! What an administrator does to actions, by a page or by the API.

use db::{Db, SystemTx};
use serde_json::json;
use web::IfMatch;

use super::{
    CorporateAction, CorporateActionId, Error,
    input::{self, CorporateActionBody},
    store,
};
use crate::figures;

/// States an action.
pub(super) async fn state(db: &Db, body: &CorporateActionBody) -> Result<CorporateAction, Error> {
    let mut tx = db.system("state a corporate action").await?;
    let new = input::read(tx.conn(), body).await?;
    let action = super::create(&mut tx, &new).await?;
    note(&mut tx, &action).await?;
    tx.commit().await?;
    Ok(action)
}

/// Replaces what is stated about an action, unless somebody did after `opened`.
pub(super) async fn correct(
    db: &Db,
    id: CorporateActionId,
    opened: IfMatch,
    body: &CorporateActionBody,
) -> Result<CorporateAction, Error> {
    let mut tx = db.system("correct a corporate action").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    opened.require(stored.version.into())?;
    let changed = input::read_correction(tx.conn(), &stored, body).await?;
    store::update(&mut tx, id, &changed).await?;
    let action = store::require(tx.conn(), id).await?;
    figures::mark(&mut tx, [stored.instrument_id, action.instrument_id]).await?;
    note(&mut tx, &action).await?;
    tx.commit().await?;
    Ok(action)
}

/// Takes an action back, unless somebody changed it after `opened`; returns what it was.
pub(super) async fn withdraw(
    db: &Db,
    id: CorporateActionId,
    opened: IfMatch,
) -> Result<CorporateAction, Error> {
    let mut tx = db.system("delete a corporate action").await?;
    let stored = store::require_for_update(&mut tx, id).await?;
    opened.require(stored.version.into())?;
    store::withdraw(&mut tx, id).await?;
    figures::mark(&mut tx, [stored.instrument_id]).await?;
    note(&mut tx, &stored).await?;
    tx.commit().await?;
    Ok(stored)
}

/// Puts on record what an administrator did to an action.
async fn note(tx: &mut SystemTx, action: &CorporateAction) -> db::Result<()> {
    let details = json!({
        "corporate_action": action.id,
        "instrument": action.instrument_id,
        "type": action.terms.kind.as_str(),
        "ex_date": action.terms.ex_date,
    });
    tx.note_deed(None, &details).await
}
