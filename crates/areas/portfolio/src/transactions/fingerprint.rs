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
    /// The next ordinal, by the fingerprint of the first.
    seen: HashMap<Fingerprint, u32>,
    /// In a long file only what is there more than once is counted.
    repeats: Option<Repeats>,
}

impl Fingerprints {
    /// Counts with little memory, by the help of a first look at all bookings of the file.
    pub(crate) fn of_long_file(repeats: Repeats) -> Self {
        Self {
            seen: HashMap::new(),
            repeats: Some(repeats),
        }
    }

    /// The fingerprint of the next booking in file order.
    pub(crate) fn next(&mut self, draft: &Draft) -> Fingerprint {
        let content = identifying(draft);
        let first = digest(&content, 0);
        if let Some(repeats) = &self.repeats
            && !repeats.has(draft)
        {
            return first;
        }
        let ordinal = self.seen.entry(first).or_insert(0);
        let fingerprint = match *ordinal {
            0 => first,
            later => digest(&content, later),
        };
        *ordinal += 1;
        fingerprint
    }
}

/// Which bookings of a file are there more than once, in memory of a fixed size: two bits for each
/// place of a table, chosen by the content. Now and then a single booking shares its place with
/// another one; it is then counted for nothing.
pub(crate) struct Repeats {
    once: Vec<u64>,
    again: Vec<u64>,
}

impl Repeats {
    /// 2^26 places: of a million bookings, one in seventy shares its place.
    const WORDS: usize = 1 << 20;

    pub(crate) fn new() -> Self {
        Self {
            once: vec![0; Self::WORDS],
            again: vec![0; Self::WORDS],
        }
    }

    /// Notes a booking. What it is about need not be known yet: without it more bookings are equal,
    /// never fewer.
    pub(crate) fn note(&mut self, draft: &Draft) {
        let (word, bit) = Self::place(draft);
        if let (Some(once), Some(again)) = (self.once.get_mut(word), self.again.get_mut(word)) {
            *again |= *once & bit;
            *once |= bit;
        }
    }

    fn has(&self, draft: &Draft) -> bool {
        let (word, bit) = Self::place(draft);
        self.again.get(word).is_none_or(|again| again & bit != 0)
    }

    fn place(draft: &Draft) -> (usize, u64) {
        let nameless = Draft {
            instrument_id: None,
            target_id: None,
            ..draft.clone()
        };
        let digest = digest(&identifying(&nameless), 0);
        let start = digest.first_chunk().copied().unwrap_or_default();
        let place = u64::from_be_bytes(start);
        ((place >> 6) as usize % Self::WORDS, 1 << (place & 63))
    }
}

/// What makes a booking of a file the same.
fn identifying(draft: &Draft) -> String {
    match &draft.external_id {
        Some(id) => {
            let account = draft.account.as_deref().unwrap_or("");
            format!("id|{account}|{id}|{}", draft.kind.as_str())
        }
        None => content(draft),
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
