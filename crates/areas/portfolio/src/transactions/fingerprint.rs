//! Recognises a booking that is imported again. A broker's own id identifies it where there is one;
//! otherwise its content does, together with its place among equal bookings of the same file: two
//! equal purchases of one day are two bookings, in the file of today as in that of tomorrow.

use std::{collections::HashMap, fmt::Write as _};

use sha2::{Digest, Sha256};

use super::Draft;

/// Identity of a booking within a portfolio.
pub(crate) type Fingerprint = [u8; 32];

/// Counts equal bookings while a file is read.
#[derive(Default)]
pub(crate) struct Fingerprints {
    seen: HashMap<String, u32>,
}

impl Fingerprints {
    /// The fingerprint of the next booking in file order.
    pub(crate) fn next(&mut self, draft: &Draft) -> Fingerprint {
        let content = match &draft.external_id {
            Some(id) => {
                let account = draft.account.as_deref().unwrap_or("");
                format!("id|{account}|{id}|{}", draft.kind.as_str())
            }
            None => content(draft),
        };
        let ordinal = self.seen.entry(content.clone()).or_insert(0);
        let fingerprint = digest(&content, *ordinal);
        *ordinal += 1;
        fingerprint
    }
}

/// The fingerprint of a booking made by hand, the `ordinal`th of its kind.
pub(crate) fn by_hand(draft: &Draft, ordinal: u32) -> Fingerprint {
    digest(&content(draft), ordinal)
}

fn content(draft: &Draft) -> String {
    let number = |n: Option<rust_decimal::Decimal>| {
        n.map_or_else(String::new, |n| n.round_dp(8).normalize().to_string())
    };
    let mut content = format!(
        "{}|{}|{}|{}|{}|{}|{}|{}|{}",
        draft.kind.as_str(),
        draft.date,
        draft
            .instrument_id
            .map_or_else(String::new, |id| id.0.to_string()),
        number(draft.quantity),
        number(Some(draft.amount)),
        number(Some(draft.fees)),
        number(Some(draft.taxes)),
        draft.currency,
        draft
            .ratio
            .map_or_else(String::new, super::model::ratio_text),
    );
    // Bookings that have none of these keep the fingerprint that they always had.
    if let Some(target) = draft.target_id {
        let _ = write!(content, "|target {target}");
    }
    if let Some(currency) = draft.settlement.map(|settlement| settlement.currency)
        && draft.kind == ledger::TransactionKind::Conversion
    {
        let _ = write!(content, "|into {currency}");
    }
    content
}

fn digest(content: &str, ordinal: u32) -> Fingerprint {
    Sha256::new()
        .chain_update(content)
        .chain_update(ordinal.to_be_bytes())
        .finalize()
        .into()
}
