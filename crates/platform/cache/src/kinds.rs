//! The keys of what is kept: their names, fields and lifetimes, in one place. Other programs may read them
//! in Redis, so they are a contract.

use std::time::Duration;

/// Something of several fields, kept as a Redis hash under `{prefix}:{name}{suffix}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKind {
    /// What stands before the name.
    pub prefix: &'static str,
    /// What stands behind it.
    pub suffix: &'static str,
    /// In the order in which values are given.
    pub fields: &'static [&'static str],
    /// How long it is kept.
    pub lifetime: Duration,
}

/// The latest quote of a symbol: `stock:{symbol}:quote`. `detail` is the whole quote as JSON.
pub const QUOTE: HashKind = HashKind {
    prefix: "stock",
    suffix: ":quote",
    fields: &[
        "price",
        "change",
        "change_percent",
        "volume",
        "updated_at",
        "detail",
    ],
    lifetime: Duration::from_mins(1),
};

/// What a person owns in all: `portfolio:{user_id}`. `version` names all that it was made of, so that
/// nothing older is taken for it.
pub const PORTFOLIO: HashKind = HashKind {
    prefix: "portfolio",
    suffix: "",
    fields: &["total_value", "total_gain", "assets", "version"],
    lifetime: Duration::from_mins(5),
};

/// What an analysis said of a symbol: `ai:analysis:{symbol}`.
pub const ANALYSIS: HashKind = HashKind {
    prefix: "ai:analysis",
    suffix: "",
    fields: &["recommendation", "confidence", "analysis", "analyzed_at"],
    lifetime: Duration::from_hours(1),
};

/// A session: `session:{session_id}`. Tokens are kept as their hashes.
pub const SESSION: HashKind = HashKind {
    prefix: "session",
    suffix: "",
    fields: &[
        "user_id",
        "refresh_token",
        "device_info",
        "created_at",
        "access_token",
    ],
    lifetime: Duration::from_hours(30 * 24),
};

/// In which requests are counted together.
pub const RATE_WINDOW: Duration = Duration::from_mins(1);

impl HashKind {
    /// The key of one of the kind.
    pub fn key(&self, name: &str) -> String {
        format!("{}:{name}{}", self.prefix, self.suffix)
    }
}

/// `ratelimit:{user_id}:{endpoint}`, a counter.
pub(crate) fn rate_limit(who: &str, endpoint: &str) -> String {
    format!("ratelimit:{who}:{endpoint}")
}

/// `subscriptions:{symbol}`, a set of `{node}:{user_id}` without a lifetime.
pub(crate) fn subscriptions(symbol: &str) -> String {
    format!("subscriptions:{symbol}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_that_others_read() {
        assert_eq!(QUOTE.key("AAPL"), "stock:AAPL:quote");
        assert_eq!(PORTFOLIO.key("7"), "portfolio:7");
        assert_eq!(ANALYSIS.key("AAPL"), "ai:analysis:AAPL");
        assert_eq!(SESSION.key("9"), "session:9");
        assert_eq!(rate_limit("7", "/api/v1/x"), "ratelimit:7:/api/v1/x");
        assert_eq!(subscriptions("AAPL"), "subscriptions:AAPL");
        let seconds = [QUOTE, PORTFOLIO, ANALYSIS, SESSION].map(|kind| kind.lifetime.as_secs());
        assert_eq!(seconds, [60, 300, 3600, 2_592_000]);
    }
}
