//! What must hold of every statement, whatever the bytes.

use std::io::Cursor;

use statements::{
    Format, LongFile, Statement, Unreadable, detect, preview_columns, read, read_with, unknown_types,
};

/// Reads bytes as one format: no panic, and only lines that the file has.
pub fn read_as(bytes: &[u8], format: Format) {
    if let Ok(statement) = statements::read_as(bytes, format) {
        assert_eq!(statement.format, format);
        check(bytes, &statement);
    }
}

/// Reads bytes as whatever they are recognised as, in parts where the format allows it, and through
/// the mapping that their columns suggest.
pub fn recognise(bytes: &[u8]) {
    if let Ok(statement) = read(bytes) {
        assert_eq!(detect(bytes), Some(statement.format));
        check(bytes, &statement);
    }
    in_parts(bytes);
    if let Ok(columns) = preview_columns(bytes) {
        let _ = unknown_types(bytes, &columns.mapping);
        if let Ok(statement) = read_with(bytes, &columns.mapping) {
            check(bytes, &statement);
        }
    }
}

/// A file that can be read in parts says the same in them, however many records they have.
fn in_parts(bytes: &[u8]) {
    let mut source = Cursor::new(bytes);
    if let Ok(Some(file)) = LongFile::look(&mut source, None, None) {
        let together = together(&file, &mut source, 1 + bytes.len() % 7);
        assert_eq!(together, read(bytes));
    }
}

fn together(
    file: &LongFile,
    source: &mut Cursor<&[u8]>,
    records: usize,
) -> Result<Statement, Unreadable> {
    let mut whole = Statement {
        format: file.format(),
        rows: Vec::new(),
        rejected: Vec::new(),
        skipped: Vec::new(),
        positions: Vec::new(),
        balances: Vec::new(),
    };
    let mut parts = file.parts(source)?;
    while let Some(part) = parts.next_part(records)? {
        whole.rows.extend(part.statement.rows);
        whole.rejected.extend(part.statement.rejected);
        whole.skipped.extend(part.statement.skipped);
        whole.positions.extend(part.statement.positions);
        whole.balances.extend(part.statement.balances);
    }
    Ok(whole)
}

fn check(bytes: &[u8], statement: &Statement) {
    // A line end takes at least a byte, in UTF-16 two.
    let lines = bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count() as u64
        + 1;
    let refused = statement.rejected.iter().chain(&statement.skipped);
    let placed = statement.rows.iter().map(|row| row.line);
    for line in placed.chain(refused.map(|found| found.line)) {
        assert!((1..=lines).contains(&line), "line {line} of {lines}");
    }
    for row in &statement.rows {
        assert!(
            !row.kind.needs_asset() || row.security.is_some(),
            "no instrument: {row:?}"
        );
    }
}
