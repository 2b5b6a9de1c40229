//! The option contracts on an instrument.

use db::SystemTx;
use jiff::{SignedDuration, tz::TimeZone};
use serde_json::json;
use sources::{Chain, Contract};

use super::{Landed, RefreshError, Turn};
use crate::{
    feeds::model::Attempt,
    options,
    quality::{
        self,
        findings::Found,
        rules::{contract, spot},
    },
};

/// A chain is fresh for this long: a weekend and a holiday.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);

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
            freshness: quality::freshness(turn.now.duration_since(at), FRESH_FOR),
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
    attempt.stored = options::store::insert_chain(tx, id, source, turn.now, &chain).await?;
    attempt.reason = format!(
        "{all} contracts came, {} were stored, {} are doubted",
        attempt.stored, attempt.quarantined
    );
    Ok(Some(landed))
}
