//! Pages of columns, looked at before the library makes room for them: it unpacks a page into as much memory as the
//! page asks for, and a damaged one asks for up to two gigabytes.

use std::sync::Arc;

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// Bytes of a page, packed or not. Writers make pages of a megabyte; some put a whole column of a group into one.
const MOST_PAGE_BYTES: u64 = 128 << 20;
/// Bytes of what stands before a page: sizes, encodings, the least and the greatest value.
const LONGEST_HEADER: u64 = 16 << 10;
/// Structures within structures: a header has three.
const DEEPEST: u8 = 8;
/// Type of what ends a structure.
const END: u8 = 0;

/// The bytes of a file, for several who read them.
pub(super) struct Shared<R>(pub(super) Arc<R>);

/// The same for who reads pages: nothing is read where a page asks for more than is given.
pub(super) struct Pages<R>(pub(super) Arc<R>);

impl<R: ChunkReader> Length for Shared<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Shared<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> Result<R::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.0.get_bytes(start, length)
    }
}

impl<R: ChunkReader> Length for Pages<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Pages<R> {
    type T = R::T;

    /// Headers of pages are read in this way, and nothing else of a column is.
    fn get_read(&self, start: u64) -> Result<R::T> {
        let left = self.0.len().saturating_sub(start).min(LONGEST_HEADER);
        if left == 0 {
            return Err(ParquetError::EOF(
                "a page begins behind the file".to_owned(),
            ));
        }
        let header = self.0.get_bytes(start, left as usize)?;
        let size = largest_size(&header).ok_or_else(|| {
            ParquetError::General("the header of a page is senseless, or too long".to_owned())
        })?;
        if size > MOST_PAGE_BYTES {
            return Err(ParquetError::General(format!(
                "a page says that it has {size} bytes, and {MOST_PAGE_BYTES} are read at once: write smaller pages, \
                 or the file again"
            )));
        }
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // The library makes room before it finds that the file has ended.
        if self.0.len().saturating_sub(start) < length as u64 {
            return Err(ParquetError::EOF("a page ends behind the file".to_owned()));
        }
        self.0.get_bytes(start, length)
    }
}

/// The greatest size that the header of a page states for it, unpacked (field 2) or packed (field 3), in the compact
/// protocol of Thrift. `None` where it is no header, or one is below zero.
fn largest_size(header: &[u8]) -> Option<u64> {
    let mut walk = Walk { rest: header };
    let (mut field, mut largest) = (0_i64, None);
    loop {
        let (step, kind) = walk.field()?;
        if kind == END {
            // Both sizes are stated, if one is, in whichever order; the library refuses a header without.
            return largest;
        }
        field = match step {
            0 => walk.signed()?,
            step => field.checked_add(i64::from(step))?,
        };
        if matches!(field, 2 | 3) && (4..=6).contains(&kind) {
            let size = u64::try_from(walk.signed()?).ok()?;
            largest = largest.max(Some(size));
        } else {
            walk.skip(kind, DEEPEST)?;
        }
    }
}

/// Goes over a structure without making anything of it.
struct Walk<'b> {
    rest: &'b [u8],
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F).checked_shl(7 * place)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Zigzag: 0, -1, 1, -2, …
    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    /// How far the next field is from the one before, 0 where its number follows, and its type, or [`END`].
    fn field(&mut self) -> Option<(u8, u8)> {
        let byte = self.byte()?;
        Some((byte >> 4, byte & 0x0F))
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // Yes and no, said by the type.
            1 | 2 => Some(()),
            3 => self.bytes(1),
            4..=6 => self.number().map(drop),
            7 => self.bytes(8),
            8 => {
                let length = self.number()?;
                self.bytes(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.number()?,
                    few => u64::from(few),
                };
                self.items(head & 0x0F, count, depth)
            }
            12 => {
                loop {
                    let (step, kind) = self.field()?;
                    if kind == END {
                        break;
                    }
                    if step == 0 {
                        self.number()?;
                    }
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            // Maps and what is unknown do not occur.
            _ => None,
        }
    }

    fn items(&mut self, kind: u8, count: u64, depth: u8) -> Option<()> {
        for _ in 0..count {
            match kind {
                1 | 2 => self.bytes(1)?,
                kind => self.skip(kind, depth)?,
            }
            // Items without extent could be counted for ever.
            if self.rest.is_empty() {
                return None;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type 0, so many bytes, packed into five, and a structure of a data page behind.
    fn header(size: &[u8]) -> Vec<u8> {
        let data_page = [0x2C, 0x15, 0x14, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x00];
        [
            &[0x15, 0x00, 0x15],
            size,
            &[0x15, 0x0A],
            &data_page,
            &[0x00],
        ]
        .concat()
    }

    #[test]
    fn the_largest_size_of_a_header_is_found_whatever_stands_beside_it() {
        assert_eq!(largest_size(&header(&[0x50])), Some(40));
        let two_gigabytes = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F];
        assert_eq!(largest_size(&header(&two_gigabytes)), Some(i32::MAX as u64));
        assert_eq!(largest_size(&header(&[0x01])), None, "below zero");
        assert_eq!(
            largest_size(&header(&[0x02])),
            Some(5),
            "what it is packed into counts as well"
        );
        // The size a second time, by its number: field 2, type 5.
        let mut twice = header(&[0x02]);
        twice.pop();
        twice.extend([0x05, 0x04]);
        twice.extend(two_gigabytes);
        twice.push(0x00);
        assert_eq!(largest_size(&twice), Some(i32::MAX as u64));
    }

    #[test]
    fn what_is_no_header_is_refused_without_going_on_for_ever() {
        let whole = header(&[0x50]);
        for end in 0..whole.len() {
            assert_eq!(largest_size(&whole[..end]), None, "cut at {end}");
        }
        let endless_list = [
            0x19, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
        ];
        assert_eq!(largest_size(&endless_list), None);
        let nested = [0x1C; 200];
        assert_eq!(largest_size(&nested), None);
        assert_eq!(largest_size(&[0xFF; 40]), None);
    }
}
