//! What a unit of one currency cost in another on a day. [`money::FxTable`] finds the way between
//! any two currencies from these observations.

pub(crate) mod api;
mod import;
mod model;
pub(crate) mod pages;
pub(crate) mod store;

use db::SystemTx;
use money::FxTable;
use sqlx::PgConnection;

pub use import::import;
pub use model::Rate;

/// All rates.
pub async fn table(conn: &mut PgConnection) -> db::Result<FxTable> {
    let pairs = store::list_pairs(conn).await?;
    store::table(conn, &pairs).await
}

/// Stores what a source states now: what is new, and what it corrects of its own. Returns how many rates that are.
pub(crate) async fn put(tx: &mut SystemTx, source: &str, rates: &[Rate]) -> db::Result<u64> {
    let changed =
        store::correct(tx, source, rates).await? + store::insert(tx, source, rates).await?;
    if changed > 0 {
        crate::revision::bump(tx).await?;
    }
    Ok(changed)
}

/// The rates of the simulated sample, for simulated portfolios alone.
pub async fn simulated_table(conn: &mut PgConnection) -> db::Result<FxTable> {
    store::simulated_table(conn).await
}

/// Adds rates to the simulated sample; days that have one already are left out. Returns how many were
/// added.
pub async fn insert_simulated(tx: &mut SystemTx, rates: &[Rate]) -> db::Result<u64> {
    let added = store::insert_simulated(tx, rates).await?;
    if added > 0 {
        crate::revision::bump(tx).await?;
    }
    Ok(added)
}
