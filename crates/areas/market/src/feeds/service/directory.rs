//! EDGAR knows companies by a number. Its list of all tickers tells which; it is fetched at most once a week,
//! when the figures of an instrument are wanted whose number is not known.

use db::Db;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sources::{CompanyId, FetchError, Fetched, Outcome, Payload, ProviderId, Request};

use super::{
    Feeds, RefreshError,
    asking::Refusal,
    permit::{Trace, Whom, note},
};
use crate::{
    AssetClass, InstrumentId,
    cache::{self, DataType, Entry, Found, Key},
    feeds::{model::Attempt, spelling, store},
    quality,
};

const PROVIDER: ProviderId = ProviderId::SecEdgar;
/// How long the list is taken to be complete.
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Feeds {
    /// Learns the numbers of all instruments, unless that of this one is known or was looked for lately.
    pub(super) async fn learn_numbers(
        &self,
        db: &Db,
        now: Timestamp,
        id: InstrumentId,
    ) -> Result<(), RefreshError> {
        let mut tx = db.system("look for a company's number").await?;
        let states = store::list(&mut tx).await?;
        let state = states
            .iter()
            .find(|state| state.id == PROVIDER && state.is_enabled);
        let is_known = store::get_spelling(&mut tx, id, PROVIDER).await?.is_some();
        let Some(state) = state.filter(|_| !is_known) else {
            return Ok(());
        };
        let key = Key {
            ticker: "EDGAR".to_owned(),
            instrument_id: None,
            data_type: DataType::Fundamentals,
            parameters: Some(json!({ "directory": PROVIDER.as_str() })),
        };
        if let Found::Hit(_) = cache::get(&mut tx, &key, now).await? {
            tx.commit().await?;
            return Ok(());
        }
        let contact = self.key_of(&mut tx, PROVIDER).await?;
        tx.commit().await?;
        let whom = Whom {
            id: PROVIDER,
            key: contact.as_deref(),
            limit: state.limit,
        };
        let asked = self
            .ask_source(db, now, &whom, &Request::Directory, None)
            .await?;
        self.note_numbers(db, now, &key, asked).await
    }

    async fn note_numbers(
        &self,
        db: &Db,
        now: Timestamp,
        key: &Key,
        (fetched, trace): (Result<Outcome, FetchError>, Trace),
    ) -> Result<(), RefreshError> {
        let mut attempt = Attempt::begun(now, PROVIDER, None, &Request::Directory);
        let mut tx = db.system("note the numbers of companies").await?;
        match fetched {
            Ok(Outcome::Fetched(Fetched {
                payload: Payload::Directory(listed),
                ..
            })) => {
                attempt.received = listed.len();
                let scope = store::Scope::default();
                let instruments = store::freshness(&mut tx, scope, i64::MAX).await?;
                let numbers = matched(&instruments, &listed);
                attempt.stored = store::insert_spellings(&mut tx, PROVIDER, &numbers).await?;
                attempt.reason = format!(
                    "{} companies came, {} of them are instruments here",
                    attempt.received,
                    numbers.len()
                );
                let entry = Entry {
                    data: json!({ "companies": listed.len() }),
                    source: PROVIDER.to_string(),
                    score: score(numbers.len(), shares(&instruments).count(), &listed),
                    etag: None,
                    last_modified: None,
                    request: None,
                    cached_at: now,
                    expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
                };
                cache::put(&mut tx, key, &entry).await?;
            }
            Ok(_) => attempt.nothing_new(),
            Err(error) => attempt.refuse(&Refusal::Fetch(error)),
        }
        note(&mut tx, attempt, &trace).await?;
        Ok(tx.commit().await?)
    }
}

/// How good a list is that came just now: how many of the shares here it names, and how many of its numbers are
/// numbers. There is no second list to compare it with.
fn score(named: usize, wanted: usize, listed: &[CompanyId]) -> f64 {
    let is_number = |company: &&CompanyId| company.id.bytes().all(|byte| byte.is_ascii_digit());
    quality::Parts {
        freshness: quality::freshness(SignedDuration::ZERO, LIFETIME),
        completeness: quality::share(named, wanted),
        agreement: quality::agreement(&[]),
        validation: quality::share(listed.iter().filter(is_number).count(), listed.len()),
    }
    .score()
}

fn shares(
    instruments: &[crate::feeds::Freshness],
) -> impl Iterator<Item = &crate::feeds::Freshness> {
    instruments.iter().filter(|of| {
        of.asset_class == AssetClass::Equity && !of.is_simulated && spelling::is_american(of)
    })
}

/// American shares by their tickers, in which EDGAR writes a dash for a dot.
fn matched(
    instruments: &[crate::feeds::Freshness],
    listed: &[CompanyId],
) -> Vec<(InstrumentId, String)> {
    let numbers: std::collections::HashMap<&str, &str> = listed
        .iter()
        .map(|company| (company.symbol.as_str(), company.id.as_str()))
        .collect();
    shares(instruments)
        .filter_map(|of| {
            let number = numbers.get(of.symbol.replace('.', "-").as_str())?;
            Some((of.id, (*number).to_owned()))
        })
        .collect()
}
