use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::date;
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type},
    file::{
        metadata::{ParquetMetaDataWriter, RowGroupMetaDataBuilder},
        properties::WriterProperties,
        reader::FileReader as _,
        serialized_reader::SerializedFileReader,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use proptest::prelude::*;
use statements::{BarRow, BarTime, BarsWriter, Rejection, is_parquet, parquet_bars};

type Group<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

/// A file of one group of rows.
fn file(schema: &str, write: impl FnOnce(&mut Group<'_>)) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::new());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    write(&mut group);
    group.close().unwrap();
    file.into_inner().unwrap()
}

fn column<T: parquet::data_type::DataType>(
    group: &mut Group<'_>,
    values: &[T::T],
    levels: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<T>()
        .write_batch(values, levels, None)
        .unwrap();
    column.close().unwrap();
}

fn read(file: Vec<u8>) -> Result<Vec<Result<BarRow, Rejection>>, String> {
    let bars = parquet_bars(Bytes::from(file)).map_err(|error| error.to_string())?;
    Ok(bars.collect())
}

fn rejected(row: &Result<BarRow, Rejection>) -> String {
    match row {
        Err(rejection) => format!("{} {}", rejection.line, rejection.code),
        Ok(row) => panic!("{row:?}"),
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "what was written is read as it was")]
fn a_data_frame_is_read_by_the_types_of_its_columns() {
    let text = |words: &[&str]| -> Vec<ByteArray> {
        words.iter().map(|word| ByteArray::from(*word)).collect()
    };
    let written = file(
        "message schema {
            OPTIONAL BYTE_ARRAY Ticker (UTF8);
            OPTIONAL INT64 Date (TIMESTAMP(NANOS, false));
            OPTIONAL FLOAT Open; OPTIONAL DOUBLE High; OPTIONAL DOUBLE Low;
            REQUIRED INT32 Close (DECIMAL(9, 2));
            OPTIONAL INT64 Volume;
        }",
        |group| {
            column::<ByteArrayType>(group, &text(&["msft", "msft", "aapl"]), Some(&[1, 1, 1]));
            let day = 1_704_153_600_000_000_000;
            column::<Int64Type>(group, &[day, day + 60_000_000_000], Some(&[1, 1, 0]));
            column::<FloatType>(group, &[190.1, 190.2, 190.1], Some(&[1, 1, 1]));
            column::<DoubleType>(group, &[191.0, f64::NAN, 192.0], Some(&[1, 1, 1]));
            column::<DoubleType>(group, &[190.0, 190.0, 190.0], Some(&[1, 1, 1]));
            column::<Int32Type>(group, &[19_055, 19_055, 19_055], None);
            column::<Int64Type>(group, &[1_000, 2_000], Some(&[1, 0, 1]));
        },
    );
    assert!(is_parquet(&written));
    let rows = read(written).unwrap();
    let first = rows[0].as_ref().unwrap();
    assert_eq!(
        (first.symbol.as_deref(), first.at),
        (
            Some("MSFT"),
            BarTime::DateTime(date(2024, 1, 2).at(0, 0, 0, 0))
        )
    );
    assert_eq!(
        [first.open, first.high, first.low, first.close],
        [190.1, 191.0, 190.0, 190.55],
        "a float states what it was written as, a decimal its scale"
    );
    assert_eq!((first.line, first.volume), (1, Some(1000.0)));
    assert_eq!(
        rejected(&rows[1]),
        "2 missing_field",
        "a high that is no number"
    );
    assert_eq!(rejected(&rows[2]), "3 missing_field", "no date");
}

#[test]
fn texts_dates_and_numbers_since_1970_are_times_as_well() {
    let days = file(
        "message schema { REQUIRED INT32 date (DATE); REQUIRED DOUBLE close; }",
        |group| {
            column::<Int32Type>(group, &[19_724, -1], None);
            column::<DoubleType>(group, &[1.0, -1.0], None);
        },
    );
    let rows = read(days).unwrap();
    assert_eq!(
        rows[0].as_ref().unwrap().at,
        BarTime::Date(date(2024, 1, 2))
    );
    assert_eq!(rejected(&rows[1]), "2 non_positive_price");

    let texts = file(
        "message schema { REQUIRED BYTE_ARRAY time (UTF8); REQUIRED BYTE_ARRAY close (UTF8); }",
        |group| {
            let times = ["2024-01-02", "2024-01-02T15:00:00Z", "1704207600", "soon"];
            column::<ByteArrayType>(group, &times.map(ByteArray::from), None);
            let closes = ["1", "1.5", "many", "1"];
            column::<ByteArrayType>(group, &closes.map(ByteArray::from), None);
        },
    );
    let rows = read(texts).unwrap();
    assert_eq!(
        rows[0].as_ref().unwrap().at,
        BarTime::Date(date(2024, 1, 2))
    );
    let instant = "2024-01-02T15:00:00Z".parse().unwrap();
    assert_eq!(rows[1].as_ref().unwrap().at, BarTime::Instant(instant));
    assert_eq!(rejected(&rows[2]), "3 unparsable_number");
    assert_eq!(rejected(&rows[3]), "4 unparsable_date");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place_and_what_would_be_right() {
    let whole = file(
        "message schema { REQUIRED INT32 date (DATE); REQUIRED DOUBLE close; }",
        |group| {
            column::<Int32Type>(group, &[19_724; 1000], None);
            column::<DoubleType>(group, &[1.0; 1000], None);
        },
    );
    let cut = read(whole[..whole.len() - 20].to_vec()).unwrap_err();
    assert!(cut.contains("its footer") && cut.contains("cut"), "{cut}");
    let noise = read(b"PAR1 and then nothing of the kind PAR1".to_vec()).unwrap_err();
    assert!(noise.contains("its footer"), "{noise}");
    // The last page is damaged, the footer is whole.
    let mut damaged = whole.clone();
    damaged[4..30].fill(0xFF);
    let last = read(damaged).unwrap().pop().unwrap().unwrap_err();
    assert_eq!(last.code, "read_error");
    assert!(
        last.message.contains("group 1 of rows, column"),
        "{}",
        last.message
    );

    let nothing = file(
        "message schema { REQUIRED INT32 date (DATE); REQUIRED DOUBLE price_of_tea; }",
        |group| {
            column::<Int32Type>(group, &[1], None);
            column::<DoubleType>(group, &[1.0], None);
        },
    );
    let missing = read(nothing).unwrap_err();
    assert!(missing.contains("“close” is missing"), "{missing}");
    let nested = file(
        "message schema { REQUIRED INT32 date (DATE); REQUIRED group close (LIST) {
            REPEATED group list { REQUIRED DOUBLE element; } } }",
        |group| {
            column::<Int32Type>(group, &[1], None);
            let mut closes = group.next_column().unwrap().unwrap();
            let levels = Some([1].as_slice());
            let written = closes
                .typed::<DoubleType>()
                .write_batch(&[1.0], levels, Some(&[0]));
            written.unwrap();
            closes.close().unwrap();
        },
    );
    let refused = read(nested).unwrap_err();
    assert!(refused.contains("close"), "{refused}");
    assert!(!is_parquet(b"date,close"));
}

/// The same file with another footer.
fn with_footer(
    whole: &[u8],
    change: impl FnOnce(RowGroupMetaDataBuilder) -> RowGroupMetaDataBuilder,
) -> Vec<u8> {
    let file = SerializedFileReader::new(Bytes::from(whole.to_vec())).unwrap();
    let mut footer = file.metadata().clone().into_builder();
    let group = footer.take_row_groups().remove(0);
    let group = change(group.into_builder()).build().unwrap();
    let footer = footer.add_row_group(group).build();
    let length = u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().unwrap());
    let mut written = whole[..whole.len() - 8 - length as usize].to_vec();
    ParquetMetaDataWriter::new(&mut written, &footer)
        .finish()
        .unwrap();
    written
}

#[test]
fn a_footer_that_promises_more_than_is_read_is_refused_before_anything_is_unpacked() {
    let whole = file(
        "message schema { REQUIRED INT32 date (DATE); REQUIRED DOUBLE close; }",
        |group| {
            column::<Int32Type>(group, &[19_724; 10], None);
            column::<DoubleType>(group, &[1.0; 10], None);
        },
    );
    let same = read(with_footer(&whole, |group| group)).unwrap();
    assert_eq!(same.len(), 10, "the helper changes nothing by itself");
    let unpacked = |bytes: i64| {
        move |mut group: RowGroupMetaDataBuilder| {
            let mut columns = group.take_columns();
            let first = columns.remove(0).into_builder();
            let first = first.set_total_uncompressed_size(bytes).build().unwrap();
            columns.insert(0, first);
            group.set_column_metadata(columns)
        }
    };
    let rows = |rows: i64| move |group: RowGroupMetaDataBuilder| group.set_num_rows(rows);
    for (file, said) in [
        (with_footer(&whole, rows(100_000_001)), "100000001 rows"),
        (with_footer(&whole, unpacked(5 << 30)), "4 GiB a group"),
        (with_footer(&whole, unpacked(-1)), "its sizes are senseless"),
        (with_footer(&whole, rows(-1)), "its sizes are senseless"),
    ] {
        let refused = read(file).unwrap_err();
        assert!(
            refused.contains("group 1 of rows") && refused.contains(said),
            "{said}: {refused}"
        );
    }
    // As many rows as are read at most, which are not there.
    let short = read(with_footer(&whole, rows(100_000_000))).unwrap();
    assert_eq!(rejected(short.last().unwrap()), "1 read_error");
}

#[test]
fn a_page_that_asks_for_two_gigabytes_is_not_given_them() {
    let schema = "message schema { REQUIRED INT32 date (DATE); REQUIRED DOUBLE close; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    column::<Int32Type>(&mut group, &[19_724; 10], None);
    column::<DoubleType>(&mut group, &[1.0; 10], None);
    group.close().unwrap();
    let whole = file.into_inner().unwrap();
    assert_eq!(read(whole.clone()).unwrap().len(), 10);

    // The last column begins with its page: type 0, then how many bytes it has unpacked.
    let footer = SerializedFileReader::new(Bytes::from(whole.clone())).unwrap();
    let (start, _) = footer.metadata().row_group(0).column(1).byte_range();
    let start = start as usize;
    assert_eq!(whole[start..start + 3], [0x15, 0x00, 0x15]);
    let stated = whole[start + 3..].iter().take_while(|byte| **byte >= 0x80);
    let end = start + 4 + stated.count();
    for (size, said) in [
        (
            [0xFE, 0xFF, 0xFF, 0xFF, 0x0F].as_slice(),
            "2147483647 bytes",
        ),
        (&[0x82, 0x80, 0x80, 0x80, 0x01], "134217729 bytes"),
        (&[0x01], "is senseless"),
    ] {
        let lying = [&whole[..start + 3], size, &whole[end..]].concat();
        let rows = read(lying).unwrap();
        let refused = rows.last().unwrap().as_ref().unwrap_err();
        assert_eq!((refused.line, refused.code.as_str()), (1, "read_error"));
        assert!(
            refused.message.contains("group 1 of rows, column close")
                && refused.message.contains(said),
            "{}",
            refused.message
        );
    }
}

fn bar() -> impl Strategy<Value = BarRow> {
    let figure = prop::option::of(0.5..1e9_f64);
    (0..4_000_000_000_i64, 0.01..1e6_f64, figure.clone(), figure).prop_map(
        |(second, price, adjusted_close, volume)| BarRow {
            line: 0,
            symbol: None,
            at: BarTime::Instant(jiff::Timestamp::from_second(second).unwrap()),
            open: price,
            high: price * 2.0,
            low: price / 2.0,
            close: price,
            adjusted_close,
            volume,
        },
    )
}

fn written(groups: &[Vec<BarRow>], is_daily: bool) -> Vec<u8> {
    let mut writer = BarsWriter::new(is_daily).unwrap();
    let mut bytes = Vec::new();
    for group in groups {
        bytes.extend(writer.group(group).unwrap());
    }
    bytes.extend(writer.finish().unwrap());
    bytes
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        groups in prop::collection::vec(prop::collection::vec(bar(), 1..50), 0..4),
        is_daily: bool,
    ) {
        let read = read(written(&groups, is_daily)).unwrap();
        let wanted: Vec<BarRow> = groups
            .concat()
            .into_iter()
            .zip(1..)
            .map(|(bar, line)| {
                let at = if is_daily { BarTime::Date(bar.at.date()) } else { bar.at };
                BarRow { line, at, ..bar }
            })
            .collect();
        let read: Vec<BarRow> = read.into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(read, wanted);
    }

    #[test]
    fn damage_anywhere_is_an_error_or_other_bars_and_never_the_end_of_the_program(
        bars in prop::collection::vec(bar(), 1..50),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = written(&[bars], false);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(rows) = read(bytes) {
            prop_assert!(rows.len() < 1_000_000);
        }
    }
}
