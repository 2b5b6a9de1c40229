use db::{UserId, UserTx};
use jiff::civil::Date;
use market::InstrumentId;
use web::{App, Page, PageQuery, Problem};

use super::{
    end_of,
    model::{DeletedView, HistoryView},
};
use crate::{
    portfolios, private_assets,
    scope::Scope,
    transactions::{
        Error, TransactionId, TransactionView, excess, store,
        store::versions::{self},
    },
};

/// Every version of a transaction; with a day, those that were known at its end.
pub(super) async fn history(
    app: &App,
    user: UserId,
    id: TransactionId,
    known_on: Option<Date>,
) -> Result<HistoryView, Error> {
    let mut tx = app.db.read(user).await?;
    let mut states = versions::list_versions(&mut tx, id).await?;
    if let Some(at) = known_on.map(end_of) {
        states.retain(|state| state.known_from < at);
        for state in &mut states {
            state.ended = state.ended.filter(|ended| ended.at < at);
        }
    }
    if states.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(HistoryView::new(id, states))
}

/// A page of deleted transactions, the latest deletion first.
pub(super) async fn deleted(
    app: &App,
    user: UserId,
    scope: &Scope,
    page: &PageQuery,
) -> Result<Page<DeletedView>, Problem> {
    let (after, limit) = (page.after()?, page.limit());
    let before = scope.known_on.map(end_of);
    let mut tx = app.db.read(user).await?;
    let states = versions::list_deleted(&mut tx, scope.portfolio, before, after, limit).await?;
    let rows: Vec<DeletedView> = states.into_iter().filter_map(DeletedView::new).collect();
    Ok(Page::of(rows, limit, |row| {
        (row.deleted_at, row.transaction.id.0)
    }))
}

/// Brings a deleted transaction back as it last was, with one side of a transfer between own
/// portfolios the other one, and something private that was deleted in the meantime. One that is not
/// deleted is not found.
pub(super) async fn restore(tx: &mut UserTx, id: TransactionId) -> Result<TransactionView, Error> {
    let states = versions::list_versions(tx, id).await?;
    let Some(last) = states.last().filter(|state| state.ended.is_some()) else {
        return Err(Error::NotFound);
    };
    let mut ids = vec![id];
    if let Some(transfer) = last.transaction.transfer_id {
        ids.extend(versions::list_deleted_sides(tx, transfer).await?);
        ids.dedup();
    }
    let named = [
        last.transaction.instrument_id,
        last.transaction.target_instrument_id,
    ];
    let named: Vec<InstrumentId> = named.into_iter().flatten().collect();
    private_assets::store::restore(tx, &named).await?;
    versions::restore(tx, &ids).await.map_err(refusal)?;
    let view = store::require(tx, id).await?;
    let portfolio = portfolios::store::require(tx, view.portfolio_id).await?;
    excess::refuse_taking(
        tx,
        portfolio,
        id,
        view.kind,
        view.currency,
        view.transfer_id,
    )
    .await?;
    Ok(view)
}

fn refusal(error: sqlx::Error) -> Error {
    let is_taken = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::constraint)
        .is_some_and(|name| {
            ["transactions_fingerprint_key", "transactions_transfer_key"].contains(&name)
        });
    if is_taken {
        Error::BookedAgain
    } else {
        error.into()
    }
}
