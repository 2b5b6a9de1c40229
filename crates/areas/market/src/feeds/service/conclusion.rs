//! How a refresh ended: what the next turn depends on, and why nothing came.

use db::Db;
use jiff::Timestamp;

use super::{Refreshed, plan::Plan};
use crate::{
    bars::Interval,
    feeds::{model::pause, store, want::Want},
};

/// Notes the try, also where nobody could be asked or what is cached was used. Daily bars that do not come are left
/// alone for longer each time.
pub(super) async fn conclude(
    db: &Db,
    now: Timestamp,
    plan: &Plan,
    done: &Refreshed,
) -> db::Result<()> {
    let (id, want) = (plan.of.id, plan.want);
    let mut tx = db.system("note how a refresh ended").await?;
    let mut reason = done.provider.is_none().then(|| done.passed_over.join("; "));
    let mut end = store::Conclusion {
        at: now,
        misses: 0,
        next_at: None,
        reason: None,
    };
    if want == Want::Bars(Interval::Day) {
        let expected = plan.of.expected_day(now);
        let last = store::last_day(&mut tx, id, now).await?;
        if last.is_none_or(|day| day < expected) {
            end.misses = plan.of.misses.saturating_add(1);
            if let Some(provider) = &done.provider {
                reason = Some(format!(
                    "{provider}: it has no usable bar of {expected} yet"
                ));
            }
        }
        end.next_at = now.checked_add(pause(end.misses)).ok();
    }
    end.reason = reason.as_deref();
    store::conclude(&mut tx, id, want, end).await?;
    tx.commit().await
}
