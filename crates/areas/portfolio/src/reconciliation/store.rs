use std::collections::HashMap;

use db::{UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::{Stated, What};
use crate::{portfolios::PortfolioId, transactions::Error};

/// Keeps what a file states, and makes the figures new that depend on it.
pub(crate) async fn insert(
    tx: &mut UserTx,
    user: UserId,
    import_id: Uuid,
    stated: &[Stated],
) -> Result<(), Error> {
    let Some(first) = stated.first() else {
        return Ok(());
    };
    let portfolio = first.portfolio_id;
    let instruments: Vec<Option<Uuid>> = stated
        .iter()
        .map(|s| match s.what {
            What::Position(id) => Some(id.0),
            What::Cash(_) => None,
        })
        .collect();
    let currencies: Vec<Option<&str>> = stated
        .iter()
        .map(|s| match &s.what {
            What::Position(_) => None,
            What::Cash(currency) => Some(currency.as_str()),
        })
        .collect();
    let days: Vec<jiff_sqlx::Date> = stated.iter().map(|s| s.on.into()).collect();
    let quantities: Vec<Decimal> = stated.iter().map(|s| s.quantity).collect();
    let accounts: Vec<Option<&str>> = stated.iter().map(|s| s.account.as_deref()).collect();
    sqlx::query!(
        "insert into portfolio.stated_balances
             (user_id, portfolio_id, import_id, instrument_id, currency, stated_on, quantity,
              account)
         select $1, $2, $3, r.*
         from unnest($4::uuid[], $5::text[], $6::date[], $7::numeric[], $8::text[]) as r",
        user.0,
        portfolio.0,
        import_id,
        &instruments as &[Option<Uuid>],
        &currencies as &[Option<&str>],
        &days as &[jiff_sqlx::Date],
        &quantities,
        &accounts as &[Option<&str>],
    )
    .execute(tx.conn())
    .await?;
    touch(tx, portfolio).await
}

/// Forgets what an import stated.
pub(crate) async fn delete_of_import(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    import_id: Uuid,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.stated_balances where import_id = $1",
        import_id
    )
    .execute(tx.conn())
    .await?;
    touch(tx, portfolio).await
}

async fn touch(tx: &mut UserTx, portfolio: PortfolioId) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.portfolios set revision = revision + 1 where id = $1",
        portfolio.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The latest that each account states of each position and balance, of days up to one; of what was
/// stored before a moment, if one is given.
pub(crate) async fn list_latest(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
    as_of: Date,
    before: Option<Timestamp>,
) -> Result<Vec<Stated>, Error> {
    let ids: Vec<Uuid> = portfolios.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select distinct on (s.portfolio_id, s.instrument_id, s.currency, coalesce(s.account, i.format))
                  s.id, s.portfolio_id, s.instrument_id, s.currency, s.stated_on, s.quantity, s.account,
                  coalesce(s.account, i.format, '') as "origin!"
           from portfolio.stated_balances s
           join portfolio.imports i on i.user_id = s.user_id and i.id = s.import_id
           where s.portfolio_id = any ($1) and s.stated_on <= $2
             and ($3::timestamptz is null or s.created_at < $3)
           order by s.portfolio_id, s.instrument_id, s.currency, coalesce(s.account, i.format),
                    s.stated_on desc, s.created_at desc"#,
        &ids,
        jiff_sqlx::Date::from(as_of) as jiff_sqlx::Date,
        before.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let inconsistent = |reason: String| db::Error::Inconsistent {
                table: "portfolio.stated_balances",
                column: "currency",
                row: row.id.to_string(),
                reason,
            };
            let what = match (row.instrument_id, &row.currency) {
                (Some(id), _) => What::Position(InstrumentId(id)),
                (None, Some(code)) => What::Cash(
                    Currency::new(code).map_err(|error| inconsistent(error.to_string()))?,
                ),
                (None, None) => {
                    return Err(inconsistent("neither instrument nor currency".to_owned()).into());
                }
            };
            Ok(Stated {
                portfolio_id: PortfolioId(row.portfolio_id),
                what,
                account: row.account,
                origin: row.origin,
                on: row.stated_on.to_jiff(),
                quantity: row.quantity.normalize(),
            })
        })
        .collect()
}

/// Where transactions came from, of whatever version: the account that they carry, or the kind of the
/// file that brought them. What was entered by hand is absent.
pub(crate) async fn list_origins(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
) -> Result<HashMap<Uuid, String>, Error> {
    let ids: Vec<Uuid> = portfolios.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select t.id as "id!", coalesce(t.account, i.format) as "origin!"
           from (
               select user_id, id, account, import_id
               from portfolio.transactions where portfolio_id = any ($1)
               union
               select user_id, transaction_id, former ->> 'account', (former ->> 'import_id')::uuid
               from portfolio.transaction_versions where portfolio_id = any ($1)
           ) t
           left join portfolio.imports i on i.user_id = t.user_id and i.id = t.import_id
           where coalesce(t.account, i.format) is not null"#,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.origin)).collect())
}

/// A run of an import, as it is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) portfolio_id: Option<PortfolioId>,
    pub(crate) import_id: Option<Uuid>,
    pub(crate) source: &'static str,
    pub(crate) status: &'static str,
    pub(crate) imported: u64,
    pub(crate) error: Option<String>,
    pub(crate) file_name: &'a str,
    pub(crate) started: Timestamp,
    pub(crate) completed: Timestamp,
    pub(crate) details: RunDetails,
}

/// What the columns of the log do not say.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct RunDetails {
    pub(crate) format: Option<&'static str>,
    pub(crate) duplicates: u64,
    pub(crate) rejected: u64,
}

pub(crate) async fn log(tx: &mut UserTx, user: UserId, run: &Run<'_>) -> Result<(), Error> {
    sqlx::query!(
        "insert into portfolio.portfolio_sync_log
             (user_id, id, portfolio_id, import_id, sync_source, status, records_imported,
              error_message, filename, sync_started, sync_completed, metadata)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        user.0,
        Uuid::now_v7(),
        run.portfolio_id.map(|id| id.0),
        run.import_id,
        run.source,
        run.status,
        i32::try_from(run.imported).unwrap_or(i32::MAX),
        run.error,
        run.file_name,
        jiff_sqlx::Timestamp::from(run.started) as jiff_sqlx::Timestamp,
        jiff_sqlx::Timestamp::from(run.completed) as jiff_sqlx::Timestamp,
        sqlx::types::Json(&run.details) as sqlx::types::Json<&RunDetails>,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A run as it is shown.
pub(crate) struct LoggedRun {
    pub(crate) id: Uuid,
    pub(crate) import_id: Option<Uuid>,
    pub(crate) portfolio: Option<String>,
    pub(crate) source: String,
    pub(crate) status: String,
    pub(crate) imported: i32,
    pub(crate) error: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) started: Timestamp,
    pub(crate) completed: Timestamp,
    pub(crate) details: serde_json::Value,
}

/// Newest first, from after the key on, one more than `limit`.
pub(crate) async fn list_runs(
    tx: &mut UserTx,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<LoggedRun>, Error> {
    let rows = sqlx::query!(
        r#"select l.id, l.import_id, p.name as "portfolio?", l.sync_source, l.status,
                  l.records_imported, l.error_message, l.filename, l.sync_started, l.sync_completed,
                  l.metadata
           from portfolio.portfolio_sync_log l
           left join portfolio.portfolios p on p.id = l.portfolio_id
           where $1::uuid is null or l.id < $1
           order by l.id desc
           limit $2::bigint + 1"#,
        after,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LoggedRun {
            id: row.id,
            import_id: row.import_id,
            portfolio: row.portfolio,
            source: row.sync_source,
            status: row.status,
            imported: row.records_imported,
            error: row.error_message,
            file_name: row.filename,
            started: row.sync_started.to_jiff(),
            completed: row.sync_completed.to_jiff(),
            details: row.metadata,
        })
        .collect())
}
