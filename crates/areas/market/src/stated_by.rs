//! Who stated something, as the column `source` of bars, corporate actions and values of indices says it.

use sources::ProviderId;

use crate::{bars, overrides};

/// What an administrator stated, and no provider or file.
pub const BY_HAND: &str = "by hand";

/// Who stated something, for people: a provider by its name, a file by its own.
pub fn label(source: &str) -> &str {
    match source {
        BY_HAND | overrides::OVERRIDE => "a person",
        bars::ROLLUP => "computed from shorter bars",
        other => other
            .parse::<ProviderId>()
            .map_or(other, |provider| provider.describe().name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_database_are_put_for_people() {
        let told = [
            ("by hand", "a person"),
            ("override", "a person"),
            ("rollup", "computed from shorter bars"),
            ("twelve_data", "Twelve Data"),
            ("prices.csv", "prices.csv"),
        ];
        for (source, expected) in told {
            assert_eq!(label(source), expected);
        }
    }
}
