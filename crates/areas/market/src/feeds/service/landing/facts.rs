//! Figures that a company has reported.

use std::collections::BTreeSet;

use db::SystemTx;
use jiff::{SignedDuration, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::json;
use sources::Fact;

use super::{Landed, RefreshError, Turn};
use crate::{
    feeds::model::Attempt,
    fundamentals, instruments,
    quality::{self, findings::Found, rules::fact},
};

/// Reports are fresh for this long: a quarter, and the weeks until it is reported.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(135 * 24);

/// Figures of which the instrument itself holds the last: those by which it is screened.
const MARKET_CAP: (&str, &str) = ("MarketCapitalization", "USD");
const PE_RATIO: (&str, &str) = ("PERatio", "pure");

pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    facts: Vec<Fact>,
    attempt: &mut Attempt,
) -> Result<Option<Landed>, RefreshError> {
    let (id, source) = (turn.plan.of.id, turn.candidate.id.as_str());
    let today = TimeZone::UTC.to_datetime(turn.now).date();
    let mut found = Found::default();
    let all = facts.len();
    let good: Vec<Fact> = facts
        .into_iter()
        .filter(|one| {
            found.is_good(fact(one, today), || {
                format!("{} {} of {}", one.concept, one.value, one.to)
            })
        })
        .collect();
    found
        .store(tx, id, turn.plan.want.as_str(), source, turn.now)
        .await?;
    attempt.quarantined = all - good.len();
    let Some(last) = good.iter().map(|one| one.to).max() else {
        attempt.reason = format!("none of {all} figures can be used");
        return Ok(None);
    };
    let former = (
        fundamentals::store::last_value(tx, id, source, MARKET_CAP.0, MARKET_CAP.1).await?,
        fundamentals::store::last_value(tx, id, source, PE_RATIO.0, PE_RATIO.1).await?,
    );
    attempt.stored = fundamentals::store::upsert(tx, id, source, &good, turn.now).await?;
    // A company goes on reporting what it has reported.
    let known = fundamentals::store::count_concepts(tx, id, source).await?;
    let told: BTreeSet<&str> = good.iter().map(|one| one.concept.as_str()).collect();
    let of = |(concept, unit): (&str, &str)| -> Option<Decimal> {
        let one = good
            .iter()
            .find(|one| one.concept == concept && one.unit == unit);
        one.map(|one| one.value)
    };
    instruments::store::update_figures(
        tx,
        id,
        (
            former.0,
            of(MARKET_CAP).filter(|value| *value > Decimal::ZERO),
        ),
        (former.1, of(PE_RATIO)),
    )
    .await?;
    attempt.reason = format!(
        "{all} figures came, {} were new or corrected, {} are doubted",
        attempt.stored, attempt.quarantined
    );
    let age = turn.now.duration_since(crate::bars::midnight(last));
    Ok(Some(Landed {
        data: json!({ "figures": good.len(), "last": last }),
        parts: quality::Parts {
            freshness: quality::freshness(age, FRESH_FOR),
            completeness: quality::share(told.len(), known),
            agreement: quality::agreement(&[]),
            validation: quality::share(good.len(), all),
        },
    }))
}
