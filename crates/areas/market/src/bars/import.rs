//! Loading of a file of bars, in one transaction and in batches. Parsing runs on its own thread;
//! accepted bars go straight into the table by binary COPY.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Read,
};

use db::{Db, SystemTx};
use jiff::{Timestamp, civil::Date};
use statements::{BarRow, BarTime, Rejection};

use super::{
    interval::Interval,
    model::{Bar, DailyBar, Difference, day},
    naming::{Naming, settle_unit},
    series::{Series, Verdict},
    store,
};
use crate::{
    InstrumentId,
    imports::{self, Batch, Batches, ImportError, ImportOptions, ImportReport, Progress, origin},
    quality::files::Review,
};

/// Another bar of the day is there.
const CONFLICTING_BAR: &str = "conflicting_bar";

/// Lines after which what was loaded is committed.
pub(super) const COMMIT_ROWS: u64 = 1_000_000;

/// Loads the bars of a CSV or Parquet file. What a bar spans is said by the options. Every million lines are committed,
/// so that a long file that was interrupted goes on there when it is loaded again, and what others state comes in
/// between; of a shorter one all acceptable lines are loaded, or nothing when an error is returned. Bars
/// shorter than a day correct what is there; a daily bar that is there already with the same values counts as a
/// duplicate, one with other values is refused. Instruments that are not known yet are created.
pub async fn import<R: Read + Send + 'static>(
    db: &Db,
    reader: R,
    options: &ImportOptions,
    now: Timestamp,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let options = &ImportOptions {
        source: origin::of_file(&options.source),
        ..options.clone()
    };
    if options.interval != Interval::Day {
        return super::intraday::import(db, reader, options, now, progress).await;
    }
    let mut loading = Loading {
        options,
        naming: Naming::new(options),
        last_day: day(imports::latest(now)),
        is_daily: false,
        accepted: Vec::new(),
        instead: Vec::new(),
        restated: BTreeMap::new(),
        review: Review::new(Interval::Day, now),
        committed: 0,
        changed: BTreeSet::new(),
        report: ImportReport::new(),
    };
    match load(db, imports::read_bars(reader), &mut loading, &mut progress).await {
        Ok(()) => Ok(loading.report.finish("bars", &options.source)),
        Err(error) => Err(error.after(loading.committed)),
    }
}

async fn load(
    db: &Db,
    mut batches: Batches<BarRow>,
    loading: &mut Loading<'_>,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<(), ImportError> {
    let mut tx = open(db).await?;
    while let Some(batch) = batches.next().await? {
        let bytes_read = batch.bytes_read;
        loading.load(&mut tx, batch).await?;
        let rows = loading.report.rows();
        if rows - loading.committed >= COMMIT_ROWS {
            loading.close(tx).await?;
            tx = open(db).await?;
        }
        progress(Progress { bytes_read, rows });
    }
    loading.close(tx).await
}

/// Alone with the bars until its end.
pub(super) async fn open(db: &Db) -> Result<SystemTx, ImportError> {
    let mut tx = db.system("import bars").await?;
    store::lock(&mut tx).await?;
    Ok(tx)
}

struct Loading<'o> {
    options: &'o ImportOptions,
    naming: Naming<'o, Series>,
    /// Bars of later days are of the future.
    last_day: Date,
    /// Whether bars were seen to be a day apart; the first batch decides.
    is_daily: bool,
    /// Bars to load, before they are.
    accepted: Vec<(InstrumentId, Bar)>,
    /// Bars to load in the place of computed ones.
    instead: Vec<(InstrumentId, Bar)>,
    /// Bars of which more is known now; of several statements about one the last.
    restated: BTreeMap<(InstrumentId, Date), DailyBar>,
    /// What the rules make of the bars that are loaded.
    review: Review,
    /// Rows that were decided on when it was committed last.
    committed: u64,
    /// Whose bars are other than before.
    changed: BTreeSet<InstrumentId>,
    report: ImportReport,
}

/// A row whose symbol is settled.
struct Named {
    line: u64,
    symbol: String,
    at: BarTime,
    bar: DailyBar,
}

impl Loading<'_> {
    /// Commits. Each part is on record with what was loaded so far; others may write before the next.
    async fn close(&mut self, mut tx: SystemTx) -> Result<(), ImportError> {
        let doubted = self.review.write(&mut tx, &self.options.source).await?;
        self.report.doubted = Some(doubted);
        crate::figures::mark(&mut tx, std::mem::take(&mut self.changed)).await?;
        crate::revision::bump(&mut tx).await?;
        tx.note_deed(None, &self.report.deed()).await?;
        tx.commit().await?;
        self.committed = self.report.rows();
        self.naming.clear();
        Ok(())
    }

    async fn load(&mut self, tx: &mut SystemTx, batch: Batch<BarRow>) -> Result<(), ImportError> {
        let rows = self.name(batch.rows)?;
        if !self.is_daily {
            require_daily(&rows)?;
            self.is_daily = true;
        }
        self.open_series(tx, &rows).await?;
        for row in rows {
            if self.needs_history(&row) {
                // What was accepted so far is part of the history.
                self.copy(tx).await?;
                if let Some(series) = self.naming.get_mut(&row.symbol) {
                    let bars = store::list_all(tx.conn(), series.id).await?;
                    let computed = store::computed_days(tx, series.id).await?;
                    let bars = bars.into_iter().map(|bar| (bar.date, bar)).collect();
                    series.remember(bars, computed);
                }
            }
            self.judge(&row);
        }
        self.copy(tx).await?;
        self.replace_computed(tx).await?;
        store::update_all(tx, &self.restated).await?;
        self.restated.clear();
        self.review.look();
        Ok(())
    }

    /// Sorts out the lines that could not be read, and gives the others their symbol.
    fn name(&mut self, rows: Vec<Result<BarRow, Rejection>>) -> Result<Vec<Named>, ImportError> {
        let mut named = Vec::with_capacity(rows.len());
        for row in rows {
            let mut row = match row {
                Ok(row) => row,
                Err(rejection) => {
                    self.report.refuse_line(rejection)?;
                    continue;
                }
            };
            let Some(symbol) = self.naming.name(&mut row, &mut self.report)? else {
                continue;
            };
            if row.at.date() > self.last_day {
                let message = format!(
                    "date {} lies in the future: bars state what has happened",
                    row.at.date()
                );
                self.report.refuse(row.line, imports::FUTURE_DATE, message);
                continue;
            }
            let bar = DailyBar {
                date: row.at.date(),
                open: row.open,
                high: row.high,
                low: row.low,
                close: row.close,
                adjusted_close: row.adjusted_close,
                volume: row.volume,
            };
            named.push(Named {
                line: row.line,
                symbol,
                at: row.at,
                bar,
            });
        }
        Ok(named)
    }

    /// What has to be known of the instruments that appear for the first time.
    async fn open_series(&mut self, tx: &mut SystemTx, rows: &[Named]) -> Result<(), ImportError> {
        let symbols = rows.iter().map(|row| row.symbol.as_str());
        let fresh = self.naming.ensure(tx, symbols).await?;
        if fresh.is_empty() {
            return Ok(());
        }
        let found: Vec<_> = fresh.iter().filter_map(|(_, id)| *id).collect();
        let spans = store::spans(tx, &found).await?;
        settle_unit(tx, self.options, &found, |id| spans.contains_key(&id)).await?;
        self.review.open(tx, &found).await?;
        for (symbol, id) in fresh {
            let series = id.map(|id| Series::new(id, spans.get(&id).copied()));
            self.naming.insert(symbol, series);
        }
        Ok(())
    }

    fn needs_history(&mut self, row: &Named) -> bool {
        self.naming
            .get_mut(&row.symbol)
            .is_some_and(|series| series.needs_history(row.bar.date))
    }

    fn judge(&mut self, row: &Named) {
        let owner = self.naming.owner(&row.symbol, row.line, &mut self.report);
        let Some(series) = owner else { return };
        let id = series.id;
        match series.judge(&row.bar) {
            verdict @ (Verdict::New | Verdict::Instead) => {
                let beside: Vec<Bar> = series.beside(row.bar.date).map(Into::into).collect();
                self.review.note(id, row.bar.into(), &beside);
                let taken = match verdict {
                    Verdict::New => &mut self.accepted,
                    _ => &mut self.instead,
                };
                taken.push((id, row.bar.into()));
            }
            Verdict::Duplicate => {
                self.report.duplicates += 1;
                return;
            }
            Verdict::Restated(bar) => {
                self.report.duplicates += 1;
                self.restated.insert((id, bar.date), bar);
            }
            Verdict::Conflict(there) => {
                let message = contradiction(&row.symbol, &there, &row.bar);
                self.report.refuse(row.line, CONFLICTING_BAR, message);
                return;
            }
        }
        self.changed.insert(id);
    }

    async fn copy(&mut self, tx: &mut SystemTx) -> Result<(), ImportError> {
        if self.accepted.is_empty() {
            return Ok(());
        }
        let times = self.accepted.iter().map(|(_, bar)| bar.at);
        store::ensure_partitions(tx, Interval::Day, times).await?;
        let mut writer = store::begin_copy(tx, Interval::Day).await?;
        for (id, bar) in &self.accepted {
            store::copy_row(&mut writer, *id, bar, &self.options.source).await?;
        }
        self.report.imported += writer.finish().await?;
        self.accepted.clear();
        Ok(())
    }

    async fn replace_computed(&mut self, tx: &mut SystemTx) -> Result<(), ImportError> {
        if !self.instead.is_empty() {
            let source = &self.options.source;
            let ingested = store::ingest(tx, Interval::Day, source, &self.instead).await?;
            self.report.imported += ingested.inserted + ingested.replaced;
            self.instead.clear();
        }
        Ok(())
    }
}

/// Bars of minutes or hours show themselves by several of them on one day.
fn require_daily(rows: &[Named]) -> Result<(), ImportError> {
    let mut times: HashMap<(&str, Date), BarTime> = HashMap::new();
    for row in rows
        .iter()
        .filter(|row| !matches!(row.at, BarTime::Date(_)))
    {
        let first = *times.entry((&row.symbol, row.bar.date)).or_insert(row.at);
        if first != row.at {
            let (line, date) = (row.line, row.bar.date);
            return Err(ImportError::Intraday {
                line,
                symbol: row.symbol.clone(),
                date,
            });
        }
    }
    Ok(())
}

/// Names every value in which a bar differs from the one that is there.
fn contradiction(symbol: &str, there: &DailyBar, here: &DailyBar) -> String {
    let differences: Vec<_> = there
        .differences(here)
        .into_iter()
        .map(|Difference { field, here, there }| format!("{field} {here} instead of {there}"))
        .collect();
    format!(
        "{symbol} has another bar on {} already: this line says {}",
        here.date,
        differences.join(", ")
    )
}
