//! Bars as a Parquet file, group by group, in the form that is read.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use parquet::{
    basic::Compression,
    data_type::{DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};

use super::super::{BarRow, BarTime};

const DAYS: &str = "message bars {
    REQUIRED INT32 date (DATE);
    REQUIRED DOUBLE open; REQUIRED DOUBLE high; REQUIRED DOUBLE low; REQUIRED DOUBLE close;
    OPTIONAL DOUBLE adj_close; OPTIONAL DOUBLE volume;
}";
const SHORTER: &str = "message bars {
    REQUIRED INT64 time (TIMESTAMP(MICROS, true));
    REQUIRED DOUBLE open; REQUIRED DOUBLE high; REQUIRED DOUBLE low; REQUIRED DOUBLE close;
    OPTIONAL DOUBLE adj_close; OPTIONAL DOUBLE volume;
}";
const UNIX_EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Writes bars in columns, compressed by Snappy. It keeps no more than one group of rows: what is finished
/// is handed out as bytes.
pub struct BarsWriter {
    file: SerializedFileWriter<Vec<u8>>,
    is_daily: bool,
}

/// The writer refused. With bars of this program it does not.
#[derive(Debug, thiserror::Error)]
#[error("bars could not be written as Parquet: {0}")]
pub struct NotWritten(#[from] ParquetError);

impl BarsWriter {
    /// Begins a file: of days, which bear a date, or of shorter bars, which bear an instant.
    pub fn new(is_daily: bool) -> Result<Self, NotWritten> {
        let schema = parse_message_type(if is_daily { DAYS } else { SHORTER })?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        Ok(Self { file, is_daily })
    }

    /// Writes one group of rows; the bytes that have become final. Of `line` and `symbol` nothing is written.
    pub fn group(&mut self, bars: &[BarRow]) -> Result<Vec<u8>, NotWritten> {
        let mut group = self.file.next_row_group()?;
        if self.is_daily {
            let days: Vec<i32> = bars.iter().map(|bar| day_number(bar.at.date())).collect();
            column::<Int32Type, _>(&mut group, &days, None)?;
        } else {
            let times: Vec<i64> = bars
                .iter()
                .map(|bar| instant(bar.at).as_microsecond())
                .collect();
            column::<Int64Type, _>(&mut group, &times, None)?;
        }
        for price in [
            |bar: &BarRow| bar.open,
            |bar: &BarRow| bar.high,
            |bar: &BarRow| bar.low,
            |bar: &BarRow| bar.close,
        ] {
            let prices: Vec<f64> = bars.iter().map(price).collect();
            column::<DoubleType, _>(&mut group, &prices, None)?;
        }
        for figure in [|bar: &BarRow| bar.adjusted_close, |bar: &BarRow| bar.volume] {
            let figures: Vec<Option<f64>> = bars.iter().map(figure).collect();
            let levels: Vec<i16> = figures
                .iter()
                .map(|figure| i16::from(figure.is_some()))
                .collect();
            let stated: Vec<f64> = figures.into_iter().flatten().collect();
            column::<DoubleType, _>(&mut group, &stated, Some(&levels))?;
        }
        group.close()?;
        self.written()
    }

    /// Ends the file; its last bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, NotWritten> {
        self.file.finish()?;
        self.written()
    }

    fn written(&mut self) -> Result<Vec<u8>, NotWritten> {
        self.file
            .flush()
            .map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(std::mem::take(self.file.inner_mut()))
    }
}

fn column<T: DataType<T = V>, V>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[V],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has fewer columns".into()));
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

fn instant(at: BarTime) -> Timestamp {
    match at {
        BarTime::Instant(at) => at,
        BarTime::Date(date) => utc(date.at(0, 0, 0, 0)),
        BarTime::DateTime(at) => utc(at),
    }
}

fn utc(at: jiff::civil::DateTime) -> Timestamp {
    // Only the last hours of the year 9999 are no instant.
    TimeZone::UTC.to_timestamp(at).unwrap_or(Timestamp::MAX)
}

fn day_number(date: Date) -> i32 {
    date.duration_since(UNIX_EPOCH).as_hours().div_euclid(24) as i32
}
