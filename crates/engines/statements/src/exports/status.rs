//! Whether a record of an export was booked, by its status.

use super::sheet::nothing;
use crate::{code, model::Refusal, text::shown, words::normalized};

/// Words for what was ordered or asked for and did not come to be, or has not yet.
const NEVER_BOOKED: [&str; 34] = [
    "aborted",
    "active",
    "awaiting",
    "awaitingemailconfirmation",
    "awaitingprocessing",
    "cancel",
    "canceled",
    "cancelled",
    "created",
    "declined",
    "denied",
    "error",
    "expired",
    "fail",
    "failed",
    "failure",
    "inprogress",
    "new",
    "notfilled",
    "onhold",
    "open",
    "pending",
    "processing",
    "rejected",
    "requested",
    "review",
    "scheduled",
    "submitted",
    "unconfirmed",
    "unfilled",
    "void",
    "voided",
    "waiting",
    "walletprocessing",
];

/// Whether a record is booked, by its status: one of the words `done`, in whatever case, or not. What
/// is known not to be booked is left out; any other word is refused, since it may well be.
pub(crate) fn check(status: &str, done: &[&str]) -> Result<(), Refusal> {
    if done.iter().any(|word| status.eq_ignore_ascii_case(word)) {
        return Ok(());
    }
    if NEVER_BOOKED.contains(&&*normalized(status)) {
        return Err(nothing(format!(
            "the status is “{}”: nothing was booked",
            shown(status)
        )));
    }
    Err(Refusal::new(
        code::UNKNOWN_STATUS,
        format!(
            "the status “{}” does not say whether this was booked: enter it by hand if it was",
            shown(status)
        ),
    ))
}
