use std::collections::HashMap;

use db::SystemTx;
use sources::ProviderId;

use crate::InstrumentId;

/// What is stated about an instrument, by the name of the source.
pub(super) async fn list(
    tx: &mut SystemTx,
    id: InstrumentId,
) -> db::Result<HashMap<String, String>> {
    let rows = sqlx::query!(
        "select provider, symbol from market.provider_symbols where instrument_id = $1",
        id as InstrumentId,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.provider, row.symbol))
        .collect())
}

/// `false` where no instrument with prices has the id.
pub(super) async fn put(
    tx: &mut SystemTx,
    id: InstrumentId,
    provider: ProviderId,
    symbol: &str,
) -> db::Result<bool> {
    let done = sqlx::query!(
        "insert into market.provider_symbols (instrument_id, provider, symbol)
         select id, $2, $3 from market.instruments where id = $1 and not is_private
         on conflict (instrument_id, provider) do update set symbol = excluded.symbol",
        id as InstrumentId,
        provider.as_str(),
        symbol,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete(
    tx: &mut SystemTx,
    id: InstrumentId,
    provider: ProviderId,
) -> db::Result<bool> {
    let done = sqlx::query!(
        "delete from market.provider_symbols where instrument_id = $1 and provider = $2",
        id as InstrumentId,
        provider.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
