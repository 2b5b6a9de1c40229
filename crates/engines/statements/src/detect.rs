//! Which format a file has, judged by its content alone.

use crate::{
    Format, Statement, Unreadable, bursar_csv, exports, ghostfolio, ibkr_csv, ibkr_flex,
    mapped_csv, mapping,
    table::{first_names, sniff_delimiter},
    text::decode,
    tiger,
};

/// Recognises a format by content. `None` for anything else, such as a CSV that needs a
/// [`crate::Mapping`].
pub fn detect(bytes: &[u8]) -> Option<Format> {
    decode(bytes).ok().and_then(|text| recognise(&text))
}

pub(crate) fn recognise(text: &str) -> Option<Format> {
    match text.trim_start().chars().next()? {
        '<' => ibkr_flex::is_flex(text).then_some(Format::IbkrFlex),
        '{' => ghostfolio::is_export(text).then_some(Format::GhostfolioJson),
        _ => {
            let names = first_names(text, sniff_delimiter(text));
            let of_broker = ibkr_csv::format_of(text, &names).or_else(|| tiger::format_of(text));
            if let Some(format) = of_broker {
                return Some(format);
            }
            if bursar_csv::is_own(text) {
                Some(Format::Bursar)
            } else if let Some(format) = exports::recognise(text) {
                Some(format)
            } else {
                ghostfolio::is_header(&names).then_some(Format::GhostfolioCsv)
            }
        }
    }
}

/// Reads a file whose format is recognised by its content.
pub fn read(bytes: &[u8]) -> Result<Statement, Unreadable> {
    let text = decode(bytes)?;
    match recognise(&text) {
        Some(format) => read_text(&text, format),
        None => Err(unknown(&text)),
    }
}

/// Reads a file as one of the formats. [`Format::Csv`] uses the mapping that
/// [`crate::preview_columns`] guesses.
pub fn read_as(bytes: &[u8], format: Format) -> Result<Statement, Unreadable> {
    read_text(&decode(bytes)?, format)
}

fn read_text(text: &str, format: Format) -> Result<Statement, Unreadable> {
    match format {
        // Any other text holds none of their sections, which would look like an empty statement.
        Format::IbkrActivityCsv
        | Format::IbkrTransactionHistory
        | Format::IbkrFlexCsv
        | Format::TigerCsv
        | Format::TigerText
            if recognise(text) != Some(format) =>
        {
            Err(unknown(text))
        }
        Format::Bursar => bursar_csv::read(text),
        Format::Csv => mapped_csv::read(text, &mapping::preview(text)?.mapping),
        Format::GhostfolioCsv => ghostfolio::read_csv(text, sniff_delimiter(text)),
        Format::GhostfolioJson => ghostfolio::read_json(text),
        Format::IbkrFlex if ibkr_flex::is_flex(text) => ibkr_flex::read(text),
        Format::IbkrActivityCsv => ibkr_csv::read_activity(text),
        Format::IbkrTransactionHistory => ibkr_csv::read_history(text),
        Format::IbkrFlexCsv => ibkr_csv::read_flat(text),
        Format::TigerCsv => tiger::read_csv(text),
        Format::TigerText => Ok(tiger::read_text(text)),
        // Any other text holds none of its elements, which would look like an empty statement.
        Format::IbkrFlex => Err(unknown(text)),
        export => exports::read(text, export),
    }
}

/// Says as exactly as possible why a text was not recognised.
pub(crate) fn unknown(text: &str) -> Unreadable {
    let start = text.trim_start();
    let syntax_error = if start.starts_with('<') {
        ibkr_flex::syntax_error(text)
    } else if start.starts_with(['{', '[']) {
        ghostfolio::syntax_error(text)
    } else {
        None
    };
    let is_markup = start.starts_with(['<', '{', '[']);
    let header = if is_markup {
        Vec::new()
    } else {
        first_names(text, sniff_delimiter(text))
    };
    // A single name is no sign of columns.
    let header = if header.len() > 1 { header } else { Vec::new() };
    syntax_error.unwrap_or(Unreadable::UnknownFormat { header })
}
