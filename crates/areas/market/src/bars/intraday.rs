//! Loading of a file of bars that are shorter than a day. Bars before the first or after the last that
//! is there are new and go into the table by binary COPY; a bar between them is compared, and corrects
//! what is there. Minutes of days that would be packed anyway, and have no partition, are packed as they come. Every
//! million lines are committed, so that a file that was interrupted goes on where it ended when it is loaded
//! again.

mod storing;
mod wall_clock;

use std::{
    collections::{BTreeSet, HashMap},
    io::Read,
};

use db::{Db, SystemTx};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use statements::{BarRow, BarTime, Rejection};

use self::wall_clock::{NoInstant, WallClock};
use super::{
    import::{COMMIT_ROWS, open},
    interval::Interval,
    model::{Bar, day, midnight},
    naming::{Naming, settle_unit},
    partitions, store,
};
use crate::{
    InstrumentId, exchanges,
    imports::{self, Batches, ImportError, ImportOptions, ImportReport, Progress},
    quality::files::Review,
    rollups,
};

/// Partitions that one transaction writes into before it is committed: each takes locks until then.
const COMMIT_PERIODS: usize = 400;
/// Months that are stored at once at most.
const MONTHS_AT_ONCE: usize = 60;
/// Refusals that only bars within the day know.
const NO_TIME: &str = "no_time";
const NO_SUCH_TIME: &str = "no_such_time";
const AMBIGUOUS_TIME: &str = "ambiguous_time";
const NOT_ON_THE_CLOCK: &str = "not_on_the_clock";
const EXPIRED: &str = "expired";

/// Loads the bars of a file whose interval is stated in the options and shorter than a day.
pub(super) async fn import<R: Read + Send + 'static>(
    db: &Db,
    reader: R,
    options: &ImportOptions,
    now: Timestamp,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport, ImportError> {
    let mut loading = Loading::new(options, now);
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
    let interval = loading.options.interval;
    let mut tx = open(db).await?;
    if interval == Interval::QuarterHour {
        loading.gone_before = store::quarters_gone_before(&mut tx).await?;
    }
    let mut counted = 0;
    while let Some(batch) = batches.next().await? {
        let bytes_read = batch.bytes_read;
        for rows in in_few_months(batch.rows) {
            loading.sort(&mut tx, rows).await?;
            let missing = loading.missing(&mut tx).await?;
            let is_settled = missing.is_empty();
            if !is_settled {
                // Not in the transaction of the load: nobody could change an instrument until its end.
                loading.close(tx).await?;
                partitions::make(db, interval, &missing).await?;
                tx = open(db).await?;
                loading.forget();
            }
            loading.store(&mut tx, is_settled).await?;
            let rows = loading.rows();
            if rows - counted >= COMMIT_ROWS || loading.periods.len() >= COMMIT_PERIODS {
                loading.close(tx).await?;
                tx = open(db).await?;
                loading.forget();
                counted = rows;
            }
        }
        progress(Progress {
            bytes_read,
            rows: loading.rows(),
        });
    }
    loading.review.finish(&mut tx).await?;
    loading.close(tx).await
}

type Rows = Vec<Result<BarRow, Rejection>>;

/// Cuts a batch where it has come through many months, each of which may be a partition.
fn in_few_months(rows: Rows) -> Vec<Rows> {
    let mut parts = Vec::new();
    let (mut part, mut months) = (Vec::new(), BTreeSet::new());
    for row in rows {
        if let Ok(row) = &row {
            months.insert(row.at.date().first_of_month());
        }
        if months.len() > MONTHS_AT_ONCE {
            parts.push(std::mem::take(&mut part));
            months.clear();
        }
        part.push(row);
    }
    parts.push(part);
    parts
}

struct Loading<'o> {
    options: &'o ImportOptions,
    now: Timestamp,
    naming: Naming<'o, Series>,
    /// How the times of the lines of instruments go on, from the beginning of the file.
    clocks: HashMap<InstrumentId, WallClock>,
    /// First and last bar of instruments.
    spans: HashMap<InstrumentId, (Timestamp, Timestamp)>,
    /// Bars that are to be stored.
    accepted: Vec<(InstrumentId, Bar)>,
    /// Minutes that are to be packed.
    to_pack: Vec<(InstrumentId, Bar)>,
    /// Whether minutes of a day are packed as they come.
    is_packed: HashMap<Date, bool>,
    /// Starts of the partitions into which this transaction writes.
    periods: BTreeSet<Timestamp>,
    /// Months that ended before this have lost these bars by age.
    gone_before: Option<Timestamp>,
    /// Rows that were decided on when it was committed last.
    committed: u64,
    /// What the rules make of the bars that are accepted.
    review: Review,
    report: ImportReport,
}

/// What has to be known of an instrument while its bars are loaded.
struct Series {
    id: InstrumentId,
    /// The clock of its exchange.
    zone: Option<TimeZone>,
    /// Days that have lost their minutes by age.
    dropped: BTreeSet<Date>,
    /// First and last bar that were there before this part of the file.
    stored: Option<(Timestamp, Timestamp)>,
}

impl<'o> Loading<'o> {
    fn new(options: &'o ImportOptions, now: Timestamp) -> Self {
        Self {
            options,
            now,
            naming: Naming::new(options),
            clocks: HashMap::new(),
            spans: HashMap::new(),
            accepted: Vec::new(),
            to_pack: Vec::new(),
            is_packed: HashMap::new(),
            periods: BTreeSet::new(),
            gone_before: None,
            committed: 0,
            review: Review::new(options.interval, now),
            report: ImportReport::new(),
        }
    }

    /// Rows that were decided on.
    fn rows(&self) -> u64 {
        self.report.rows() + self.to_pack.len() as u64
    }

    /// Commits. Each part is on record with what was loaded so far.
    async fn close(&mut self, mut tx: SystemTx) -> Result<(), ImportError> {
        self.pack(&mut tx).await?;
        let doubted = self.review.write(&mut tx, &self.options.source).await?;
        self.report.doubted = Some(doubted);
        rollups::request(&mut tx).await?;
        tx.note_deed(None, &self.report.deed()).await?;
        tx.commit().await?;
        self.committed = self.report.rows();
        Ok(())
    }

    /// Others may have written between two transactions.
    fn forget(&mut self) {
        self.naming.clear();
        self.spans.clear();
        self.is_packed.clear();
        self.periods.clear();
    }

    /// Decides on every line: refuses it, or accepts its bar.
    async fn sort(&mut self, tx: &mut SystemTx, lines: Rows) -> Result<(), ImportError> {
        let mut rows = Vec::with_capacity(lines.len());
        for row in lines {
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
        self.review.look();
        self.set_aside(tx).await
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
        self.review.open(tx, &found).await?;
        let zones = exchanges::zones(tx.conn(), &found).await?;
        for (symbol, id) in fresh {
            let series = id.map(|id| Series {
                id,
                zone: zones.get(&id).cloned(),
                dropped: dropped.get(&id).cloned().unwrap_or_default(),
                stored: spans.get(&id).copied(),
            });
            self.naming.insert(symbol, series);
        }
        self.spans.extend(spans);
        Ok(())
    }

    fn sort_in(&mut self, symbol: &str, row: &BarRow) -> Result<(), ImportError> {
        let limits = self.limits();
        let owner = self.naming.owner(symbol, row.line, &mut self.report);
        let Some(series) = owner else { return Ok(()) };
        let interval = limits.interval;
        let zone = self.options.time_zone.as_ref().or(series.zone.as_ref());
        let clock = self.clocks.entry(series.id).or_default();
        let at = match (row.at, zone) {
            (BarTime::Instant(at), _) => Ok(at),
            (BarTime::DateTime(at), Some(zone)) => clock
                .read(at, zone)
                .map_err(|why| no_instant(why, at, zone)),
            (BarTime::DateTime(_), None) => {
                return Err(ImportError::MissingTimeZone {
                    line: row.line,
                    symbol: symbol.to_owned(),
                });
            }
            (BarTime::Date(_), _) => Err((
                NO_TIME,
                format!("a bar of {interval} begins at a time, not on a day alone"),
            )),
        };
        let at = at.and_then(|at| limits.judge(symbol, series, at).map_or(Ok(at), Err));
        let at = match at {
            Ok(at) => at,
            Err((code, message)) => {
                self.report.refuse(row.line, code, message);
                return Ok(());
            }
        };
        let bar = Bar {
            at,
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            adjusted_close: row.adjusted_close,
            volume: row.volume,
        };
        if series
            .stored
            .is_some_and(|(first, last)| first <= at && at <= last)
        {
            self.review.note_alone(series.id, bar);
        } else {
            self.review.note(series.id, bar, &[]);
        }
        self.accepted.push((series.id, bar));
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits {
            interval: self.options.interval,
            latest: imports::latest(self.now),
            gone_before: self.gone_before,
        }
    }
}

/// Between what times bars are taken in.
#[derive(Clone, Copy)]
struct Limits {
    interval: Interval,
    latest: Timestamp,
    gone_before: Option<Timestamp>,
}

impl Limits {
    /// What keeps a bar of this time out.
    fn judge(&self, symbol: &str, series: &Series, at: Timestamp) -> Option<Refused> {
        let interval = self.interval;
        if interval.floor(at) != at {
            let message = format!("{at} is not the start of a bar of {interval} on the UTC clock");
            return Some((NOT_ON_THE_CLOCK, message));
        }
        if at > self.latest {
            let message = format!("time {at} lies in the future: bars state what has happened");
            return Some((imports::FUTURE_DATE, message));
        }
        if series.dropped.contains(&day(at)) {
            let message = format!(
                "the minutes of {symbol} on {} are gone by age, and no longer bar can be computed \
                 from single ones",
                day(at)
            );
            return Some((EXPIRED, message));
        }
        let is_gone = |before| end_of_month(at) <= before;
        self.gone_before.is_some_and(is_gone).then(|| {
            let message = format!(
                "bars of {interval} of the month of {} are gone by age, and this one would go, too",
                day(at)
            );
            (EXPIRED, message)
        })
    }
}

/// Code and message.
type Refused = (&'static str, String);

/// Why a time of the file is none.
fn no_instant(why: NoInstant, at: DateTime, zone: &TimeZone) -> Refused {
    let zone = zone.iana_name().unwrap_or("the time zone");
    match why {
        NoInstant::Skipped => (
            NO_SUCH_TIME,
            format!("{at} was on no clock of {zone}: it was put forward over that hour"),
        ),
        NoInstant::Ambiguous => (
            AMBIGUOUS_TIME,
            format!(
                "{at} was twice on the clocks of {zone}, and the order of the lines does not tell which is \
                 meant: state times with their offset from UTC"
            ),
        ),
        NoInstant::OutOfRange => (NO_TIME, format!("{at} is outside of the calendar")),
    }
}

/// When the month (UTC) is over.
fn end_of_month(at: Timestamp) -> Timestamp {
    midnight(day(at).first_of_month().saturating_add(1.month()))
}
