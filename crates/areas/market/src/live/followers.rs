use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::UserId;

/// Who follows which symbol on this node, and what of it was not said to the others yet.
#[derive(Debug, Default)]
pub(super) struct Followers {
    /// By how many ways: streams, and listings of the symbol.
    ways: HashMap<(String, UserId), usize>,
    /// Pairs of which it is to be said whether they follow.
    unsaid: BTreeMap<(String, UserId), bool>,
    /// Symbols whose kept quotes are those of before.
    outdated: BTreeSet<String>,
}

/// What there is to say; pairs of a symbol and a person.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    pub(super) joined: Vec<(String, String)>,
    pub(super) left: Vec<(String, String)>,
    pub(super) outdated: Vec<String>,
}

impl Followers {
    /// One more way by which a person follows a symbol.
    pub(super) fn join(&mut self, symbol: &str, user: UserId) {
        let pair = (symbol.to_owned(), user);
        let ways = self.ways.entry(pair.clone()).or_default();
        *ways += 1;
        if *ways == 1 {
            self.unsaid.insert(pair, true);
        }
    }

    /// One way less.
    pub(super) fn leave(&mut self, symbol: &str, user: UserId) {
        let pair = (symbol.to_owned(), user);
        if let Some(ways) = self.ways.get_mut(&pair) {
            *ways -= 1;
            if *ways == 0 {
                self.ways.remove(&pair);
                self.unsaid.insert(pair, false);
            }
        }
    }

    /// The kept quotes of a symbol are not those of now.
    pub(super) fn outdate(&mut self, symbol: &str) {
        if !self.outdated.contains(symbol) {
            self.outdated.insert(symbol.to_owned());
        }
    }

    /// What changed since this was asked last.
    pub(super) fn news(&mut self) -> News {
        let mut news = News {
            outdated: std::mem::take(&mut self.outdated).into_iter().collect(),
            ..News::default()
        };
        for ((symbol, user), follows) in std::mem::take(&mut self.unsaid) {
            let pair = (symbol, user.to_string());
            if follows {
                news.joined.push(pair);
            } else {
                news.left.push(pair);
            }
        }
        news
    }

    /// Everybody who follows something.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        let pairs = self.ways.keys();
        pairs
            .map(|(symbol, user)| (symbol.clone(), user.to_string()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_the_first_way_and_the_last_are_news() {
        let ann = UserId(Uuid::from_u128(1));
        let mut followers = Followers::default();
        let pair = || vec![("ACME".to_owned(), ann.to_string())];
        followers.join("ACME", ann);
        followers.join("ACME", ann);
        assert_eq!(followers.news().joined, pair());
        followers.leave("ACME", ann);
        assert_eq!(followers.news(), News::default());
        assert_eq!(followers.all(), pair());
        followers.leave("ACME", ann);
        followers.leave("ACME", ann);
        assert_eq!(followers.news().left, pair());
        assert!(followers.all().is_empty());
        for _ in 0..2 {
            followers.outdate("ACME");
        }
        assert_eq!(followers.news().outdated, ["ACME"]);
    }
}
