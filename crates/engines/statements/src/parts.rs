//! Long files in parts: one look at the whole, then some records at a time.

use std::io::{Cursor, Read, Seek};

use crate::{
    Format, Mapping, Statement, Unreadable, bursar_csv,
    detect::{recognise, unknown},
    exports::{self, Export},
    ghostfolio,
    mapped_csv::{self, Convention},
    mapping,
    numbers::Evidence,
    table::{Records, Table, sniff_delimiter, whole_records},
    text::{Decoded, Encoding, without_cut_character},
};

/// As much of the text is looked at for the format and the header.
const HEAD_BYTES: u64 = 1 << 20;
/// Records that are looked at together.
const LOOK_RECORDS: usize = 5_000;
/// No record of a table is longer: a quotation mark that is never closed must not fill the memory.
const LONGEST_RECORD: usize = 1 << 20;

/// A table of which each record is a booking of its own, and what all of it reveals about how it is
/// written. It holds nothing of the records themselves.
///
/// ```
/// let file = b"date,type,amount,currency\n03/04/2024,deposit,5,EUR\n13/04/2024,deposit,6,EUR\n";
/// let mut source = std::io::Cursor::new(file);
/// let long = statements::LongFile::look(&mut source, None, None)?.expect("a table");
/// let mut parts = long.parts(&mut source)?;
/// let first = parts.next_part(1)?.expect("a record");
/// // That the day comes first is known from the second record.
/// assert_eq!(first.statement.rows[0].date.to_string(), "2024-04-03");
/// # Ok::<(), statements::Unreadable>(())
/// ```
#[derive(Clone, Debug)]
pub struct LongFile {
    encoding: Encoding,
    delimiter: u8,
    header_line: u64,
    names: Vec<String>,
    layout: Layout,
}

/// Who reads the records, and the habits that it goes by.
#[derive(Clone, Debug)]
enum Layout {
    Mapped {
        mapping: Mapping,
        convention: Convention,
        habits: mapped_csv::Habits,
    },
    Ghostfolio {
        evidence: Evidence,
    },
    Export {
        export: &'static Export,
        habits: exports::Habits,
    },
}

/// What some records of a file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Their rows and rejections, as the whole file would give them.
    pub statement: Statement,
    /// How many records there are from the beginning of the file to the end of this part.
    pub records: u64,
    /// How many bytes of the source were read for that: whole buffers, so a little more than the
    /// records take.
    pub bytes_read: u64,
}

/// The parts of a file, from its first record on.
pub struct Parts<'f, R> {
    file: &'f LongFile,
    records: Records<Decoded<R>>,
    count: u64,
}

impl LongFile {
    /// Looks at all of a source, some records at a time. Format and mapping are as in
    /// [`crate::read_as`] and [`crate::read_with`]; without either, the beginning tells the format.
    ///
    /// `None` for a format that can only be read as a whole: one that is no table, or whose bookings
    /// span several records. Fails as reading the whole would fail.
    pub fn look(
        source: &mut (impl Read + Seek),
        format: Option<Format>,
        mapping: Option<&Mapping>,
    ) -> Result<Option<Self>, Unreadable> {
        rewind(source)?;
        let encoding = Encoding::of(source)?;
        let head = head(source, encoding)?;
        let Some((table, layout, delimiter)) = begin(&head, format, mapping)? else {
            return Ok(None);
        };
        let mut file = Self {
            encoding,
            delimiter,
            header_line: table.header_line,
            names: table.names,
            layout,
        };
        file.learn(source)?;
        Ok(Some(file))
    }

    /// How the file is read.
    pub fn format(&self) -> Format {
        match &self.layout {
            Layout::Mapped { convention, .. } if *convention == Convention::Own => Format::Bursar,
            Layout::Mapped { .. } => Format::Csv,
            Layout::Ghostfolio { .. } => Format::GhostfolioCsv,
            Layout::Export { export, .. } => export.format,
        }
    }

    /// Reads the source, which must be the one that was looked at, from its first record on.
    pub fn parts<R: Read + Seek>(&self, mut source: R) -> Result<Parts<'_, R>, Unreadable> {
        rewind(&mut source)?;
        let decoded = Decoded::new(source, self.encoding);
        let mut records = Records::new(decoded, self.delimiter, LONGEST_RECORD);
        while let Some(record) = records.next_filled()? {
            if record.line == self.header_line {
                return Ok(Parts {
                    file: self,
                    records,
                    count: 0,
                });
            }
        }
        Err(Unreadable::Empty)
    }

    /// Numbers and dates first, then the signs of the numbers.
    fn learn(&mut self, source: &mut (impl Read + Seek)) -> Result<(), Unreadable> {
        let mut layout = self.layout.clone();
        let mut parts = self.parts(&mut *source)?;
        while let Some(table) = parts.take(LOOK_RECORDS)? {
            match &mut layout {
                Layout::Mapped {
                    mapping, habits, ..
                } => habits.observe(&table, mapping),
                Layout::Ghostfolio { evidence } => ghostfolio::observe(&table, evidence),
                Layout::Export { export, habits } => {
                    *habits = export.observe(table, std::mem::take(habits))?;
                }
            }
        }
        if let Layout::Mapped {
            mapping,
            convention: convention @ Convention::Foreign,
            habits,
        } = &mut layout
        {
            let mut parts = self.parts(source)?;
            while let Some(table) = parts.take(LOOK_RECORDS)? {
                habits.observe_signs(&table, mapping, *convention)?;
            }
        }
        self.layout = layout;
        // Fails where the dates are open to the end.
        self.read(self.table(Vec::new())).map(drop)
    }

    fn table(&self, records: Vec<crate::table::Record>) -> Table {
        Table {
            header_line: self.header_line,
            names: self.names.clone(),
            records,
        }
    }

    fn read(&self, table: Table) -> Result<Statement, Unreadable> {
        match &self.layout {
            Layout::Mapped {
                mapping,
                convention,
                habits,
            } => mapped_csv::read_part(&table, mapping, *convention, self.format(), habits),
            Layout::Ghostfolio { evidence } => Ok(ghostfolio::read_part(table, *evidence)),
            Layout::Export { export, habits } => export.read_part(table, habits),
        }
    }
}

impl<R: Read> Parts<'_, R> {
    /// The next records, at most so many; `None` at the end of the file.
    pub fn next_part(&mut self, records: usize) -> Result<Option<Part>, Unreadable> {
        let Some(table) = self.take(records)? else {
            return Ok(None);
        };
        Ok(Some(Part {
            statement: self.file.read(table)?,
            records: self.count,
            bytes_read: self.records.source().bytes_read(),
        }))
    }

    fn take(&mut self, limit: usize) -> Result<Option<Table>, Unreadable> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some(record) = self.records.next_filled()? else {
                self.records.check_end()?;
                break;
            };
            taken.push(record);
        }
        self.count += taken.len() as u64;
        Ok((!taken.is_empty()).then(|| self.file.table(taken)))
    }
}

/// The first mebibyte of a source as text, without the record at its end that may be cut short:
/// enough to tell its format or its columns. Nothing behind it is read, so the encoding is that of the
/// beginning.
pub fn beginning(source: &mut (impl Read + Seek)) -> Result<String, Unreadable> {
    // In UTF-16 a letter takes two bytes, and the mark before the first two more.
    const ENOUGH: u64 = 2 * HEAD_BYTES + 2;
    rewind(source)?;
    let mut bytes = Vec::new();
    let read = source
        .take(ENOUGH)
        .read_to_end(&mut bytes)
        .map_err(|error| Unreadable::Io(error.to_string()))?;
    if read as u64 == ENOUGH {
        without_cut_character(&mut bytes);
    }
    let mut bytes = Cursor::new(bytes);
    let encoding = Encoding::of(&mut bytes)?;
    head(&mut bytes, encoding)
}

/// The words of a whole source for which a mapping has no type, as [`crate::unknown_types`] lists them.
/// It is read from end to end, a part at a time.
pub fn unknown_types_of(
    source: &mut (impl Read + Seek),
    mapping: &Mapping,
) -> Result<Vec<String>, Unreadable> {
    rewind(source)?;
    let encoding = Encoding::of(source)?;
    let head = head(source, encoding)?;
    let Some((table, layout, delimiter)) = begin(&head, Some(Format::Csv), Some(mapping))? else {
        return Ok(Vec::new());
    };
    let mut words = mapped_csv::UnknownWords::new(&table.names, mapping);
    let file = LongFile {
        encoding,
        delimiter,
        header_line: table.header_line,
        names: table.names,
        layout,
    };
    let mut parts = file.parts(source)?;
    while let Some(table) = parts.take(LOOK_RECORDS)? {
        words.note(&table);
    }
    Ok(words.finish())
}

fn rewind(source: &mut impl Seek) -> Result<(), Unreadable> {
    source
        .rewind()
        .map_err(|error| Unreadable::Io(error.to_string()))
}

/// The beginning of the text. Of a table whole records, wherever their notes have line ends; of
/// anything else whole lines.
fn head(source: &mut (impl Read + Seek), encoding: Encoding) -> Result<String, Unreadable> {
    rewind(source)?;
    let mut bytes = Vec::new();
    let read = Decoded::new(source, encoding)
        .take(HEAD_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| Unreadable::Io(error.to_string()))?;
    if read as u64 == HEAD_BYTES
        && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n')
    {
        bytes.truncate(end + 1);
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let is_markup = text.trim_start().starts_with(['<', '{', '[']);
    if read as u64 == HEAD_BYTES && !is_markup {
        text.truncate(whole_records(&text).len());
    }
    Ok(text)
}

/// The header of a table that can be read in parts, who reads it, and its delimiter.
fn begin(
    head: &str,
    format: Option<Format>,
    mapping: Option<&Mapping>,
) -> Result<Option<(Table, Layout, u8)>, Unreadable> {
    let format = match (mapping, format) {
        (Some(_), _) => Format::Csv,
        (None, Some(format)) => format,
        (None, None) => recognise(head).ok_or_else(|| unknown(head))?,
    };
    let mut delimiter = sniff_delimiter(head);
    let open = |delimiter, is_header: &dyn Fn(&[String]) -> bool| {
        Table::begin(
            &mut Records::new(head.as_bytes(), delimiter, usize::MAX),
            is_header,
        )
    };
    let first = |delimiter| open(delimiter, &|_| true)?.ok_or(Unreadable::Empty);
    let mapped = |mapping: Mapping, convention| Layout::Mapped {
        mapping,
        convention,
        habits: mapped_csv::Habits::default(),
    };
    let (table, layout) = match format {
        Format::Bursar => {
            delimiter = bursar_csv::delimiter(head);
            let table = first(delimiter)?;
            let mapping = bursar_csv::mapping_of_table(&table)?;
            (table, mapped(mapping, Convention::Own))
        }
        Format::GhostfolioCsv => {
            let table = first(delimiter)?;
            ghostfolio::check_header(&table)?;
            let evidence = Evidence::default();
            (table, Layout::Ghostfolio { evidence })
        }
        Format::Csv => {
            let mapping = match mapping {
                Some(mapping) => mapping.clone(),
                None => mapping::preview(head)?.mapping,
            };
            mapping.check_complete()?;
            delimiter = mapped_csv::delimiter(head, &mapping)?;
            let table = open(delimiter, &|names| mapped_csv::has_all(names, &mapping))?
                .ok_or_else(|| mapped_csv::missing_columns(head, delimiter, &mapping))?;
            (table, mapped(mapping, Convention::Foreign))
        }
        Format::GhostfolioJson
        | Format::IbkrFlex
        | Format::IbkrActivityCsv
        | Format::IbkrTransactionHistory
        | Format::IbkrFlexCsv
        | Format::TigerCsv
        | Format::TigerText => return Ok(None),
        _ => {
            let export;
            (export, delimiter) = exports::find(head, format)?;
            let Some(table) = open(delimiter, &|names| export.is_header(names))? else {
                return Ok(None);
            };
            if !export.stands_alone(&table) {
                return Ok(None);
            }
            let habits = exports::Habits::default();
            (table, Layout::Export { export, habits })
        }
    };
    Ok(Some((table, layout, delimiter)))
}
