//! How sources write instruments: what follows from exchange, class and currency, and what the operator states
//! in its place.

pub(crate) mod api;
mod error;
pub(crate) mod pages;
mod rules;
mod store;
mod tables;

use db::{Db, UserId};
use serde_json::json;
use sources::ProviderId;

pub use error::Error;
pub(super) use rules::{is_american, spell};

use super::store as feeds;
use crate::InstrumentId;

/// Characters of a symbol at most, as the table has it.
const LONGEST: usize = 50;

/// How a source writes an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The source.
    pub provider: ProviderId,
    /// What was stated: by the operator, or of companies by the list of a source.
    pub stated: Option<String>,
    /// What follows from the instrument; or why nothing does.
    pub computed: Result<String, &'static str>,
}

/// How each source writes an instrument, in the order of the catalogue; its ticker with it.
pub async fn list(db: &Db, id: InstrumentId) -> Result<(String, Vec<Spelling>), Error> {
    let mut tx = db.system("read how sources write an instrument").await?;
    let scope = feeds::Scope {
        only: Some(id),
        ..feeds::Scope::default()
    };
    let found = feeds::freshness(&mut tx, scope, 1)
        .await?
        .into_iter()
        .next();
    let of = found.ok_or(Error::NotFetched)?;
    let mut stated = store::list(&mut tx, id).await?;
    let spellings = ProviderId::ALL
        .into_iter()
        .filter(|provider| *provider != ProviderId::Ecb)
        .filter(|provider| (*provider == ProviderId::Simulator) == of.is_simulated)
        .map(|provider| Spelling {
            provider,
            stated: stated.remove(provider.as_str()),
            computed: spell(provider, &of),
        });
    Ok((of.symbol.clone(), spellings.collect()))
}

/// States how a source writes an instrument; it counts in place of what follows from the exchange. The instrument
/// is asked for again at once.
pub async fn state(
    db: &Db,
    id: InstrumentId,
    provider: ProviderId,
    symbol: &str,
    by: UserId,
) -> Result<(), Error> {
    let symbol = symbol.trim();
    check(symbol)?;
    let mut tx = db.system("state how a source writes an instrument").await?;
    if !store::put(&mut tx, id, provider, symbol).await? {
        return Err(Error::NotFetched);
    }
    feeds::ask_again(&mut tx, Some(id), None).await?;
    let details = json!({ "instrument_id": id, "source": provider.as_str(), "symbol": symbol });
    tx.note_activity(by, "market.spellings.state", &details)
        .await?;
    Ok(tx.commit().await?)
}

/// Lets what follows from the exchange count again.
pub async fn withdraw(
    db: &Db,
    id: InstrumentId,
    provider: ProviderId,
    by: UserId,
) -> Result<(), Error> {
    let mut tx = db
        .system("withdraw how a source writes an instrument")
        .await?;
    if !store::delete(&mut tx, id, provider).await? {
        return Err(Error::NotFound);
    }
    feeds::ask_again(&mut tx, Some(id), None).await?;
    let details = json!({ "instrument_id": id, "source": provider.as_str() });
    tx.note_activity(by, "market.spellings.withdraw", &details)
        .await?;
    Ok(tx.commit().await?)
}

fn check(symbol: &str) -> Result<(), Error> {
    if symbol.is_empty() {
        let detail = "Write the symbol as the source does, such as VOD.L.";
        return Err(Error::invalid("missing_field", detail));
    }
    if symbol.chars().count() > LONGEST || symbol.chars().any(char::is_control) {
        let detail = format!("A symbol has {LONGEST} characters at most, all of them visible.");
        return Err(Error::invalid("invalid_symbol", detail));
    }
    Ok(())
}
