//! One finding for each rule, instrument, kind of data and source: what cannot wait in the quarantine one by
//! one, since a chain has thousands of values.

mod store;

use std::collections::BTreeMap;

use db::SystemTx;
use jiff::Timestamp;

pub(super) use store::{dismiss, list};

use self::store::{About, NewFinding};
use super::rules::Doubt;
use crate::InstrumentId;

/// What findings about pairs of currencies are of.
const RATES: &str = "rates";

/// Doubts of one fetch or file by their rule: how many values, and one of them.
#[derive(Debug, Default)]
pub(crate) struct Found {
    by_rule: BTreeMap<&'static str, (i32, Doubt, String)>,
    /// Whether the values were stored nevertheless.
    is_stored: bool,
}

impl Found {
    /// Of values that are stored whatever is found.
    pub(crate) fn of_stored() -> Self {
        Self {
            is_stored: true,
            ..Self::default()
        }
    }

    /// Counts the doubts about a value; `true` when there are none.
    pub(crate) fn is_good(&mut self, doubts: Vec<Doubt>, example: impl Fn() -> String) -> bool {
        let is_good = doubts.is_empty();
        for doubt in doubts {
            let entry = self.by_rule.entry(doubt.code());
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
        of: (&str, &str),
        now: Timestamp,
    ) -> db::Result<()> {
        store::upsert(tx, self.rows(about), of, now).await
    }

    fn rows<'f>(&'f self, about: About<'f>) -> impl Iterator<Item = NewFinding<'f>> {
        let by_rule = self.by_rule.iter();
        by_rule.map(move |(rule, (count, doubt, example))| NewFinding {
            about,
            rule,
            sentence: doubt.sentence(),
            count: *count,
            example,
            is_stored: self.is_stored,
        })
    }
}

/// Writes down what was found of many instruments.
pub(super) async fn store_all<'f>(
    tx: &mut SystemTx,
    all: impl Iterator<Item = (InstrumentId, &'f Found)>,
    of: (&str, &str),
    now: Timestamp,
) -> db::Result<()> {
    let rows = all.flat_map(|(id, found)| found.rows(About::Instrument(id)));
    store::upsert(tx, rows, of, now).await
}
