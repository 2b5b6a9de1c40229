//! Where accepted bars go: minutes of old days are packed, the others become rows of partitions.

use std::collections::BTreeSet;

use db::SystemTx;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    super::{
        interval::Interval,
        model::{Bar, Ingested, day, midnight},
        store,
    },
    Loading,
};
use crate::{InstrumentId, imports::ImportError, lifetimes, rollups};

/// Minutes that are collected before they are packed: a day of an instrument is packed in as few steps as can be.
const PACKED_AT_ONCE: usize = 100_000;
/// Minutes that one statement packs.
const PACKED_CHUNK: usize = 20_000;

impl Loading<'_> {
    /// Takes out of the accepted bars the minutes that are packed as they come.
    pub(super) async fn set_aside(&mut self, tx: &mut SystemTx) -> Result<(), ImportError> {
        if self.options.interval != Interval::Minute {
            return Ok(());
        }
        let loose_from =
            day(self.now - SignedDuration::from_hours(24 * lifetimes::PACK_AFTER_DAYS));
        let unknown: BTreeSet<Date> = self
            .accepted
            .iter()
            .map(|(_, bar)| day(bar.at))
            .filter(|date| !self.is_packed.contains_key(date))
            .collect();
        if !unknown.is_empty() {
            let old = unknown.iter().filter(|date| **date < loose_from);
            let old = old.map(|date| midnight(*date));
            let without = store::without_partition(tx, Interval::Minute, old).await?;
            let without: BTreeSet<Date> = without.into_iter().map(day).collect();
            let known = unknown.into_iter();
            self.is_packed
                .extend(known.map(|date| (date, without.contains(&date))));
        }
        let is_packed = &self.is_packed;
        let (to_pack, accepted): (Vec<_>, Vec<_>) = std::mem::take(&mut self.accepted)
            .into_iter()
            .partition(|(_, bar)| is_packed.get(&day(bar.at)).is_some_and(|packed| *packed));
        self.accepted = accepted;
        self.to_pack.extend(to_pack);
        Ok(())
    }

    /// The partitions that the accepted bars need and that are not there, by their starts.
    pub(super) async fn missing(&mut self, tx: &mut SystemTx) -> db::Result<Vec<Timestamp>> {
        let interval = self.options.interval;
        let start = |at: Timestamp| match interval {
            Interval::Minute | Interval::Day => Interval::Day.floor(at),
            Interval::FiveMinutes | Interval::QuarterHour | Interval::Hour => {
                midnight(day(at).first_of_month())
            }
        };
        let wanted: BTreeSet<Timestamp> = self
            .accepted
            .iter()
            .map(|(_, bar)| start(bar.at))
            .filter(|at| !self.periods.contains(at))
            .collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.periods.extend(&wanted);
        store::without_partition(tx, interval, wanted).await
    }

    /// Stores what was accepted. Where it is not settled any more what is there, everything is compared.
    pub(super) async fn store(
        &mut self,
        tx: &mut SystemTx,
        is_settled: bool,
    ) -> Result<(), ImportError> {
        if self.to_pack.len() >= PACKED_AT_ONCE {
            self.pack(tx).await?;
        }
        let (mut fresh, mut known) = (Vec::new(), Vec::new());
        for (id, bar) in std::mem::take(&mut self.accepted) {
            if !is_settled {
                known.push((id, bar));
                continue;
            }
            let span = self.spans.get(&id).copied();
            let (first, last) = span.unwrap_or((bar.at, bar.at));
            if span.is_some() && first <= bar.at && bar.at <= last {
                known.push((id, bar));
            } else {
                fresh.push((id, bar));
            }
            let span = (first.min(bar.at), last.max(bar.at));
            self.spans.insert(id, span);
        }
        self.insert(tx, &fresh).await?;
        if !known.is_empty() {
            let (interval, source) = (self.options.interval, &self.options.source);
            let done = store::ingest(tx, interval, source, &known).await?;
            self.count(done);
        }
        Ok(())
    }

    /// Stores bars of times that have none.
    async fn insert(
        &mut self,
        tx: &mut SystemTx,
        fresh: &[(InstrumentId, Bar)],
    ) -> Result<(), ImportError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let (interval, source) = (self.options.interval, &self.options.source);
        let times = || fresh.iter().map(|(id, bar)| (*id, bar.at));
        store::ensure_partitions(tx, interval, times().map(|(_, at)| at)).await?;
        if interval == Interval::Minute {
            store::unpack(tx, times().map(|(id, at)| (id, day(at))).collect()).await?;
        }
        let mut writer = store::begin_copy(tx, interval).await?;
        for (id, bar) in fresh {
            store::copy_row(&mut writer, *id, bar, source).await?;
        }
        self.report.imported += writer.finish().await?;
        if interval == Interval::Minute {
            rollups::mark_hours(tx, times()).await?;
        }
        Ok(())
    }

    /// Packs what was collected. Of several minutes of one time the last of the file counts.
    pub(super) async fn pack(&mut self, tx: &mut SystemTx) -> Result<(), ImportError> {
        let mut minutes = std::mem::take(&mut self.to_pack);
        minutes.sort_by_key(|(id, bar)| (*id, bar.at));
        for chunk in minutes.chunks(PACKED_CHUNK) {
            let done = store::ingest_packed(tx, &self.options.source, chunk).await?;
            self.count(done);
        }
        Ok(())
    }

    fn count(&mut self, done: Ingested) {
        self.report.imported += done.inserted;
        self.report.corrected += done.replaced;
        self.report.duplicates += done.unchanged;
    }
}
