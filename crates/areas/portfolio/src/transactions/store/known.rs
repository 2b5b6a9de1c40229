//! Transactions as they were stored on an earlier day.

use db::UserTx;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use ledger::{LotChoice, TransactionKind};
use uuid::Uuid;

use super::{Filter, Row};
use crate::transactions::{Error, TransactionView};

/// The list of transactions as they were stored before a moment: newest first, from after the key on,
/// one row more than `limit`.
#[expect(
    clippy::too_many_lines,
    reason = "one statement with its columns and filters"
)]
pub(super) async fn list(
    tx: &mut UserTx,
    filter: &Filter,
    before: Timestamp,
    after: Option<(Date, Uuid)>,
    limit: i64,
) -> Result<Vec<TransactionView>, Error> {
    let after_date = after.map(|(date, _)| jiff_sqlx::Date::from(date));
    let rows = sqlx::query_as!(
        Row,
        r#"with states as (
               select r, v.known_from
               from portfolio.transaction_versions v
               cross join lateral jsonb_populate_record(null::portfolio.transactions, v.former) r
               where v.changed_at >= $11
               union all
               select t,
                      case when exists (select from portfolio.transaction_versions v
                                        where v.user_id = t.user_id and v.transaction_id = t.id)
                           then t.updated_at else t.created_at end
               from portfolio.transactions t
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
                  (s.r).cost_share as "cost_share?", (s.r).transfer_id as "transfer_id?",
                  (s.r).acquired_on as "acquired_on?: jiff_sqlx::Date",
                  (s.r).lots as "lots!: sqlx::types::Json<Vec<LotChoice>>", (s.r).note as "note?",
                  (s.r).account as "account?", (s.r).external_id as "external_id?",
                  (s.r).import_id as "import_id?", (s.r).version as "version!",
                  coalesce(own.symbol, own.name, i.symbol) as "symbol?",
                  case when own.symbol is null then i.name else own.name end as "instrument_name?",
                  coalesce(own_target.symbol, own_target.name, target.symbol) as "target_symbol?"
           from states s
           left join market.instruments i on i.id = (s.r).instrument_id
           left join market.instruments target on target.id = (s.r).target_instrument_id
           left join portfolio.private_assets own
             on own.user_id = (s.r).user_id and own.instrument_id = (s.r).instrument_id
           left join portfolio.private_assets own_target
             on own_target.user_id = (s.r).user_id
            and own_target.instrument_id = (s.r).target_instrument_id
           where s.known_from < $11
             and ($1::uuid is null or (s.r).portfolio_id = $1)
             and ($2::uuid is null or (s.r).instrument_id = $2)
             and ($3::text is null or (s.r).type = $3)
             and ($4::date is null or (s.r).date >= $4)
             and ($5::date is null or (s.r).date <= $5)
             and ($6::uuid is null or (s.r).import_id = $6)
             and ($7::text is null
                  or position(lower($7) in lower(coalesce(own.symbol, own.name, i.symbol))) > 0
                  or position(lower($7) in lower(coalesce(own.name, i.name))) > 0
                  or position(lower($7) in lower((s.r).note)) > 0)
             and ($8::date is null or ((s.r).date, (s.r).id) < ($8, $9::uuid))
           order by (s.r).date desc, (s.r).id desc
           limit $10"#,
        filter.portfolio_id.map(|id| id.0),
        filter.instrument_id.map(|id| id.0),
        filter.kind.map(TransactionKind::as_str),
        filter.from.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        filter.to.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        filter.import_id,
        filter.text,
        after_date as Option<jiff_sqlx::Date>,
        after.map(|(_, id)| id),
        limit + 1,
        before.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Row::view).collect::<Result<_, _>>()?)
}
