use db::Db;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use serde::Serialize;

use super::store::{self, Kind};
use crate::bars::Interval;

/// Days after which minutes are packed.
pub(crate) const PACK_AFTER_DAYS: i64 = 7;
/// Days after which minutes go, and quarters of an hour with their month.
const DROP_AFTER_DAYS: i64 = 30;
/// Days after which ticks go.
const DROP_TICKS_AFTER_DAYS: i64 = 14;
/// Months that one transaction drops.
const MONTHS: i64 = 24;
/// Days ahead for which partitions are made: a week of days, two months, and the next decade in time.
const AHEAD_DAYS: i64 = 7;
const AHEAD_MONTHS_DAYS: [i64; 3] = [0, 32, 63];
const AHEAD_DECADES_DAYS: [i64; 2] = [0, 3 * 365];

/// What one round of upkeep did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Minutes that were packed.
    pub packed: u64,
    /// Minutes that went.
    pub dropped_minutes: u64,
    /// Ticks that went.
    pub dropped_ticks: u64,
    /// Months of quarters of an hour that went.
    pub dropped_months: u64,
    /// Days whose minutes or ticks had to stay, because longer bars are not computed from them yet.
    pub postponed: Vec<String>,
}

/// Makes the next partitions, packs minutes and drops what is over, each day in a transaction of its
/// own. It may run at any time and as often as one likes.
pub async fn keep(db: &Db, now: Timestamp) -> db::Result<Kept> {
    let mut kept = Kept::default();
    ahead(db, now).await?;
    let day = |days_ago: i64| date(now - SignedDuration::from_hours(24 * days_ago));
    let (dropped, stayed) = drop_days(db, now, Kind::Ticks, day(DROP_TICKS_AFTER_DAYS)).await?;
    kept.dropped_ticks = dropped;
    kept.postponed.extend(stayed);
    let (dropped, stayed) = drop_days(db, now, Kind::Minutes, day(DROP_AFTER_DAYS)).await?;
    kept.dropped_minutes = dropped;
    kept.postponed.extend(stayed);
    kept.packed = pack(db, now, day(PACK_AFTER_DAYS)).await?;
    let before = now - SignedDuration::from_hours(24 * DROP_AFTER_DAYS);
    kept.dropped_months = drop_months(db, now, before).await?;
    Ok(kept)
}

/// A few months in each transaction, because each takes locks until the end.
async fn drop_months(db: &Db, now: Timestamp, before: Timestamp) -> db::Result<u64> {
    let mut dropped = 0;
    loop {
        let mut tx = db.system("drop months of quarters of an hour").await?;
        let months = store::drop_oldest(&mut tx, Interval::QuarterHour, before, MONTHS).await?;
        if months == 0 {
            store::note(&mut tx, "drop_15m", now, dropped, None).await?;
            tx.commit().await?;
            return Ok(dropped);
        }
        dropped += months;
        tx.commit().await?;
    }
}

fn date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

async fn ahead(db: &Db, now: Timestamp) -> db::Result<()> {
    let mut tx = db.system("make partitions of bars ahead").await?;
    let mut made = 0;
    let days = |days: i64| now + SignedDuration::from_hours(24 * days);
    for table in [Interval::Minute.table(), "market.ticks"] {
        for day in 0..=AHEAD_DAYS {
            made += u64::from(store::ensure(&mut tx, table, days(day)).await?);
        }
    }
    for interval in [Interval::FiveMinutes, Interval::QuarterHour, Interval::Hour] {
        for ahead in AHEAD_MONTHS_DAYS {
            made += u64::from(store::ensure(&mut tx, interval.table(), days(ahead)).await?);
        }
    }
    for ahead in AHEAD_DECADES_DAYS {
        made += u64::from(store::ensure(&mut tx, Interval::Day.table(), days(ahead)).await?);
    }
    store::note(&mut tx, "ahead", now, made, None).await?;
    tx.commit().await
}

/// Drops the days before one; how many rows went, and which days had to stay.
async fn drop_days(
    db: &Db,
    now: Timestamp,
    kind: Kind,
    before: Date,
) -> db::Result<(u64, Vec<String>)> {
    let mut tx = db.system("find days of bars that are over").await?;
    let days = store::days(&mut tx, kind).await?;
    tx.commit().await?;
    let (mut dropped, mut stayed) = (0, Vec::new());
    for day in days.into_iter().filter(|day| *day < before) {
        let mut tx = db.system("drop a day of bars").await?;
        match store::drop_day(&mut tx, kind, day).await? {
            Some(rows) => dropped += rows,
            None => stayed.push(format!("{} of {day}", kind.as_str())),
        }
        tx.commit().await?;
    }
    let mut tx = db.system("note the upkeep of bars").await?;
    let task = match kind {
        Kind::Minutes => "drop_1m",
        Kind::Ticks => "drop_ticks",
    };
    let why = (!stayed.is_empty())
        .then(|| format!("not yet computed into longer bars: {}", stayed.join(", ")));
    store::note(&mut tx, task, now, dropped, why.as_deref()).await?;
    tx.commit().await?;
    Ok((dropped, stayed))
}

async fn pack(db: &Db, now: Timestamp, before: Date) -> db::Result<u64> {
    let mut tx = db.system("find days of minutes to pack").await?;
    let days = store::days(&mut tx, Kind::Minutes).await?;
    tx.commit().await?;
    let mut packed = 0;
    for day in days.into_iter().filter(|day| *day < before) {
        let mut tx = db.system("pack a day of minutes").await?;
        packed += store::pack(&mut tx, day).await?;
        tx.commit().await?;
        // Apart, because writers have to wait for this and it takes no time.
        let mut tx = db.system("drop the partition of a packed day").await?;
        store::drop_packed_day(&mut tx, day).await?;
        tx.commit().await?;
    }
    let mut tx = db.system("note the upkeep of bars").await?;
    store::note(&mut tx, "pack", now, packed, None).await?;
    tx.commit().await?;
    Ok(packed)
}
