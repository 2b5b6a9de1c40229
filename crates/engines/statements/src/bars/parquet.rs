//! Bars in columns: Apache Parquet, as data frames are saved. What a column means is found by its name as
//! in CSV; what its values mean is said by their types, so nothing has to be guessed.
//!
//! Rows are read a few thousand at a time from all columns side by side, so a group of rows may be larger
//! than the memory. Nested columns, and files of one column per instrument, are not read.

mod cells;
mod pages;
mod write;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    vec,
};

use parquet::{
    basic::Compression,
    file::{
        metadata::RowGroupMetaData,
        reader::{ChunkReader, FileReader as _},
        serialized_reader::SerializedFileReader,
    },
};

use super::{
    BarRow, check_price, check_volume,
    layout::{Columns, Layout},
    range,
};
use crate::{Rejection, Unreadable, code, model::Refusal};
use cells::{Cells, Column};
use pages::{Pages, Shared};

pub use write::{BarsWriter, NotWritten};

/// Rows that are taken out of the columns at once.
const BATCH: usize = 8_192;
/// Rows of a group at most. Writers make groups of a hundred thousand to a few million.
const MOST_ROWS: i64 = 100_000_000;
/// Bytes of a group when it is unpacked.
const MOST_GROUP_BYTES: i64 = 4 << 30;
/// Bytes of a file when it is unpacked: a small file can promise anything.
const MOST_BYTES: i64 = 64 << 30;

/// Whether a file is one of columns, by its first four bytes (`PAR1`; `PARE` where it is encrypted).
pub fn is_parquet(start: &[u8]) -> bool {
    start.starts_with(b"PAR1") || start.starts_with(b"PARE")
}

/// The bars of a Parquet file. Made by [`parquet_bars`].
pub struct ParquetBars<R: ChunkReader> {
    file: SerializedFileReader<Shared<R>>,
    /// The same bytes, for who reads pages.
    pages: Arc<Pages<R>>,
    layout: Columns,
    /// The group that is read, and those of its columns that matter.
    group: usize,
    columns: Option<Group>,
    batch: vec::IntoIter<Result<BarRow, Rejection>>,
    /// Rows that were taken out so far.
    rows: u64,
    is_broken: bool,
}

/// Columns of a group, beside each other.
struct Group {
    date: Column,
    clock: Option<Column>,
    open: Option<Column>,
    high: Option<Column>,
    low: Option<Column>,
    close: Column,
    adjusted_close: Option<Column>,
    volume: Option<Column>,
    symbol: Option<Column>,
    rows_left: usize,
}

/// Opens a Parquet file of bars: `date` (or `time`, `timestamp`) as a date, a timestamp, a text or a
/// number since 1970; prices, `adj close` and `volume` as numbers or decimals; `symbol` as text. What is
/// null or not a number is not there. Compression may be none, Snappy, Zstandard or gzip.
///
/// # Errors
///
/// [`Unreadable::Parquet`] for a file that is cut, damaged, encrypted, compressed in another way or
/// promises more than is read; [`Unreadable::MissingColumns`] where date or close are missing.
pub fn parquet_bars<R: ChunkReader + 'static>(reader: R) -> Result<ParquetBars<R>, Unreadable> {
    let reader = Arc::new(reader);
    let shared = Shared(reader.clone());
    let file = guarded(|| SerializedFileReader::new(shared).map_err(|error| error.to_string()))
        .map_err(|reason| damaged("its footer", &reason))?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let names: Vec<String> = schema
        .columns()
        .iter()
        .map(|column| column.path().string())
        .collect();
    let layout = match Layout::of_names(&names)? {
        Layout::Long(columns) => columns,
        Layout::Wide { .. } => {
            return Err(Unreadable::MissingColumns {
                missing: vec!["close".to_owned()],
                header: names,
            });
        }
    };
    check_size(&file)?;
    Ok(ParquetBars {
        file,
        pages: Arc::new(Pages(reader)),
        layout,
        group: 0,
        columns: None,
        batch: Vec::new().into_iter(),
        rows: 0,
        is_broken: false,
    })
}

fn damaged(place: &str, reason: &str) -> Unreadable {
    Unreadable::Parquet {
        place: place.to_owned(),
        reason: format!("{reason}: the file may be cut; write it again, or export CSV"),
    }
}

/// What the reader makes of bytes. It panics on some that no writer writes, such as pages before the
/// beginning of the file; nothing that it has touched is used after that.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err("what it says of itself is senseless".to_owned()))
}

fn check_size<R: ChunkReader + 'static>(file: &SerializedFileReader<R>) -> Result<(), Unreadable> {
    let mut total: i64 = 0;
    for (place, group) in file.metadata().row_groups().iter().enumerate() {
        let refused = |reason: String| Unreadable::Parquet {
            place: format!("group {} of rows", place + 1),
            reason,
        };
        let bytes = unpacked(group).ok_or_else(|| {
            refused("its sizes are senseless: the file is damaged; write it again".to_owned())
        })?;
        total = total.saturating_add(bytes);
        if group.num_rows() > MOST_ROWS || bytes > MOST_GROUP_BYTES || total > MOST_BYTES {
            let rows = group.num_rows();
            return Err(refused(format!(
                "{rows} rows and {bytes} bytes when unpacked, {total} so far, are more than is read at \
                 once ({MOST_ROWS} rows and 4 GiB a group, 64 GiB a file): write smaller groups or files"
            )));
        }
        for column in group.columns() {
            let packed = column.compression();
            if !matches!(
                packed,
                Compression::UNCOMPRESSED
                    | Compression::SNAPPY
                    | Compression::ZSTD(_)
                    | Compression::GZIP(_)
            ) {
                return Err(refused(format!(
                    "{packed} is no compression that is read here: write the file with snappy, zstd, \
                     gzip or none"
                )));
            }
        }
    }
    Ok(())
}

/// Bytes of a group when it is unpacked, as it says; `None` where that makes no sense.
fn unpacked(group: &RowGroupMetaData) -> Option<i64> {
    let columns = group.columns().iter();
    let sum = columns
        .map(parquet::file::metadata::ColumnChunkMetaData::uncompressed_size)
        .try_fold(0_i64, |sum, bytes| {
            (bytes >= 0).then(|| sum.checked_add(bytes)).flatten()
        })?;
    (group.num_rows() >= 0).then_some(sum)
}

impl<R: ChunkReader + 'static> Iterator for ParquetBars<R> {
    type Item = Result<BarRow, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(row);
            }
            if self.is_broken {
                return None;
            }
            match guarded(|| self.fill()) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(message) => {
                    self.is_broken = true;
                    let line = self.rows + 1;
                    return Some(Err(Refusal::new(code::READ_ERROR, message).at(line)));
                }
            }
        }
    }
}

impl<R: ChunkReader + 'static> ParquetBars<R> {
    /// Takes the next rows out of the columns; whether there were any.
    fn fill(&mut self) -> Result<bool, String> {
        loop {
            let place = self.group;
            let said = |error: String| format!("group {} of rows, {error}", place + 1);
            let Some(group) = &mut self.columns else {
                if self.group >= self.file.num_row_groups() {
                    return Ok(false);
                }
                self.columns = Some(self.open().map_err(said)?);
                continue;
            };
            let count = group.rows_left.min(BATCH);
            if count == 0 {
                self.columns = None;
                self.group += 1;
                continue;
            }
            let cells = group.take(count).map_err(said)?;
            group.rows_left -= count;
            let first = self.rows + 1;
            let rows: Vec<_> = (0..count)
                .map(|at| cells.bar(at, first + at as u64))
                .collect();
            self.rows += count as u64;
            self.batch = rows.into_iter();
            return Ok(true);
        }
    }

    fn open(&self) -> Result<Group, String> {
        let group = self.file.metadata().row_group(self.group);
        let open = |place: usize| Column::open(group, &self.pages, place);
        let some = |place: Option<usize>| place.map(open).transpose();
        let layout = &self.layout;
        Ok(Group {
            date: open(layout.date)?,
            clock: some(layout.clock)?,
            open: some(layout.open)?,
            high: some(layout.high)?,
            low: some(layout.low)?,
            close: open(layout.close)?,
            adjusted_close: some(layout.adjusted_close)?,
            volume: some(layout.volume)?,
            symbol: some(layout.symbol)?,
            rows_left: usize::try_from(group.num_rows()).unwrap_or_default(),
        })
    }
}

/// As many cells of each column.
struct Taken {
    date: Cells,
    clock: Option<Cells>,
    open: Option<Cells>,
    high: Option<Cells>,
    low: Option<Cells>,
    close: Cells,
    adjusted_close: Option<Cells>,
    volume: Option<Cells>,
    symbol: Option<Cells>,
}

impl Group {
    fn take(&mut self, count: usize) -> Result<Taken, String> {
        let some = |column: &mut Option<Column>| {
            column.as_mut().map(|column| column.take(count)).transpose()
        };
        Ok(Taken {
            date: self.date.take(count)?,
            clock: some(&mut self.clock)?,
            open: some(&mut self.open)?,
            high: some(&mut self.high)?,
            low: some(&mut self.low)?,
            close: self.close.take(count)?,
            adjusted_close: some(&mut self.adjusted_close)?,
            volume: some(&mut self.volume)?,
            symbol: some(&mut self.symbol)?,
        })
    }
}

impl Taken {
    fn bar(&self, at: usize, line: u64) -> Result<BarRow, Rejection> {
        self.read(at, line).map_err(|refusal| refusal.at(line))
    }

    fn read(&self, at: usize, line: u64) -> Result<BarRow, Refusal> {
        let clock = self.clock.as_ref().and_then(|cells| cells.text(at));
        let begins = self.date.time(at, clock.as_deref())?;
        let price = |name: &str, cells: &Cells| match cells.number(name, at)? {
            Some(price) => check_price(name, price),
            None => Err(Refusal::missing(
                name,
                "write the price, or leave the row out",
            )),
        };
        let or = |name: &str, cells: Option<&Cells>, instead: f64| {
            cells.map_or(Ok(instead), |cells| price(name, cells))
        };
        let close = price("close", &self.close)?;
        let open = or("open", self.open.as_ref(), close)?;
        let high = or("high", self.high.as_ref(), open.max(close))?;
        let low = or("low", self.low.as_ref(), open.min(close))?;
        let (high, low) = range(open, high, low, close)?;
        let given = |name: &str, cells: Option<&Cells>| match cells {
            Some(cells) => cells.number(name, at),
            None => Ok(None),
        };
        let adjusted_close = given("adj close", self.adjusted_close.as_ref())?
            .map(|price| check_price("adj close", price))
            .transpose()?;
        let volume = given("volume", self.volume.as_ref())?
            .map(|volume| check_volume(volume, &volume.to_string()))
            .transpose()?;
        let symbol = match &self.symbol {
            None => None,
            Some(cells) => match cells.text(at) {
                Some(symbol) if !symbol.trim().is_empty() => Some(symbol.trim().to_uppercase()),
                _ => return Err(Refusal::missing("symbol", "write the ticker, such as MSFT")),
            },
        };
        Ok(BarRow {
            line,
            symbol,
            at: begins,
            open,
            high,
            low,
            close,
            adjusted_close,
            volume,
        })
    }
}
