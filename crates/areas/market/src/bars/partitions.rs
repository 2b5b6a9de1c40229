//! Partitions that are made before they are written into.

use db::Db;
use jiff::Timestamp;

use super::{interval::Interval, store};

/// Partitions of one transaction. Each takes about ten locks until its end, and while one is made, no instrument can be
/// changed.
const AT_ONCE: usize = 20;

/// Makes the partitions in which these times lie, a few in a transaction, so that nobody waits for all of them and
/// no statement for years of them.
pub(super) async fn make(db: &Db, interval: Interval, times: &[Timestamp]) -> db::Result<()> {
    for few in times.chunks(AT_ONCE) {
        let mut tx = db.system("make partitions of bars").await?;
        store::ensure_partitions(&mut tx, interval, few.iter().copied()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Makes those partitions of the intervals that are not there.
pub(crate) async fn make_missing(
    db: &Db,
    intervals: &[Interval],
    times: &[Timestamp],
) -> db::Result<()> {
    for interval in intervals {
        let mut tx = db.system("look for partitions of bars").await?;
        let missing = store::without_partition(&mut tx, *interval, times.iter().copied()).await?;
        tx.commit().await?;
        make(db, *interval, &missing).await?;
    }
    Ok(())
}
