//! How a refresh ended: what the next turn depends on, and why nothing came.

use db::Db;
use jiff::Timestamp;

use super::{Refreshed, plan::Plan};
use crate::{
    bars::Interval,
    feeds::{store, want::Want},
};

/// Notes the try, also where nobody could be asked or what is cached was used. What does not come is left alone for
/// longer each time; a try at which nobody was asked tells nothing of that.
pub(super) async fn conclude(
    db: &Db,
    now: Timestamp,
    plan: &Plan,
    done: &Refreshed,
) -> db::Result<()> {
    let (id, want) = (plan.of.id, plan.want);
    let mut tx = db.system("note how a refresh ended").await?;
    let before = store::refreshes(&mut tx, &[id]).await?;
    let before = before.get(&(id, want)).copied().unwrap_or_default();
    let mut reason = done.provider.is_none().then(|| done.passed_over.join("; "));
    let mut is_there = done.ending.has_come();
    if want == Want::Bars(Interval::Day) {
        let expected = plan.of.expected_day(now);
        let last = store::last_day(&mut tx, id, now).await?;
        is_there = last.is_some_and(|day| day >= expected);
        if let Some(provider) = done.provider.as_ref().filter(|_| !is_there) {
            reason = Some(format!(
                "{provider}: it has no usable bar of {expected} yet"
            ));
        }
    }
    let misses = if is_there {
        0
    } else {
        let is_miss = done.ending.is_miss() || done.ending.has_come();
        before.misses.saturating_add(u32::from(is_miss))
    };
    let end = store::Conclusion {
        at: now,
        misses,
        next_at: want.next_at(&plan.of, done.ending, misses, now),
        reason: reason.as_deref(),
    };
    store::conclude(&mut tx, id, want, end).await?;
    tx.commit().await
}
