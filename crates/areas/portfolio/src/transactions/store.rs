mod imported;
mod insert;
mod known;
pub(crate) mod versions;

use db::UserTx;
use jiff::civil::Date;
use ledger::{LotChoice, Ratio, Settlement, TransactionKind};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Draft, Error, Transaction, TransactionId, TransactionView,
    fingerprint::{self, Fingerprint},
    model::ratio_text,
};
pub(crate) use imported::{delete_imported, delete_part_of_import};
pub(crate) use insert::{NewRow, insert_many};

use crate::{history, portfolios::PortfolioId};

/// Which transactions are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) portfolio_id: Option<PortfolioId>,
    pub(crate) instrument_id: Option<InstrumentId>,
    pub(crate) kind: Option<TransactionKind>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) import_id: Option<Uuid>,
    /// Part of the symbol, name or note.
    pub(crate) text: Option<String>,
    /// As they were stored at the end of this day; as they are now unless given.
    pub(crate) known_on: Option<Date>,
}

struct Row {
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
}

/// A transaction with the words that its instruments are known by.
struct Named {
    transaction: Transaction,
    symbol: Option<String>,
    instrument_name: Option<String>,
    target_symbol: Option<String>,
}

impl Row {
    fn decode(self) -> Result<Named, db::Error> {
        let inconsistent = |column| db::Error::Inconsistent {
            table: "portfolio.transactions",
            column,
            row: self.id.to_string(),
            reason: "not a value this program writes".to_owned(),
        };
        let currency = Currency::new(&self.currency).map_err(|_| inconsistent("currency"))?;
        let settlement = match (&self.settlement_currency, self.fx_rate) {
            (Some(code), Some(fx_rate)) => Some(Settlement {
                currency: Currency::new(code).map_err(|_| inconsistent("settlement_currency"))?,
                fx_rate: fx_rate.normalize(),
            }),
            _ => None,
        };
        let ratio = self.split_to.zip(self.split_from).map(|(to, from)| Ratio {
            to: to.normalize(),
            from: from.normalize(),
        });
        let draft = Draft {
            kind: self.kind.parse().map_err(|_| inconsistent("type"))?,
            date: self.date.to_jiff(),
            executed_at: self.executed_at.map(jiff_sqlx::Timestamp::to_jiff),
            instrument_id: self.instrument_id.map(InstrumentId),
            quantity: self.quantity.map(|n| n.normalize()),
            price: self.price.map(|n| n.normalize()),
            amount: self.amount.normalize(),
            fees: self.fees.normalize(),
            taxes: self.taxes.normalize(),
            currency,
            settlement,
            ratio,
            target_id: self.target_instrument_id.map(InstrumentId),
            cost_share: self.cost_share.map(|n| n.normalize()),
            acquired_on: self.acquired_on.map(jiff_sqlx::Date::to_jiff),
            transfer_id: self.transfer_id,
            lots: self.lots.0,
            note: self.note,
            account: self.account,
            external_id: self.external_id,
        };
        let transaction = Transaction {
            id: TransactionId(self.id),
            portfolio_id: PortfolioId(self.portfolio_id),
            draft,
            import_id: self.import_id,
            version: self.version,
        };
        Ok(Named {
            transaction,
            symbol: self.symbol,
            instrument_name: self.instrument_name,
            target_symbol: self.target_symbol,
        })
    }

    fn view(self) -> Result<TransactionView, db::Error> {
        let Named {
            transaction,
            symbol,
            instrument_name,
            target_symbol,
        } = self.decode()?;
        let draft = transaction.draft;
        Ok(TransactionView {
            id: transaction.id,
            portfolio_id: transaction.portfolio_id,
            kind: draft.kind,
            date: draft.date,
            executed_at: draft.executed_at,
            instrument_id: draft.instrument_id,
            symbol,
            instrument_name,
            quantity: draft.quantity,
            price: draft.price,
            amount: draft.amount,
            fees: draft.fees,
            taxes: draft.taxes,
            currency: draft.currency,
            settlement_currency: draft.settlement.map(|s| s.currency),
            fx_rate: draft.settlement.map(|s| s.fx_rate),
            ratio: draft.ratio.map(ratio_text),
            target_instrument_id: draft.target_id,
            target_symbol,
            cost_share: draft.cost_share,
            acquired_on: draft.acquired_on,
            transfer_id: draft.transfer_id,
            lots: draft.lots,
            note: draft.note,
            account: draft.account,
            external_id: draft.external_id,
            import_id: transaction.import_id,
            version: transaction.version,
        })
    }
}

/// Newest first, from after the key on, one row more than `limit`.
pub(crate) async fn list(
    tx: &mut UserTx,
    filter: &Filter,
    after: Option<(Date, Uuid)>,
    limit: i64,
) -> Result<Vec<TransactionView>, Error> {
    if let Some(before) = filter.known_on.map(history::end_of) {
        return known::list(tx, filter, before, after, limit).await;
    }
    let after_date = after.map(|(date, _)| jiff_sqlx::Date::from(date));
    let rows = sqlx::query_as!(
        Row,
        r#"select t.id, t.portfolio_id, t.type as kind, t.date, t.executed_at, t.instrument_id,
                  t.quantity, t.price, t.amount, t.fees, t.taxes, t.currency,
                  t.settlement_currency, t.fx_rate, t.split_to, t.split_from,
                  t.target_instrument_id, t.cost_share, t.acquired_on, t.transfer_id,
                  t.lots as "lots: sqlx::types::Json<Vec<LotChoice>>", t.note,
                  t.account, t.external_id, t.import_id, t.version,
                  coalesce(own.symbol, own.name, i.symbol) as symbol,
                  case when own.symbol is null then i.name else own.name end as "instrument_name?",
                  coalesce(own_target.symbol, own_target.name, target.symbol) as target_symbol
           from portfolio.transactions t
           left join market.instruments i on i.id = t.instrument_id
           left join market.instruments target on target.id = t.target_instrument_id
           left join portfolio.private_assets own
             on own.user_id = t.user_id and own.instrument_id = t.instrument_id
           left join portfolio.private_assets own_target
             on own_target.user_id = t.user_id
            and own_target.instrument_id = t.target_instrument_id
           where ($1::uuid is null or t.portfolio_id = $1)
             and ($2::uuid is null or t.instrument_id = $2)
             and ($3::text is null or t.type = $3)
             and ($4::date is null or t.date >= $4)
             and ($5::date is null or t.date <= $5)
             and ($6::uuid is null or t.import_id = $6)
             and ($7::text is null
                  or position(lower($7) in lower(coalesce(own.symbol, own.name, i.symbol))) > 0
                  or position(lower($7) in lower(coalesce(own.name, i.name))) > 0
                  or position(lower($7) in lower(t.note)) > 0)
             and ($8::date is null or (t.date, t.id) < ($8, $9::uuid))
           order by t.date desc, t.id desc
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
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Row::view).collect::<Result<_, _>>()?)
}

pub(crate) async fn require(tx: &mut UserTx, id: TransactionId) -> Result<TransactionView, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select t.id, t.portfolio_id, t.type as kind, t.date, t.executed_at, t.instrument_id,
                  t.quantity, t.price, t.amount, t.fees, t.taxes, t.currency,
                  t.settlement_currency, t.fx_rate, t.split_to, t.split_from,
                  t.target_instrument_id, t.cost_share, t.acquired_on, t.transfer_id,
                  t.lots as "lots: sqlx::types::Json<Vec<LotChoice>>", t.note,
                  t.account, t.external_id, t.import_id, t.version,
                  coalesce(own.symbol, own.name, i.symbol) as symbol,
                  case when own.symbol is null then i.name else own.name end as "instrument_name?",
                  coalesce(own_target.symbol, own_target.name, target.symbol) as target_symbol
           from portfolio.transactions t
           left join market.instruments i on i.id = t.instrument_id
           left join market.instruments target on target.id = t.target_instrument_id
           left join portfolio.private_assets own
             on own.user_id = t.user_id and own.instrument_id = t.instrument_id
           left join portfolio.private_assets own_target
             on own_target.user_id = t.user_id
            and own_target.instrument_id = t.target_instrument_id
           where t.id = $1"#,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    Ok(row.view()?)
}

/// The same, locked until the unit of work ends: of two edits of one version one comes first.
pub(crate) async fn lock(tx: &mut UserTx, id: TransactionId) -> Result<TransactionView, Error> {
    sqlx::query!(
        "select id from portfolio.transactions where id = $1 for update",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, id).await
}

/// Everything that is to be replayed: all transactions of some portfolios, without the words and
/// references that no figure depends on.
pub(crate) async fn list_for_replay(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
) -> Result<Vec<Transaction>, Error> {
    let ids: Vec<Uuid> = portfolios.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id, portfolio_id, type as kind, date, executed_at, instrument_id, quantity,
                  null::numeric as price, amount, fees, taxes, currency, settlement_currency, fx_rate, split_to, split_from,
                  target_instrument_id, cost_share, acquired_on, transfer_id,
                  lots as "lots: sqlx::types::Json<Vec<LotChoice>>",
                  null::text as note, null::text as account, null::text as external_id,
                  null::uuid as import_id, version,
                  null::text as symbol, null::text as instrument_name, null::text as target_symbol
           from portfolio.transactions
           where portfolio_id = any($1)"#,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok(row.decode()?.transaction))
        .collect()
}

/// Whether another booking of the portfolio has the fingerprint of this one.
pub(crate) async fn is_fingerprint_taken(
    tx: &mut UserTx,
    id: TransactionId,
    portfolio: PortfolioId,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from portfolio.transactions own
               join portfolio.transactions other
                 on other.user_id = own.user_id and other.fingerprint = own.fingerprint
               where own.id = $1 and other.id <> own.id and other.portfolio_id = $2
           ) as "exists!""#,
        id.0,
        portfolio.0,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Which of these bookings the portfolio holds already.
pub(crate) async fn list_known(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    fingerprints: &[Fingerprint],
) -> Result<Vec<Vec<u8>>, Error> {
    let wanted: Vec<&[u8]> = fingerprints.iter().map(<[u8; 32]>::as_slice).collect();
    Ok(sqlx::query_scalar!(
        r#"select fingerprint as "fingerprint!" from portfolio.transactions
           where portfolio_id = $1 and fingerprint = any($2::bytea[])
           union all
           select edited_fingerprint from portfolio.transactions
           where portfolio_id = $1 and edited_fingerprint = any($2::bytea[])"#,
        portfolio.0,
        &wanted as &[&[u8]],
    )
    .fetch_all(tx.conn())
    .await?)
}

pub(crate) async fn update(
    tx: &mut UserTx,
    id: TransactionId,
    portfolio: PortfolioId,
    draft: &Draft,
    fingerprint: Option<Fingerprint>,
) -> Result<(), Error> {
    let edited = fingerprint::by_hand(draft, 0);
    let changed = sqlx::query!(
        "update portfolio.transactions
         set portfolio_id = $2, type = $3, date = $4, executed_at = $5, instrument_id = $6,
             quantity = $7, price = $8, amount = $9, fees = $10, taxes = $11, currency = $12,
             settlement_currency = $13, fx_rate = $14, split_to = $15, split_from = $16, note = $17,
             fingerprint = coalesce($18, fingerprint), edited_fingerprint = $19,
             target_instrument_id = $20, cost_share = $21, acquired_on = $22, transfer_id = $23,
             lots = $24,
             -- In another portfolio it does not apply the corporate action that it did here.
             corporate_action_id = case when portfolio_id = $2 then corporate_action_id end,
             corporate_action_terms = case when portfolio_id = $2 then corporate_action_terms end,
             version = version + 1
         where id = $1",
        id.0,
        portfolio.0,
        draft.kind.as_str(),
        jiff_sqlx::Date::from(draft.date) as jiff_sqlx::Date,
        draft.executed_at.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
        draft.instrument_id.map(|id| id.0),
        draft.quantity,
        draft.price,
        draft.amount,
        draft.fees,
        draft.taxes,
        draft.currency.as_str(),
        draft.settlement.as_ref().map(|s| s.currency.as_str()),
        draft.settlement.map(|s| s.fx_rate),
        draft.ratio.map(|r| r.to),
        draft.ratio.map(|r| r.from),
        draft.note,
        fingerprint.as_ref().map(<[u8; 32]>::as_slice),
        edited.as_slice(),
        draft.target_id.map(|id| id.0),
        draft.cost_share,
        draft.acquired_on.map(jiff_sqlx::Date::from) as Option<jiff_sqlx::Date>,
        draft.transfer_id,
        sqlx::types::Json(&draft.lots) as sqlx::types::Json<&Vec<LotChoice>>,
    )
    .execute(tx.conn())
    .await?;
    if changed.rows_affected() == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

pub(crate) async fn delete(tx: &mut UserTx, id: TransactionId) -> Result<(), Error> {
    let gone = sqlx::query!("delete from portfolio.transactions where id = $1", id.0)
        .execute(tx.conn())
        .await?;
    if gone.rows_affected() == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

/// Deletes what is left of a transfer between own portfolios.
pub(crate) async fn delete_transfer(tx: &mut UserTx, transfer: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "delete from portfolio.transactions where transfer_id = $1",
        transfer
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The other side of a transfer between own portfolios, locked.
pub(crate) async fn require_other_side(
    tx: &mut UserTx,
    transfer: Uuid,
    side: TransactionId,
) -> Result<TransactionView, Error> {
    let id = sqlx::query_scalar!(
        "select id from portfolio.transactions where transfer_id = $1 and id <> $2 for update",
        transfer,
        side.0,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    require(tx, TransactionId(id)).await
}

/// Writes what both sides of a transfer have in common.
pub(crate) async fn update_other_side(
    tx: &mut UserTx,
    id: TransactionId,
    draft: &Draft,
) -> Result<(), Error> {
    sqlx::query!(
        "update portfolio.transactions
         set date = $2, executed_at = $3, instrument_id = $4, quantity = $5, version = version + 1
         where id = $1",
        id.0,
        jiff_sqlx::Date::from(draft.date) as jiff_sqlx::Date,
        draft.executed_at.map(jiff_sqlx::Timestamp::from) as Option<jiff_sqlx::Timestamp>,
        draft.instrument_id.map(|id| id.0),
        draft.quantity,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Portfolios that have sent shares to an own one, or got some from one.
pub(crate) async fn list_linked_portfolios(tx: &mut UserTx) -> Result<Vec<PortfolioId>, Error> {
    let ids = sqlx::query_scalar!(
        "select distinct portfolio_id from portfolio.transactions where transfer_id is not null"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(PortfolioId).collect())
}

/// Deletes the bookings whose external ids begin so and are not among the `current` ones.
pub(crate) async fn delete_other_external(
    tx: &mut UserTx,
    portfolio: PortfolioId,
    prefix: &str,
    current: &[&str],
) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from portfolio.transactions
         where portfolio_id = $1 and starts_with(external_id, $2)
           and external_id <> all ($3::text[])",
        portfolio.0,
        prefix,
        current as &[&str],
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}
