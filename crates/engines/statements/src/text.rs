//! Bytes to text: encodings and line numbers.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use crate::Unreadable;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
/// Bytes of a stream that are decoded at once.
const PIECE: u64 = 64 * 1024;

/// How bytes stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Windows1252,
    Utf16Le,
    Utf16Be,
}

/// Decodes UTF-8, UTF-16 (by its mark, or by the zero bytes of its first two characters) and, for
/// all that is not valid UTF-8, Windows-1252. The byte order mark is removed.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let text = match Encoding::of_start(bytes) {
        Some(Encoding::Utf16Le) => Cow::Owned(utf16(without_mark(bytes), u16::from_le_bytes)?),
        Some(_) => Cow::Owned(utf16(without_mark(bytes), u16::from_be_bytes)?),
        None => eight_bit(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))?,
    };
    if text.trim().is_empty() {
        Err(Unreadable::Empty)
    } else {
        Ok(text)
    }
}

/// Drops the bytes of a character of UTF-8 of which the last ones are missing.
pub(crate) fn without_cut_character(bytes: &mut Vec<u8>) {
    if let Err(error) = str::from_utf8(bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
}

/// UTF-16 without its mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    let marks: [&[u8]; 2] = [&[0xFF, 0xFE], &[0xFE, 0xFF]];
    let rest = marks.iter().find_map(|mark| bytes.strip_prefix(*mark));
    rest.unwrap_or(bytes)
}

impl Encoding {
    /// UTF-16 shows in the first bytes; anything else has eight bits.
    fn of_start(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xFE, ..] => Some(Self::Utf16Le),
            [0xFE, 0xFF, ..] => Some(Self::Utf16Be),
            [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some(Self::Utf16Le),
            [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// Finds out the encoding of a stream as [`decode`] does, which takes all of its bytes.
    pub(crate) fn of(source: &mut impl Read) -> Result<Self, Unreadable> {
        let (mut buffer, mut start) = (Vec::new(), None);
        let (mut is_utf8, mut is_windows) = (true, true);
        loop {
            let length = buffer.len();
            let read = source
                .take(PIECE)
                .read_to_end(&mut buffer)
                .map_err(|error| Unreadable::Io(error.to_string()))?;
            let fresh = buffer.get(length..).unwrap_or_default();
            let start = *start.get_or_insert_with(|| {
                let looks_like = kind_of_binary(fresh);
                (Self::of_start(fresh), looks_like)
            });
            if let Some(wide) = start.0 {
                return Ok(wide);
            }
            is_windows &= fresh.iter().all(|byte| windows_1252(*byte).is_some());
            // The bytes of a character that the next piece completes.
            let unfinished = match str::from_utf8(&buffer) {
                Ok(_) => 0,
                Err(error) if error.error_len().is_none() && read > 0 => {
                    buffer.len() - error.valid_up_to()
                }
                Err(_) => {
                    is_utf8 = false;
                    0
                }
            };
            if fresh.contains(&0) || !(is_utf8 || is_windows) {
                return Err(Unreadable::NotText {
                    looks_like: start.1,
                });
            }
            if read == 0 {
                return Ok(if is_utf8 {
                    Self::Utf8
                } else {
                    Self::Windows1252
                });
            }
            buffer.drain(..buffer.len() - unfinished);
        }
    }
}

/// A stream of text as UTF-8, without its byte order mark.
pub(crate) struct Decoded<R> {
    source: R,
    encoding: Encoding,
    /// Bytes read, not yet decoded: half a character at most.
    rest: Vec<u8>,
    /// Decoded, from `at` on not yet handed out.
    text: Vec<u8>,
    at: usize,
    bytes_read: u64,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(source: R, encoding: Encoding) -> Self {
        Self {
            source,
            encoding,
            rest: Vec::new(),
            text: Vec::new(),
            at: 0,
            bytes_read: 0,
        }
    }

    /// Bytes of the source that were read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn fill(&mut self) -> io::Result<()> {
        let is_start = self.bytes_read == 0;
        let read = (&mut self.source).take(PIECE).read_to_end(&mut self.rest)?;
        self.bytes_read += read as u64;
        let mut bytes = self.rest.as_slice();
        if is_start {
            bytes = without_mark(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes));
        }
        self.at = 0;
        self.text.clear();
        let unit = match self.encoding {
            Encoding::Utf8 => {
                self.text.extend_from_slice(bytes);
                self.rest.clear();
                return Ok(());
            }
            Encoding::Windows1252 => {
                let text: String = bytes.iter().filter_map(|b| windows_1252(*b)).collect();
                self.text = text.into_bytes();
                self.rest.clear();
                return Ok(());
            }
            Encoding::Utf16Le => u16::from_le_bytes,
            Encoding::Utf16Be => u16::from_be_bytes,
        };
        // Half a unit, or the first half of a pair, waits for the next piece.
        let (pairs, _) = bytes.as_chunks::<2>();
        let is_first_half = |pair: &[u8; 2]| (0xD800..0xDC00).contains(&unit(*pair));
        let waiting = usize::from(read > 0 && pairs.last().is_some_and(is_first_half));
        let whole = (pairs.len() - waiting) * 2;
        let rest = bytes.get(whole..).unwrap_or_default().to_vec();
        if read == 0 && !rest.is_empty() {
            return Err(io::Error::other("damaged UTF-16"));
        }
        self.text = utf16(bytes.get(..whole).unwrap_or_default(), unit)
            .map_err(io::Error::other)?
            .into_bytes();
        self.rest = rest;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            let before = self.bytes_read;
            self.fill()?;
            if self.bytes_read == before && self.text.is_empty() {
                return Ok(0);
            }
        }
        let read = self.text.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let not_text = Unreadable::NotText {
        looks_like: "damaged UTF-16",
    };
    if !rest.is_empty() {
        return Err(not_text);
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| not_text)
}

fn eight_bit(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    if bytes.contains(&0) {
        return Err(Unreadable::NotText {
            looks_like: kind_of_binary(bytes),
        });
    }
    if let Ok(text) = str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    bytes
        .iter()
        .map(|byte| windows_1252(*byte))
        .collect::<Option<String>>()
        .map(Cow::Owned)
        .ok_or(Unreadable::NotText {
            looks_like: kind_of_binary(bytes),
        })
}

fn kind_of_binary(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'P', b'K', 3, 4, ..] => "a ZIP archive or an Excel workbook",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [0x1F, 0x8B, ..] => "a gzip archive",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an old Excel workbook",
        _ => "binary data",
    }
}

/// The character of a byte; `None` for bytes that no text in this code page contains.
fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        b'\t' | b'\n' | b'\r' | 0x0C | 0x20..=0x7E | 0xA0..=0xFF => Some(char::from(byte)),
        0x80..=0x9F => Some(HIGH[usize::from(byte - 0x80)]).filter(|found| *found != '\0'),
        _ => None,
    }
}

/// How many lines end within the first `count` of the bytes. A line ends with LF, CR LF or a lone CR.
pub(crate) fn line_ends(bytes: &[u8], count: usize) -> u64 {
    let ends = |(at, byte): &(usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    bytes.iter().enumerate().take(count).filter(ends).count() as u64
}

/// Turns rising offsets into line numbers, counted from 1, in one pass over the text.
pub(crate) struct LineCounter<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            offset: 0,
            line: 1,
        }
    }

    /// The line of `offset`, which must not lie before the offset asked for last.
    pub(crate) fn line_at(&mut self, offset: usize) -> u64 {
        let passed = offset.min(self.bytes.len()).saturating_sub(self.offset);
        self.line += line_ends(&self.bytes[self.offset..], passed);
        self.offset += passed;
        self.line
    }
}

/// A value as it may appear in a message: one line, not too long.
pub(crate) fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = value
        .trim()
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if value.trim().chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Datum;Währung\n01.02.2024;€\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let ansi = b"Datum;W\xE4hrung\n01.02.2024;\x80\n".to_vec();
        for bytes in [
            text.as_bytes().to_vec(),
            [UTF8_MARK, text.as_bytes()].concat(),
            [&[0xFF, 0xFE], &le[..]].concat(),
            [&[0xFE, 0xFF], &be[..]].concat(),
            le,
            be,
            ansi,
        ] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_text_is_said() {
        assert_eq!(decode(b""), Err(Unreadable::Empty));
        assert_eq!(decode(b"\xEF\xBB\xBF \r\n"), Err(Unreadable::Empty));
        assert!(
            decode(b"PK\x03\x04\0\0")
                .unwrap_err()
                .to_string()
                .contains("Excel")
        );
        assert!(
            decode(b"\xFF\xFEa")
                .unwrap_err()
                .to_string()
                .contains("UTF-16")
        );
        assert!(
            decode(b"\x81\x02\xFF")
                .unwrap_err()
                .to_string()
                .contains("binary")
        );
    }

    #[test]
    fn lines_end_in_three_ways() {
        let mut lines = LineCounter::new("a\r\nb\nc\rd");
        let found: Vec<u64> = [0, 3, 5, 7, 99].map(|at| lines.line_at(at)).to_vec();
        assert_eq!(found, [1, 2, 3, 4, 4]);
    }
}
