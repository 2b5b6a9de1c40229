use db::{UserId, UserTx};
use market::CorporateActionId;

use super::{
    Error,
    model::{Applied, Decisions},
};
use crate::{portfolios::PortfolioId, transactions::TransactionId};

/// One transaction applies an action in a portfolio; migrations give the index this name.
const APPLIED_KEY: &str = "transactions_corporate_action_key";

/// All decisions of the person.
pub(super) async fn decisions(tx: &mut UserTx) -> Result<Decisions, Error> {
    let applied = sqlx::query!(
        r#"select portfolio_id, corporate_action_id as "corporate_action_id!", id,
                  corporate_action_terms as "terms!"
           from portfolio.transactions
           where corporate_action_id is not null"#
    )
    .fetch_all(tx.conn())
    .await?;
    let declined = sqlx::query!(
        "select portfolio_id, corporate_action_id from portfolio.corporate_action_decisions"
    )
    .fetch_all(tx.conn())
    .await?;
    let place = |portfolio, action| (PortfolioId(portfolio), CorporateActionId(action));
    Ok(Decisions {
        applied: applied
            .into_iter()
            .map(|row| {
                let applied = Applied {
                    transaction: row.id,
                    terms: row.terms,
                };
                (place(row.portfolio_id, row.corporate_action_id), applied)
            })
            .collect(),
        declined: declined
            .into_iter()
            .map(|row| place(row.portfolio_id, row.corporate_action_id))
            .collect(),
    })
}

/// The transaction that applies an action in a portfolio.
pub(super) async fn applied(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<Option<TransactionId>, Error> {
    let id = sqlx::query_scalar!(
        "select id from portfolio.transactions
         where portfolio_id = $1 and corporate_action_id = $2",
        portfolio.0,
        action.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(TransactionId))
}

/// Notes that a transaction applies the terms of an action. Another one that does so already is told
/// as [`Error::Busy`]: the caller looks again.
pub(super) async fn mark(
    tx: &mut UserTx,
    transaction: TransactionId,
    action: CorporateActionId,
    terms: i32,
) -> Result<(), Error> {
    let marked = sqlx::query!(
        "update portfolio.transactions
         set corporate_action_id = $2, corporate_action_terms = $3
         where id = $1",
        transaction.0,
        action.0,
        terms,
    )
    .execute(tx.conn())
    .await;
    match marked.map_err(db::Error::from) {
        Ok(_) => Ok(()),
        Err(error) if error.constraint() == Some(APPLIED_KEY) => Err(Error::Busy),
        Err(error) => Err(error.into()),
    }
}

/// Remembers that an action is not wanted.
pub(super) async fn insert_decision(
    tx: &mut UserTx,
    user: UserId,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.corporate_action_decisions
             (user_id, portfolio_id, corporate_action_id)
         values ($1, $2, $3)
         on conflict do nothing",
        user.0,
        portfolio.0,
        action.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets that an action was not wanted.
pub(super) async fn delete_decision(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    action: CorporateActionId,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.corporate_action_decisions
         where portfolio_id = $1 and corporate_action_id = $2",
        portfolio.0,
        action.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
