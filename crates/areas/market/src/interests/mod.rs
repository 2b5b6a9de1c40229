//! Which instruments somebody holds or watches: what jobs keep fresh by the minute. Rooms below this one know
//! who holds what; they say of which instruments that is so, and never who.

mod store;

use db::SystemTx;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;

use crate::InstrumentId;

/// Why an instrument is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is in somebody's portfolio.
    Held,
    /// Somebody follows it alone, as its page does.
    Watched,
    /// It stands in a list whose prices somebody follows.
    Shown,
}

impl Reason {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Watched => "watched",
            Self::Shown => "shown",
        }
    }

    /// What is not said again within this time is so no longer.
    fn lasts(self) -> SignedDuration {
        match self {
            Self::Held => SignedDuration::from_hours(2),
            Self::Watched | Self::Shown => SignedDuration::from_mins(5),
        }
    }
}

/// Says why these are of interest, for a while from `now` on.
pub async fn state(
    tx: &mut SystemTx,
    reason: Reason,
    ids: &[InstrumentId],
    now: Timestamp,
) -> db::Result<()> {
    let until = now.checked_add(reason.lasts()).unwrap_or(now);
    store::upsert(tx, reason, ids, until).await
}

/// How many instruments are held and how many are watched.
pub async fn count(conn: &mut PgConnection, now: Timestamp) -> db::Result<(i64, i64)> {
    store::count(conn, now).await
}

/// Forgets what has lapsed.
pub(crate) async fn sweep(tx: &mut SystemTx, now: Timestamp) -> db::Result<()> {
    store::delete_lapsed(tx, now).await
}
