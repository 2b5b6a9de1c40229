use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::TokenError;

/// How long a token works of which nothing else is said.
pub(crate) const USUAL: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The word for a token without end.
const NEVER: &str = "never";

/// Until when a token works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Expiry {
    /// For 90 days.
    #[default]
    Usual,
    /// Through this day, in UTC.
    Through(Date),
    /// Until it is revoked.
    Never,
}

impl Expiry {
    /// Reads a day as `2026-12-31`, or `never`.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if text == NEVER {
            return Ok(Self::Never);
        }
        let day = text.parse().map_err(|_| TokenError::InvalidExpiry)?;
        Ok(Self::Through(day))
    }

    /// The first instant at which the token no longer works; it lies ahead.
    pub(super) fn ends_at(self, now: Timestamp) -> Result<Option<Timestamp>, TokenError> {
        let end = match self {
            Self::Never => return Ok(None),
            Self::Usual => now.checked_add(USUAL),
            Self::Through(day) => day
                .tomorrow()
                .and_then(|next| next.to_zoned(TimeZone::UTC))
                .map(|midnight| midnight.timestamp()),
        };
        let end = end.map_err(|_| TokenError::InvalidExpiry)?;
        if end > now {
            Ok(Some(end))
        } else {
            Err(TokenError::InvalidExpiry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_through_its_last_day() {
        let now: Timestamp = "2026-03-02T09:30:00Z".parse().expect("instant");
        let ends = |text: &str| {
            let expiry = Expiry::parse(text).ok()?;
            let end = expiry.ends_at(now).ok()?;
            Some(end.map_or_else(|| "never".to_owned(), |end| end.to_string()))
        };
        for (text, expected) in [
            ("2026-03-02", Some("2026-03-03T00:00:00Z")),
            (" 2026-12-31 ", Some("2027-01-01T00:00:00Z")),
            ("never", Some("never")),
            ("2026-03-01", None),
            ("9999-12-31", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(ends(text).as_deref(), expected, "{text}");
        }
        let usual = Expiry::Usual.ends_at(now).expect("ahead");
        assert_eq!(usual.expect("an end").to_string(), "2026-05-31T09:30:00Z");
    }
}
