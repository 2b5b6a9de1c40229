use db::{Clock, Db, UserId};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use market::InstrumentId;

use super::{
    build::{self, Input},
    store::{self, State},
};
use crate::{
    history, imports, loading, portfolios,
    portfolios::PortfolioId,
    private_assets,
    transactions::{self, Error},
    valuation::store::{Overview, overview},
};

/// How often a build starts again because the portfolio changed under it.
const MAX_TRIES: u32 = 5;
/// A writer of prices dates its rows by its statements and shows them when it commits. Looking this
/// far back finds those of any writer that was at work at the last look.
const LONGEST_WRITE: SignedDuration = SignedDuration::from_hours(24);

/// Snapshots of calendar years that ended longer ago than this are packed.
const PACK_AFTER: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What a build did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// Every day was right already.
    Current,
    /// Days were written from this one on.
    From(Date),
    /// Somebody kept changing the portfolio; another run will do it.
    Overtaken,
    /// A long import is booked or taken back: it is built when that ends.
    Waiting,
    /// There is no such portfolio any more.
    Gone,
}

/// Builds the snapshots of a portfolio from the first day that is not right any more.
pub async fn bring_up_to_date(
    db: &Db,
    clock: &Clock,
    user: UserId,
    portfolio: PortfolioId,
) -> Result<Built, Error> {
    build(db, clock, user, portfolio, false).await
}

/// Builds all snapshots of a portfolio again.
pub async fn rebuild(
    db: &Db,
    clock: &Clock,
    user: UserId,
    portfolio: PortfolioId,
) -> Result<Built, Error> {
    build(db, clock, user, portfolio, true).await
}

async fn build(
    db: &Db,
    clock: &Clock,
    user: UserId,
    portfolio: PortfolioId,
    is_whole: bool,
) -> Result<Built, Error> {
    for _ in 0..MAX_TRIES {
        match attempt(db, clock, user, portfolio, is_whole).await {
            Ok(Built::Overtaken) => {}
            Err(Error::Portfolio(portfolios::Error::NotFound)) => return Ok(Built::Gone),
            outcome => return outcome,
        }
    }
    Ok(Built::Overtaken)
}

async fn attempt(
    db: &Db,
    clock: &Clock,
    user: UserId,
    portfolio: PortfolioId,
    is_whole: bool,
) -> Result<Built, Error> {
    if is_busy(db, user, portfolio).await? {
        return Ok(Built::Waiting);
    }
    let today = clock.today(&TimeZone::UTC);
    let mut tx = db.read(user).await?;
    let state = store::state(&mut tx, portfolio).await?;
    let seen_at = store::now(&mut tx).await?;
    let before = overview(&mut tx, Some(portfolio)).await?;
    let is_simulated = before.portfolios.iter().any(|p| p.is_simulated);
    let ledgers = loading::ledgers(&mut tx, before.portfolios.clone()).await?;
    let ids: Vec<InstrumentId> = ledgers.instruments.iter().map(|i| i.id).collect();
    let from = if is_whole {
        Some(history::EARLIEST)
    } else {
        let moved = match state.market_seen_at {
            Some(seen) if state.market_revision != before.market_revision => {
                let since = seen.saturating_sub(LONGEST_WRITE).unwrap_or(seen);
                market::observations::first_changed_day(tx.conn(), &ids, since).await?
            }
            _ => None,
        };
        first_wrong_day(&state, moved, today)
    };
    let current = State {
        dirty_from: None,
        built_to: Some(today),
        market_revision: before.market_revision,
        market_seen_at: Some(seen_at),
    };
    let Some(from) = from else {
        drop(tx);
        return settle(db, user, portfolio, &before, &state, &current, None).await;
    };
    let mut closes = market::bars::closes(tx.conn(), &ids).await?;
    private_assets::service::add_closes(&mut tx, &ledgers.instruments, None, &mut closes).await?;
    let fx = if is_simulated {
        market::fx::simulated_table(tx.conn()).await?
    } else {
        market::fx::table(tx.conn()).await?
    };
    // The unit of work ends before the engines run.
    drop(tx);
    let input = Input {
        ledgers,
        closes,
        fx,
        from,
        to: today,
    };
    let snapshots = tokio::task::spawn_blocking(move || build::build(input))
        .await
        .map_err(|error| db::Error::Internal(sqlx::Error::Protocol(error.to_string())))?;
    let written = Some((from, snapshots.as_slice()));
    settle(db, user, portfolio, &before, &state, &current, written).await
}

/// Whether the portfolio is about to change again and again, or one from which its lots may come. To
/// build it after each part of an import would read all of it as often.
async fn is_busy(db: &Db, user: UserId, portfolio: PortfolioId) -> Result<bool, Error> {
    let mut tx = db.write(user).await?;
    let mut read = transactions::store::list_linked_portfolios(&mut tx).await?;
    if !read.contains(&portfolio) {
        read = vec![portfolio];
    }
    let is_busy = imports::is_any_busy(&mut tx, &read).await?;
    tx.commit().await?;
    Ok(is_busy)
}

/// The earliest day for which there is a reason to build again.
fn first_wrong_day(state: &State, moved: Option<Date>, today: Date) -> Option<Date> {
    let Some(built_to) = state.built_to else {
        return Some(history::EARLIEST);
    };
    let next = (built_to < today).then(|| built_to.tomorrow().unwrap_or(built_to));
    [state.dirty_from, moved, next].into_iter().flatten().min()
}

/// Writes what was built, unless the portfolio changed in the meantime.
async fn settle(
    db: &Db,
    user: UserId,
    portfolio: PortfolioId,
    before: &Overview,
    former: &State,
    current: &State,
    written: Option<(Date, &[super::model::Snapshot])>,
) -> Result<Built, Error> {
    if written.is_none() && is_same(former, current) {
        return Ok(Built::Current);
    }
    let mut tx = db.write(user).await?;
    store::lock(&mut tx, user, portfolio).await?;
    let now = overview(&mut tx, Some(portfolio)).await?;
    if now.revisions != before.revisions {
        return Ok(Built::Overtaken);
    }
    if let Some((from, snapshots)) = written {
        store::replace(&mut tx, user, portfolio, from, snapshots).await?;
    }
    store::set_state(&mut tx, portfolio, current).await?;
    tx.commit().await?;
    Ok(written.map_or(Built::Current, |(from, _)| Built::From(from)))
}

/// Whether two states say the same, but for when the market was looked at.
fn is_same(left: &State, right: &State) -> bool {
    let untimed = |state: &State| State {
        market_seen_at: None::<Timestamp>,
        ..*state
    };
    untimed(left) == untimed(right)
}

/// Packs the days of years that ended more than a year ago, of all people; how many.
pub async fn pack(db: &Db, now: Timestamp) -> db::Result<u64> {
    let mut tx = db.system("pack snapshots").await?;
    let packed = store::pack(&mut tx, now - PACK_AFTER).await?;
    tx.commit().await?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_earliest_reason_decides() {
        let today = date(2026, 3, 2);
        assert_eq!(
            first_wrong_day(&State::default(), None, today),
            Some(history::EARLIEST)
        );
        let built = State {
            built_to: Some(today),
            ..State::default()
        };
        assert_eq!(first_wrong_day(&built, None, today), None);
        let moved = Some(date(2026, 1, 5));
        assert_eq!(first_wrong_day(&built, moved, today), moved);
        let dirty = State {
            dirty_from: Some(date(2025, 7, 1)),
            built_to: Some(date(2026, 2, 27)),
            ..State::default()
        };
        assert_eq!(first_wrong_day(&dirty, moved, today), dirty.dirty_from);
        let yesterday = State {
            built_to: Some(date(2026, 2, 28)),
            ..State::default()
        };
        assert_eq!(
            first_wrong_day(&yesterday, None, today),
            Some(date(2026, 3, 1))
        );
    }
}
