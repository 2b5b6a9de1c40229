//! A long file read in parts gives what reading it whole gives, wherever it is cut.

use std::io::Cursor;

use proptest::prelude::*;
use statements::{
    Format, LongFile, Mapping, Statement, Unreadable, preview_columns, read, read_as, read_with,
};

use super::{
    exports::own,
    support::{fixture, reference_files},
};

/// Reads in parts, and puts them together again. `None` for a file that must be seen as a whole.
fn read_in_parts(
    bytes: &[u8],
    format: Option<Format>,
    mapping: Option<&Mapping>,
    sizes: &[usize],
) -> Result<Option<Statement>, Unreadable> {
    let mut source = Cursor::new(bytes);
    let Some(file) = LongFile::look(&mut source, format, mapping)? else {
        return Ok(None);
    };
    let mut parts = file.parts(&mut source)?;
    let mut sizes = sizes.iter().copied().cycle();
    let mut whole: Option<Statement> = None;
    let (mut records, mut bytes_read) = (0, 0);
    while let Some(part) = parts.next_part(sizes.next().unwrap())? {
        assert!(part.records > records && part.bytes_read >= bytes_read);
        (records, bytes_read) = (part.records, part.bytes_read);
        match &mut whole {
            None => whole = Some(part.statement),
            Some(whole) => {
                whole.rows.extend(part.statement.rows);
                whole.rejected.extend(part.statement.rejected);
                whole.skipped.extend(part.statement.skipped);
                whole.positions.extend(part.statement.positions);
                whole.balances.extend(part.statement.balances);
            }
        }
    }
    assert!(bytes_read <= bytes.len() as u64);
    // A file without a record has no parts.
    let empty = || Statement {
        format: file.format(),
        rows: Vec::new(),
        rejected: Vec::new(),
        skipped: Vec::new(),
        positions: Vec::new(),
        balances: Vec::new(),
    };
    Ok(Some(whole.unwrap_or_else(empty)))
}

/// The formats of which every record stands alone.
const ALONE: [Format; 15] = [
    Format::Bitvavo,
    Format::Bursar,
    Format::Coinbase,
    Format::Csv,
    Format::Delta,
    Format::Etoro,
    Format::GhostfolioCsv,
    Format::Kraken,
    Format::Kucoin,
    Format::Parqet,
    Format::PortfolioPerformance,
    Format::Scalable,
    Format::TradeRepublic,
    Format::Trading212,
    Format::Wealthfolio,
];

/// Both ways agree, on a refusal of the whole file too.
fn check(bytes: &[u8], sizes: &[usize], name: &str) -> Option<Format> {
    let whole = read(bytes);
    match read_in_parts(bytes, None, None, sizes) {
        Ok(Some(parts)) => {
            assert_eq!(whole.as_ref(), Ok(&parts), "{name} in parts of {sizes:?}");
            Some(parts.format)
        }
        Ok(None) => None,
        Err(error) => {
            assert_eq!(whole, Err(error), "{name}");
            None
        }
    }
}

#[test]
fn own_and_reference_files_say_the_same_in_parts() {
    let mut seen = Vec::new();
    let own = own::FILES
        .iter()
        .map(|(name, ..)| ((*name).to_owned(), own::file(name)));
    let folders = [
        "bitvavo",
        "coinbase",
        "degiro",
        "ghostfolio",
        "ibkr",
        "kraken",
        "kucoin",
        "samples",
        "scalable",
        "schwab",
        "tiger",
        "traderepublic",
        "trading212",
        "wealthfolio",
    ];
    let reference = folders
        .iter()
        .flat_map(|folder| reference_files(&format!("brokers/{folder}")));
    let fixed = [("ghostfolio.csv".to_owned(), fixture("ghostfolio.csv"))];
    for (name, bytes) in own.chain(fixed).chain(reference) {
        for sizes in [&[1][..], &[2], &[3, 1], &[7], &[1000]] {
            seen.extend(check(&bytes, sizes, &name));
        }
    }
    for format in ALONE {
        // These two have a law of their own below.
        let is_own = matches!(format, Format::Bursar | Format::Csv);
        let is_seen = seen.contains(&format);
        assert!(is_own || is_seen, "no file of {format:?} was read in parts");
    }
    assert!(seen.iter().all(|format| ALONE.contains(format)));
}

#[test]
fn formats_that_span_records_are_not_cut() {
    let flex = b"<FlexQueryResponse queryName=\"a\" type=\"AF\"></FlexQueryResponse>";
    assert_eq!(read_in_parts(flex, None, None, &[1]), Ok(None));
    let ledgers = b"txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n";
    assert_eq!(read_in_parts(ledgers, None, None, &[1]), Ok(None));
    // Two lines of one moment are one exchange.
    assert_eq!(
        read_in_parts(&own::file("kucoin_history.csv"), None, None, &[1]),
        Ok(None)
    );
    // Holdings are compared, not booked.
    assert_eq!(
        read_in_parts(&own::file("wealthfolio_holdings.csv"), None, None, &[1]),
        Ok(None)
    );
}

/// The last record tells how the first is read, over the border of a part.
#[test]
fn habits_of_the_whole_file_count_in_every_part() {
    let text = "Datum;Typ;Symbol;Anzahl;Kurs;Betrag;Geb\u{fc}hr;W\u{e4}hrung\n\
                03/04/2024;buy;ACME;1;1,234;1,234;-1;EUR\n\
                13/04/2024;buy;ACME;1;2,50;-2,50;-1;EUR\n";
    let mapping = preview_columns(text.as_bytes()).unwrap().mapping;
    let whole = read_with(text.as_bytes(), &mapping).unwrap();
    assert_eq!(whole.rows[0].date.to_string(), "2024-04-03");
    assert_eq!(whole.rows[0].price.unwrap().to_string(), "1.234");
    let parts = read_in_parts(text.as_bytes(), None, Some(&mapping), &[1]);
    assert_eq!(parts, Ok(Some(whole)));
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_said_in_parts_too() {
    let text = "date,type,amount,currency\n2024-01-02,deposit,5,EUR\n2024-01-03,\"deposit,5,EUR\n\
                2024-01-04,deposit,5,EUR\n";
    let error = read_in_parts(text.as_bytes(), None, None, &[1]);
    assert_eq!(error, Err(Unreadable::UnclosedQuote { line: 3 }));
    // Nor does it fill the memory.
    let long = format!("{text}{}", "2024-01-04,deposit,5,EUR\n".repeat(60_000));
    let error = read_in_parts(long.as_bytes(), None, None, &[1]);
    assert_eq!(error, Err(Unreadable::UnclosedQuote { line: 3 }));
}

/// Wherever the beginning of a file ends, its last record may go on behind.
#[test]
fn the_beginning_of_a_file_ends_between_records() {
    let record = "2024-01-02,gift,5,EUR,\"one\ntwo, and\nthree\"\n";
    for shift in (0..record.len()).step_by(9) {
        let title = "t".repeat(shift);
        let mut text = format!("{title}\nWhen,What,Sum,Coin,Text\n");
        while text.len() < (1 << 20) + 200 {
            text.push_str(record);
        }
        // What lies behind the beginning is told by the whole alone.
        text.push_str("2024-01-02,bequest,5,EUR,far away\n");
        let mut source = Cursor::new(text.as_bytes());
        let beginning = statements::beginning(&mut source).unwrap();
        assert!(text.starts_with(&beginning) && beginning.len() > (1 << 20) - 100);
        assert!(
            beginning.ends_with("three\"\n"),
            "{:?}",
            &beginning[beginning.len() - 60..]
        );
        let mapping: Mapping = serde_json::from_value(serde_json::json!({
            "columns": { "date": "When", "type": "What", "amount": "Sum", "currency": "Coin" },
        }))
        .unwrap();
        let columns = preview_columns(beginning.as_bytes()).unwrap();
        assert_eq!(columns.names, ["When", "What", "Sum", "Coin", "Text"]);
        let near = statements::unknown_types(beginning.as_bytes(), &mapping);
        assert_eq!(near, Ok(vec!["gift".to_owned()]));
        if shift == 0 {
            let all = statements::unknown_types_of(&mut source, &mapping);
            assert_eq!(all, Ok(vec!["bequest".to_owned(), "gift".to_owned()]));
            assert!(LongFile::look(&mut source, Some(Format::Csv), Some(&mapping)).is_ok());
        }
    }
}

/// A letter of two bytes may be cut, too.
#[test]
fn the_encoding_of_a_beginning_is_not_misread_at_its_end() {
    for shift in 0..2 {
        let mut text = format!("{}\ndate,type,amount,currency,note\n", "t".repeat(shift));
        while text.len() < (2 << 20) + 200 {
            text.push_str("2024-01-02,deposit,5,EUR,üüüüüüü\n");
        }
        let beginning = statements::beginning(&mut Cursor::new(text.as_bytes())).unwrap();
        assert!(text.starts_with(&beginning));
    }
    // A letter of two bytes each, behind a mark of two more: the last record is as cut short as any.
    let text = "2024-01-02,deposit,5,EUR,whole\n".repeat(40_000);
    for encoding in [2, 3] {
        let beginning = statements::beginning(&mut Cursor::new(encoded(&text, encoding))).unwrap();
        assert!(beginning.len() < text.len() && text.starts_with(&beginning));
        assert!(beginning.ends_with("whole\n"), "a record is cut short");
    }
}

/// A file of several mebibytes crosses all buffers.
#[test]
fn lines_stay_true_far_into_a_file() {
    let mut text = "date,type,amount,currency,note\r\n".to_owned();
    for _ in 0..60_000 {
        text.push_str("2024-01-02,deposit,5,EUR,\"two\r\nlines\"\r\n\r\n");
    }
    let whole = read(text.as_bytes()).unwrap();
    assert_eq!(whole.rows.last().unwrap().line, 2 + 59_999 * 3);
    let parts = read_in_parts(text.as_bytes(), None, None, &[4_999]).unwrap();
    assert_eq!(parts.as_ref(), Some(&whole));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let parts = read_in_parts(&wide, None, None, &[10_000]).unwrap();
    assert_eq!(parts.as_ref(), Some(&whole));
}

fn encoded(text: &str, encoding: u8) -> Vec<u8> {
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [&b"\xEF\xBB\xBF"[..], text.as_bytes()].concat(),
        2 => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xFF, 0xFE].into_iter().chain(units).collect()
        }
        3 => {
            let units = text.encode_utf16().flat_map(u16::to_be_bytes);
            [0xFE, 0xFF].into_iter().chain(units).collect()
        }
        // Windows-1252; what it has no sign for is left out.
        _ => text
            .chars()
            .filter_map(|c| u8::try_from(u32::from(c)).ok())
            .collect(),
    }
}

/// A record of Bursar's own columns, whole or damaged.
fn record() -> impl Strategy<Value = [String; 9]> {
    let date = prop::sample::select(vec![
        "2024-01-02",
        "03/04/2024",
        "13/04/2024",
        "04/05/2024 10:00",
        "2024-01-02T10:00:00Z",
        "never",
        "",
    ]);
    let kind = prop::sample::select(vec![
        "buy",
        "sell",
        "dividend",
        "deposit",
        "withdrawal",
        "fee",
        "split",
        "gift",
        "",
    ]);
    let number = || {
        prop::sample::select(vec![
            "1", "-1", "1.5", "1,5", "1,234", "1.234,5", "-7.25", "0", "", "-", "x",
        ])
    };
    let note = prop::sample::select(vec![
        "",
        "a,b",
        "two\nlines",
        "\u{fc}ber \u{a3}",
        "say \"hi\"",
        "5\" pipe",
        "a;b",
        "'=1",
    ]);
    (date, kind, number(), number(), number(), number(), note).prop_map(
        |(date, kind, quantity, price, amount, fees, note)| {
            [
                date, kind, "ACME", quantity, price, amount, fees, "EUR", note,
            ]
            .map(str::to_owned)
        },
    )
}

const HEADER: &str = "date,type,symbol,quantity,price,amount,fees,currency,note";

fn table(header: &str, records: &[[String; 9]], delimiter: char, end: &str) -> String {
    let mut text = header.replace(',', &delimiter.to_string());
    text.push_str(end);
    for record in records {
        let cells: Vec<String> = record
            .iter()
            .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
            .collect();
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push_str(end);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Bursar's own CSV and a CSV of any layout, in every encoding, cut anywhere.
    #[test]
    fn any_cut_gives_the_same(
        records in prop::collection::vec(record(), 0..12),
        sizes in prop::collection::vec(1_usize..6, 1..4),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]),
        encoding in 0_u8..5,
    ) {
        let own = encoded(&table(HEADER, &records, delimiter, end), encoding);
        let whole = read_as(&own, Format::Bursar);
        let parts = read_in_parts(&own, Some(Format::Bursar), None, &sizes);
        prop_assert_eq!(parts.map(Option::unwrap), whole);

        let header = "Tag,Was,Papier,Menge,Kurs,Summe,Kosten,Geld,Text";
        let foreign = encoded(&table(header, &records, delimiter, end), encoding);
        let mapping: Mapping = serde_json::from_value(serde_json::json!({
            "columns": {
                "date": "Tag", "type": "Was", "symbol": "Papier", "quantity": "Menge",
                "price": "Kurs", "amount": "Summe", "fees": "Kosten", "currency": "Geld",
                "note": "Text",
            },
        })).unwrap();
        let whole = read_with(&foreign, &mapping);
        let parts = read_in_parts(&foreign, None, Some(&mapping), &sizes);
        prop_assert_eq!(parts.map(Option::unwrap), whole);
    }

    /// The files of brokers, with records repeated, dropped and shuffled, cut anywhere.
    #[test]
    fn any_cut_of_a_brokers_file_gives_the_same(
        place in 0..own::FILES.len(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        sizes in prop::collection::vec(1_usize..6, 1..4),
    ) {
        let name = own::FILES[place].0;
        let bytes = own::file(name);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let header = (0..lines.len())
            .find(|end| statements::detect(lines[..=*end].join("\n").as_bytes()).is_some())
            .unwrap_or(0);
        let (above, below) = lines.split_at(header + 1);
        let mut shuffled: Vec<&str> = above.to_vec();
        if !below.is_empty() {
            shuffled.extend(order.iter().map(|index| below[index.index(below.len())]));
        }
        check(shuffled.join("\n").as_bytes(), &sizes, name);
    }

    /// No bytes make it panic or hang.
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_in_parts(&bytes, None, None, &[3]);
        for format in ALONE {
            let _ = read_in_parts(&bytes, Some(format), None, &[3]);
        }
    }
}
