//! The last price.

use db::SystemTx;
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use serde_json::json;
use sources::Quote;

use super::{Landed, RefreshError, Turn};
use crate::{
    AssetClass,
    feeds::{Freshness, model::Attempt},
    indices::{self, NewIndexValue},
    quality::{
        self,
        latest::{self, Before},
        rules::{Doubt, quotation},
    },
    quotes::{self, NewQuote},
};

/// A quote is fresh for this long: most sources are a quarter of an hour late.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(20);
/// A market that has been open for longer has had a trade, or the source repeats itself.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(40);

pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    stated: Quote,
    attempt: &mut Attempt,
) -> Result<Option<Landed>, RefreshError> {
    let of = &turn.plan.of;
    let at = made_at(of, stated.at, turn.now);
    let factor = quotation(stated.quotation, of.currency.as_deref(), of.quote_unit);
    let (one, doubts) = match factor {
        Err(doubt) => (stated, vec![doubt]),
        Ok(factor) => {
            let one = scaled(stated, factor);
            let doubts = doubts(turn, &one, at);
            (one, doubts)
        }
    };
    if !doubts.is_empty() {
        keep_apart(tx, turn, &one, at, &doubts, attempt).await?;
        return Ok(None);
    }
    let new = NewQuote {
        instrument_id: of.id,
        price: one.price,
        previous_close: one.previous_close,
        volume: one.volume,
        bid: one.bid,
        ask: one.ask,
        at,
    };
    let source = turn.candidate.id.as_str();
    attempt.stored = quotes::put(tx, source, &[new]).await?;
    quality::store::settle_quotes(tx, source, &[(of.id, at)], turn.now).await?;
    if of.asset_class == AssetClass::Index && attempt.stored > 0 {
        let value = NewIndexValue {
            instrument_id: of.id,
            at,
            value: one.price,
            change: one.previous_close.map(|close| one.price - close),
            volume: one.volume,
        };
        indices::record(tx, &value, source).await?;
    }
    if repeats(of, at, turn.now) {
        attempt.reason = format!("the price is of {at}, although the market has been open since");
        return Ok(None);
    }
    if attempt.stored == 0
        && let Some(known) = newer(tx, of, at, turn.now).await?
    {
        attempt.reason = format!("the price is of {at}, and one of {known} is known");
        return Ok(None);
    }
    attempt.reason = if attempt.stored > 0 {
        format!("a price of {at}")
    } else {
        format!("a price of {at}, which is not newer than what is known")
    };
    let given = [one.previous_close, one.volume, one.bid, one.ask];
    let there = 1 + given.iter().flatten().count();
    Ok(Some(Landed {
        data: json!({ "price": one.price, "at": at }),
        parts: quality::Parts {
            freshness: quality::freshness(turn.now.duration_since(at), FRESH_FOR),
            completeness: quality::share(there, 5),
            agreement: quality::agreement(&[]),
            validation: 1.0,
        },
    }))
}

/// When the price was made. What is dated by a day alone is of the end of its session, or of now in it; what is
/// not dated at all is taken to be of now.
fn made_at(of: &Freshness, stated: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let Some(at) = stated else { return now };
    let day = TimeZone::UTC.to_datetime(at);
    if day.time() != Time::midnight() {
        return at;
    }
    let session = of
        .trading()
        .and_then(|calendar| calendar.session(day.date()));
    session.map_or(at, |session| {
        if session.opens_at > now {
            at
        } else {
            session.closes_at.min(now)
        }
    })
}

fn scaled(stated: Quote, factor: f64) -> Quote {
    if factor.total_cmp(&1.0).is_eq() {
        return stated;
    }
    let price = |stated| sources::rescaled(stated, factor);
    Quote {
        price: price(stated.price),
        previous_close: stated.previous_close.map(price),
        bid: stated.bid.map(price),
        ask: stated.ask.map(price),
        ..stated
    }
}

fn doubts(turn: &Turn<'_>, one: &Quote, at: Timestamp) -> Vec<Doubt> {
    let plan = turn.plan;
    let calendar = plan.of.trading();
    let before = Before {
        now: turn.now,
        prices: &plan.before,
        ex_dates: &plan.explained,
        calendar: calendar.as_ref(),
    };
    latest::doubts(one, at, &before)
}

/// Whether it is from before a session that has been open for a while.
fn repeats(of: &Freshness, at: Timestamp, now: Timestamp) -> bool {
    let session = of.trading().and_then(|calendar| calendar.session_at(now));
    session.is_some_and(|session| {
        at < session.opens_at && now.duration_since(session.opens_at) >= OPEN_FOR
    })
}

/// When the price was made that is known, where it is newer and the market is open: somebody else may have one that
/// is newer still.
async fn newer(
    tx: &mut SystemTx,
    of: &Freshness,
    at: Timestamp,
    now: Timestamp,
) -> db::Result<Option<Timestamp>> {
    let session = of.trading().and_then(|calendar| calendar.session_at(now));
    if session.is_none() {
        return Ok(None);
    }
    let known = quotes::latest(tx.conn(), &[of.id]).await?;
    let known = known.first().map(|quote| quote.at);
    Ok(known.filter(|known| *known > at))
}

async fn keep_apart(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    one: &Quote,
    at: Timestamp,
    doubts: &[Doubt],
    attempt: &mut Attempt,
) -> Result<(), RefreshError> {
    let why: Vec<String> = doubts.iter().map(Doubt::sentence).collect();
    attempt.reason = format!("a price of {} is doubted: {}", one.price, why.join("; "));
    let whose = (turn.plan.of.id, turn.candidate.id.as_str());
    let is_new = latest::keep_apart(tx, whose, one, at, doubts, turn.now).await?;
    attempt.quarantined = usize::from(is_new);
    Ok(())
}
