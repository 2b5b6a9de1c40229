//! CSV text to records with their true lines.

use std::collections::{HashMap, HashSet};

use csv::{ReaderBuilder, StringRecord};

use crate::{Unreadable, text::LineCounter};

/// Records looked at to find the delimiter and the header; banks write addresses above it.
pub(crate) const PREAMBLE: usize = 50;

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
    /// Takes the file apart. The header is the first record for which `is_header` holds, among the
    /// first few; `None` when there is no such record.
    pub(crate) fn read(
        text: &str,
        delimiter: u8,
        is_header: impl Fn(&[String]) -> bool,
    ) -> Result<Option<Self>, Unreadable> {
        let mut records = records(text, delimiter, usize::MAX)?;
        let found = records
            .iter()
            .take(PREAMBLE)
            .position(|record| is_header(&names(record)));
        let Some(at) = found else { return Ok(None) };
        let below = records.split_off(at + 1);
        Ok(records.pop().map(|header| Self {
            header_line: header.line,
            names: names(&header),
            records: below,
        }))
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

/// The records, without those that are blank.
pub(crate) fn records(text: &str, delimiter: u8, limit: usize) -> Result<Vec<Record>, Unreadable> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines = LineCounter::new(text);
    let mut found = Vec::new();
    let (mut start, mut line) = (0, 1);
    for record in reader.records().take(limit) {
        // The text is valid UTF-8 and records may differ in length, so this error has no cause left.
        let Ok(fields) = record else { break };
        let byte = fields
            .position()
            .map_or(0, |position| position.byte() as usize);
        // The parser places a record before the line ends that it skips ahead of it.
        let skipped = text[byte..].len() - text[byte..].trim_start_matches(['\r', '\n']).len();
        start = byte + skipped;
        line = lines.line_at(start);
        if fields.iter().any(|field| !field.trim().is_empty()) {
            found.push(Record { line, fields });
        }
    }
    // A quotation mark that is never closed makes one record of the rest of the file.
    let last = text[start..].trim_end();
    let unclosed = last.contains(['\r', '\n']) && last.matches('"').count() % 2 == 1;
    if limit == usize::MAX && unclosed {
        return Err(Unreadable::UnclosedQuote { line });
    }
    Ok(found)
}

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
    [b',', b';', b'\t', b'|']
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
