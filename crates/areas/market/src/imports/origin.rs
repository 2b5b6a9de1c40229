//! Who stated a figure, as it stands beside it. Some words mean something there: what is computed, what a person
//! states, and the providers. What comes from outside - the name of a file, the word of a program - never is one
//! of them.

use std::str::FromStr as _;

use sources::ProviderId;

use crate::{bars::ROLLUP, overrides::OVERRIDE};

/// What is stored of a file, so that none can pass itself off as anything else by its name.
pub(crate) fn of_file(name: &str) -> String {
    format!("file {name}")
}

/// Whether the word is one of Bursar's own.
pub(crate) fn is_reserved(word: &str) -> bool {
    [ROLLUP, OVERRIDE].contains(&word) || ProviderId::from_str(word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_bears_a_word_of_bursars_own() {
        for word in ["rollup", "override", "yahoo", "simulator", "folder"] {
            assert!(is_reserved(word), "{word}");
            assert!(!is_reserved(&of_file(word)), "{word}");
        }
        for word in ["exchange", "api", "prices.csv"] {
            assert!(!is_reserved(word), "{word}");
        }
    }
}
