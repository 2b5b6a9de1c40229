//! Statements of Tiger Brokers.
use crate::{Format, Statement, Unreadable};
pub(crate) fn format_of(_text: &str) -> Option<Format> {
    None
}
pub(crate) fn read_csv(_text: &str) -> Result<Statement, Unreadable> {
    Err(Unreadable::Empty)
}
pub(crate) fn read_text(_text: &str) -> Result<Statement, Unreadable> {
    Err(Unreadable::Empty)
}
