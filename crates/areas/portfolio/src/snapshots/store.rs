use std::collections::BTreeMap;

use db::{SystemTx, UserId, UserTx};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::model::{Snapshot, SnapshotFilter, SummaryView};
use crate::{history, portfolios::PortfolioId};

/// How far the snapshots of a portfolio are right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The first day that is not; `None` where nothing has changed since they were built.
    pub(super) dirty_from: Option<Date>,
    /// The last day there is.
    pub(super) built_to: Option<Date>,
    pub(super) market_revision: i64,
    pub(super) market_seen_at: Option<Timestamp>,
}

/// Portfolios whose snapshots may not be right, of all people.
pub(super) async fn list_stale(
    tx: &mut SystemTx,
    today: Date,
) -> db::Result<Vec<(UserId, PortfolioId)>> {
    let rows = sqlx::query!(
        r#"select p.user_id as "user_id: UserId", p.id
           from portfolio.portfolios p
           cross join market.revision r
           left join portfolio.snapshot_states s on s.user_id = p.user_id and s.portfolio_id = p.id
           where s.portfolio_id is null or s.dirty_from is not null or s.built_to is null
              or s.built_to < $1 or s.market_revision <> r.revision
           order by p.user_id, p.id"#,
        jiff_sqlx::Date::from(today) as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.user_id, PortfolioId(row.id)))
        .collect())
}

pub(super) async fn state(tx: &mut UserTx, portfolio: PortfolioId) -> db::Result<State> {
    let row = sqlx::query!(
        r#"select dirty_from as "dirty_from?: jiff_sqlx::Date",
                  built_to as "built_to?: jiff_sqlx::Date", market_revision,
                  market_seen_at as "market_seen_at?: jiff_sqlx::Timestamp"
           from portfolio.snapshot_states
           where portfolio_id = $1"#,
        portfolio.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map_or_else(State::default, |row| State {
        dirty_from: row.dirty_from.map(jiff_sqlx::Date::to_jiff),
        built_to: row.built_to.map(jiff_sqlx::Date::to_jiff),
        market_revision: row.market_revision,
        market_seen_at: row.market_seen_at.map(jiff_sqlx::Timestamp::to_jiff),
    }))
}

/// The time of the database, by which changes of the market are dated.
pub(super) async fn now(tx: &mut UserTx) -> db::Result<Timestamp> {
    let now = sqlx::query_scalar!(r#"select now() as "now!: jiff_sqlx::Timestamp""#)
        .fetch_one(tx.conn())
        .await?;
    Ok(now.to_jiff())
}

/// Locks the state of a portfolio until the unit of work ends: edits wait, and mark it afterwards.
pub(super) async fn lock(tx: &mut UserTx, user: UserId, portfolio: PortfolioId) -> db::Result<()> {
    sqlx::query!(
        "insert into portfolio.snapshot_states (user_id, portfolio_id) values ($1, $2)
         on conflict (user_id, portfolio_id) do update set portfolio_id = excluded.portfolio_id",
        user.0,
        portfolio.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_state(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    state: &State,
) -> db::Result<()> {
    sqlx::query!(
        "update portfolio.snapshot_states
         set dirty_from = $2, built_to = $3, market_revision = $4, market_seen_at = $5
         where portfolio_id = $1",
        portfolio.0,
        state.dirty_from.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        state.built_to.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        state.market_revision,
        state.market_seen_at.map(jiff_sqlx::ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A row as the statement that stores many takes them.
#[derive(Serialize)]
struct StoredRow<'s> {
    time: String,
    currency: Currency,
    total_value: Decimal,
    cash_balance: Decimal,
    net_invested: Decimal,
    total_gain: Decimal,
    total_gain_percent: Option<Decimal>,
    day_change: Decimal,
    day_change_percent: Option<Decimal>,
    holdings_count: i32,
    asset_allocation: &'s BTreeMap<String, Decimal>,
}

/// Puts snapshots in the place of all from a day on.
pub(super) async fn replace(
    tx: &mut UserTx,
    user: UserId,
    portfolio: PortfolioId,
    from: Date,
    snapshots: &[Snapshot],
) -> db::Result<()> {
    sqlx::query!(
        "select portfolio.unpack_snapshots($1, $2)",
        portfolio.0,
        jiff_sqlx::Date::from(from) as _,
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "delete from portfolio.portfolio_snapshots
         where portfolio_id = $1 and time >= $2::date::timestamp at time zone 'UTC'",
        portfolio.0,
        jiff_sqlx::Date::from(from) as _,
    )
    .execute(tx.conn())
    .await?;
    let rows: Vec<StoredRow<'_>> = snapshots
        .iter()
        .map(|snapshot| StoredRow {
            time: format!("{}T00:00:00Z", snapshot.date),
            currency: snapshot.currency,
            total_value: snapshot.total_value,
            cash_balance: snapshot.cash_balance,
            net_invested: snapshot.net_invested,
            total_gain: snapshot.total_gain,
            total_gain_percent: snapshot.total_gain_percent,
            day_change: snapshot.day_change,
            day_change_percent: snapshot.day_change_percent,
            holdings_count: snapshot.holdings_count,
            asset_allocation: &snapshot.asset_allocation,
        })
        .collect();
    sqlx::query!(
        "insert into portfolio.portfolio_snapshots
             (user_id, portfolio_id, time, currency, total_value, cash_balance, net_invested,
              total_gain, total_gain_percent, day_change, day_change_percent, holdings_count,
              asset_allocation)
         select $1, $2, r.*
         from jsonb_to_recordset($3)
              as r (time timestamptz, currency text, total_value numeric, cash_balance numeric,
                    net_invested numeric, total_gain numeric, total_gain_percent numeric,
                    day_change numeric, day_change_percent numeric, holdings_count integer,
                    asset_allocation jsonb)",
        user.0,
        portfolio.0,
        sqlx::types::Json(&rows) as sqlx::types::Json<&Vec<StoredRow<'_>>>,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Snapshots, the latest day first, from after the key on; one more than `limit`.
pub(super) async fn list(
    tx: &mut UserTx,
    filter: &SnapshotFilter,
    after: Option<(Date, Uuid)>,
    limit: i64,
) -> db::Result<Vec<Snapshot>> {
    let day = |day: Option<Date>| day.map(|day| jiff_sqlx::Date::from(day.max(history::EARLIEST)));
    let rows = sqlx::query!(
        r#"select portfolio_id as "portfolio_id!", (time at time zone 'UTC')::date as "date!: jiff_sqlx::Date",
                  currency as "currency!", total_value as "total_value!",
                  cash_balance as "cash_balance!", net_invested as "net_invested!",
                  total_gain as "total_gain!", total_gain_percent, day_change as "day_change!",
                  day_change_percent, holdings_count as "holdings_count!",
                  asset_allocation as "asset_allocation!: sqlx::types::Json<BTreeMap<String, Decimal>>"
           from portfolio.all_snapshots
           where ($1::uuid is null or portfolio_id = $1)
             and ($2::date is null or time >= $2::date::timestamp at time zone 'UTC')
             and ($3::date is null or time <= $3::date::timestamp at time zone 'UTC')
             and ($4::date is null
                  or (time, portfolio_id) < ($4::date::timestamp at time zone 'UTC', $5::uuid))
           order by time desc, portfolio_id desc
           limit $6::bigint + 1"#,
        filter.portfolio_id.map(|id| id.0),
        day(filter.from) as Option<jiff_sqlx::Date>,
        day(filter.to) as Option<jiff_sqlx::Date>,
        day(after.map(|(date, _)| date)) as Option<jiff_sqlx::Date>,
        after.map(|(_, id)| id),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Snapshot {
                portfolio_id: PortfolioId(row.portfolio_id),
                date: row.date.to_jiff(),
                currency: currency("portfolio.portfolio_snapshots", &row.currency)?,
                total_value: row.total_value.normalize(),
                cash_balance: row.cash_balance.normalize(),
                net_invested: row.net_invested.normalize(),
                total_gain: row.total_gain.normalize(),
                total_gain_percent: row.total_gain_percent.map(|n| n.normalize()),
                day_change: row.day_change.normalize(),
                day_change_percent: row.day_change_percent.map(|n| n.normalize()),
                holdings_count: row.holdings_count,
                asset_allocation: row.asset_allocation.0,
            })
        })
        .collect()
}

fn currency(table: &'static str, code: &str) -> db::Result<Currency> {
    Currency::new(code).map_err(|error| db::Error::Inconsistent {
        table,
        column: "currency",
        row: code.to_owned(),
        reason: error.to_string(),
    })
}

/// The summaries of the person's portfolios, as of the last refresh.
pub(super) async fn summaries(tx: &mut UserTx) -> db::Result<Vec<SummaryView>> {
    let rows = sqlx::query!(
        r#"select id as "id!", time as "time?: jiff_sqlx::Timestamp", currency as "currency!",
                  number_of_holdings as "number_of_holdings!",
                  portfolio_value as "portfolio_value!", cash_balance as "cash_balance!",
                  invested_amount as "invested_amount!", total_gain_loss as "total_gain_loss!",
                  total_gain_loss_percent, day_gain_loss as "day_gain_loss!",
                  day_gain_loss_percent, last_updated as "last_updated!: jiff_sqlx::Timestamp"
           from portfolio.current_summaries()
           order by id"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SummaryView {
                portfolio_id: PortfolioId(row.id),
                date: row
                    .time
                    .map(|at| at.to_jiff().to_zoned(TimeZone::UTC).date()),
                currency: currency("portfolio.portfolio_summary", &row.currency)?,
                number_of_holdings: row.number_of_holdings,
                portfolio_value: row.portfolio_value.normalize(),
                cash_balance: row.cash_balance.normalize(),
                invested_amount: row.invested_amount.normalize(),
                total_gain_loss: row.total_gain_loss.normalize(),
                total_gain_loss_percent: row.total_gain_loss_percent.map(|n| n.normalize()),
                day_gain_loss: row.day_gain_loss.normalize(),
                day_gain_loss_percent: row.day_gain_loss_percent.map(|n| n.normalize()),
                last_updated: row.last_updated.to_jiff(),
            })
        })
        .collect()
}

/// Refreshes the summary of all portfolios without locking its readers out.
pub(super) async fn refresh_summary(tx: &mut SystemTx) -> db::Result<()> {
    sqlx::query!("select portfolio.refresh_summary()")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Packs the years that had ended before an instant, of all people; how many days.
pub(super) async fn pack(tx: &mut SystemTx, before: Timestamp) -> db::Result<u64> {
    let packed = sqlx::query_scalar!(
        r#"select portfolio.pack_snapshots($1) as "packed!""#,
        jiff_sqlx::Timestamp::from(before) as _,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(packed.unsigned_abs())
}
