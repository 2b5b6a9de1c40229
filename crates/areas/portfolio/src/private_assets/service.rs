use std::collections::{BTreeSet, HashMap};

use db::{UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use ledger::TransactionKind;
use market::{Instrument, InstrumentId};
use rust_decimal::Decimal;
use web::{App, IfMatch};

use super::{
    Appraisal, Error, PrivateAsset,
    input::{DetailsBody, NewPrivateAsset, Opening, PrivateAssetBody},
    store,
};
use crate::{
    portfolios,
    transactions::{
        self, TransactionBody,
        service::{self as bookings, Instruments},
    },
};

/// Records what a body states: the handle, its owner's words for it, its values, and the transaction
/// by which a portfolio holds it, unless it is an instrument. The handle is shared, so it has a unit of work of its own, and is
/// taken back when the rest is refused.
pub(crate) async fn create(
    app: &App,
    tx: &mut UserTx,
    user: UserId,
    body: &PrivateAssetBody,
    today: Date,
) -> Result<InstrumentId, Error> {
    let currency = match body.portfolio_id {
        Some(id) => {
            let found = portfolios::store::require(tx, id).await;
            Some(found.map_err(transactions::Error::from)?.currency)
        }
        None => None,
    };
    let new = NewPrivateAsset::new(body, currency, today).map_err(Error::Invalid)?;
    let mut system = app
        .db
        .system("create the handle of a private asset")
        .await?;
    let class = new.details.kind.asset_class();
    let id = market::instruments::create_private(&mut system, class, new.currency).await?;
    system.commit().await?;
    let outcome = record(tx, user, id, &new).await;
    if outcome.is_err() {
        drop_handle(app, id).await?;
    }
    outcome.map(|()| id)
}

async fn record(
    tx: &mut UserTx,
    user: UserId,
    id: InstrumentId,
    new: &NewPrivateAsset,
) -> Result<(), Error> {
    store::insert(tx, user, id, new).await?;
    if let Some(opening) = &new.opening {
        let instruments = Instruments {
            instrument: Some(id),
            target: None,
        };
        bookings::record(tx, user, &booking(id, new, opening), instruments).await?;
    }
    Ok(())
}

/// One of it comes in at its cost; of a debt one is owed.
fn booking(id: InstrumentId, new: &NewPrivateAsset, opening: &Opening) -> TransactionBody {
    let quantity = if new.details.kind.is_owed() {
        -Decimal::ONE
    } else {
        Decimal::ONE
    };
    TransactionBody {
        portfolio_id: opening.portfolio_id,
        kind: TransactionKind::TransferIn,
        date: opening.since,
        executed_at: None,
        instrument_id: Some(id),
        symbol: None,
        underlying: None,
        right: None,
        strike: None,
        expires_on: None,
        multiplier: None,
        quantity: Some(quantity),
        price: None,
        amount: Some(opening.cost),
        fees: Decimal::ZERO,
        taxes: Decimal::ZERO,
        currency: Some(new.currency.to_string()),
        settlement_currency: None,
        fx_rate: None,
        ratio: None,
        target_instrument_id: None,
        target_symbol: None,
        cost_share: None,
        acquired_on: Some(opening.since),
        other_portfolio_id: None,
        lots: Vec::new(),
        note: None,
    }
}

/// Changes what is known of one, unless somebody did after `opened`.
pub(crate) async fn change(
    tx: &mut UserTx,
    id: InstrumentId,
    opened: IfMatch,
    body: &DetailsBody,
) -> Result<PrivateAsset, Error> {
    let stored = store::lock(tx, id).await?;
    opened.require(stored.version.into())?;
    let details = body.read(&stored).map_err(Error::Invalid)?;
    store::update(tx, id, &details).await?;
    store::require(tx, id).await
}

/// Deletes one with its values and every transaction in it. What was known stays readable: as known
/// on an earlier day it is still there, and it can be brought back with one of its transactions.
pub(crate) async fn remove(tx: &mut UserTx, id: InstrumentId) -> Result<(), Error> {
    store::delete(tx, id).await
}

/// Erases one with everything that was ever known of it, in one unit of work: either all of it goes,
/// or nothing does and it can be tried again.
pub(crate) async fn forget(app: &App, user: UserId, id: InstrumentId) -> Result<(), Error> {
    let mut system = app.db.system("forget a private asset").await?;
    store::forget(&mut system, user, id).await?;
    market::instruments::delete_private(&mut system, id).await?;
    system.commit().await?;
    Ok(())
}

async fn drop_handle(app: &App, id: InstrumentId) -> Result<(), Error> {
    let mut system = app
        .db
        .system("take the handle of a private asset back")
        .await?;
    market::instruments::delete_private(&mut system, id).await?;
    system.commit().await?;
    Ok(())
}

/// Replaces handles by the words of their owner.
pub(crate) async fn overlay(tx: &mut UserTx, instruments: &mut [Instrument]) -> db::Result<()> {
    if !instruments.iter().any(|instrument| instrument.is_private) {
        return Ok(());
    }
    rename(instruments, &own(tx).await?);
    Ok(())
}

fn rename(instruments: &mut [Instrument], own: &HashMap<InstrumentId, PrivateAsset>) {
    for instrument in instruments.iter_mut().filter(|i| i.is_private) {
        let Some(asset) = own.get(&instrument.id) else {
            continue;
        };
        asset.word().clone_into(&mut instrument.symbol);
        if let Some(of) = &asset.instrument {
            instrument.name.clone_from(&asset.name);
            instrument.asset_class = of.asset_class;
            instrument.sector.clone_from(&of.sector);
            instrument.facts.industry.clone_from(&of.industry);
            instrument.country.clone_from(&of.country);
            instrument.isin.clone_from(&of.isin);
        } else {
            asset.kind.label().clone_into(&mut instrument.name);
        }
    }
}

/// Those that are deleted as well: what was known of them is still read.
async fn own(tx: &mut UserTx) -> db::Result<HashMap<InstrumentId, PrivateAsset>> {
    Ok(store::list_with_deleted(tx)
        .await?
        .into_iter()
        .map(|asset| (asset.instrument_id, asset))
        .collect())
}

/// An instrument that the person may name: a listed one, or a private one of her own.
pub(crate) async fn visible(tx: &mut UserTx, id: InstrumentId) -> db::Result<Option<Instrument>> {
    let found = market::instruments::get(tx.conn(), id).await?;
    if found.as_ref().is_some_and(|known| !known.is_private) {
        return Ok(found);
    }
    // Asked for an id that nobody has too: what is private to others must take no other way than that.
    let own = own(tx).await?;
    let is_there = own.get(&id).is_some_and(|asset| !asset.is_deleted);
    Ok(found.filter(|_| is_there).map(|instrument| {
        let mut found = [instrument];
        rename(&mut found, &own);
        let [instrument] = found;
        instrument
    }))
}

/// The own private asset for which a word stands, if there is one: before any listed one of that symbol.
pub(crate) async fn named(tx: &mut UserTx, word: &str) -> db::Result<Option<InstrumentId>> {
    store::find(tx, &word.replace('\0', "")).await
}

/// Adds the stated values of private instruments to the closes of the others; with a moment, as they
/// were stated before it.
pub(crate) async fn add_closes(
    tx: &mut UserTx,
    instruments: &[Instrument],
    before: Option<Timestamp>,
    closes: &mut HashMap<InstrumentId, Vec<(Date, f64)>>,
) -> db::Result<()> {
    let private: BTreeSet<InstrumentId> = instruments
        .iter()
        .filter(|instrument| instrument.is_private)
        .map(|instrument| instrument.id)
        .collect();
    if private.is_empty() {
        return Ok(());
    }
    let ids: Vec<InstrumentId> = private.into_iter().collect();
    let stated = store::appraisals::list_of(tx, &ids, before).await?;
    closes.extend(stated.into_iter().map(|(id, values)| (id, points(&values))));
    Ok(())
}

/// Values as the engines take prices.
pub(crate) fn points(appraisals: &[Appraisal]) -> Vec<(Date, f64)> {
    appraisals
        .iter()
        .map(|appraisal| (appraisal.date, money::f64_from_decimal(appraisal.price)))
        .collect()
}
