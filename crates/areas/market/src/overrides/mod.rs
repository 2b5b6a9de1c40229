//! Closes that a person states against every source. They win over what is stored and over whatever
//! comes later, until they are withdrawn; then the last that a source stated counts again.

pub(crate) mod api;
mod error;
mod model;
pub(crate) mod pages;
mod store;

use db::{Db, SystemTx, UserId};
use identity::SignedIn;
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use sqlx::PgConnection;

pub use error::Error;
pub use model::{Author, Change, FormerBar, NextBar, Override};

use crate::{
    InstrumentId,
    bars::{self, Bar, Interval},
    instruments,
};

/// Source of bars whose close a person stated.
pub const OVERRIDE: &str = "override";

/// The stated closes of an instrument, the latest day first.
pub async fn list(conn: &mut PgConnection, id: InstrumentId) -> db::Result<Vec<Override>> {
    store::list(conn, id).await
}

/// What the daily bars of an instrument were before they were corrected, the latest correction first.
pub async fn history(
    conn: &mut PgConnection,
    id: InstrumentId,
    limit: i64,
) -> db::Result<Vec<FormerBar>> {
    store::history(conn, id, limit).await
}

/// Who stated and withdrew closes of an instrument, the latest first. Administrators learn the names; others
/// learn which changes were their own.
pub async fn changes(
    db: &Db,
    id: InstrumentId,
    who: SignedIn,
    limit: i64,
) -> db::Result<Vec<Change>> {
    if who.is_admin {
        let mut tx = db.system("name who stated closes").await?;
        return store::list_named_changes(&mut tx, id, who.user_id, limit).await;
    }
    let mut tx = db.read(who.user_id).await?;
    store::list_changes(&mut tx, id, limit).await
}

/// States a close against every source, also those to come. What the bar of the day was is kept.
pub async fn put(
    db: &Db,
    id: InstrumentId,
    stated: &Override,
    by: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    model::check(stated, now).map_err(Error::Invalid)?;
    let mut tx = db.system("override a close").await?;
    instruments::store::require(tx.conn(), id).await?;
    let there = bars::on_day(tx.conn(), &[id], stated.date).await?;
    store::put(&mut tx, id, stated, now).await?;
    store::insert_change(&mut tx, id, stated.date, Some(stated), by, now).await?;
    let bar = model::overridden(there.get(&id), stated);
    bars::ingest(&mut tx, Interval::Day, OVERRIDE, &[(id, bar)]).await?;
    let details = json!({
        "instrument_id": id, "date": stated.date, "close": stated.close, "reason": stated.reason,
    });
    tx.note_activity(by, "market.overrides.set", &details)
        .await?;
    Ok(tx.commit().await?)
}

/// Lets the sources speak again, beginning with the last that one of them said about the day.
pub async fn withdraw(
    db: &Db,
    id: InstrumentId,
    date: Date,
    by: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let mut tx = db.system("withdraw an override").await?;
    if !store::delete(&mut tx, id, date).await? {
        return Err(Error::NotFound);
    }
    store::insert_change(&mut tx, id, date, None, by, now).await?;
    restore(&mut tx, id, date).await?;
    let details = json!({ "instrument_id": id, "date": date });
    tx.note_activity(by, "market.overrides.withdraw", &details)
        .await?;
    Ok(tx.commit().await?)
}

async fn restore(tx: &mut SystemTx, id: InstrumentId, date: Date) -> db::Result<()> {
    if let Some((bar, source)) = store::last_of_source(tx, id, date).await? {
        let rows: [(InstrumentId, Bar); 1] = [(id, bar)];
        bars::ingest(tx, Interval::Day, &source, &rows).await?;
    } else {
        // No source has ever said anything about the day.
        store::delete_bar(tx, id, date).await?;
        crate::figures::mark(tx, [id]).await?;
        crate::revision::bump(tx).await?;
    }
    Ok(())
}
