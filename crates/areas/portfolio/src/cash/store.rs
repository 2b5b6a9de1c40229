use std::collections::HashMap;

use db::UserTx;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{portfolios::PortfolioId, transactions::Error};

/// What a booking says of itself, and when it was first recorded.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) at: Timestamp,
    pub(super) note: Option<String>,
}

/// Every booking of a portfolio, also those that are deleted by now.
pub(super) async fn list_recorded(
    tx: &mut UserTx,
    portfolio: PortfolioId,
) -> Result<HashMap<Uuid, Recorded>, Error> {
    let rows = sqlx::query!(
        r#"select v.transaction_id as "id!", (v.former ->> 'created_at')::timestamptz as "at!",
                  v.former ->> 'note' as note
           from portfolio.transaction_versions v
           where v.portfolio_id = $1 and v.operation = 'delete'
           union all
           select id, created_at, note
           from portfolio.transactions
           where portfolio_id = $1"#,
        portfolio.0,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let recorded = Recorded {
                at: row.at.to_jiff(),
                note: row.note,
            };
            (row.id, recorded)
        })
        .collect())
}
