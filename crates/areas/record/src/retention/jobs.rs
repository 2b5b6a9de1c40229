use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use jobs::{Job, JobCtx, JobError};
use serde::{Deserialize, Serialize};

use super::store;

const DAY_H: i64 = 24;
/// Table and days of its rows. A month goes when its last row is older.
const LIFETIMES_DAYS: [(&str, i64); 3] = [
    ("activity", 90),
    ("system_logs", 30),
    ("analytics_events", 90),
];
/// Months ahead of the current one that are made.
const AHEAD_MONTHS: i32 = 2;

/// Makes the next months of the tables that are kept in months, and drops those whose lifetime is over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeepMonths {}

impl Job for KeepMonths {
    const NAME: &'static str = "record.keep_months";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let days = |days: i64| SignedDuration::from_hours(DAY_H * days);
        let mut tx = ctx.db.system("make and drop months of records").await?;
        for (table, lifetime) in LIFETIMES_DAYS {
            for month in months(now) {
                store::ensure(&mut tx, table, month).await?;
            }
            if let Ok(before) = now.checked_sub(days(lifetime)) {
                let dropped = store::drop_before(&mut tx, table, before).await?;
                if !dropped.is_empty() {
                    tracing::info!(months = dropped.join(", "), "dropped months of records");
                }
            }
        }
        Ok(tx.commit().await?)
    }
}

/// The first instants (UTC) of this month and of those ahead; the end of representable time stops it.
fn months(now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let first = now.to_zoned(TimeZone::UTC).first_of_month();
    (0..=AHEAD_MONTHS).filter_map(move |ahead| {
        let month = first.as_ref().ok()?.checked_add(ahead.months()).ok()?;
        let start = month.start_of_day().ok()?;
        Some(start.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_months_are_ready_whatever_their_length() {
        for (now, expected) in [
            (
                "2026-01-31T23:59:59Z",
                ["2026-01-01", "2026-02-01", "2026-03-01"],
            ),
            (
                "2026-07-01T00:00:00Z",
                ["2026-07-01", "2026-08-01", "2026-09-01"],
            ),
            (
                "2027-12-30T12:00:00Z",
                ["2027-12-01", "2028-01-01", "2028-02-01"],
            ),
        ] {
            let months: Vec<String> = months(now.parse().expect("an instant"))
                .map(|month| month.to_string())
                .collect();
            assert_eq!(
                months,
                expected.map(|day| format!("{day}T00:00:00Z")),
                "{now}"
            );
        }
    }
}
