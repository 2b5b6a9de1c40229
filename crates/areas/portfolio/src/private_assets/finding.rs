//! The engines' findings about prices, in the words of a thing whose values its owner states.

use jiff::civil::Date;
use ledger::Finding;
use market::Instrument;

use crate::valuation::PlacedFinding;

/// Values of a home or a debt are stated seldom: one counts as current for this many days.
const CURRENT_FOR: i32 = 366;

/// The finding as it is told. `None` when it is none: a value that is younger than a year is no news.
pub(crate) fn worded(
    placed: PlacedFinding,
    instruments: &[Instrument],
    as_of: Date,
) -> Option<PlacedFinding> {
    let PlacedFinding { finding, place } = placed;
    let is_private = finding.currency.is_none()
        && instruments
            .iter()
            .any(|one| one.is_private && finding.symbol.as_deref() == Some(one.symbol.as_str()));
    if !is_private {
        return Some(PlacedFinding { finding, place });
    }
    let remedy = "State its value on its page.".to_owned();
    let finding = match (finding.code, finding.date, &finding.symbol) {
        ("missing_price", ..) => Finding { remedy, ..finding },
        ("stale_price", Some(stated), Some(name)) => {
            let age = (as_of - stated).get_days();
            if age <= CURRENT_FOR {
                return None;
            }
            let message = format!(
                "The last value of {name} is {age} days old: it is of {stated} and is used for {as_of}."
            );
            Finding {
                message,
                remedy,
                ..finding
            }
        }
        _ => finding,
    };
    Some(PlacedFinding { finding, place })
}
