use std::collections::BTreeMap;

use db::{UserId, UserTx};
use uuid::Uuid;

use super::Accepted;
use crate::{portfolios::PortfolioId, transactions::Error};

/// What somebody lives with, by finding.
pub(crate) async fn list_accepted(tx: &mut UserTx) -> Result<BTreeMap<String, Accepted>, Error> {
    let rows = sqlx::query!("select finding, note, accepted_at from portfolio.accepted_findings")
        .fetch_all(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let accepted = Accepted {
                at: row.accepted_at.to_jiff(),
                note: row.note,
            };
            (row.finding, accepted)
        })
        .collect())
}

pub(crate) async fn accept(
    tx: &mut UserTx,
    user: UserId,
    finding: &str,
    note: Option<&str>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.accepted_findings (user_id, id, finding, note)
         values ($1, $2, $3, $4)
         on conflict (user_id, finding) do update set note = excluded.note",
        user.0,
        Uuid::now_v7(),
        finding,
        note,
    )
    .execute(tx.conn())
    .await?;
    touch(tx).await
}

/// `false` when it was not accepted.
pub(crate) async fn reopen(tx: &mut UserTx, finding: &str) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "delete from portfolio.accepted_findings where finding = $1",
        finding
    )
    .execute(tx.conn())
    .await?;
    touch(tx).await?;
    Ok(gone.rows_affected() > 0)
}

/// Valuations say whether they are reconciled, so they are made anew.
async fn touch(tx: &mut UserTx) -> Result<(), Error> {
    sqlx::query!("update portfolio.portfolios set revision = revision + 1")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// An import of which lines were refused.
pub(crate) struct Refused {
    pub(crate) import_id: Uuid,
    pub(crate) portfolio_id: PortfolioId,
    pub(crate) portfolio: String,
    pub(crate) file_name: String,
    pub(crate) lines: i32,
    pub(crate) on: jiff::civil::Date,
}

/// The imports of one portfolio or of all of which lines were refused, the latest first; those that are
/// not at their end yet too.
pub(crate) async fn list_refused(
    tx: &mut UserTx,
    portfolio: Option<PortfolioId>,
) -> Result<Vec<Refused>, Error> {
    let rows = sqlx::query!(
        r#"select i.id, i.portfolio_id, p.name as portfolio, i.file_name, i.rejected_count,
                  (coalesce(i.imported_at, i.created_at) at time zone 'UTC')::date as "on!"
           from portfolio.imports i
           join portfolio.portfolios p on p.user_id = i.user_id and p.id = i.portfolio_id
           where i.status in ('imported', 'running', 'interrupted') and i.rejected_count > 0
             and ($1::uuid is null or i.portfolio_id = $1)
           order by coalesce(i.imported_at, i.created_at) desc"#,
        portfolio.map(|id| id.0),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Refused {
            import_id: row.id,
            portfolio_id: PortfolioId(row.portfolio_id),
            portfolio: row.portfolio,
            file_name: row.file_name,
            lines: row.rejected_count,
            on: row.on.to_jiff(),
        })
        .collect())
}
