//! What becomes of computed days when an instrument is traded by another calendar than before.

use std::collections::BTreeSet;

use db::SystemTx;
use jiff::civil::Date;

use super::store::{self, Changed};
use crate::exchanges::{self, DaySpan, Days};

/// Instruments of one transaction at most.
const INSTRUMENTS: i64 = 20;

/// Marks all hours of which minutes are there, and deletes the computed days that have none of them any more; those
/// of which minutes have gone by age stay as they are. Returns how many instruments it was about.
pub(super) async fn change(tx: &mut SystemTx) -> db::Result<usize> {
    let changed = store::take_changed_calendars(tx, INSTRUMENTS).await?;
    if changed.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = changed
        .iter()
        .map(|changed| changed.instrument_id)
        .collect();
    // This waits for whoever is computing one of these hours by the calendar before, so that the days are seen then.
    store::mark_all_hours(tx, &ids).await?;
    let calendars = exchanges::calendars(tx.conn(), &ids).await?;
    let mut days = Days::default();
    let mut deleted = 0;
    for of in &changed {
        let present = calendars.get(&of.instrument_id).map(String::as_str);
        deleted += delete_outdated(tx, of, present, &mut days).await?;
    }
    if deleted > 0 {
        crate::figures::mark(tx, ids).await?;
        crate::revision::bump(tx).await?;
    }
    Ok(changed.len())
}

async fn delete_outdated(
    tx: &mut SystemTx,
    of: &Changed,
    present: Option<&str>,
    days: &mut Days,
) -> db::Result<u64> {
    let id = of.instrument_id;
    let gone = store::list_dropped_days(tx, id).await?;
    let mut candidates: Vec<(Date, Option<DaySpan>)> = Vec::new();
    for date in store::list_computed_days(tx, id).await? {
        let former = days.span(of.former.as_deref(), date);
        let span = days.span(present, date);
        if !stands(date, [former, span], &gone) {
            candidates.push((date, span));
        }
    }
    store::delete_days_without_minutes(tx, id, &candidates).await
}

/// Whether minutes have gone by age of a day or of its sessions, so that it cannot be computed anew.
fn stands(date: Date, sessions: [Option<DaySpan>; 2], gone: &BTreeSet<Date>) -> bool {
    let spans = sessions.iter().flatten().map(DaySpan::utc_days);
    std::iter::once((date, date))
        .chain(spans)
        .any(|(first, last)| gone.range(first..=last).next().is_some())
}
