use std::collections::BTreeSet;

use db::{Db, SystemTx};

use super::{
    calendars,
    store::{self, Bucket, Hour},
};
use crate::{
    InstrumentId,
    bars::{self, Interval},
    exchanges::{self, DaySpan, Days},
};

/// Minutes, and hours, of one transaction at most.
const MINUTES: i64 = 20_000;
const HOURS: i64 = 5_000;
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
        if !bars::store::try_share_lock(&mut tx).await? {
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
        if !bars::store::try_share_lock(&mut tx).await? {
            return Ok(done);
        }
        if calendars::change(&mut tx).await? == 0 {
            break;
        }
        tx.commit().await?;
    }
    loop {
        let mut tx = db.system("roll minutes up to longer bars").await?;
        if !bars::store::try_share_lock(&mut tx).await? {
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

async fn roll_up_hours(tx: &mut SystemTx, hours: &[Hour]) -> db::Result<u64> {
    let mut changed = 0;
    let buckets: Vec<Bucket> = hours.iter().map(Bucket::of_hour).collect();
    for interval in OF_HOURS {
        changed += store::roll_up_bars(tx, interval, &buckets).await?;
    }
    let days = days(tx, hours).await?;
    let changed_days = store::roll_up_bars(tx, Interval::Day, &days).await?;
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
