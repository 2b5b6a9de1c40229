//! The engines' findings about prices, in the words of a thing whose values its owner states.

use jiff::civil::Date;
use ledger::Finding;
use market::Instrument;

/// Values of a home or a debt are stated seldom: one counts as current for this many days.
const CURRENT_FOR: i32 = 366;

/// The finding as it is told. `None` when it is none: a value that is younger than a year is no news.
pub(crate) fn worded(finding: Finding, instruments: &[Instrument], as_of: Date) -> Option<Finding> {
    let is_private = instruments
        .iter()
        .any(|one| one.is_private && finding.symbol.as_deref() == Some(one.symbol.as_str()));
    if !is_private {
        return Some(finding);
    }
    let remedy = "State its value on its page.".to_owned();
    match (finding.code, finding.date, &finding.symbol) {
        ("missing_price", ..) => Some(Finding { remedy, ..finding }),
        ("stale_price", Some(stated), Some(name)) => {
            let age = (as_of - stated).get_days();
            let message = format!(
                "The last value of {name} is {age} days old: it is of {stated} and is used for {as_of}."
            );
            (age > CURRENT_FOR).then_some(Finding {
                message,
                remedy,
                ..finding
            })
        }
        _ => Some(finding),
    }
}
