//! The CSV reports of Interactive Brokers: activity statements, transaction histories, and trades of
//! Flex queries.
//!
//! The first two consist of sections. Each line begins with the name of its section and a word for
//! its kind: `Header` names the columns of the lines below, `Data` states something, `SubTotal` and
//! `Total` restate it. Statements come in many languages; the words are in [`vocabulary`].

mod actions;
mod activity;
mod flat;
mod history;
mod instruments;
mod payments;
mod sections;
mod stated;
mod trades;
mod transfers;
mod vocabulary;

use crate::{
    Format, Statement, Unreadable,
    table::{PREAMBLE, records},
    words::normalized,
};

/// The format of a text with these names in its first line, if it is one of these reports.
pub(crate) fn format_of(text: &str, names: &[String]) -> Option<Format> {
    let start = records(text, b',', PREAMBLE).ok()?;
    let is_header = |record: &&crate::table::Record| record.get(1) == "Header" && record.len() > 2;
    let sections: Vec<String> = start
        .iter()
        .filter(is_header)
        .map(|record| normalized(record.get(0)))
        .collect();
    if sections.iter().any(|name| vocabulary::is_history(name)) {
        return Some(Format::IbkrTransactionHistory);
    }
    if sections.iter().any(|name| vocabulary::is_known(name)) {
        return Some(Format::IbkrActivityCsv);
    }
    flat::is_header(names).then_some(Format::IbkrFlexCsv)
}

pub(crate) fn read_activity(text: &str) -> Result<Statement, Unreadable> {
    let report = sections::Report::read(text)?;
    Ok(activity::read(&report))
}

pub(crate) fn read_history(text: &str) -> Result<Statement, Unreadable> {
    let report = sections::Report::read(text)?;
    Ok(history::read(&report))
}

pub(crate) fn read_flat(text: &str) -> Result<Statement, Unreadable> {
    flat::read(text)
}
