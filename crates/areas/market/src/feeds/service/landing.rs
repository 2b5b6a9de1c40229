//! What becomes of bars that came.

use db::SystemTx;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use sources::{Bar, Fetched, Payload, Validators};

use super::{Candidate, Plan, RefreshError};
use crate::{
    cache::{self, Entry},
    feeds::{self, model::Attempt},
    quality,
};

/// How long fetched bars are used before a source is asked again.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
/// The last bar is fresh for this long: a weekend and a holiday.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);

/// Judges what came, stores what is good and keeps the rest apart. `false` when nothing came at all.
pub(super) async fn land(
    tx: &mut SystemTx,
    now: Timestamp,
    plan: &Plan,
    candidate: &Candidate,
    fetched: Fetched,
    attempt: &mut Attempt,
) -> Result<bool, RefreshError> {
    let Payload::Bars(series) = fetched.payload else {
        "no bars came, although bars were asked for".clone_into(&mut attempt.reason);
        return Ok(false);
    };
    attempt.tries = fetched.tries;
    attempt.received = series.bars.len();
    if series.bars.is_empty() {
        "no bars in the span".clone_into(&mut attempt.reason);
        return Ok(false);
    }
    let bars = if plan.of.is_simulated {
        continued(&series.bars, &plan.before)
    } else {
        series.bars
    };
    let calendar = plan.of.trading();
    let known = quality::rules::Known {
        now,
        before: &plan.before,
        explained: &plan.explained,
        zone: TimeZone::UTC,
        calendar: calendar.as_ref(),
        is_daily: true,
    };
    let verdicts = quality::rules::judge(&bars, &known);
    let mut good = Vec::with_capacity(bars.len());
    for (bar, doubts) in bars.iter().zip(&verdicts) {
        if doubts.is_empty() {
            good.push(*bar);
        } else if quality::store::insert(tx, plan.of.id, candidate.id.as_str(), bar, doubts, now)
            .await?
        {
            attempt.quarantined += 1;
        }
    }
    attempt.stored = feeds::store_bars(tx, plan.of.id, candidate.id.as_str(), &good).await?;
    attempt.reason = format!(
        "{} bars came, {} were new or corrected, {} are doubted",
        bars.len(),
        attempt.stored,
        attempt.quarantined
    );
    let entry = entry(plan, candidate, &bars, &good, fetched.validators, now);
    cache::put(tx, &plan.key, &entry).await?;
    Ok(true)
}

/// Made-up bars after the last that is there, at its level.
fn continued(bars: &[Bar], before: &[Bar]) -> Vec<Bar> {
    let Some(last) = before.last() else {
        return bars.to_vec();
    };
    let same = bars.iter().find(|bar| bar.at == last.at).or(bars.first());
    let factor = same.map_or(1.0, |bar| last.close / bar.close);
    let cents = |price: f64| (price * factor * 100.0).round().max(1.0) / 100.0;
    let scaled = bars.iter().filter(|bar| bar.at > last.at).map(|bar| Bar {
        open: cents(bar.open),
        high: cents(bar.high),
        low: cents(bar.low),
        close: cents(bar.close),
        adjusted_close: bar.adjusted_close.map(cents),
        ..*bar
    });
    scaled.collect()
}

fn entry(
    plan: &Plan,
    candidate: &Candidate,
    bars: &[Bar],
    good: &[Bar],
    validators: Validators,
    now: Timestamp,
) -> Entry {
    // Days that were there before and came again from somebody else tell whether two sources agree.
    let is_other = plan.of.source.as_deref() != Some(candidate.id.as_str());
    let pairs: Vec<(f64, f64)> = good
        .iter()
        .filter(|_| is_other)
        .filter_map(|bar| {
            let former = plan.there.iter().find(|former| former.at == bar.at)?;
            Some((former.close, bar.close))
        })
        .collect();
    let with_volume = bars.iter().filter(|bar| bar.volume.is_some()).count();
    let last = bars.last().map_or(now, |bar| bar.at);
    let parts = quality::Parts {
        freshness: quality::freshness(now.duration_since(last), FRESH_FOR),
        completeness: quality::share(bars.len() + with_volume, 2 * bars.len()),
        agreement: quality::agreement(&pairs),
        validation: quality::share(good.len(), bars.len()),
    };
    Entry {
        data: json!({
            "bars": bars.len(),
            "first": bars.first().map(|bar| bar.at),
            "last": bars.last().map(|bar| bar.at),
        }),
        source: candidate.id.to_string(),
        score: parts.score(),
        etag: validators.etag,
        last_modified: validators.last_modified,
        cached_at: now,
        expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
    }
}
