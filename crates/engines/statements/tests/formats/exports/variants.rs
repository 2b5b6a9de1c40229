//! The same file saved in other ways says the same, and the headers of all years are told.

use csv::{QuoteStyle, ReaderBuilder, WriterBuilder};
use statements::{Format, detect, read};

use super::{
    lines,
    own::{FILES, file},
    support::reference,
};

/// The lines of a file taken apart, so that blank ones and their numbers stay.
fn cells(text: &str) -> Vec<Vec<String>> {
    let delimiter =
        [b';', b','][usize::from(text.matches(',').count() > text.matches(';').count())];
    text.lines()
        .map(|line| {
            let mut reader = ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .from_reader(line.as_bytes());
            reader
                .records()
                .next()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .unwrap_or_default()
        })
        .collect()
}

fn written(cells: &[Vec<String>], delimiter: u8, style: QuoteStyle, end: &str) -> String {
    let mut text = String::new();
    for line in cells {
        if !line.is_empty() {
            let mut writer = WriterBuilder::new()
                .delimiter(delimiter)
                .quote_style(style)
                .from_writer(Vec::new());
            writer.write_record(line).unwrap();
            text.push_str(
                String::from_utf8(writer.into_inner().unwrap())
                    .unwrap()
                    .trim_end_matches('\n'),
            );
        }
        text.push_str(end);
    }
    text
}

/// `-1234.5` as it is written where a comma separates decimals.
fn with_comma(cell: &str) -> String {
    let bare = cell.trim_start_matches(['-', '€', '$']);
    let is_decimal = bare.split_once('.').is_some_and(|(whole, rest)| {
        [whole, rest]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if is_decimal {
        cell.replace('.', ",")
    } else {
        cell.to_owned()
    }
}

/// `2024-12-31` as `31.12.2024`.
fn day_first(cell: &str) -> String {
    let parts = cell
        .get(..10)
        .map(|date| date.split('-').collect::<Vec<_>>());
    match parts.as_deref() {
        Some([year, month, day])
            if [year, month, day]
                .iter()
                .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
                && year.len() == 4 =>
        {
            format!("{day}.{month}.{year}{}", &cell[10..])
        }
        _ => cell.to_owned(),
    }
}

fn each(cells: &[Vec<String>], change: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    cells
        .iter()
        .map(|line| line.iter().map(|cell| change(cell)).collect())
        .collect()
}

#[track_caller]
fn says(name: &str, how: &str, bytes: &[u8], format: Format, expected: &str) {
    let statement = read(bytes).unwrap_or_else(|error| panic!("{name} {how}: {error}"));
    assert_eq!(statement.format, format, "{name} {how}");
    assert_eq!(lines(&statement), expected, "{name} {how}");
}

#[test]
fn every_way_of_saving_says_the_same() {
    for (name, format, _) in FILES {
        let bytes = file(name);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let expected = lines(&read(&bytes).unwrap());
        let table = cells(&text);
        let says = |how: &str, bytes: &[u8]| says(name, how, bytes, *format, &expected);
        says("with a mark", &[b"\xEF\xBB\xBF", &*bytes].concat());
        says("with CR LF", text.replace('\n', "\r\n").as_bytes());
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        says("in UTF-16", &[b"\xFF\xFE", &*little].concat());
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        says("in UTF-16, big end first", &[b"\xFE\xFF", &*big].concat());
        for (how, delimiter) in [("commas", b','), ("semicolons", b';'), ("tabs", b'\t')] {
            let all = written(&table, delimiter, QuoteStyle::Always, "\n");
            says(&format!("quoted, with {how}"), all.as_bytes());
            let few = written(&table, delimiter, QuoteStyle::Necessary, "\r\n");
            says(&format!("with {how}"), few.as_bytes());
        }
        let local = written(&each(&table, with_comma), b';', QuoteStyle::Necessary, "\n");
        says("with decimal commas", local.as_bytes());
        let local = written(&each(&table, day_first), b',', QuoteStyle::Necessary, "\n");
        says("with the day first", local.as_bytes());
    }
}

#[test]
fn the_first_title_may_be_anything() {
    for (name, format, _) in FILES {
        // What a spreadsheet puts above a table when it is given a heading.
        let titled = [b"My export,,,\n\n", &*file(name)].concat();
        assert_eq!(detect(&titled), Some(*format), "{name}");
        assert!(!read(&titled).unwrap().rows.is_empty() || *name == "wealthfolio_holdings.csv");
    }
}

/// Every header that Kraken and `KuCoin` are known to have written, with the zones that their times
/// may carry.
#[test]
fn headers_of_all_years_are_told() {
    let Some(path) = reference("brokers/header_variants.json") else {
        assert_eq!(detect(HISTORY.as_bytes()), Some(Format::Kucoin));
        return;
    };
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let zoned = |header: &str| {
        ["(UTC)", "(UTC+08:00)", "(UTC-05:00)"].map(|zone| {
            header
                .replace("((UTC|UTC[-+]d{2}:d{2}))", zone)
                .replace(",?Position", "Position")
        })
    };
    let mut count = 0;
    for (name, header) in json["kucoin_exitbook"].as_object().unwrap() {
        for header in zoned(
            &header
                .as_str()
                .unwrap()
                .replace("(UTC)", "((UTC|UTC[-+]d{2}:d{2}))"),
        ) {
            assert_eq!(
                detect(header.as_bytes()),
                Some(Format::Kucoin),
                "{name}: {header}"
            );
        }
        count += 1;
    }
    for (key, format) in [
        ("kucoin_bittytax", Format::Kucoin),
        ("kraken_bittytax", Format::Kraken),
    ] {
        for entry in json[key].as_array().unwrap() {
            let names: Vec<String> = entry[1]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| format!("\"{}\"", name.as_str().unwrap()))
                .collect();
            for header in zoned(&names.join(",")) {
                assert_eq!(detect(header.as_bytes()), Some(format), "{header}");
                let empty = read(format!("{header}\n").as_bytes()).unwrap();
                assert!(
                    empty.rows.is_empty() && empty.rejected.is_empty(),
                    "{header}"
                );
            }
            count += 1;
        }
    }
    assert_eq!(count, 63, "headers in the reference data");
}

const HISTORY: &str = "UID,Account Type,Currency,Side,Amount,Fee,Time(UTC+08:00),Remark,Type\n";

#[test]
fn other_tables_are_not_taken_for_exports() {
    for text in [
        "date,symbol,quantity,price,currency\n2024-01-02,MSFT,1,2,USD\n",
        "date,type,symbol,quantity,price,amount,fees,currency\n",
        "date,open,high,low,close,volume\n2024-01-02,1,2,1,2,5\n",
        "Date,Code,DataSource,Currency,Price,Quantity,Action,Fee,Note\n",
        "a,b,c\n1,2,3\n",
    ] {
        let format = detect(text.as_bytes());
        let is_own = matches!(format, None | Some(Format::Bursar | Format::GhostfolioCsv));
        assert!(is_own, "{text}: {format:?}");
    }
}
