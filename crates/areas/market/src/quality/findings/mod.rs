//! One finding for each rule, instrument, kind of data and source: what cannot wait in the quarantine one by
//! one, since a chain has thousands of values.

mod store;

use std::collections::BTreeMap;

use db::SystemTx;
use jiff::Timestamp;

pub(super) use store::{dismiss, list};

use self::store::About;
use super::rules::Doubt;
use crate::InstrumentId;

/// What findings about pairs of currencies are of.
const RATES: &str = "rates";

/// Doubts of one fetch by their rule: how many values, and one of them.
#[derive(Debug, Default)]
pub(crate) struct Found(BTreeMap<&'static str, (i32, Doubt, String)>);

impl Found {
    /// Counts the doubts about a value; `true` when there are none.
    pub(crate) fn is_good(&mut self, doubts: Vec<Doubt>, example: impl Fn() -> String) -> bool {
        let is_good = doubts.is_empty();
        for doubt in doubts {
            let entry = self.0.entry(doubt.code());
            entry
                .and_modify(|(count, ..)| *count += 1)
                .or_insert_with(|| (1, doubt, example()));
        }
        is_good
    }

    /// Writes them down as about an instrument; those that were dismissed are open again.
    pub(crate) async fn store(
        &self,
        tx: &mut SystemTx,
        id: InstrumentId,
        want: &str,
        source: &str,
        now: Timestamp,
    ) -> db::Result<()> {
        self.write(tx, About::Instrument(id), (want, source), now)
            .await
    }

    /// The same as about a pair of currencies.
    pub(crate) async fn store_of_pair(
        &self,
        tx: &mut SystemTx,
        pair: &str,
        source: &str,
        now: Timestamp,
    ) -> db::Result<()> {
        self.write(tx, About::Pair(pair), (RATES, source), now)
            .await
    }

    async fn write(
        &self,
        tx: &mut SystemTx,
        about: About<'_>,
        (want, source): (&str, &str),
        now: Timestamp,
    ) -> db::Result<()> {
        for (rule, (count, doubt, example)) in &self.0 {
            let found = store::NewFinding {
                about,
                want,
                source,
                rule,
                sentence: &doubt.sentence(),
                count: *count,
                example,
            };
            store::upsert(tx, &found, now).await?;
        }
        Ok(())
    }
}
