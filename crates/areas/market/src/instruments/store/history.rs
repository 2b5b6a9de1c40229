use sqlx::PgConnection;

use crate::instruments::{FormerSymbol, InstrumentId};

/// The symbols that an instrument had before, the latest first.
pub(in crate::instruments) async fn list(
    conn: &mut PgConnection,
    id: InstrumentId,
) -> db::Result<Vec<FormerSymbol>> {
    let rows = sqlx::query!(
        "select symbol, exchange, until
         from market.symbol_history
         where instrument_id = $1
         order by changed_at desc",
        id as InstrumentId,
    )
    .fetch_all(conn)
    .await?;
    let former = rows.into_iter().map(|row| FormerSymbol {
        symbol: row.symbol,
        exchange: row.exchange,
        until: row.until.to_jiff(),
    });
    Ok(former.collect())
}
