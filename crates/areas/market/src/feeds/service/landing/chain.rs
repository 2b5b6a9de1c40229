//! The option contracts on an instrument.

use std::collections::BTreeSet;

use db::SystemTx;
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;
use sources::{Chain, Contract};

use super::{Landed, RefreshError, Turn};
use crate::{
    InstrumentId,
    feeds::{model::Attempt, want::Want},
    options::{self, store::Pending},
    quality::{
        self,
        findings::Found,
        rules::{contract, spot},
    },
};

/// Expirations of one chain at most, the nearest first. A provider that gives one to a request is asked so often.
const MOST_EXPIRATIONS: usize = 12;
pub(super) async fn land(
    tx: &mut SystemTx,
    turn: &Turn<'_>,
    chain: Chain,
    attempt: &mut Attempt,
) -> Result<Option<Landed>, RefreshError> {
    let id = turn.plan.of.id;
    let (source, want) = (turn.candidate.id.as_str(), turn.plan.want.as_str());
    let at = chain.at.unwrap_or(turn.now);
    let mut found = Found::default();
    let doubts = spot(chain.spot, at, turn.plan.before.last(), turn.now);
    let said = || {
        let spot = chain.spot.map(|spot| spot.to_string());
        format!(
            "the underlying at {} on {at}",
            spot.as_deref().unwrap_or("an unknown price")
        )
    };
    if !found.is_good(doubts, said) {
        found.store(tx, id, want, source, turn.now).await?;
        attempt.quarantined = chain.contracts.len();
        attempt.reason = format!(
            "all {} contracts are doubted: {}",
            chain.contracts.len(),
            said()
        );
        return Ok(None);
    }
    let day = TimeZone::UTC.to_datetime(at).date();
    let all = chain.contracts.len();
    let pending = pending(&chain, day);
    let good: Vec<Contract> = chain
        .contracts
        .into_iter()
        .filter(|one| found.is_good(contract(one, day), || one.symbol.clone()))
        .collect();
    found.store(tx, id, want, source, turn.now).await?;
    attempt.quarantined = all - good.len();
    if good.is_empty() {
        attempt.reason = format!("none of {all} contracts can be used");
        return Ok(None);
    }
    let priced = good
        .iter()
        .filter(|one| one.ask.is_some() || one.last.is_some())
        .count();
    let landed = Landed {
        data: json!({ "contracts": good.len(), "spot": chain.spot, "at": chain.at }),
        parts: quality::Parts {
            freshness: quality::freshness(turn.now.duration_since(at), quality::DAILY_FRESH_FOR),
            completeness: quality::share(priced, good.len()),
            agreement: quality::agreement(&[]),
            validation: quality::share(good.len(), all),
        },
    };
    let last = options::store::last_chain(tx.conn(), id).await?;
    if chain.at.is_some() && last == Some((chain.at, source.to_owned())) {
        attempt.reason = format!("the chain is that of {at}, which is there");
        return Ok(Some(landed));
    }
    let chain = Chain {
        contracts: good,
        ..chain
    };
    attempt.stored =
        options::store::insert_chain(tx, id, source, turn.now, &chain, &pending).await?;
    attempt.reason = format!(
        "{all} contracts came, {} were stored, {} are doubted",
        attempt.stored, attempt.quarantined
    );
    Ok(Some(landed))
}

/// The nearest expirations that the source lists and did not give; those that are over will not come.
fn pending(chain: &Chain, today: Date) -> Vec<Date> {
    let given: BTreeSet<Date> = chain.contracts.iter().map(|one| one.expires_on).collect();
    let listed = chain.expirations.iter().copied();
    listed
        .filter(|day| *day >= today && !given.contains(day))
        .take(MOST_EXPIRATIONS.saturating_sub(given.len()))
        .collect()
}

/// Judges and stores what came of one further expiration, beside what is there of its chain.
pub(in crate::feeds::service) async fn land_expiration(
    tx: &mut SystemTx,
    id: InstrumentId,
    pending: &Pending,
    contracts: Vec<Contract>,
    attempt: &mut Attempt,
) -> Result<(), RefreshError> {
    let day = TimeZone::UTC.to_datetime(attempt.at).date();
    let all = contracts.len();
    let mut found = Found::default();
    let good: Vec<Contract> = contracts
        .into_iter()
        .filter(|one| found.is_good(contract(one, day), || one.symbol.clone()))
        .collect();
    let want = Want::OptionChain.as_str();
    found
        .store(tx, id, want, &pending.source, attempt.at)
        .await?;
    attempt.quarantined = all - good.len();
    attempt.stored = options::store::insert_expiration(tx, id, pending, &good).await?;
    attempt.reason = format!(
        "{all} contracts of {} came, {} were stored, {} are doubted",
        pending.expires_on, attempt.stored, attempt.quarantined
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan as _, civil::date};

    use super::*;

    #[test]
    fn the_nearest_expirations_are_asked_for_and_no_more_than_a_dozen() {
        let today = date(2024, 6, 3);
        let fridays = (0..20).map(|week| today.saturating_add((7 * week - 3).days()));
        let chain = Chain {
            spot: None,
            at: None,
            expirations: fridays.collect(),
            contracts: Vec::new(),
        };
        let open = pending(&chain, today);
        assert_eq!(open.len(), MOST_EXPIRATIONS);
        assert_eq!(
            open.first(),
            Some(&date(2024, 6, 7)),
            "not the one that is over"
        );
    }
}
