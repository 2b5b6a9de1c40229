//! Prices of the demo: they move around the last close by a law of the time of day, so that the same moment
//! always shows the same price, on every node.

use std::{f64::consts::TAU, time::Duration};

use db::{Clock, Db};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{NewQuote, put, sessions, store};
use crate::{InstrumentId, bars};

/// How often prices move.
const EVERY: Duration = Duration::from_secs(2);
/// A price strays this far from the last close at most.
const REACH: f64 = 0.01;
/// Seconds of the waves of which a price is made; none divides another.
const WAVES_S: [f64; 3] = [37.0, 149.0, 611.0];

/// Moves the prices of simulated instruments until it is told to stop.
pub async fn run(db: Db, clock: Clock, stop: CancellationToken) {
    if let Err(error) = sessions::fill(&db, clock.now()).await {
        tracing::warn!(%error, "simulated days have no bars within them");
    }
    while tokio::time::timeout(EVERY, stop.cancelled()).await.is_err() {
        if let Err(error) = tick(&db, clock.now()).await {
            tracing::debug!(%error, "simulated prices stand still");
        }
    }
}

/// The prices of one moment.
pub async fn tick(db: &Db, at: Timestamp) -> db::Result<u64> {
    let mut tx = db.system("move simulated prices").await?;
    let ids = store::list_simulated(&mut tx).await?;
    let closes = bars::latest_closes(tx.conn(), &ids, 1).await?;
    let quotes: Vec<NewQuote> = ids
        .into_iter()
        .filter_map(|id| {
            let (_, close) = *closes.get(&id)?.last()?;
            Some(NewQuote {
                instrument_id: id,
                price: price(id, close, at),
                previous_close: Some(close),
                volume: None,
                bid: None,
                ask: None,
                at,
            })
        })
        .collect();
    let stored = put(&mut tx, "simulator", &quotes).await?;
    tx.commit().await?;
    Ok(stored)
}

/// To the hundredth where that is less than the movement.
fn price(id: InstrumentId, close: f64, at: Timestamp) -> f64 {
    let phase = (id.0.as_u128() % 10_007) as f64;
    let second = at.as_second() as f64;
    let waves = WAVES_S
        .iter()
        .map(|wave| ((second + phase) / wave * TAU).sin());
    let stray = waves.sum::<f64>() / WAVES_S.len() as f64 * REACH;
    let moved = close * (1.0 + stray);
    if close < 5.0 {
        moved
    } else {
        (moved * 100.0).round() / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_stay_near_the_close_and_follow_from_the_moment() {
        let id = InstrumentId(uuid::Uuid::from_u128(77));
        let mut seen = std::collections::BTreeSet::new();
        for second in (0..4_000).step_by(2) {
            let at = Timestamp::from_second(1_700_000_000 + second).unwrap();
            let moved = price(id, 120.0, at);
            assert!((moved - 120.0).abs() <= 1.21, "{moved}");
            assert_eq!(moved.to_bits(), price(id, 120.0, at).to_bits());
            seen.insert(moved.to_bits());
        }
        assert!(seen.len() > 50, "they move");
    }
}
