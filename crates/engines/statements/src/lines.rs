//! Streams of delimited lines: price and rate files, which may be too large to hold.

use std::io::{BufRead, Read as _};

use crate::{Rejection, Unreadable, code};

/// No price file has longer lines; a binary file without line ends must not fill the memory.
const LONGEST: u64 = 1 << 20;

/// One line cut into fields, reused from line to line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    text: String,
    fields: Vec<(usize, usize)>,
    /// Line counted from 1.
    pub(crate) number: u64,
}

impl Line {
    /// The field, trimmed and without quotation marks; empty when there is none.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.fields
            .get(column)
            .map_or("", |(start, end)| &self.text[*start..*end])
    }

    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A quotation mark protects a delimiter; it cannot protect a line end, since no field of a
    /// price file has one.
    fn cut(&mut self, delimiter: u8) {
        self.fields.clear();
        let bytes = self.text.as_bytes();
        let mut start = 0;
        if bytes.contains(&b'"') {
            let mut is_quoted = false;
            for (at, byte) in bytes.iter().enumerate() {
                if *byte == b'"' {
                    is_quoted = !is_quoted;
                } else if *byte == delimiter && !is_quoted {
                    self.fields.push(trimmed(bytes, start, at));
                    start = at + 1;
                }
            }
        } else {
            for (at, byte) in bytes.iter().enumerate() {
                if *byte == delimiter {
                    self.fields.push(trimmed(bytes, start, at));
                    start = at + 1;
                }
            }
        }
        self.fields.push(trimmed(bytes, start, bytes.len()));
    }
}

/// The range without blanks and quotation marks at its ends. Both are ASCII, so the ends stay
/// between characters.
fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    let is_padding = |byte: u8| byte.is_ascii_whitespace() || byte == b'"';
    while start < end && is_padding(bytes[start]) {
        start += 1;
    }
    while start < end && is_padding(bytes[end - 1]) {
        end -= 1;
    }
    (start, end)
}

/// Why a stream ended early.
#[derive(Debug)]
enum Broken {
    TooLong,
    Io(String),
}

impl Broken {
    /// The last rejection of a stream.
    fn at(self, line: u64) -> Rejection {
        match self {
            Self::TooLong => Rejection::new(
                line,
                code::LINE_TOO_LONG,
                format!("the line is longer than {LONGEST} bytes: reading ends here"),
            ),
            Self::Io(reason) => Rejection::new(
                line,
                code::READ_ERROR,
                format!("the file could not be read on: {reason}"),
            ),
        }
    }
}

/// Reads lines one by one.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    source: R,
    delimiter: u8,
    number: u64,
    /// What ended the reading ahead, kept until its turn comes.
    failure: Option<Broken>,
}

impl<R: BufRead> Lines<R> {
    /// Starts a stream whose header is the first line that is not blank; the delimiter is the sign
    /// that is most frequent there.
    pub(crate) fn open(mut source: R, example: &'static str) -> Result<(Self, Line), Unreadable> {
        let start = source
            .fill_buf()
            .map_err(|error| Unreadable::Io(error.to_string()))?;
        if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
            return Err(Unreadable::Utf16);
        }
        let mut lines = Self {
            source,
            delimiter: b',',
            number: 0,
            failure: None,
        };
        let mut line = Line::default();
        loop {
            match lines.fill(&mut line) {
                Ok(true) if line.text.trim().is_empty() => {}
                Ok(true) => break,
                Ok(false) => return Err(Unreadable::Empty),
                Err(Broken::Io(reason)) => return Err(Unreadable::Io(reason)),
                Err(Broken::TooLong) => return Err(Unreadable::NoHeader { example }),
            }
        }
        if line.text.contains('\0') {
            return Err(Unreadable::NotText {
                looks_like: "binary data",
            });
        }
        if let Some(text) = line.text.strip_prefix('\u{FEFF}') {
            line.text = text.to_owned();
        }
        let count = |sign: u8| line.text.matches(char::from(sign)).count();
        let delimiter = [b'|', b'\t', b';', b',']
            .into_iter()
            .max_by_key(|sign| count(*sign));
        lines.delimiter = delimiter.unwrap_or(b',');
        line.cut(lines.delimiter);
        Ok((lines, line))
    }

    /// Reads on until `ahead` holds `limit` lines.
    pub(crate) fn read_ahead(&mut self, ahead: &mut Vec<Line>, limit: usize) {
        while ahead.len() < limit {
            let mut line = Line::default();
            match self.next_into(&mut line) {
                Ok(true) => ahead.push(line),
                Ok(false) => return,
                Err(broken) => {
                    self.failure = Some(broken);
                    return;
                }
            }
        }
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next line that is not blank; false at the end.
    fn next_into(&mut self, line: &mut Line) -> Result<bool, Broken> {
        if let Some(broken) = self.failure.take() {
            line.number = self.number;
            return Err(broken);
        }
        loop {
            if !self.fill(line)? {
                return Ok(false);
            }
            line.cut(self.delimiter);
            if line.fields.iter().any(|(start, end)| start < end) {
                return Ok(true);
            }
        }
    }

    fn fill(&mut self, line: &mut Line) -> Result<bool, Broken> {
        let mut bytes = std::mem::take(&mut line.text).into_bytes();
        bytes.clear();
        line.fields.clear();
        let read = (&mut self.source)
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| Broken::Io(error.to_string()))?;
        self.number += 1;
        line.number = self.number;
        if read as u64 == LONGEST && bytes.last() != Some(&b'\n') {
            return Err(Broken::TooLong);
        }
        // What is not UTF-8 is neither a date nor a number, and is refused as such.
        line.text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(read > 0)
    }
}

/// What a step of a [`Stream`] led to.
#[derive(Debug)]
pub(crate) enum Step {
    /// [`Stream::current`] is the next line.
    Line,
    End,
    /// The stream cannot be read on; the next step leads to its end.
    Broken(Rejection),
}

/// Lines read ahead, then the rest of the source.
#[derive(Debug)]
pub(crate) struct Stream<R> {
    lines: Lines<R>,
    ahead: std::vec::IntoIter<Line>,
    pub(crate) current: Line,
    is_over: bool,
}

impl<R: BufRead> Stream<R> {
    pub(crate) fn new(lines: Lines<R>, ahead: Vec<Line>) -> Self {
        Self {
            lines,
            ahead: ahead.into_iter(),
            current: Line::default(),
            is_over: false,
        }
    }

    pub(crate) fn advance(&mut self) -> Step {
        if let Some(line) = self.ahead.next() {
            self.current = line;
            return Step::Line;
        }
        if self.is_over {
            return Step::End;
        }
        let outcome = self.lines.next_into(&mut self.current);
        if matches!(outcome, Ok(true)) {
            return Step::Line;
        }
        self.is_over = true;
        let line = std::mem::take(&mut self.current);
        outcome.map_or_else(|broken| Step::Broken(broken.at(line.number)), |_| Step::End)
    }
}
