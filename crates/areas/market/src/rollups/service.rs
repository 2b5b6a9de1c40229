use std::{collections::BTreeSet, time::Duration};

use db::{Db, SystemTx};
use tokio::time::sleep;

use super::{
    calendars,
    store::{self, Bucket, Hour},
};
use crate::{
    InstrumentId,
    bars::{self, Interval},
    exchanges::{self, DaySpan, Days},
    figures,
};

/// Minutes, and hours, of one transaction at most.
const MINUTES: i64 = 20_000;
const HOURS: i64 = 5_000;
/// How often, and how far apart, it is looked whether bars are still being loaded.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// What is cut out of an hour, and how.
const OF_HOURS: [Interval; 3] = [Interval::FiveMinutes, Interval::QuarterHour, Interval::Hour];

/// What was computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RolledUp {
    /// Minutes whose ticks had changed.
    pub minutes: u64,
    /// Hours whose minutes had changed.
    pub hours: u64,
    /// Bars that are new or other than before.
    pub changed: u64,
}

/// Computes the bars of everything that is marked, in transactions of bounded size; marks that are made
/// meanwhile are computed as well. What another process is computing is left to it. While a file of bars
/// is loaded nothing is computed: the marks stay for the next run.
pub async fn run(db: &Db) -> db::Result<RolledUp> {
    let mut done = RolledUp::default();
    loop {
        let mut tx = db.system("roll ticks up to minutes").await?;
        if !is_nothing_loaded(&mut tx).await? {
            return Ok(done);
        }
        let minutes = store::take_minutes(&mut tx, MINUTES).await?;
        if minutes.is_empty() {
            break;
        }
        done.minutes += minutes.len() as u64;
        done.changed += store::roll_up_ticks(&mut tx, &minutes).await?;
        tx.commit().await?;
    }
    loop {
        let mut tx = db.system("go by changed calendars").await?;
        if !is_nothing_loaded(&mut tx).await? {
            return Ok(done);
        }
        if calendars::change(&mut tx).await? == 0 {
            break;
        }
        tx.commit().await?;
    }
    loop {
        make_partitions(db).await?;
        let mut tx = db.system("roll minutes up to longer bars").await?;
        if !is_nothing_loaded(&mut tx).await? {
            return Ok(done);
        }
        let hours = store::take_hours(&mut tx, HOURS).await?;
        if hours.is_empty() {
            return Ok(done);
        }
        done.hours += hours.len() as u64;
        done.changed += roll_up_hours(&mut tx, &hours).await?;
        tx.commit().await?;
    }
}

/// Waits for a day that is being dropped, and for a load that is about to end; not for a long one.
async fn is_nothing_loaded(tx: &mut SystemTx) -> db::Result<bool> {
    for _ in 0..LOOKS {
        if bars::store::try_share_lock(tx).await? {
            return Ok(true);
        }
        sleep(BETWEEN_LOOKS).await;
    }
    Ok(false)
}

/// Those of the next hours, before a transaction computes these: while a partition is made, no instrument can be changed.
async fn make_partitions(db: &Db) -> db::Result<()> {
    let mut tx = db.system("look for months to roll up").await?;
    let months = store::months_marked(&mut tx, HOURS).await?;
    tx.commit().await?;
    bars::partitions::make_missing(db, &OF_HOURS, &months).await
}

async fn roll_up_hours(tx: &mut SystemTx, hours: &[Hour]) -> db::Result<u64> {
    let mut changed = 0;
    let buckets: Vec<Bucket> = hours.iter().map(Bucket::of_hour).collect();
    for interval in OF_HOURS {
        changed += store::roll_up_bars(tx, interval, &buckets).await?;
    }
    let days = days(tx, hours).await?;
    let changed_days = store::roll_up_bars(tx, Interval::Day, &days).await?;
    store::note_computed(tx, &days).await?;
    // A minute that changes no day is younger than the one before nevertheless.
    figures::mark(tx, days.iter().map(Bucket::instrument_id)).await?;
    if changed_days > 0 {
        crate::revision::bump(tx).await?;
    }
    Ok(changed + changed_days)
}

async fn days(tx: &mut SystemTx, hours: &[Hour]) -> db::Result<Vec<Bucket>> {
    let ids: BTreeSet<InstrumentId> = hours.iter().map(|hour| hour.instrument_id).collect();
    let ids: Vec<InstrumentId> = ids.into_iter().collect();
    let calendars = exchanges::calendars(tx.conn(), &ids).await?;
    let mut days = Days::default();
    let mut wanted: BTreeSet<(InstrumentId, DaySpan)> = BTreeSet::new();
    for hour in hours {
        let calendar = calendars.get(&hour.instrument_id).map(String::as_str);
        let spans = days.of_hour(calendar, hour.at);
        wanted.extend(spans.into_iter().map(|span| (hour.instrument_id, span)));
    }
    Ok(wanted
        .into_iter()
        .map(|(id, span)| Bucket::of_day(id, &span))
        .collect())
}
