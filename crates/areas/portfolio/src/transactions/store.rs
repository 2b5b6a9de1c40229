use db::{UserId, UserTx};
use jiff::civil::Date;
use ledger::{Ratio, Settlement, TransactionKind};
use market::InstrumentId;
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Draft, Error, Transaction, TransactionId, TransactionView,
    fingerprint::{self, Fingerprint},
    model::ratio_text,
};
use crate::portfolios::PortfolioId;

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
    note: Option<String>,
    account: Option<String>,
    external_id: Option<String>,
    import_id: Option<Uuid>,
    version: i32,
    symbol: Option<String>,
    instrument_name: Option<String>,
}

impl Row {
    fn decode(self) -> Result<(Transaction, Option<String>, Option<String>), db::Error> {
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
        Ok((transaction, self.symbol, self.instrument_name))
    }

    fn view(self) -> Result<TransactionView, db::Error> {
        let (transaction, symbol, instrument_name) = self.decode()?;
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
    let after_date = after.map(|(date, _)| jiff_sqlx::Date::from(date));
    let rows = sqlx::query_as!(
        Row,
        r#"select t.id, t.portfolio_id, t.type as kind, t.date, t.executed_at, t.instrument_id,
                  t.quantity, t.price, t.amount, t.fees, t.taxes, t.currency,
                  t.settlement_currency, t.fx_rate, t.split_to, t.split_from, t.note,
                  t.account, t.external_id, t.import_id, t.version,
                  i.symbol as "symbol?", i.name as "instrument_name?"
           from portfolio.transactions t
           left join market.instruments i on i.id = t.instrument_id
           where ($1::uuid is null or t.portfolio_id = $1)
             and ($2::uuid is null or t.instrument_id = $2)
             and ($3::text is null or t.type = $3)
             and ($4::date is null or t.date >= $4)
             and ($5::date is null or t.date <= $5)
             and ($6::uuid is null or t.import_id = $6)
             and ($7::text is null or position(lower($7) in lower(i.symbol)) > 0
                  or position(lower($7) in lower(i.name)) > 0
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
                  t.settlement_currency, t.fx_rate, t.split_to, t.split_from, t.note,
                  t.account, t.external_id, t.import_id, t.version,
                  i.symbol as "symbol?", i.name as "instrument_name?"
           from portfolio.transactions t
           left join market.instruments i on i.id = t.instrument_id
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

/// Everything that is to be replayed: all transactions of some portfolios, or only those that
/// concern one instrument.
pub(crate) async fn list_for_replay(
    tx: &mut UserTx,
    portfolios: &[PortfolioId],
    instrument: Option<InstrumentId>,
) -> Result<Vec<Transaction>, Error> {
    let ids: Vec<Uuid> = portfolios.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id, portfolio_id, type as kind, date, executed_at, instrument_id, quantity, price,
                  amount, fees, taxes, currency, settlement_currency, fx_rate, split_to, split_from,
                  null::text as note, account, external_id, import_id, version,
                  null::text as symbol, null::text as instrument_name
           from portfolio.transactions
           where portfolio_id = any($1) and ($2::uuid is null or instrument_id = $2)"#,
        &ids,
        instrument.map(|id| id.0),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok(row.decode()?.0)).collect()
}

/// A transaction about to be stored.
pub(crate) struct NewRow<'d> {
    pub(crate) id: TransactionId,
    pub(crate) draft: &'d Draft,
    pub(crate) fingerprint: Fingerprint,
}

/// One value of each row, as a statement takes them.
fn column<'d, T>(rows: &[NewRow<'d>], get: impl Fn(&'d Draft) -> T) -> Vec<T> {
    rows.iter().map(|row| get(row.draft)).collect()
}

/// Stores what is not there yet and returns how many were new.
pub(crate) async fn insert_many(
    tx: &mut UserTx,
    user: UserId,
    portfolio: PortfolioId,
    import_id: Option<Uuid>,
    rows: &[NewRow<'_>],
) -> Result<u64, Error> {
    let numbers = |get: fn(&Draft) -> Option<Decimal>| column(rows, get);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let kinds = column(rows, |draft| draft.kind.as_str());
    let dates = column(rows, |draft| jiff_sqlx::Date::from(draft.date));
    let moments = column(rows, |draft| {
        draft.executed_at.map(jiff_sqlx::Timestamp::from)
    });
    let instruments = column(rows, |draft| draft.instrument_id.map(|id| id.0));
    let quantities = numbers(|draft| draft.quantity);
    let prices = numbers(|draft| draft.price);
    let amounts = numbers(|draft| Some(draft.amount));
    let fees = numbers(|draft| Some(draft.fees));
    let taxes = numbers(|draft| Some(draft.taxes));
    let currencies = column(rows, |draft| draft.currency.as_str());
    let settlements = column(rows, |draft| {
        draft.settlement.as_ref().map(|s| s.currency.as_str())
    });
    let rates = numbers(|draft| draft.settlement.map(|s| s.fx_rate));
    let split_tos = numbers(|draft| draft.ratio.map(|r| r.to));
    let split_froms = numbers(|draft| draft.ratio.map(|r| r.from));
    let notes = column(rows, |draft| draft.note.as_deref());
    let accounts = column(rows, |draft| draft.account.as_deref());
    let external_ids = column(rows, |draft| draft.external_id.as_deref());
    let fingerprints: Vec<&[u8]> = rows.iter().map(|row| row.fingerprint.as_slice()).collect();
    let inserted = sqlx::query!(
        "insert into portfolio.transactions
             (user_id, portfolio_id, import_id, id, type, date, executed_at, instrument_id,
              quantity, price, amount, fees, taxes, currency, settlement_currency, fx_rate,
              split_to, split_from, note, account, external_id, fingerprint)
         select $1, $2, $3, r.*
         from unnest($4::uuid[], $5::text[], $6::date[], $7::timestamptz[], $8::uuid[],
                     $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[],
                     $13::numeric[], $14::text[], $15::text[], $16::numeric[], $17::numeric[],
                     $18::numeric[], $19::text[], $20::text[], $21::text[], $22::bytea[])
              as r (id, type, date, executed_at, instrument_id, quantity, price, amount, fees, taxes,
                    currency, settlement_currency, fx_rate, split_to, split_from, note, account,
                    external_id, fingerprint)
         where not exists (
             select from portfolio.transactions t
             where t.user_id = $1 and t.portfolio_id = $2 and t.edited_fingerprint = r.fingerprint
         )
         on conflict (user_id, portfolio_id, fingerprint) do nothing",
        user.0,
        portfolio.0,
        import_id,
        &ids,
        &kinds as &[&str],
        &dates as &[jiff_sqlx::Date],
        &moments as &[Option<jiff_sqlx::Timestamp>],
        &instruments as &[Option<Uuid>],
        &quantities as &[Option<Decimal>],
        &prices as &[Option<Decimal>],
        &amounts as &[Option<Decimal>],
        &fees as &[Option<Decimal>],
        &taxes as &[Option<Decimal>],
        &currencies as &[&str],
        &settlements as &[Option<&str>],
        &rates as &[Option<Decimal>],
        &split_tos as &[Option<Decimal>],
        &split_froms as &[Option<Decimal>],
        &notes as &[Option<&str>],
        &accounts as &[Option<&str>],
        &external_ids as &[Option<&str>],
        &fingerprints as &[&[u8]],
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected())
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

/// Takes back everything that an import brought.
pub(crate) async fn delete_imported(tx: &mut UserTx, import_id: Uuid) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from portfolio.transactions where import_id = $1",
        import_id
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
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
