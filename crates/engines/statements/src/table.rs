//! CSV text to records with their true lines.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read},
};

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::{Unreadable, text::line_ends};

/// Records looked at to find the delimiter and the header; banks write addresses above it.
pub(crate) const PREAMBLE: usize = 50;
/// Text before the current record that is kept before it is forgotten.
const FORGOTTEN_AT_ONCE: usize = 64 * 1024;

/// One record and the line on which it begins.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) line: u64,
    fields: StringRecord,
}

impl Record {
    pub(crate) fn get(&self, column: usize) -> &str {
        self.fields.get(column).unwrap_or_default().trim()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(str::trim)
    }

    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    fn is_blank(&self) -> bool {
        self.iter().all(str::is_empty)
    }

    /// Fields up to the last that is not empty.
    pub(crate) fn filled_len(&self) -> usize {
        self.iter()
            .enumerate()
            .filter(|(_, field)| !field.is_empty())
            .last()
            .map_or(0, |(i, _)| i + 1)
    }
}

/// A CSV file taken apart: names, and the records below them.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) header_line: u64,
    /// Unique names, in the file's spelling; a column without a name is called by its place.
    pub(crate) names: Vec<String>,
    pub(crate) records: Vec<Record>,
}

impl Table {
    /// The same table without records.
    pub(crate) fn header(&self) -> Self {
        Self {
            header_line: self.header_line,
            names: self.names.clone(),
            records: Vec::new(),
        }
    }

    /// Takes the file apart. The header is the first record for which `is_header` holds, among the
    /// first few; `None` when there is no such record.
    pub(crate) fn read(
        text: &str,
        delimiter: u8,
        is_header: impl Fn(&[String]) -> bool,
    ) -> Result<Option<Self>, Unreadable> {
        let mut records = Records::new(text.as_bytes(), delimiter, usize::MAX);
        let mut table = Self::begin(&mut records, is_header)?;
        while let Some(record) = records.next_filled()? {
            if let Some(table) = &mut table {
                table.records.push(record);
            }
        }
        records.check_end()?;
        Ok(table)
    }

    /// Reads records up to the header; the table has none yet.
    pub(crate) fn begin<R: Read>(
        records: &mut Records<R>,
        is_header: impl Fn(&[String]) -> bool,
    ) -> Result<Option<Self>, Unreadable> {
        for _ in 0..PREAMBLE {
            let Some(record) = records.next_filled()? else {
                break;
            };
            let names = names(&record);
            if is_header(&names) {
                return Ok(Some(Self {
                    header_line: record.line,
                    names,
                    records: Vec::new(),
                }));
            }
        }
        Ok(None)
    }
}

/// The names in the first record that is not blank.
pub(crate) fn first_names(text: &str, delimiter: u8) -> Vec<String> {
    let found = records(text, delimiter, PREAMBLE).unwrap_or_default();
    found.first().map(names).unwrap_or_default()
}

/// The records among which a header is looked for.
pub(crate) fn beginning(text: &str, delimiter: u8) -> Vec<Record> {
    records(text, delimiter, PREAMBLE).unwrap_or_default()
}

/// The beginning of a text up to its last record, which may be cut short. All of it, where there is
/// but one.
pub(crate) fn whole_records(text: &str) -> &str {
    let mut records = Records::new(text.as_bytes(), sniff_delimiter(text), usize::MAX);
    while let Ok(Some(_)) = records.next() {}
    usize::try_from(records.start)
        .ok()
        .and_then(|start| text.get(..start))
        .filter(|whole| !whole.trim().is_empty())
        .unwrap_or(text)
}

/// The records among the first `limit`, without those that are blank.
pub(crate) fn records(text: &str, delimiter: u8, limit: usize) -> Result<Vec<Record>, Unreadable> {
    let mut records = Records::new(text.as_bytes(), delimiter, usize::MAX);
    let mut found = Vec::new();
    for _ in 0..limit {
        let Some(record) = records.next()? else { break };
        if !record.is_blank() {
            found.push(record);
        }
    }
    if limit == usize::MAX {
        records.check_end()?;
    }
    Ok(found)
}

/// Records one by one, with their true lines.
pub(crate) struct Records<R> {
    reader: Reader<Window<R>>,
    /// Where the last record begins.
    start: u64,
    line: u64,
}

/// A source of which the text from the last record on is kept.
struct Window<R> {
    source: R,
    kept: Vec<u8>,
    /// Place of the first byte that is kept.
    base: u64,
    /// More than this is not kept: no record is so long.
    most: usize,
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.kept.len() > self.most {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let read = self.source.read(buffer)?;
        self.kept
            .extend_from_slice(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<R> Window<R> {
    /// What is kept from a place on.
    fn from(&self, place: u64) -> &[u8] {
        let at = usize::try_from(place.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.kept.get(at..).unwrap_or_default()
    }

    /// Forgets what lies before a place, some at a time.
    fn forget(&mut self, place: u64) {
        let gone = usize::try_from(place.saturating_sub(self.base)).unwrap_or(0);
        if gone > FORGOTTEN_AT_ONCE {
            self.kept.drain(..gone.min(self.kept.len()));
            self.base = place;
        }
    }
}

impl<R: Read> Records<R> {
    /// Takes UTF-8 apart. A record longer than `longest` bytes is an error.
    pub(crate) fn new(source: R, delimiter: u8, longest: usize) -> Self {
        let window = Window {
            source,
            kept: Vec::new(),
            base: 0,
            most: longest.saturating_add(2 * FORGOTTEN_AT_ONCE),
        };
        Self {
            reader: ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .flexible(true)
                .from_reader(window),
            start: 0,
            line: 1,
        }
    }

    pub(crate) fn source(&self) -> &R {
        &self.reader.get_ref().source
    }

    /// The next record, which may be blank.
    fn next(&mut self) -> Result<Option<Record>, Unreadable> {
        let mut fields = StringRecord::new();
        let before = self.reader.position().byte();
        let is_there = match self.reader.read_record(&mut fields) {
            Ok(is_there) => is_there,
            Err(error) => return Err(self.failure(&error, before)),
        };
        if !is_there {
            return Ok(None);
        }
        self.place(fields.position().map_or(before, csv::Position::byte));
        Ok(Some(Record {
            line: self.line,
            fields,
        }))
    }

    /// The next record that is not blank.
    pub(crate) fn next_filled(&mut self) -> Result<Option<Record>, Unreadable> {
        while let Some(record) = self.next()? {
            if !record.is_blank() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Notes where a record begins. The parser places it before the line ends that it skips.
    fn place(&mut self, byte: u64) {
        let window = self.reader.get_mut();
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let skipped = window.from(byte).iter().take_while(ends).count();
        let start = byte + skipped as u64;
        let passed = (start - self.start) as usize;
        self.line += line_ends(window.from(self.start), passed);
        self.start = start;
        window.forget(start);
    }

    /// A quotation mark that is never closed makes one record of the rest of the file: so says the
    /// last record.
    pub(crate) fn check_end(&self) -> Result<(), Unreadable> {
        let last = self.reader.get_ref().from(self.start).trim_ascii_end();
        let has_lines = last.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        let is_open = last.iter().fold(false, |open, byte| open ^ (*byte == b'"'));
        if has_lines && is_open {
            return Err(Unreadable::UnclosedQuote { line: self.line });
        }
        Ok(())
    }

    fn failure(&mut self, error: &csv::Error, before: u64) -> Unreadable {
        match error.kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                self.place(before);
                Unreadable::UnclosedQuote { line: self.line }
            }
            csv::ErrorKind::Io(error) => Unreadable::Io(error.to_string()),
            // Encodings are checked before, and records may differ in length.
            _ => Unreadable::Io("it changed while it was read".to_owned()),
        }
    }
}

/// What may stand between the cells of a table, the most usual first.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter that cuts the beginning of the file into the most even records.
pub(crate) fn sniff_delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let counts = counts(text, delimiter);
        let (width, share) = usual_width(&counts);
        if width < 2 {
            0.0
        } else {
            share * (width as f64).sqrt()
        }
    };
    DELIMITERS
        .into_iter()
        .rev()
        .max_by(|a, b| score(*a).total_cmp(&score(*b)))
        .unwrap_or(b',')
}

/// The first record as wide as most records are, which skips lines above the header.
pub(crate) fn usual_header(text: &str, delimiter: u8) -> usize {
    usual_width(&counts(text, delimiter)).0.max(2)
}

/// True for names as wide as the records below, of which at least half are words: a title line padded
/// with delimiters is no header.
pub(crate) fn is_usual_header(names: &[String], width: usize) -> bool {
    let is_word = |(place, name): &(usize, &String)| {
        name.chars().any(char::is_alphabetic) && **name != nameless(*place)
    };
    names.len() >= width && names.iter().enumerate().filter(is_word).count() * 2 >= names.len()
}

/// What a column without a name is called.
fn nameless(place: usize) -> String {
    format!("column {}", place + 1)
}

fn counts(text: &str, delimiter: u8) -> Vec<usize> {
    records(text, delimiter, PREAMBLE)
        .map(|found| found.iter().map(Record::len).collect())
        .unwrap_or_default()
}

/// The most frequent number of fields and the share of records that have it.
fn usual_width(counts: &[usize]) -> (usize, f64) {
    let frequency = |width: usize| counts.iter().filter(|other| **other == width).count();
    let width = counts
        .iter()
        .copied()
        .filter(|width| *width > 1)
        .max_by_key(|width| (frequency(*width), *width));
    width.map_or((0, 0.0), |width| {
        (width, frequency(width) as f64 / counts.len() as f64)
    })
}

fn names(header: &Record) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    let mut taken: HashSet<String> = HashSet::new();
    let mut copies: HashMap<String, u64> = HashMap::new();
    for (place, field) in header.iter().enumerate() {
        let plain = if field.is_empty() {
            nameless(place)
        } else {
            field.to_owned()
        };
        let mut name = plain.clone();
        // Counted on from the last copy, so that a line of equal names is not searched again and again.
        let copy = copies.entry(plain.clone()).or_insert(1);
        while !taken.insert(name.clone()) {
            *copy += 1;
            name = format!("{plain} ({copy})");
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "a,b\r\n\r\n1,\"x\r\ny\"\r\n , \r\n\n2,z";
        let table = Table::read(text, b',', |_| true).unwrap().unwrap();
        let lines: Vec<(u64, &str)> = table
            .records
            .iter()
            .map(|record| (record.line, record.get(0)))
            .collect();
        assert_eq!(lines, [(3, "1"), (7, "2")]);
    }

    #[test]
    fn delimiters_are_told_apart() {
        for (text, delimiter) in [
            ("a,b,c\n1,2,3", b','),
            ("a;b;c\n1,5;2,5;3", b';'),
            ("a\tb\n1,5\t2", b'\t'),
            ("a|b|c\nx,y|2|3", b'|'),
            ("a,b,c,d", b','),
            ("alone", b','),
        ] {
            assert_eq!(sniff_delimiter(text), delimiter, "{text}");
        }
    }

    #[test]
    fn names_are_unique_and_never_empty() {
        let table = Table::read("Change,,Balance,,Change\n", b',', |_| true)
            .unwrap()
            .unwrap();
        assert_eq!(
            table.names,
            ["Change", "column 2", "Balance", "column 4", "Change (2)"]
        );
    }

    #[test]
    fn an_unclosed_quote_is_not_swallowed() {
        let error = Table::read("a,b\n1,2\n\"3,4\n5,6\n", b',', |_| true).unwrap_err();
        assert_eq!(error, Unreadable::UnclosedQuote { line: 3 });
    }
}
