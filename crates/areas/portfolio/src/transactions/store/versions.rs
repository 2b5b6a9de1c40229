//! Former versions of transactions, which triggers keep.

use db::UserTx;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use ledger::LotChoice;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Row;
use crate::{
    history::{Cause, Operation},
    portfolios::PortfolioId,
    transactions::{Error, Transaction, TransactionId, TransactionView},
};

/// What a transaction was between two moments, and what ended it.
#[derive(Clone, Debug)]
pub(crate) struct State<T> {
    pub(crate) transaction: T,
    pub(crate) known_from: Timestamp,
    /// `None` while it holds.
    pub(crate) ended: Option<Ended>,
}

/// How a version ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) operation: Operation,
    /// `None`: the system.
    pub(crate) by: Option<Uuid>,
    pub(crate) cause: Cause,
}

struct StateRow {
    id: Uuid,
    portfolio_id: Uuid,
    kind: String,
    date: jiff_sqlx::Date,
    executed_at: Option<jiff_sqlx::Timestamp>,
    instrument_id: Option<Uuid>,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    amount: Decimal,
    fees: Decimal,
    taxes: Decimal,
    currency: String,
    settlement_currency: Option<String>,
    fx_rate: Option<Decimal>,
    split_to: Option<Decimal>,
    split_from: Option<Decimal>,
    target_instrument_id: Option<Uuid>,
    cost_share: Option<Decimal>,
    acquired_on: Option<jiff_sqlx::Date>,
    transfer_id: Option<Uuid>,
    lots: sqlx::types::Json<Vec<LotChoice>>,
    note: Option<String>,
    account: Option<String>,
    external_id: Option<String>,
    import_id: Option<Uuid>,
    version: i32,
    symbol: Option<String>,
    instrument_name: Option<String>,
    target_symbol: Option<String>,
    known_from: jiff_sqlx::Timestamp,
    changed_at: Option<jiff_sqlx::Timestamp>,
    operation: Option<String>,
    changed_by: Option<Uuid>,
    cause: Option<String>,
}

impl StateRow {
    fn split(self) -> Result<(Row, Timestamp, Option<Ended>), db::Error> {
        let inconsistent = |column| db::Error::Inconsistent {
            table: "portfolio.transaction_versions",
            column,
            row: format!("{} version {}", self.id, self.version),
            reason: "not a value this program writes".to_owned(),
        };
        let ended = match (self.changed_at, &self.operation, &self.cause) {
            (Some(at), Some(operation), Some(cause)) => Some(Ended {
                at: at.to_jiff(),
                operation: Operation::parse(operation).ok_or_else(|| inconsistent("operation"))?,
                by: self.changed_by,
                cause: Cause::parse(cause).ok_or_else(|| inconsistent("cause"))?,
            }),
            _ => None,
        };
        let row = Row {
            id: self.id,
            portfolio_id: self.portfolio_id,
            kind: self.kind,
            date: self.date,
            executed_at: self.executed_at,
            instrument_id: self.instrument_id,
            quantity: self.quantity,
            price: self.price,
            amount: self.amount,
            fees: self.fees,
            taxes: self.taxes,
            currency: self.currency,
            settlement_currency: self.settlement_currency,
            fx_rate: self.fx_rate,
            split_to: self.split_to,
            split_from: self.split_from,
            target_instrument_id: self.target_instrument_id,
            cost_share: self.cost_share,
            acquired_on: self.acquired_on,
            transfer_id: self.transfer_id,
            lots: self.lots,
            note: self.note,
            account: self.account,
            external_id: self.external_id,
            import_id: self.import_id,
            version: self.version,
            symbol: self.symbol,
            instrument_name: self.instrument_name,
            target_symbol: self.target_symbol,
        };
        Ok((row, self.known_from.to_jiff(), ended))
    }

    fn view(self) -> Result<State<TransactionView>, db::Error> {
        let (row, known_from, ended) = self.split()?;
        Ok(State {
            transaction: row.view()?,
            known_from,
            ended,
        })
    }

    fn transaction(self) -> Result<State<Transaction>, db::Error> {
        let (row, known_from, ended) = self.split()?;
        Ok(State {
            transaction: row.decode()?.transaction,
            known_from,
            ended,
        })
    }
}

/// Says why the statements that follow in this unit of work change transactions; the triggers write
/// it down. Without a word, a person's changes are by hand.
pub(crate) async fn because(tx: &mut UserTx, cause: Cause) -> Result<(), Error> {
    sqlx::query_scalar!(
        "select set_config('app.change_cause', $1, true)",
        cause.as_str()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Every version of a transaction, the oldest first; the last one holds, unless it was deleted.
pub(crate) async fn list_versions(
    tx: &mut UserTx,
    id: TransactionId,
) -> Result<Vec<State<TransactionView>>, Error> {
    let rows = sqlx::query_as!(
        StateRow,
        r#"with states as (
               select r, v.known_from, v.changed_at, v.operation, v.changed_by, v.cause
               from portfolio.transaction_versions v
               cross join lateral jsonb_populate_record(null::portfolio.transactions, v.former) r
               where v.transaction_id = $1
               union all
               select t,
                      case when exists (select from portfolio.transaction_versions v
                                        where v.user_id = t.user_id and v.transaction_id = t.id)
                           then t.updated_at else t.created_at end,
                      null, null, null, null
               from portfolio.transactions t
               where t.id = $1
           )
           select (s.r).id as "id!", (s.r).portfolio_id as "portfolio_id!", (s.r).type as "kind!",
                  (s.r).date as "date!: jiff_sqlx::Date",
                  (s.r).executed_at as "executed_at?: jiff_sqlx::Timestamp",
                  (s.r).instrument_id as "instrument_id?", (s.r).quantity as "quantity?",
                  (s.r).price as "price?", (s.r).amount as "amount!", (s.r).fees as "fees!",
                  (s.r).taxes as "taxes!", (s.r).currency as "currency!",
                  (s.r).settlement_currency as "settlement_currency?", (s.r).fx_rate as "fx_rate?",
                  (s.r).split_to as "split_to?", (s.r).split_from as "split_from?",
                  (s.r).target_instrument_id as "target_instrument_id?",
                  (s.r).cost_share as "cost_share?",
                  (s.r).acquired_on as "acquired_on?: jiff_sqlx::Date",
                  (s.r).transfer_id as "transfer_id?",
                  (s.r).lots as "lots!: sqlx::types::Json<Vec<LotChoice>>", (s.r).note as "note?",
                  (s.r).account as "account?", (s.r).external_id as "external_id?",
                  (s.r).import_id as "import_id?", (s.r).version as "version!",
                  coalesce(own.symbol, own.name, i.symbol) as "symbol?",
                  case when own.symbol is null then i.name else own.name end as "instrument_name?",
                  coalesce(own_target.symbol, own_target.name, target.symbol) as "target_symbol?",
                  s.known_from as "known_from!: jiff_sqlx::Timestamp",
                  s.changed_at as "changed_at?: jiff_sqlx::Timestamp", s.operation as "operation?",
                  s.changed_by as "changed_by?", s.cause as "cause?"
           from states s
           left join market.instruments i on i.id = (s.r).instrument_id
           left join market.instruments target on target.id = (s.r).target_instrument_id
           left join portfolio.private_assets own
             on own.user_id = (s.r).user_id and own.instrument_id = (s.r).instrument_id
           left join portfolio.private_assets own_target
             on own_target.user_id = (s.r).user_id
            and own_target.instrument_id = (s.r).target_instrument_id
           order by (s.r).version"#,
        id.0,
    )
    .fetch_all(tx.conn())
    .await?;
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(rows
        .into_iter()
        .map(StateRow::view)
        .collect::<Result<_, _>>()?)
}

/// Transactions that are deleted as they last were, the latest deletion first; one more than
/// `limit`. With a moment, those that were deleted then.
pub(crate) async fn list_deleted(
    tx: &mut UserTx,
    portfolio: Option<PortfolioId>,
    at: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<State<TransactionView>>, Error> {
    let after_at = after.map(|(at, _)| at.to_sqlx());
    let rows = sqlx::query_as!(
        StateRow,
        r#"select r.id as "id!", r.portfolio_id as "portfolio_id!", r.type as "kind!",
                  r.date as "date!: jiff_sqlx::Date",
                  r.executed_at as "executed_at?: jiff_sqlx::Timestamp",
                  r.instrument_id as "instrument_id?", r.quantity as "quantity?",
                  r.price as "price?", r.amount as "amount!", r.fees as "fees!",
                  r.taxes as "taxes!", r.currency as "currency!",
                  r.settlement_currency as "settlement_currency?", r.fx_rate as "fx_rate?",
                  r.split_to as "split_to?", r.split_from as "split_from?",
                  r.target_instrument_id as "target_instrument_id?",
                  r.cost_share as "cost_share?", r.acquired_on as "acquired_on?: jiff_sqlx::Date",
                  r.transfer_id as "transfer_id?",
                  r.lots as "lots!: sqlx::types::Json<Vec<LotChoice>>", r.note as "note?",
                  r.account as "account?", r.external_id as "external_id?",
                  r.import_id as "import_id?", r.version as "version!",
                  coalesce(own.symbol, own.name, i.symbol) as "symbol?",
                  case when own.symbol is null then i.name else own.name end as "instrument_name?",
                  coalesce(own_target.symbol, own_target.name, target.symbol) as "target_symbol?",
                  v.known_from as "known_from!: jiff_sqlx::Timestamp",
                  v.changed_at as "changed_at?: jiff_sqlx::Timestamp", v.operation as "operation?",
                  v.changed_by as "changed_by?", v.cause as "cause?"
           from portfolio.transaction_versions v
           cross join lateral jsonb_populate_record(null::portfolio.transactions, v.former) r
           left join market.instruments i on i.id = v.instrument_id
           left join market.instruments target on target.id = v.target_instrument_id
           left join portfolio.private_assets own
             on own.user_id = v.user_id and own.instrument_id = v.instrument_id
           left join portfolio.private_assets own_target
             on own_target.user_id = v.user_id
            and own_target.instrument_id = v.target_instrument_id
           where v.operation = 'delete'
             and ($1::uuid is null or v.portfolio_id = $1)
             and ($2::timestamptz is null or (v.changed_at, v.transaction_id) < ($2, $3::uuid))
             and ($5::timestamptz is null or v.changed_at < $5)
             and not exists (select from portfolio.transactions t
                             where t.user_id = v.user_id and t.id = v.transaction_id
                               and ($5::timestamptz is null or t.updated_at < $5))
             and not exists (select from portfolio.transaction_versions later
                             where later.user_id = v.user_id
                               and later.transaction_id = v.transaction_id
                               and later.version > v.version
                               and ($5::timestamptz is null or later.known_from < $5))
           order by v.changed_at desc, v.transaction_id desc
           limit $4"#,
        portfolio.map(|id| id.0),
        after_at as Option<jiff_sqlx::Timestamp>,
        after.map(|(_, id)| id),
        limit + 1,
        at.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(StateRow::view)
        .collect::<Result<_, _>>()?)
}

/// Brings deleted transactions back as they last were, and returns how many.
pub(crate) async fn restore(tx: &mut UserTx, ids: &[TransactionId]) -> Result<u64, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let restored = sqlx::query!(
        "insert into portfolio.transactions
         select r.*
         from portfolio.transaction_versions v
         cross join lateral jsonb_populate_record(
             null::portfolio.transactions,
             v.former || jsonb_build_object(
                 'version', v.version + 1, 'updated_at', greatest(now(), v.changed_at))) r
         where v.transaction_id = any($1)
           and v.operation = 'delete'
           and not exists (select from portfolio.transactions t
                           where t.user_id = v.user_id and t.id = v.transaction_id)
           and not exists (select from portfolio.transaction_versions later
                           where later.user_id = v.user_id
                             and later.transaction_id = v.transaction_id
                             and later.version > v.version)",
        &ids,
    )
    .execute(tx.conn())
    .await?;
    Ok(restored.rows_affected())
}

/// Everything that some portfolios held at any time from `from` until `to`, the oldest first. With
/// one moment for both, what they held then.
pub(crate) async fn list_states(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
    from: Timestamp,
    to: Option<Timestamp>,
) -> Result<Vec<State<Transaction>>, Error> {
    let ids: Vec<Uuid> = portfolios.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        StateRow,
        r#"with states as (
               select r, v.known_from, v.changed_at, v.operation, v.changed_by, v.cause
               from portfolio.transaction_versions v
               cross join lateral jsonb_populate_record(null::portfolio.transactions, v.former) r
               where v.portfolio_id = any($1) and v.changed_at >= $2
               union all
               select t,
                      case when exists (select from portfolio.transaction_versions v
                                        where v.user_id = t.user_id and v.transaction_id = t.id)
                           then t.updated_at else t.created_at end,
                      null, null, null, null
               from portfolio.transactions t
               where t.portfolio_id = any($1)
           )
           select (s.r).id as "id!", (s.r).portfolio_id as "portfolio_id!", (s.r).type as "kind!",
                  (s.r).date as "date!: jiff_sqlx::Date",
                  (s.r).executed_at as "executed_at?: jiff_sqlx::Timestamp",
                  (s.r).instrument_id as "instrument_id?", (s.r).quantity as "quantity?",
                  (s.r).price as "price?", (s.r).amount as "amount!", (s.r).fees as "fees!",
                  (s.r).taxes as "taxes!", (s.r).currency as "currency!",
                  (s.r).settlement_currency as "settlement_currency?", (s.r).fx_rate as "fx_rate?",
                  (s.r).split_to as "split_to?", (s.r).split_from as "split_from?",
                  (s.r).target_instrument_id as "target_instrument_id?",
                  (s.r).cost_share as "cost_share?",
                  (s.r).acquired_on as "acquired_on?: jiff_sqlx::Date",
                  (s.r).transfer_id as "transfer_id?",
                  (s.r).lots as "lots!: sqlx::types::Json<Vec<LotChoice>>", null::text as note,
                  (s.r).account as "account?", (s.r).external_id as "external_id?",
                  (s.r).import_id as "import_id?", (s.r).version as "version!",
                  null::text as symbol, null::text as instrument_name, null::text as target_symbol,
                  s.known_from as "known_from!: jiff_sqlx::Timestamp",
                  s.changed_at as "changed_at?: jiff_sqlx::Timestamp", s.operation as "operation?",
                  s.changed_by as "changed_by?", s.cause as "cause?"
           from states s
           where $3::timestamptz is null or s.known_from < $3
           order by s.known_from, (s.r).id, (s.r).version"#,
        &ids,
        from.to_sqlx() as _,
        to.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(StateRow::transaction)
        .collect::<Result<_, _>>()?)
}

/// Portfolios between which shares have moved, in whatever version.
pub(crate) async fn list_ever_linked(tx: &mut UserTx) -> Result<Vec<PortfolioId>, Error> {
    let ids = sqlx::query_scalar!(
        r#"select portfolio_id as "id!" from portfolio.transactions where transfer_id is not null
           union
           select portfolio_id from portfolio.transaction_versions
           where former ->> 'transfer_id' is not null"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(PortfolioId).collect())
}

/// The sides of a transfer between own portfolios that are deleted.
pub(crate) async fn list_deleted_sides(
    tx: &mut UserTx,
    transfer: Uuid,
) -> Result<Vec<TransactionId>, Error> {
    let ids = sqlx::query_scalar!(
        "select distinct v.transaction_id
         from portfolio.transaction_versions v
         where v.operation = 'delete' and v.former ->> 'transfer_id' = $1::uuid::text
           and not exists (select from portfolio.transactions t
                           where t.user_id = v.user_id and t.id = v.transaction_id)",
        transfer,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(TransactionId).collect())
}
