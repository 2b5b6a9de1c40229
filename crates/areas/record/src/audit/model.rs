use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The end of a person's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Whose chain.
    pub user_id: Uuid,
    /// Which chain.
    pub chain: String,
    /// How many links.
    pub length: i64,
    /// SHA-256 of the last link, in hexadecimal.
    pub hash: String,
}

/// What came of a proof.
#[derive(Debug, Default, Serialize)]
pub struct Proof {
    /// Chains that were recomputed.
    pub chains: usize,
    /// Links that were recomputed.
    pub links: u64,
    /// Links whose rows were emptied because their person is forgotten; their hashes still hold.
    pub erased: u64,
    /// Chains of the earlier pack that are gone because their accounts were closed and then purged.
    pub purged: u64,
    /// The ends of the chains that hold.
    pub heads: Vec<Head>,
    /// The first broken row of each chain that does not hold.
    pub broken: Vec<Broken>,
}

/// How far a proof is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Links recomputed so far.
    pub links: u64,
    /// Links in all.
    pub of: u64,
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Whose chain.
    pub user_id: Uuid,
    /// Which chain.
    pub chain: String,
    /// The link; 0 for a row without one.
    pub seq: i64,
    /// The table of the row; empty for a whole chain.
    pub table: String,
    /// The row, where it can be told.
    pub row_id: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The row is not what its last link says.
    Changed,
    /// The row, or the whole chain, is gone, and nothing says that it was deleted.
    Missing,
    /// The row is there, and its last link says that it was deleted.
    Returned,
    /// The row has no link.
    Unchained,
    /// The content of the link does not have its hash.
    Content,
    /// The link does not have the hash that follows from the link before.
    Link,
    /// The link is not there.
    Gap,
    /// The end of the chain is not where its head says.
    Head,
    /// The chain is not the one that an earlier pack vouches for.
    Rewritten,
}

impl Fault {
    /// Reads what the database found.
    pub(super) fn of_difference(word: &str) -> Self {
        match word {
            "missing" => Self::Missing,
            "returned" => Self::Returned,
            "unchained" => Self::Unchained,
            _ => Self::Changed,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "was changed behind the program",
            Self::Missing => "was removed behind the program",
            Self::Returned => "was deleted, and is there again",
            Self::Unchained => "was added behind the program",
            Self::Content => "the kept content of the link was changed or removed",
            Self::Link => "the link was changed",
            Self::Gap => "the link was removed",
            Self::Head => "the end of the chain was cut off or moved",
            Self::Rewritten => "the chain was made anew since the earlier pack",
        })
    }
}

/// A person's chain, by what is known of it.
pub(super) struct Known {
    pub(super) user_id: Uuid,
    pub(super) chain: String,
    /// The account is closed, and the words of its rows are forgotten.
    pub(super) is_forgotten: bool,
}

/// One link as it is stored.
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) table_name: String,
    pub(super) operation: String,
    pub(super) row_id: String,
    /// The instant as it is hashed.
    pub(super) at: String,
    pub(super) content_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) content: Option<String>,
}

/// The hash that the first link follows.
pub(super) const GENESIS: [u8; 32] = [0; 32];

impl Link {
    /// `sha256(previous "\n" user "\n" chain "\n" seq "\n" table "\n" operation "\n" row "\n" at "\n"
    /// content hash)`, hashes in lower-case hexadecimal.
    pub(super) fn hash_after(&self, previous: &[u8], user_id: Uuid, chain: &str) -> [u8; 32] {
        let text = [
            &hex(previous),
            &user_id.to_string(),
            chain,
            &self.seq.to_string(),
            &self.table_name,
            &self.operation,
            &self.row_id,
            &self.at,
            &hex(&self.content_hash),
        ]
        .join("\n");
        Sha256::digest(text.as_bytes()).into()
    }

    /// Whether the kept content is what was hashed. Only of a person who is forgotten it may be gone.
    pub(super) fn has_its_content(&self, is_forgotten: bool) -> bool {
        self.content.as_ref().map_or(is_forgotten, |content| {
            Sha256::digest(content.as_bytes())[..] == self.content_hash[..]
        })
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '%s\n%s\nledger\n1\nt\ninsert\nr\n2026-03-02T09:30:00.000000Z\n%s' …  | sha256sum`.
    #[test]
    fn a_link_is_hashed_as_lines_of_text() {
        let link = Link {
            seq: 1,
            table_name: "t".to_owned(),
            operation: "insert".to_owned(),
            row_id: "r".to_owned(),
            at: "2026-03-02T09:30:00.000000Z".to_owned(),
            content_hash: Sha256::digest(b"{}").to_vec(),
            hash: Vec::new(),
            content: Some("{}".to_owned()),
        };
        assert!(link.has_its_content(false));
        let hash = link.hash_after(&GENESIS, Uuid::nil(), "ledger");
        assert_eq!(hex(&hash), KNOWN);
        let emptied = Link {
            content: None,
            ..link
        };
        assert!(emptied.has_its_content(true) && !emptied.has_its_content(false));
    }

    const KNOWN: &str = "089f2b263df93935d12c08ea8d206da131af16713ef6d2a78aa5f9fce2d731f1";
}
