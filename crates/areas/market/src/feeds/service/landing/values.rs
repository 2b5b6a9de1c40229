//! Values of an index from a series.

use db::SystemTx;
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;
use sources::Observation;

use super::{super::expected, Landed, RefreshError, Turn};
use crate::{
    bars::midnight,
    feeds::model::Attempt,
    indices::{self, NewIndexValue},
    quality::{self, findings::Found, rules::value},
};

pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    values: &[Observation],
    attempt: &mut Attempt,
) -> Result<Option<Landed>, RefreshError> {
    let (id, source) = (turn.plan.of.id, turn.candidate.id.as_str());
    let today = TimeZone::UTC.to_datetime(turn.now).date();
    let mut found = Found::default();
    let mut before = turn.plan.before.last().map(|bar| bar.close);
    let mut good = Vec::new();
    for of in values {
        // A day without trading has none.
        let Some(stated) = of.value else { continue };
        let said = || format!("{stated} on {}", of.date);
        if found.is_good(value(stated, of, before, today), said) {
            before = Some(stated);
            good.push((of.date, stated));
        } else {
            attempt.quarantined += 1;
        }
    }
    found
        .store(tx, id, turn.plan.want.as_str(), source, turn.now)
        .await?;
    let Some((last, _)) = good.last().copied() else {
        "no values in the span that can be used".clone_into(&mut attempt.reason);
        return Ok(None);
    };
    // Its own former values would say nothing about whether another agrees.
    let mut others = indices::recent(tx.conn(), id, quality::COMPARED).await?;
    others.retain(|value| value.source != source);
    attempt.stored = record_new(tx, turn, &good).await?;
    attempt.reason = format!(
        "{} values came, {} were new or corrected, {} are doubted",
        values.len(),
        attempt.stored,
        attempt.quarantined
    );
    let pairs: Vec<(f64, f64)> = good
        .iter()
        .filter_map(|(date, stated)| {
            let at = midnight(*date);
            let former = others.iter().find(|value| value.at == at)?;
            Some((former.value, *stated))
        })
        .collect();
    Ok(Some(Landed {
        data: json!({ "values": good.len(), "last": last }),
        parts: quality::Parts {
            freshness: quality::freshness(
                turn.now.duration_since(midnight(last)),
                quality::DAILY_FRESH_FOR,
            ),
            completeness: quality::share(
                values.iter().filter(|of| of.value.is_some()).count(),
                expected::values(turn.plan, turn.now),
            ),
            agreement: quality::agreement(&pairs),
            validation: quality::share(good.len(), good.len() + attempt.quarantined),
        },
    }))
}

/// Records the values that are not there yet; how many there were.
async fn record_new(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    good: &[(Date, f64)],
) -> Result<u64, RefreshError> {
    let mut recorded = 0;
    for (date, stated) in good {
        let at = midnight(*date);
        let same = turn.plan.there.iter().find(|bar| bar.at == at);
        if same.is_some_and(|bar| bar.close.total_cmp(stated).is_eq()) {
            continue;
        }
        let new = NewIndexValue {
            instrument_id: turn.plan.of.id,
            at,
            value: *stated,
            change: None,
            volume: None,
        };
        indices::record(tx, &new, turn.candidate.id.as_str()).await?;
        recorded += 1;
    }
    Ok(recorded)
}
