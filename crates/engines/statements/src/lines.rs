//! Streams of delimited lines: price and rate files, which may be too large to hold.

use std::io::{BufRead, Read as _};

use crate::{Rejection, Unreadable, code};

/// No price file has longer lines; a binary file without line ends must not fill the memory.
const LONGEST: u64 = 1 << 20;

/// One line cut into fields, reused from line to line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    bytes: Vec<u8>,
    ends: Vec<(usize, usize)>,
    /// Line counted from 1.
    pub(crate) number: u64,
}

impl Line {
    /// The field, trimmed and without quotation marks; empty when there is none.
    pub(crate) fn get(&self, column: usize) -> &[u8] {
        self.ends
            .get(column)
            .map_or(&[], |(start, end)| &self.bytes[*start..*end])
    }

    /// The field as text. What is not UTF-8 is no date and no number anyway.
    pub(crate) fn text(&self, column: usize) -> &str {
        str::from_utf8(self.get(column)).unwrap_or("\u{FFFD}")
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A quotation mark protects a delimiter; it cannot protect a line end, since no field of a
    /// price file has one.
    fn cut(&mut self, delimiter: u8) {
        while matches!(self.bytes.last(), Some(b'\n' | b'\r')) {
            self.bytes.pop();
        }
        self.ends.clear();
        let mut start = 0;
        let mut is_quoted = false;
        for (at, byte) in self.bytes.iter().enumerate() {
            if *byte == b'"' {
                is_quoted = !is_quoted;
            } else if *byte == delimiter && !is_quoted {
                self.ends.push((start, at));
                start = at + 1;
            }
        }
        self.ends.push((start, self.bytes.len()));
        for (start, end) in &mut self.ends {
            let is_padding = |byte: u8| byte.is_ascii_whitespace() || byte == b'"';
            while *start < *end && is_padding(self.bytes[*start]) {
                *start += 1;
            }
            while *start < *end && is_padding(self.bytes[*end - 1]) {
                *end -= 1;
            }
        }
    }
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
        };
        let mut line = Line::default();
        loop {
            match lines.fill(&mut line) {
                Ok(true) if line.bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(true) => break,
                Ok(false) => return Err(Unreadable::Empty),
                Err(Broken::Io(reason)) => return Err(Unreadable::Io(reason)),
                Err(Broken::TooLong) => return Err(Unreadable::NoHeader { example }),
            }
        }
        if line.bytes.contains(&0) {
            return Err(Unreadable::NotText {
                looks_like: "binary data",
            });
        }
        if line.bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
            line.bytes.drain(..3);
        }
        let count = |sign: u8| line.bytes.split(|byte| *byte == sign).count();
        let delimiter = [b'|', b'\t', b';', b',']
            .into_iter()
            .max_by_key(|sign| count(*sign));
        lines.delimiter = delimiter.unwrap_or(b',');
        line.cut(lines.delimiter);
        Ok((lines, line))
    }

    /// Reads on until `ahead` holds `limit` lines. A broken stream is reported when its turn comes:
    /// the next read fails again.
    pub(crate) fn read_ahead(&mut self, ahead: &mut Vec<Line>, limit: usize) {
        while ahead.len() < limit {
            let mut line = Line::default();
            if !matches!(self.next_into(&mut line), Ok(true)) {
                return;
            }
            ahead.push(line);
        }
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next line that is not blank; false at the end.
    fn next_into(&mut self, line: &mut Line) -> Result<bool, Broken> {
        loop {
            if !self.fill(line)? {
                return Ok(false);
            }
            line.cut(self.delimiter);
            if !line.bytes.is_empty() && (0..line.len()).any(|column| !line.get(column).is_empty())
            {
                return Ok(true);
            }
        }
    }

    fn fill(&mut self, line: &mut Line) -> Result<bool, Broken> {
        line.bytes.clear();
        line.ends.clear();
        let read = (&mut self.source)
            .take(LONGEST)
            .read_until(b'\n', &mut line.bytes)
            .map_err(|error| Broken::Io(error.to_string()))?;
        self.number += 1;
        line.number = self.number;
        if read as u64 == LONGEST && line.bytes.last() != Some(&b'\n') {
            return Err(Broken::TooLong);
        }
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
