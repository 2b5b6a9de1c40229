//! One column of a group of rows, and the values that were taken out of it.

use std::{borrow::Cow, sync::Arc};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader},
    data_type::{AsBytes as _, DataType},
    file::{
        metadata::RowGroupMetaData, reader::ChunkReader, serialized_reader::SerializedPageReader,
    },
    schema::types::ColumnDescriptor,
};

use super::{
    super::{BarTime, time},
    pages::Pages,
};
use crate::{code, model::Refusal, text::shown};

/// A column that is being read.
pub(super) struct Column {
    name: String,
    reader: ColumnReader,
    meaning: Meaning,
    is_optional: bool,
}

/// What the values of a column are, beyond how they are stored.
#[derive(Clone, Copy)]
enum Meaning {
    Plain,
    Date,
    /// Units of a second, and whether they count in UTC.
    Timestamp {
        per_second: i64,
        is_utc: bool,
    },
    /// Digits behind the point.
    Decimal(i32),
}

impl Column {
    pub(super) fn open<R: ChunkReader + 'static>(
        group: &RowGroupMetaData,
        pages: &Arc<Pages<R>>,
        place: usize,
    ) -> Result<Self, String> {
        let chunk = group.column(place);
        let described = chunk.column_descr();
        let name = described.path().string();
        if described.max_rep_level() > 0 || described.path().parts().len() > 1 {
            return Err(format!(
                "column {name}: it is nested: write one value a row"
            ));
        }
        let meaning = meaning(described);
        let is_optional = described.max_def_level() > 0;
        let rows = usize::try_from(group.num_rows()).unwrap_or_default();
        let pages = SerializedPageReader::new(pages.clone(), chunk, rows, None)
            .map_err(|error| format!("column {name}: {error}"))?;
        let reader = get_column_reader(chunk.column_descr_ptr(), Box::new(pages));
        Ok(Self {
            name,
            reader,
            meaning,
            is_optional,
        })
    }

    /// The next `count` values.
    pub(super) fn take(&mut self, count: usize) -> Result<Cells, String> {
        let is_optional = self.is_optional;
        let values = match &mut self.reader {
            ColumnReader::BoolColumnReader(_) => Err("it holds yes and no".to_owned()),
            ColumnReader::Int32ColumnReader(reader) => {
                read(reader, count, is_optional).map(|all| Values::Whole(widened(all)))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read(reader, count, is_optional).map(Values::Whole)
            }
            ColumnReader::Int96ColumnReader(reader) => read(reader, count, is_optional)
                .map(|all| Values::Nanoseconds(mapped(all, |value| value.to_nanos()))),
            ColumnReader::FloatColumnReader(reader) => {
                read(reader, count, is_optional).map(|all| Values::Float(mapped(all, as_written)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                read(reader, count, is_optional).map(Values::Float)
            }
            ColumnReader::ByteArrayColumnReader(reader) => read(reader, count, is_optional)
                .map(|all| Values::Bytes(mapped(all, |value| value.as_bytes().to_vec()))),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => read(reader, count, is_optional)
                .map(|all| Values::Bytes(mapped(all, |value| value.as_bytes().to_vec()))),
        };
        let values = values.map_err(|error| format!("column {}: {error}", self.name))?;
        Ok(Cells {
            values,
            meaning: self.meaning,
        })
    }
}

fn meaning(described: &ColumnDescriptor) -> Meaning {
    let timestamp = |per_second, is_utc| Meaning::Timestamp { per_second, is_utc };
    match described.logical_type_ref() {
        Some(LogicalType::Date) => Meaning::Date,
        Some(LogicalType::Timestamp(kind)) => {
            let per_second = match kind.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            timestamp(per_second, kind.is_adjusted_to_u_t_c)
        }
        Some(LogicalType::Decimal(_)) => Meaning::Decimal(described.type_scale()),
        _ => match described.converted_type() {
            ConvertedType::DATE => Meaning::Date,
            ConvertedType::TIMESTAMP_MILLIS => timestamp(1_000, true),
            ConvertedType::TIMESTAMP_MICROS => timestamp(1_000_000, true),
            ConvertedType::DECIMAL => Meaning::Decimal(described.type_scale()),
            _ => Meaning::Plain,
        },
    }
}

/// Where a column says which of its values are there, the levels do: 1 for a value, 0 for none.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    is_optional: bool,
) -> Result<Vec<Option<T::T>>, String> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (rows, _, _) = reader
        .read_records(count, Some(&mut levels), None, &mut values)
        .map_err(|error| error.to_string())?;
    if rows != count {
        return Err("it ends before the others do: the file is cut or damaged".to_owned());
    }
    if !is_optional {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels
        .into_iter()
        .map(|level| if level > 0 { values.next() } else { None })
        .collect())
}

fn mapped<T, U>(values: Vec<Option<T>>, to: impl Fn(T) -> U) -> Vec<Option<U>> {
    values.into_iter().map(|value| value.map(&to)).collect()
}

fn widened(values: Vec<Option<i32>>) -> Vec<Option<i64>> {
    mapped(values, i64::from)
}

/// A float of 32 bits states seven digits: 190.1 is 190.1, and not 190.10000610351562.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

enum Values {
    Whole(Vec<Option<i64>>),
    Nanoseconds(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// Values of a column, one a row.
pub(super) struct Cells {
    values: Values,
    meaning: Meaning,
}

impl Cells {
    /// The number; `None` where there is none, or it is none (NaN).
    pub(super) fn number(&self, name: &str, at: usize) -> Result<Option<f64>, Refusal> {
        let refused = |what: &str| {
            Err(Refusal::new(
                code::UNPARSABLE_NUMBER,
                format!("{name} is {what}, not a number: save the column as numbers"),
            ))
        };
        match (&self.values, self.meaning) {
            (_, Meaning::Date | Meaning::Timestamp { .. }) | (Values::Nanoseconds(_), _) => {
                refused("a time")
            }
            (Values::Float(values), _) => {
                let value = values.get(at).copied().flatten();
                Ok(value.filter(|value| !value.is_nan()))
            }
            (Values::Whole(values), meaning) => {
                let value = values.get(at).copied().flatten();
                Ok(value.map(|value| scaled(i128::from(value), meaning)))
            }
            (Values::Bytes(values), meaning @ Meaning::Decimal(_)) => {
                match values.get(at).and_then(Option::as_ref) {
                    None => Ok(None),
                    Some(bytes) => match big_endian(bytes) {
                        Some(value) => Ok(Some(scaled(value, meaning))),
                        None => refused("a decimal of more than 128 bits"),
                    },
                }
            }
            (Values::Bytes(_), Meaning::Plain) => match self.text(at) {
                None => Ok(None),
                Some(text) => match text.trim().parse::<f64>() {
                    Ok(value) if value.is_finite() => Ok(Some(value)),
                    _ => refused(&shown(&text)),
                },
            },
        }
    }

    /// The text, where the column holds texts.
    pub(super) fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        match (&self.values, self.meaning) {
            (Values::Bytes(values), Meaning::Plain) => {
                let bytes = values.get(at)?.as_ref()?;
                Some(String::from_utf8_lossy(bytes))
            }
            _ => None,
        }
    }

    /// When the bar begins; `clock` is the time of day, where it has a column of its own.
    pub(super) fn time(&self, at: usize, clock: Option<&str>) -> Result<BarTime, Refusal> {
        let missing = || Refusal::missing("date", "write it like 2024-12-31");
        let beyond = |value: i64| {
            Refusal::new(
                code::UNPARSABLE_DATE,
                format!("date {value} is outside of the calendar: is its unit right?"),
            )
        };
        match (&self.values, self.meaning) {
            (Values::Whole(values), meaning) => {
                let value = values.get(at).copied().flatten().ok_or_else(missing)?;
                match meaning {
                    Meaning::Date => {
                        let date = days_since_1970(value).ok_or_else(|| beyond(value))?;
                        match clock {
                            Some(clock) => time(&format!("{} {clock}", date.date()), None),
                            None => Ok(date),
                        }
                    }
                    Meaning::Timestamp { per_second, is_utc } => {
                        instant(value, per_second, is_utc).ok_or_else(|| beyond(value))
                    }
                    Meaning::Plain | Meaning::Decimal(_) => time(&value.to_string(), None),
                }
            }
            (Values::Nanoseconds(values), _) => {
                let value = values.get(at).copied().flatten().ok_or_else(missing)?;
                instant(value, 1_000_000_000, true).ok_or_else(|| beyond(value))
            }
            (Values::Float(_), _) => Err(Refusal::new(
                code::UNPARSABLE_DATE,
                "date is a fraction: save the column as dates or timestamps",
            )),
            (Values::Bytes(_), _) => {
                let text = self.text(at).ok_or_else(missing)?;
                match clock {
                    Some(clock) => time(&format!("{} {clock}", text.trim()), None),
                    None => time(text.trim(), None),
                }
            }
        }
    }
}

fn scaled(value: i128, meaning: Meaning) -> f64 {
    match meaning {
        // Dividing by an exact power gives the nearest number to what is written.
        Meaning::Decimal(scale) => value as f64 / 10_f64.powi(scale),
        _ => value as f64,
    }
}

/// A signed number, its most significant byte first.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first()?;
    let mut all = if first & 0x80 == 0 {
        [0; 16]
    } else {
        [0xFF; 16]
    };
    let start = all.len().checked_sub(bytes.len())?;
    all.get_mut(start..)?.copy_from_slice(bytes);
    Some(i128::from_be_bytes(all))
}

fn days_since_1970(days: i64) -> Option<BarTime> {
    let at = Timestamp::from_second(days.checked_mul(86_400)?).ok()?;
    Some(BarTime::Date(TimeZone::UTC.to_datetime(at).date()))
}

fn instant(value: i64, per_second: i64, is_utc: bool) -> Option<BarTime> {
    let nanoseconds = i128::from(value) * i128::from(1_000_000_000 / per_second);
    let at = Timestamp::from_nanosecond(nanoseconds).ok()?;
    let civil = || -> DateTime { TimeZone::UTC.to_datetime(at) };
    Some(if is_utc {
        BarTime::Instant(at)
    } else {
        BarTime::DateTime(civil())
    })
}
