use std::collections::HashMap;

use db::UserTx;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{portfolios::PortfolioId, transactions::Error};

/// When each booking of a portfolio was first recorded; with a moment, of those that were in it then.
pub(super) async fn list_recorded(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    at: Option<Timestamp>,
) -> Result<HashMap<Uuid, Timestamp>, Error> {
    let rows = sqlx::query!(
        r#"select v.transaction_id as "id!", (v.former ->> 'created_at')::timestamptz as "at!"
           from portfolio.transaction_versions v
           where v.portfolio_id = $1
             and v.known_from < $2::timestamptz and v.changed_at >= $2::timestamptz
           union all
           select t.id, t.created_at
           from portfolio.transactions t
           where t.portfolio_id = $1
             and ($2::timestamptz is null
                  or case when exists (select from portfolio.transaction_versions v
                                       where v.user_id = t.user_id and v.transaction_id = t.id)
                          then t.updated_at else t.created_at end < $2)"#,
        portfolio.0,
        at.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.at.to_jiff()))
        .collect())
}

/// The notes of some bookings; with a moment, as they were then.
pub(super) async fn list_notes(
    tx: &mut UserTx,
    ids: &[Uuid],
    at: Option<Timestamp>,
) -> Result<HashMap<Uuid, String>, Error> {
    let rows = sqlx::query!(
        r#"select v.transaction_id as "id!", v.former ->> 'note' as note
           from portfolio.transaction_versions v
           where v.transaction_id = any($1)
             and v.known_from < $2::timestamptz and v.changed_at >= $2::timestamptz
           union all
           select t.id, t.note
           from portfolio.transactions t
           where t.id = any($1) and t.note is not null
             and ($2::timestamptz is null
                  or case when exists (select from portfolio.transaction_versions v
                                       where v.user_id = t.user_id and v.transaction_id = t.id)
                          then t.updated_at else t.created_at end < $2)"#,
        ids,
        at.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    let notes = rows.into_iter();
    Ok(notes.filter_map(|row| Some((row.id, row.note?))).collect())
}
