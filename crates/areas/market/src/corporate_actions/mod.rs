//! What companies do to their shares: splits, spin-offs, mergers, new symbols, payments. Each is
//! stated once, for everybody; portfolios that hold the instrument turn it into a transaction when
//! their owner says so.

pub(crate) mod api;
mod error;
mod import;
mod import_page;
mod input;
mod model;
pub(crate) mod pages;
mod service;
pub(crate) mod store;

use db::SystemTx;
use sqlx::PgConnection;

use crate::InstrumentId;

pub use error::Error;
pub use import::import;
pub use input::CorporateActionView;
pub(crate) use model::ratio_text;
pub use model::{
    CashPerShare, CorporateAction, CorporateActionId, KINDS, NewCorporateAction, Terms,
};

/// The actions of these instruments that have not been withdrawn, the oldest first.
pub async fn of_instruments(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<Vec<CorporateAction>> {
    store::list_of_instruments(conn, ids).await
}

/// The actions with these ids, also those that have been withdrawn.
pub async fn list(
    conn: &mut PgConnection,
    ids: &[CorporateActionId],
) -> db::Result<Vec<CorporateAction>> {
    store::list_by_id(conn, ids).await
}

/// States an action. One that was withdrawn and is stated again keeps its id, so whoever applied or
/// declined it has still done so.
pub async fn create(tx: &mut SystemTx, new: &NewCorporateAction) -> Result<CorporateAction, Error> {
    let id = match store::revive(tx, new).await? {
        Some(id) => id,
        None => store::insert(tx, new).await?,
    };
    crate::figures::mark(tx, [new.instrument_id]).await?;
    store::require(tx.conn(), id).await
}
