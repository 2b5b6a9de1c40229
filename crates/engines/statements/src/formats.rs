//! The formats by name.

use crate::{Format, exports};

/// Formats that are no broker's CSV table, with their word and the name that people know.
const OWN: [(Format, &str, &str); 10] = [
    (Format::Bursar, "bursar", "Bursar CSV"),
    (Format::Csv, "csv", "CSV with a column mapping"),
    (Format::GhostfolioCsv, "ghostfolio_csv", "Ghostfolio CSV"),
    (Format::GhostfolioJson, "ghostfolio_json", "Ghostfolio JSON"),
    (Format::IbkrFlex, "ibkr_flex", "Interactive Brokers Flex"),
    (
        Format::IbkrActivityCsv,
        "ibkr_activity_csv",
        "Interactive Brokers activity statement",
    ),
    (
        Format::IbkrTransactionHistory,
        "ibkr_transaction_history",
        "Interactive Brokers transaction history",
    ),
    (
        Format::IbkrFlexCsv,
        "ibkr_flex_csv",
        "Interactive Brokers trades, CSV",
    ),
    (Format::TigerCsv, "tiger_csv", "Tiger Brokers statement"),
    (
        Format::TigerText,
        "tiger_text",
        "Tiger Brokers statement, text",
    ),
];

impl Format {
    /// Every format with its word and the name that people know.
    pub fn all() -> impl Iterator<Item = (Self, &'static str, &'static str)> {
        let exports = exports()
            .iter()
            .map(|export| (export.format, export.name, export.title));
        OWN.into_iter().chain(exports)
    }

    /// The word in commands, addresses and the database, as the format is serialised.
    pub fn as_str(self) -> &'static str {
        Self::all()
            .find(|(format, ..)| *format == self)
            .map_or("", |(_, word, _)| word)
    }

    /// The name that people know.
    pub fn title(self) -> &'static str {
        Self::all()
            .find(|(format, ..)| *format == self)
            .map_or("", |(.., title)| title)
    }

    /// Reads [`Format::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::all()
            .find(|(_, known, _)| *known == word)
            .map(|(format, ..)| format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_the_word_that_it_is_serialised_by() {
        for (format, word, title) in Format::all() {
            assert_eq!(serde_json::to_value(format).unwrap(), word);
            assert_eq!(Format::parse(word), Some(format));
            assert!(!title.is_empty());
        }
        assert_eq!(Format::parse("tape"), None);
    }
}
