//! Standard output: one JSON object, or text for people.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::Output;

/// Prints a value as JSON, or as the text that `text` writes.
pub(super) fn print<T: Serialize>(
    output: Output,
    value: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    if output.json {
        serde_json::to_writer_pretty(&mut out, value)?;
        writeln!(out)?;
    } else {
        text(&mut out)?;
    }
    out.flush()?;
    Ok(())
}

/// Prints rows in columns as wide as their widest cell; figures are set flush right.
pub(super) fn table(
    out: &mut dyn Write,
    header: &[(&str, bool)],
    rows: &[Vec<String>],
) -> io::Result<()> {
    let width = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count())
            .chain([header[at].0.chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let names: Vec<String> = header.iter().map(|(name, _)| (*name).to_owned()).collect();
    for row in std::iter::once(&names).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .zip(header)
            .map(|((cell, width), (_, is_figure))| {
                if *is_figure {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}
