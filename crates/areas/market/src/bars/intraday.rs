//! Loading of a file of bars that are shorter than a day. Bars before the first or after the last that
//! is there are new and go into the table by binary COPY; a bar between them is compared, and corrects
//! what is there. Every million lines are committed, so that a file that was interrupted goes on
//! where it ended when it is loaded again.

use std::{collections::BTreeSet, io::Read};

use db::{Db, SystemTx};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use statements::{BarRow, BarTime};

use super::{
    interval::Interval,
    model::{Bar, day, midnight},
    naming::{Naming, settle_unit},
    store,
};
use crate::{
    InstrumentId, exchanges,
    imports::{self, Batch, ImportError, ImportOptions, ImportReport, Progress},
    rollups,
};

/// Lines after which what was loaded is committed.
const COMMIT_ROWS: u64 = 1_000_000;
/// Refusals that only bars within the day know.
const NO_TIME: &str = "no_time";
const NOT_ON_THE_CLOCK: &str = "not_on_the_clock";
const EXPIRED: &str = "expired";

/// Loads the bars of a file whose interval is stated in the options and shorter than a day.
pub(super) async fn import<R: Read + Send + 'static>(
    db: &Db,
    reader: R,
    options: &ImportOptions,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let mut batches = imports::read_bars(reader);
    let mut loading = Loading {
        options,
        naming: Naming::new(options),
        fresh: Vec::new(),
        known: Vec::new(),
        gone_before: None,
        report: ImportReport::new(),
    };
    let mut tx = open(db).await?;
    if options.interval == Interval::QuarterHour {
        loading.gone_before = store::quarters_gone_before(&mut tx).await?;
    }
    let mut committed = 0;
    while let Some(batch) = batches.next().await? {
        let bytes_read = batch.bytes_read;
        loading.load(&mut tx, batch).await?;
        let rows = loading.report.rows();
        if rows - committed >= COMMIT_ROWS {
            close(tx, &loading.report).await?;
            tx = open(db).await?;
            // Others may have written between the two.
            loading.naming.clear();
            committed = rows;
        }
        progress(Progress { bytes_read, rows });
    }
    close(tx, &loading.report).await?;
    Ok(loading.report.finish("bars", &options.source))
}

/// Each part is on record with what was loaded so far.
async fn close(mut tx: SystemTx, report: &ImportReport) -> db::Result<()> {
    rollups::request(&mut tx).await?;
    tx.note_deed(None, &report.deed()).await?;
    tx.commit().await
}

async fn open(db: &Db) -> Result<SystemTx, ImportError> {
    let mut tx = db.system("import bars").await?;
    store::lock(&mut tx).await?;
    Ok(tx)
}

struct Loading<'o> {
    options: &'o ImportOptions,
    naming: Naming<'o, Series>,
    /// Bars of times that have none.
    fresh: Vec<(InstrumentId, Bar)>,
    /// Bars of times that may have one.
    known: Vec<(InstrumentId, Bar)>,
    /// Months that ended before this have lost these bars by age.
    gone_before: Option<Timestamp>,
    report: ImportReport,
}

/// What has to be known of an instrument while its bars are loaded.
struct Series {
    id: InstrumentId,
    /// The clock of its exchange.
    zone: Option<TimeZone>,
    /// First and last bar.
    span: Option<(Timestamp, Timestamp)>,
    /// Days that have lost their minutes by age.
    dropped: BTreeSet<Date>,
}

impl Loading<'_> {
    async fn load(&mut self, tx: &mut SystemTx, batch: Batch<BarRow>) -> Result<(), ImportError> {
        let mut rows = Vec::with_capacity(batch.rows.len());
        for row in batch.rows {
            match row {
                Ok(mut row) => {
                    let symbol = self.naming.name(&mut row, &mut self.report)?;
                    rows.extend(symbol.map(|symbol| (symbol, row)));
                }
                Err(rejection) => self.report.refuse_line(rejection)?,
            }
        }
        self.open_series(tx, &rows).await?;
        for (symbol, row) in rows {
            self.sort_in(&symbol, &row)?;
        }
        self.store(tx).await
    }

    async fn open_series(
        &mut self,
        tx: &mut SystemTx,
        rows: &[(String, BarRow)],
    ) -> Result<(), ImportError> {
        let symbols = rows.iter().map(|(symbol, _)| symbol.as_str());
        let fresh = self.naming.ensure(tx, symbols).await?;
        if fresh.is_empty() {
            return Ok(());
        }
        let found: Vec<InstrumentId> = fresh.iter().filter_map(|(_, id)| *id).collect();
        let spans = store::spans_of(tx, self.options.interval, &found).await?;
        let dropped = store::dropped_days(tx, self.options.interval, &found).await?;
        settle_unit(tx, self.options, &found, |id| spans.contains_key(&id)).await?;
        let zones = exchanges::zones(tx.conn(), &found).await?;
        for (symbol, id) in fresh {
            let series = id.map(|id| Series {
                id,
                zone: zones.get(&id).cloned(),
                span: spans.get(&id).copied(),
                dropped: dropped.get(&id).cloned().unwrap_or_default(),
            });
            self.naming.insert(symbol, series);
        }
        Ok(())
    }

    fn sort_in(&mut self, symbol: &str, row: &BarRow) -> Result<(), ImportError> {
        let owner = self.naming.owner(symbol, row.line, &mut self.report);
        let Some(series) = owner else { return Ok(()) };
        let interval = self.options.interval;
        let zone = self.options.time_zone.as_ref().or(series.zone.as_ref());
        let at = match instant(row.at, zone) {
            Ok(at) => at,
            Err(NoInstant::Date) => {
                let message = format!("a bar of {interval} begins at a time, not on a day alone");
                self.report.refuse(row.line, NO_TIME, message);
                return Ok(());
            }
            Err(NoInstant::Zone) => {
                return Err(ImportError::MissingTimeZone {
                    line: row.line,
                    symbol: symbol.to_owned(),
                });
            }
        };
        if interval.floor(at) != at {
            let message = format!("{at} is not the start of a bar of {interval} on the UTC clock");
            self.report.refuse(row.line, NOT_ON_THE_CLOCK, message);
            return Ok(());
        }
        if series.dropped.contains(&day(at)) {
            let message = format!(
                "the minutes of {symbol} on {} are gone by age, and no longer bar can be computed \
                 from single ones",
                day(at)
            );
            self.report.refuse(row.line, EXPIRED, message);
            return Ok(());
        }
        if self
            .gone_before
            .is_some_and(|before| end_of_month(at) <= before)
        {
            let message = format!(
                "bars of {interval} of the month of {} are gone by age, and this one would go, too",
                day(at)
            );
            self.report.refuse(row.line, EXPIRED, message);
            return Ok(());
        }
        let bar = Bar {
            at,
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        };
        let (first, last) = series.span.unwrap_or((at, at));
        if series.span.is_some() && first <= at && at <= last {
            self.known.push((series.id, bar));
        } else {
            self.fresh.push((series.id, bar));
        }
        series.span = Some((first.min(at), last.max(at)));
        Ok(())
    }

    async fn store(&mut self, tx: &mut SystemTx) -> Result<(), ImportError> {
        let (interval, source) = (self.options.interval, &self.options.source);
        if !self.fresh.is_empty() {
            let times = self.fresh.iter().map(|(_, bar)| bar.at);
            store::ensure_partitions(tx, interval, times).await?;
            if interval == Interval::Minute {
                let days = self.fresh.iter().map(|(id, bar)| (*id, day(bar.at)));
                store::unpack(tx, days.collect()).await?;
            }
            let mut writer = store::begin_copy(tx, interval).await?;
            for (id, bar) in &self.fresh {
                store::copy_row(&mut writer, *id, bar, source).await?;
            }
            self.report.imported += writer.finish().await?;
            if interval == Interval::Minute {
                let minutes = self.fresh.iter().map(|(id, bar)| (*id, bar.at));
                rollups::mark_hours(tx, minutes).await?;
            }
            self.fresh.clear();
        }
        if !self.known.is_empty() {
            let done = store::ingest(tx, interval, source, &self.known).await?;
            self.report.imported += done.inserted;
            self.report.corrected += done.replaced;
            self.report.duplicates += done.unchanged;
            self.known.clear();
        }
        Ok(())
    }
}

/// When the month (UTC) is over.
fn end_of_month(at: Timestamp) -> Timestamp {
    midnight(day(at).first_of_month().saturating_add(1.month()))
}

enum NoInstant {
    Date,
    Zone,
}

/// Times without a zone are those of the clock on which the file was written.
fn instant(at: BarTime, zone: Option<&TimeZone>) -> Result<Timestamp, NoInstant> {
    match at {
        BarTime::Instant(at) => Ok(at),
        BarTime::Date(_) => Err(NoInstant::Date),
        BarTime::DateTime(at) => {
            let zone = zone.ok_or(NoInstant::Zone)?;
            let found = zone.to_ambiguous_timestamp(at).compatible();
            found.map_err(|_| NoInstant::Date)
        }
    }
}
