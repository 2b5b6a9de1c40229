//! Bytes to text: encodings and line numbers.

use std::borrow::Cow;

use crate::Unreadable;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Decodes UTF-8, UTF-16 (by its mark, or by the zero bytes of its first two characters) and, for
/// all that is not valid UTF-8, Windows-1252. The byte order mark is removed.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Cow::Owned(utf16(bytes, u16::from_le_bytes)?),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Cow::Owned(utf16(bytes, u16::from_be_bytes)?),
        _ => eight_bit(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))?,
    };
    if text.trim().is_empty() {
        Err(Unreadable::Empty)
    } else {
        Ok(text)
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

/// Turns rising offsets into line numbers, counted from 1, in one pass over the text. A line ends
/// with LF, CR LF or a lone CR.
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
        let end = offset.min(self.bytes.len());
        for at in self.offset..end {
            let ends_line = match self.bytes[at] {
                b'\n' => true,
                b'\r' => self.bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends_line);
        }
        self.offset = self.offset.max(end);
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
