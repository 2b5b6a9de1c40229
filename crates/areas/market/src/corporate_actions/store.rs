use db::SystemTx;
use jiff::civil::Date;
use ledger::{Ratio, TransactionKind};
use money::Currency;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    error::Error,
    model::{CashPerShare, CorporateAction, CorporateActionId, NewCorporateAction, Terms},
};
use crate::InstrumentId;

/// Instrument, type and day name an action; migrations give the index this name.
const IDENTITY_KEY: &str = "corporate_actions_identity_key";

struct Row {
    id: CorporateActionId,
    instrument_id: InstrumentId,
    kind: String,
    ex_date: jiff_sqlx::Date,
    pay_date: Option<jiff_sqlx::Date>,
    ratio_to: Option<Decimal>,
    ratio_from: Option<Decimal>,
    target_instrument_id: Option<InstrumentId>,
    cost_share: Option<Decimal>,
    cash_per_share: Option<Decimal>,
    currency: Option<String>,
    source: String,
    note: String,
    version: i32,
    terms_version: i32,
    is_withdrawn: bool,
    symbol: String,
    target_symbol: Option<String>,
}

impl TryFrom<Row> for CorporateAction {
    type Error = db::Error;

    fn try_from(row: Row) -> db::Result<Self> {
        let inconsistent = |column| db::Error::Inconsistent {
            table: "market.corporate_actions",
            column,
            row: row.id.to_string(),
            reason: "not a value this program writes".to_owned(),
        };
        let cash = match (row.cash_per_share, &row.currency) {
            (Some(amount), Some(code)) => Some(CashPerShare {
                amount: amount.normalize(),
                currency: Currency::new(code).map_err(|_| inconsistent("currency"))?,
            }),
            _ => None,
        };
        let ratio = row.ratio_to.zip(row.ratio_from).map(|(to, from)| Ratio {
            to: to.normalize(),
            from: from.normalize(),
        });
        let terms = Terms {
            kind: row.kind.parse().map_err(|_| inconsistent("type"))?,
            ex_date: row.ex_date.to_jiff(),
            pay_date: row.pay_date.map(jiff_sqlx::Date::to_jiff),
            ratio,
            target_id: row.target_instrument_id,
            cost_share: row.cost_share.map(|share| share.normalize()),
            cash,
        };
        Ok(Self {
            id: row.id,
            instrument_id: row.instrument_id,
            symbol: row.symbol,
            terms,
            target_symbol: row.target_symbol,
            source: row.source,
            note: row.note,
            version: row.version,
            terms_version: row.terms_version,
            is_withdrawn: row.is_withdrawn,
        })
    }
}

fn actions(rows: Vec<Row>) -> db::Result<Vec<CorporateAction>> {
    rows.into_iter().map(CorporateAction::try_from).collect()
}

/// The actions with these ids, also those that have been withdrawn.
pub(super) async fn list_by_id(
    conn: &mut PgConnection,
    ids: &[CorporateActionId],
) -> db::Result<Vec<CorporateAction>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.instrument_id, a.type as kind, a.ex_date, a.pay_date, a.ratio_to,
                  a.ratio_from, a.target_instrument_id, a.cost_share, a.cash_per_share, a.currency,
                  a.source, a.note, a.version, a.terms_version,
                  a.withdrawn_at is not null as "is_withdrawn!", i.symbol,
                  (select t.symbol from market.instruments t
                   where t.id = a.target_instrument_id) as target_symbol
           from market.corporate_actions a
           join market.instruments i on i.id = a.instrument_id
           where a.id = any ($1)"#,
        ids as &[CorporateActionId],
    )
    .fetch_all(conn)
    .await?;
    actions(rows)
}

/// One that has not been withdrawn.
pub(crate) async fn require(
    conn: &mut PgConnection,
    id: CorporateActionId,
) -> Result<CorporateAction, Error> {
    let found = list_by_id(conn, &[id]).await?;
    let live = found.into_iter().find(|action| !action.is_withdrawn);
    live.ok_or(Error::NotFound)
}

/// The same, locked until the end of the transaction: its version cannot change meanwhile.
pub(super) async fn require_for_update(
    tx: &mut SystemTx,
    id: CorporateActionId,
) -> Result<CorporateAction, Error> {
    sqlx::query!(
        "select id from market.corporate_actions where id = $1 for update",
        id as CorporateActionId,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx.conn(), id).await
}

/// The oldest first.
pub(crate) async fn list_of_instruments(
    conn: &mut PgConnection,
    ids: &[InstrumentId],
) -> db::Result<Vec<CorporateAction>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.instrument_id, a.type as kind, a.ex_date, a.pay_date, a.ratio_to,
                  a.ratio_from, a.target_instrument_id, a.cost_share, a.cash_per_share, a.currency,
                  a.source, a.note, a.version, a.terms_version,
                  a.withdrawn_at is not null as "is_withdrawn!", i.symbol,
                  (select t.symbol from market.instruments t
                   where t.id = a.target_instrument_id) as target_symbol
           from market.corporate_actions a
           join market.instruments i on i.id = a.instrument_id
           where a.instrument_id = any ($1) and a.withdrawn_at is null
           order by a.ex_date, a.id"#,
        ids as &[InstrumentId],
    )
    .fetch_all(conn)
    .await?;
    actions(rows)
}

/// Newest first, one more than `limit` where there are more. `after` is day and id of the last row
/// before. Of one instrument, those that give its shares too.
pub(super) async fn list(
    conn: &mut PgConnection,
    instrument: Option<InstrumentId>,
    after: Option<(Date, CorporateActionId)>,
    limit: i64,
) -> db::Result<Vec<CorporateAction>> {
    let after_date = after.map(|(date, _)| jiff_sqlx::Date::from(date));
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.instrument_id, a.type as kind, a.ex_date, a.pay_date, a.ratio_to,
                  a.ratio_from, a.target_instrument_id, a.cost_share, a.cash_per_share, a.currency,
                  a.source, a.note, a.version, a.terms_version,
                  a.withdrawn_at is not null as "is_withdrawn!", i.symbol,
                  (select t.symbol from market.instruments t
                   where t.id = a.target_instrument_id) as target_symbol
           from market.corporate_actions a
           join market.instruments i on i.id = a.instrument_id
           where a.withdrawn_at is null
             and ($1::uuid is null or a.instrument_id = $1 or a.target_instrument_id = $1)
             and ($2::date is null or (a.ex_date, a.id) < ($2, $3::uuid))
           order by a.ex_date desc, a.id desc
           limit $4::bigint + 1"#,
        instrument as Option<InstrumentId>,
        after_date as Option<jiff_sqlx::Date>,
        after.map(|(_, id)| id) as Option<CorporateActionId>,
        limit,
    )
    .fetch_all(conn)
    .await?;
    actions(rows)
}

/// Whether anything that changes the number of shares is known between two days, or was and has been withdrawn.
pub(crate) async fn changes_shares(
    tx: &mut SystemTx,
    id: InstrumentId,
    (from, to): (Date, Date),
) -> db::Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from market.corporate_actions
               where instrument_id = $1 and ex_date between $2 and $3
                 and type in ('split', 'spin_off', 'merger', 'stock_dividend')
           ) as "found!""#,
        id as InstrumentId,
        jiff_sqlx::Date::from(from) as _,
        jiff_sqlx::Date::from(to) as _,
    )
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn insert(
    tx: &mut SystemTx,
    new: &NewCorporateAction,
) -> Result<CorporateActionId, Error> {
    let terms = &new.terms;
    sqlx::query_scalar!(
        "insert into market.corporate_actions
             (id, instrument_id, type, ex_date, pay_date, ratio_to, ratio_from, target_instrument_id,
              cost_share, cash_per_share, currency, source, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         returning id",
        Uuid::now_v7(),
        new.instrument_id as InstrumentId,
        terms.kind.as_str(),
        jiff_sqlx::Date::from(terms.ex_date) as jiff_sqlx::Date,
        terms.pay_date.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        terms.ratio.map(|ratio| ratio.to),
        terms.ratio.map(|ratio| ratio.from),
        terms.target_id as Option<InstrumentId>,
        terms.cost_share,
        terms.cash.map(|cash| cash.amount),
        terms.cash.as_ref().map(|cash| cash.currency.as_str()),
        new.source,
        new.note,
    )
    .fetch_one(tx.conn())
    .await
    .map_err(|error| refused(error, terms))
}

/// The id of a withdrawn action of the same instrument, type and day, with the new terms.
pub(super) async fn revive(
    tx: &mut SystemTx,
    new: &NewCorporateAction,
) -> Result<Option<CorporateActionId>, Error> {
    let terms = &new.terms;
    let id = sqlx::query_scalar!(
        "select id from market.corporate_actions
         where instrument_id = $1 and type = $2 and ex_date = $3 and withdrawn_at is not null
         order by withdrawn_at desc, id
         limit 1
         for update",
        new.instrument_id as InstrumentId,
        terms.kind.as_str(),
        jiff_sqlx::Date::from(terms.ex_date) as jiff_sqlx::Date,
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(id) = id {
        update(tx, id, new).await?;
    }
    Ok(id)
}

/// Replaces what is stated about an action; one that was withdrawn is there again.
pub(super) async fn update(
    tx: &mut SystemTx,
    id: CorporateActionId,
    new: &NewCorporateAction,
) -> Result<(), Error> {
    let terms = &new.terms;
    let updated = sqlx::query!(
        "update market.corporate_actions
         set type = $2, ex_date = $3, pay_date = $4, ratio_to = $5, ratio_from = $6,
             target_instrument_id = $7, cost_share = $8, cash_per_share = $9, currency = $10,
             source = $11, note = $12, withdrawn_at = null, version = version + 1,
             terms_version = terms_version + case when
                 (type, ex_date, pay_date, ratio_to, ratio_from, target_instrument_id, cost_share,
                  cash_per_share, currency)
                 is distinct from ($2, $3, $4, $5, $6, $7, $8, $9, $10) then 1 else 0 end
         where id = $1",
        id as CorporateActionId,
        terms.kind.as_str(),
        jiff_sqlx::Date::from(terms.ex_date) as jiff_sqlx::Date,
        terms.pay_date.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        terms.ratio.map(|ratio| ratio.to),
        terms.ratio.map(|ratio| ratio.from),
        terms.target_id as Option<InstrumentId>,
        terms.cost_share,
        terms.cash.map(|cash| cash.amount),
        terms.cash.as_ref().map(|cash| cash.currency.as_str()),
        new.source,
        new.note,
    )
    .execute(tx.conn())
    .await
    .map_err(|error| refused(error, terms))?;
    if updated.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// Takes an action back. The row stays, because portfolios may have applied it.
pub(super) async fn withdraw(tx: &mut SystemTx, id: CorporateActionId) -> Result<(), Error> {
    let withdrawn = sqlx::query!(
        "update market.corporate_actions
         set withdrawn_at = now(), version = version + 1
         where id = $1 and withdrawn_at is null",
        id as CorporateActionId,
    )
    .execute(tx.conn())
    .await?;
    if withdrawn.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

fn refused(error: sqlx::Error, terms: &Terms) -> Error {
    let error = db::Error::from(error);
    if error.constraint() == Some(IDENTITY_KEY) {
        let (kind, ex_date): (TransactionKind, Date) = (terms.kind, terms.ex_date);
        return Error::Taken { kind, ex_date };
    }
    Error::Database(error)
}
