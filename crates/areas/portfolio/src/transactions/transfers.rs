//! Transfers between own portfolios: two transactions that belong together.

use db::UserTx;
use ledger::TransactionKind;
use uuid::Uuid;
use web::FieldError;

use super::{Draft, Error, TransactionBody, TransactionView, store};
use crate::{
    history::Cause,
    portfolios::{self, Portfolio, PortfolioId},
};

/// Completes the draft of a transfer that names an own portfolio on its other side, and drafts that
/// side. Its lots keep their dates and cost, so neither side states any.
pub(super) async fn other_side(
    tx: &mut UserTx,
    body: &TransactionBody,
    portfolio: &Portfolio,
    draft: &mut Draft,
) -> Result<Option<(Portfolio, Draft)>, Error> {
    let Some(other_id) = body.other_portfolio_id else {
        return Ok(None);
    };
    let other_kind = match draft.kind {
        TransactionKind::TransferIn => TransactionKind::TransferOut,
        TransactionKind::TransferOut => TransactionKind::TransferIn,
        _ => {
            let detail = "Only a transfer has a portfolio on its other side.";
            return Err(refusal("not_expected", detail));
        }
    };
    if other_id == portfolio.id {
        let detail = "Choose another portfolio: shares cannot move to where they are.";
        return Err(refusal("same_portfolio", detail));
    }
    let other = portfolios::store::require(tx, other_id).await?;
    if other.is_simulated != portfolio.is_simulated {
        let detail = "Shares cannot move between the simulated sample and your own portfolios.";
        return Err(refusal("simulated", detail));
    }
    draft.transfer_id = Some(Uuid::now_v7());
    draft.amount = rust_decimal::Decimal::ZERO;
    draft.acquired_on = None;
    let counterpart = Draft {
        kind: other_kind,
        // Charges are paid once.
        fees: rust_decimal::Decimal::ZERO,
        taxes: rust_decimal::Decimal::ZERO,
        lots: Vec::new(),
        ..draft.clone()
    };
    Ok(Some((other, counterpart)))
}

/// Brings the other side to the same day, instrument and quantity.
pub(super) async fn follow(
    tx: &mut UserTx,
    former: &TransactionView,
    draft: &Draft,
    portfolio: PortfolioId,
) -> Result<(), Error> {
    if draft.kind != former.kind {
        let detail =
            "Both sides of a transfer belong together: delete it to record something else.";
        return Err(Error::Invalid(vec![FieldError {
            pointer: "type".to_owned(),
            code: "linked_transfer".to_owned(),
            detail: detail.to_owned(),
        }]));
    }
    let Some(transfer) = former.transfer_id else {
        return Ok(());
    };
    let other = store::require_other_side(tx, transfer, former.id).await?;
    if other.portfolio_id == portfolio {
        let detail = "The other side of this transfer is in that portfolio.";
        return Err(refusal("same_portfolio", detail));
    }
    store::versions::because(tx, Cause::Transfer).await?;
    store::update_other_side(tx, other.id, draft).await?;
    store::versions::because(tx, Cause::ByHand).await
}

fn refusal(code: &str, detail: &str) -> Error {
    Error::Invalid(vec![FieldError {
        pointer: "other_portfolio_id".to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }])
}
