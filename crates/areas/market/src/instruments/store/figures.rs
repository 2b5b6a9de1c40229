use db::SystemTx;
use rust_decimal::Decimal;

use crate::InstrumentId;

/// Puts what a source states in the place of what it had stated before, each as former and present value. What
/// somebody else has stated stays.
pub(crate) async fn update_figures(
    tx: &mut SystemTx,
    id: InstrumentId,
    market_cap: (Option<Decimal>, Option<Decimal>),
    pe_ratio: (Option<Decimal>, Option<Decimal>),
) -> db::Result<()> {
    sqlx::query!(
        "update market.instruments
         set market_cap = case when market_cap is null or market_cap = $2::numeric
                               then coalesce($3::numeric, market_cap) else market_cap end,
             pe_ratio = case when pe_ratio is null or pe_ratio = $4::numeric
                             then coalesce($5::numeric, pe_ratio) else pe_ratio end
         where id = $1 and ($3::numeric is not null or $5::numeric is not null)",
        id as InstrumentId,
        market_cap.0.map(|value| value.round_dp(2)),
        market_cap.1.map(|value| value.round_dp(2)),
        pe_ratio.0.map(|value| value.round_dp(4)),
        pe_ratio.1.map(|value| value.round_dp(4)),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
