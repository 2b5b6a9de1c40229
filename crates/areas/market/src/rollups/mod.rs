//! Longer bars out of shorter ones: minutes out of ticks, and bars of 5 and 15 minutes, hours and days
//! out of minutes. First and last price are those by time, volume is the sum of what is known. Whatever
//! changes marks the hours (of ticks the minutes) it belongs to; exactly these are computed again, in
//! the order of nothing: the outcome is that of computing everything anew.
//!
//! Bars that a source states itself stay as they are. Hours and what is shorter are cut on the UTC
//! clock. A day is the regular session of the instrument's exchange; where no calendar of it is known
//! it is the day of UTC with all hours. When that calendar becomes another one, all days are computed anew
//! of which the minutes are there.

mod calendars;
mod jobs;
mod service;
mod store;

use db::SystemTx;

pub(crate) use jobs::RollUp;
pub use service::{RolledUp, run};
pub(crate) use store::mark_hours;

/// Has what is marked computed as soon as the unit of work is committed.
pub(crate) async fn request(tx: &mut SystemTx) -> db::Result<()> {
    ::jobs::enqueue(tx, &RollUp {}).await?;
    Ok(())
}
