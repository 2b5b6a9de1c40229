//! By hand nothing leaves a portfolio that is not in it.

use std::collections::BTreeSet;

use db::UserTx;
use ledger::TransactionKind;
use money::{Currency, FxTable};
use uuid::Uuid;

use super::{Draft, Error, TransactionId};
use crate::{loading, portfolios::Portfolio};

/// Refuses a transaction that takes more shares than there are on its day. The unit of work is rolled
/// back by the caller.
pub(super) async fn refuse(
    tx: &mut UserTx,
    portfolio: Portfolio,
    draft: &Draft,
    id: TransactionId,
) -> Result<(), Error> {
    let Draft {
        kind,
        currency,
        transfer_id,
        ..
    } = *draft;
    refuse_taking(tx, portfolio, id, kind, currency, transfer_id).await
}

/// The same for a transaction of which only this is known.
pub(crate) async fn refuse_taking(
    tx: &mut UserTx,
    portfolio: Portfolio,
    id: TransactionId,
    kind: TransactionKind,
    currency: Currency,
    transfer_id: Option<Uuid>,
) -> Result<(), Error> {
    use TransactionKind::{Assignment, Cover, Exercise, Expiry, Sell, TransferIn, TransferOut};
    let takes_shares = matches!(
        kind,
        Sell | Cover | TransferIn | TransferOut | Exercise | Assignment | Expiry
    );
    if !takes_shares {
        return Ok(());
    }
    let ledgers = loading::ledgers(tx, vec![portfolio]).await?;
    // Both sides of a transfer are recorded at once.
    let recorded: BTreeSet<Uuid> = ledgers
        .transactions
        .iter()
        .filter(|other| transfer_id.is_some() && other.draft.transfer_id == transfer_id)
        .map(|other| other.id.0)
        .chain([id.0])
        .collect();
    // Quantities alone decide, so rates do not matter here.
    let accounts = ledgers.accounts(currency, None);
    let assets = ledgers.assets(currency);
    let books = loading::replay(&accounts, &assets, &FxTable::default());
    let excess = books
        .into_iter()
        .flat_map(|books| books.findings)
        .filter(|finding| {
            matches!(
                finding.code,
                "oversell" | "exceeds_position" | "unmatched_transfer"
            )
        })
        .find(|finding| finding.transaction.is_some_and(|id| recorded.contains(&id)));
    match excess {
        Some(finding) => Err(Error::Oversell {
            message: finding.message,
        }),
        None => Ok(()),
    }
}
