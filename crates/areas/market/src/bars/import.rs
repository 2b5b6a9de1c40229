//! Loading of a file of bars, in one transaction and in batches. Parsing runs on its own thread;
//! accepted bars go straight into the table by binary COPY.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::Read,
};

use db::{Db, SystemTx};
use jiff::{Timestamp, civil::Date};
use statements::{BarRow, BarTime, Rejection, code};

use super::{
    interval::Interval,
    model::{Bar, DailyBar, Difference, day},
    series::{Directory, Series, Verdict},
    store,
};
use crate::{
    InstrumentId, SecurityKey,
    imports::{self, Batch, ImportError, ImportOptions, ImportReport, Progress, Refusal, origin},
    instruments,
};

/// Another bar of the day is there.
const CONFLICTING_BAR: &str = "conflicting_bar";
/// Several instruments bear the symbol.
pub(super) const AMBIGUOUS_SYMBOL: &str = "ambiguous_symbol";
/// Characters of a symbol at most, as in the table.
pub(super) const LONGEST_SYMBOL: usize = 50;

/// Loads the bars of a CSV or Parquet file. What a bar spans is said by the options; shorter ones than a day are
/// committed in parts of a million lines at most and correct what is there. Of daily bars all acceptable
/// lines are loaded, or nothing when an error is returned.
/// A bar that is there already with the same values counts as a duplicate, one with other values is
/// refused. Instruments that are not known yet are created.
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
    let mut batches = imports::read_bars(reader);
    let mut tx = db.system("import bars").await?;
    store::lock(&mut tx).await?;
    let mut loading = Loading {
        options,
        directory: Directory::default(),
        symbol: options
            .symbol
            .as_deref()
            .map(|symbol| symbol.trim().to_uppercase()),
        last_day: day(imports::latest(now)),
        is_daily: false,
        accepted: Vec::new(),
        instead: Vec::new(),
        restated: BTreeMap::new(),
        report: ImportReport::new(),
    };
    while let Some(batch) = batches.next().await? {
        let bytes_read = batch.bytes_read;
        loading.load(&mut tx, batch).await?;
        progress(Progress {
            bytes_read,
            rows: loading.report.rows(),
        });
    }
    crate::revision::bump(&mut tx).await?;
    tx.note_deed(None, &loading.report.deed()).await?;
    tx.commit().await?;
    Ok(loading.report.finish("bars", &options.source))
}

struct Loading<'o> {
    options: &'o ImportOptions,
    directory: Directory,
    /// Symbol of rows that do not name theirs.
    symbol: Option<String>,
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
                if let Some(series) = self.directory.get_mut(&row.symbol) {
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
        Ok(())
    }

    /// Sorts out the lines that could not be read, and gives the others their symbol.
    fn name(&mut self, rows: Vec<Result<BarRow, Rejection>>) -> Result<Vec<Named>, ImportError> {
        let mut named = Vec::with_capacity(rows.len());
        for row in rows {
            let row = match row {
                Ok(row) => row,
                Err(rejection) => {
                    self.report.refuse_line(rejection)?;
                    continue;
                }
            };
            let Some(symbol) = row.symbol.or_else(|| self.symbol.clone()) else {
                return Err(ImportError::MissingSymbol);
            };
            if symbol.chars().count() > LONGEST_SYMBOL || symbol.chars().any(char::is_control) {
                let message = format!("symbol “{symbol:.60}” is no ticker, such as MSFT");
                self.refuse(row.line, code::INVALID_SYMBOL, message);
                continue;
            }
            if row.at.date() > self.last_day {
                let message = format!(
                    "date {} lies in the future: bars state what has happened",
                    row.at.date()
                );
                self.refuse(row.line, imports::FUTURE_DATE, message);
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

    /// Finds or creates the instruments that appear for the first time.
    async fn open_series(&mut self, tx: &mut SystemTx, rows: &[Named]) -> Result<(), ImportError> {
        let mut seen = HashSet::new();
        let fresh: Vec<_> = rows
            .iter()
            .map(|row| row.symbol.as_str())
            .filter(|symbol| !self.directory.contains(symbol) && seen.insert(*symbol))
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = fresh
            .iter()
            .map(|symbol| SecurityKey {
                symbol: (*symbol).to_owned(),
                exchange: self.options.exchange.clone(),
                currency: self.options.quotation.map(|found| found.currency),
                quote_unit: self.options.quotation.map(|found| found.unit),
                ..SecurityKey::default()
            })
            .collect();
        let ids = instruments::ensure_clear(tx, &keys).await?;
        let found: Vec<_> = ids.iter().flatten().copied().collect();
        let spans = store::spans(tx, &found).await?;
        settle_unit(tx, self.options, &found, |id| spans.contains_key(&id)).await?;
        for (symbol, id) in fresh.into_iter().zip(ids) {
            let series = id.map(|id| Series::new(id, spans.get(&id).copied()));
            self.directory.insert(symbol.to_owned(), series);
        }
        Ok(())
    }

    fn needs_history(&mut self, row: &Named) -> bool {
        self.directory
            .get_mut(&row.symbol)
            .is_some_and(|series| series.needs_history(row.bar.date))
    }

    fn judge(&mut self, row: &Named) {
        let Some(series) = self.directory.get_mut(&row.symbol) else {
            let message = format!(
                "several instruments are called {}: name the exchange of the one that is meant",
                row.symbol
            );
            return self.refuse(row.line, AMBIGUOUS_SYMBOL, message);
        };
        let id = series.id;
        match series.judge(&row.bar) {
            Verdict::New => self.accepted.push((id, row.bar.into())),
            Verdict::Instead => self.instead.push((id, row.bar.into())),
            Verdict::Duplicate => self.report.duplicates += 1,
            Verdict::Restated(bar) => {
                self.report.duplicates += 1;
                self.restated.insert((id, bar.date), bar);
            }
            Verdict::Conflict(there) => {
                let message = contradiction(&row.symbol, &there, &row.bar);
                self.refuse(row.line, CONFLICTING_BAR, message);
            }
        }
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

    fn refuse(&mut self, line: u64, code: &'static str, message: String) {
        self.report.rejected.push(Refusal {
            line,
            code: code.to_owned(),
            message,
        });
    }
}

/// The first bars of an instrument settle whether it is quoted in a currency or its hundredth.
/// After that, bars in pence beside bars in pounds would be a series that jumps by a hundred.
pub(super) async fn settle_unit(
    tx: &mut SystemTx,
    options: &ImportOptions,
    ids: &[InstrumentId],
    has_bars: impl Fn(InstrumentId) -> bool,
) -> Result<(), ImportError> {
    let Some(stated) = options.quotation else {
        return Ok(());
    };
    for mut instrument in instruments::list(tx.conn(), ids).await? {
        let Some(known) = instrument.quotation() else {
            continue;
        };
        if known.currency != stated.currency || known.unit == stated.unit {
            continue;
        }
        if has_bars(instrument.id) {
            return Err(ImportError::OtherUnit {
                symbol: instrument.symbol,
                known: known.to_string(),
                stated: stated.to_string(),
            });
        }
        instrument.quote_unit = stated.unit;
        instruments::store::update_all(tx, &[instrument]).await?;
    }
    Ok(())
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
