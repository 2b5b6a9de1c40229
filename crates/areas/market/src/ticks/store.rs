use db::SystemTx;
use jiff_sqlx::ToSqlx as _;

use super::{Ingested, Tick};
use crate::InstrumentId;

pub(super) async fn ingest(
    tx: &mut SystemTx,
    source: &str,
    rows: &[(InstrumentId, Tick)],
) -> db::Result<Ingested> {
    let ids: Vec<InstrumentId> = rows.iter().map(|(id, _)| *id).collect();
    let ats: Vec<jiff_sqlx::Timestamp> = rows.iter().map(|(_, tick)| tick.at.to_sqlx()).collect();
    let sequences: Vec<i64> = rows.iter().map(|(_, tick)| tick.sequence).collect();
    let prices: Vec<f64> = rows.iter().map(|(_, tick)| tick.price).collect();
    let column = |of: fn(&Tick) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(|(_, tick)| of(tick)).collect()
    };
    let (volumes, bids, asks) = (column(|t| t.volume), column(|t| t.bid), column(|t| t.ask));
    let found = sqlx::query!(
        r#"select written as "written!", unchanged as "unchanged!", expired as "expired!"
           from market.ingest_ticks($1, $2, $3, $4, $5, $6, $7, $8)"#,
        source,
        &ids as &[InstrumentId],
        &ats as &[jiff_sqlx::Timestamp],
        &sequences,
        &prices,
        &volumes as &[Option<f64>],
        &bids as &[Option<f64>],
        &asks as &[Option<f64>],
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Ingested {
        written: found.written.unsigned_abs(),
        unchanged: found.unchanged.unsigned_abs(),
        expired: found.expired.unsigned_abs(),
    })
}
