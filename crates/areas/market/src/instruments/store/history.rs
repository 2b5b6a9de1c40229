use sqlx::PgConnection;

use crate::instruments::{FormerSymbol, InstrumentId, matching::Former};

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

/// Who bore one of the symbols before.
pub(super) async fn list_bearers(
    conn: &mut PgConnection,
    symbols: &[&str],
) -> db::Result<Vec<Former>> {
    Ok(sqlx::query_as!(
        Former,
        r#"select instrument_id as "id: InstrumentId", symbol, exchange,
                  case when exchange <> '' then market.mic_of(exchange) end as mic
           from market.symbol_history
           where symbol = any ($1)
           order by symbol, instrument_id"#,
        symbols as &[&str],
    )
    .fetch_all(conn)
    .await?)
}
