use db::{UserId, UserTx};
use jiff::{Timestamp, civil::Date};
use ledger::LotChoice;
use money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    portfolios::PortfolioId,
    transactions::{Draft, Error, TransactionId, fingerprint::Fingerprint},
};

/// A transaction about to be stored.
pub(crate) struct NewRow<'d> {
    pub(crate) id: TransactionId,
    pub(crate) draft: &'d Draft,
    pub(crate) fingerprint: Fingerprint,
}

/// A row as the statement that stores many takes them.
#[derive(Serialize)]
struct StoredRow<'d> {
    id: Uuid,
    r#type: &'static str,
    date: Date,
    executed_at: Option<Timestamp>,
    instrument_id: Option<Uuid>,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    amount: Decimal,
    fees: Decimal,
    taxes: Decimal,
    currency: Currency,
    settlement_currency: Option<Currency>,
    fx_rate: Option<Decimal>,
    split_to: Option<Decimal>,
    split_from: Option<Decimal>,
    target_instrument_id: Option<Uuid>,
    cost_share: Option<Decimal>,
    acquired_on: Option<Date>,
    transfer_id: Option<Uuid>,
    lots: &'d [LotChoice],
    note: Option<&'d str>,
    account: Option<&'d str>,
    external_id: Option<&'d str>,
    fingerprint: String,
}

impl<'d> From<&NewRow<'d>> for StoredRow<'d> {
    fn from(row: &NewRow<'d>) -> Self {
        let draft = row.draft;
        Self {
            id: row.id.0,
            r#type: draft.kind.as_str(),
            date: draft.date,
            executed_at: draft.executed_at,
            instrument_id: draft.instrument_id.map(|id| id.0),
            quantity: draft.quantity,
            price: draft.price,
            amount: draft.amount,
            fees: draft.fees,
            taxes: draft.taxes,
            currency: draft.currency,
            settlement_currency: draft.settlement.map(|settlement| settlement.currency),
            fx_rate: draft.settlement.map(|settlement| settlement.fx_rate),
            split_to: draft.ratio.map(|ratio| ratio.to),
            split_from: draft.ratio.map(|ratio| ratio.from),
            target_instrument_id: draft.target_id.map(|id| id.0),
            cost_share: draft.cost_share,
            acquired_on: draft.acquired_on,
            transfer_id: draft.transfer_id,
            lots: &draft.lots,
            note: draft.note.as_deref(),
            account: draft.account.as_deref(),
            external_id: draft.external_id.as_deref(),
            fingerprint: row
                .fingerprint
                .iter()
                .fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}")),
        }
    }
}

/// Stores what is not there yet and returns how many were new.
pub(crate) async fn insert_many(
    tx: &mut UserTx,
    user: UserId,
    portfolio: PortfolioId,
    import_id: Option<Uuid>,
    rows: &[NewRow<'_>],
) -> Result<u64, Error> {
    let rows: Vec<StoredRow<'_>> = rows.iter().map(StoredRow::from).collect();
    let inserted = sqlx::query!(
        "insert into portfolio.transactions
             (user_id, portfolio_id, import_id, id, type, date, executed_at, instrument_id,
              quantity, price, amount, fees, taxes, currency, settlement_currency, fx_rate,
              split_to, split_from, target_instrument_id, cost_share, acquired_on, transfer_id, lots,
              note, account, external_id, fingerprint)
         select $1, $2, $3, r.*
         from jsonb_to_recordset($4)
              as r (id uuid, type text, date date, executed_at timestamptz, instrument_id uuid,
                    quantity numeric, price numeric, amount numeric, fees numeric, taxes numeric,
                    currency text, settlement_currency text, fx_rate numeric, split_to numeric,
                    split_from numeric, target_instrument_id uuid, cost_share numeric,
                    acquired_on date, transfer_id uuid, lots jsonb, note text, account text,
                    external_id text, fingerprint bytea)
         where not exists (
             select from portfolio.transactions t
             where t.user_id = $1 and t.portfolio_id = $2 and t.edited_fingerprint = r.fingerprint
         )
         on conflict (user_id, portfolio_id, fingerprint) do nothing",
        user.0,
        portfolio.0,
        import_id,
        sqlx::types::Json(&rows) as sqlx::types::Json<&Vec<StoredRow<'_>>>,
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected())
}
