//! What must hold of every statement, whatever the bytes.

use statements::{Format, Statement, detect, preview_columns, read, read_with, unknown_types};

/// Reads bytes as one format: no panic, and only lines that the file has.
pub fn read_as(bytes: &[u8], format: Format) {
    if let Ok(statement) = statements::read_as(bytes, format) {
        assert_eq!(statement.format, format);
        check(bytes, &statement);
    }
}

/// Reads bytes as whatever they are recognised as, and through the mapping that their columns
/// suggest.
pub fn recognise(bytes: &[u8]) {
    if let Ok(statement) = read(bytes) {
        assert_eq!(detect(bytes), Some(statement.format));
        check(bytes, &statement);
    }
    if let Ok(columns) = preview_columns(bytes) {
        let _ = unknown_types(bytes, &columns.mapping);
        if let Ok(statement) = read_with(bytes, &columns.mapping) {
            check(bytes, &statement);
        }
    }
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
