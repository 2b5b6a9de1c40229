//! The book of attempts: how an entry begins, and how it ends where nothing came.

use jiff::Timestamp;
use sources::{ProviderId, Request};

use super::asking::Refusal;
use crate::{
    InstrumentId,
    feeds::model::{Attempt, FetchOutcome},
};

impl Attempt {
    /// One that has fetched something, of which nothing is counted yet. How often was asked is added when it goes
    /// on record ([`super::permit::note`]).
    pub(super) fn begun(
        at: Timestamp,
        provider: ProviderId,
        instrument_id: Option<InstrumentId>,
        request: &Request,
    ) -> Self {
        Self {
            at,
            provider,
            instrument_id,
            request: serde_json::to_value(request).unwrap_or_default(),
            outcome: FetchOutcome::Fetched,
            code: FetchOutcome::Fetched.as_str().to_owned(),
            reason: String::new(),
            tries: 0,
            received: 0,
            stored: 0,
            quarantined: 0,
        }
    }

    /// What is here is what there is.
    pub(super) fn nothing_new(&mut self) {
        self.outcome = FetchOutcome::NotModified;
        self.outcome.as_str().clone_into(&mut self.code);
        "nothing new since the last time".clone_into(&mut self.reason);
    }

    /// It gave nothing, for this reason.
    pub(super) fn refuse(&mut self, refusal: &Refusal) {
        self.outcome = refusal.outcome();
        refusal.code().clone_into(&mut self.code);
        self.reason = refusal.sentence();
    }
}
