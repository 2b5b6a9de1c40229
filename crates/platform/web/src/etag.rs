use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponseParts, ResponseParts},
};

use crate::problem::Problem;

/// The version of a resource, as the `ETag` header of its response.
#[derive(Clone, Copy, Debug)]
pub struct ETag(pub i64);

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            parts.headers_mut().insert(header::ETAG, value);
        }
        Ok(parts)
    }
}

/// What an `If-Match` header may hold.
pub const IF_MATCH_PATTERN: &str = r#"^(\*|(W/)?("[0-9]{1,18}"|[0-9]{1,18}))$"#;

/// The version that is edited is not the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody changed this after it was read: read it again and repeat the edit")]
pub struct ChangedMeanwhile;

impl From<ChangedMeanwhile> for Problem {
    fn from(_: ChangedMeanwhile) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed-meanwhile",
            "Changed meanwhile",
            "Somebody changed this after you read it. Read it again and repeat your edit.",
        )
    }
}

/// The version that a client believes to edit: the `If-Match` header, when sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// The same of a form, which holds the version that it was opened with. One that does not say
    /// edits nothing that is there.
    pub fn of_form(version: &str) -> Self {
        Self(Some(version.trim().parse().unwrap_or(i64::MIN)))
    }

    /// Refuses, with 412 on the wire, when another version than the current one is edited.
    pub fn require(self, current: i64) -> Result<(), ChangedMeanwhile> {
        match self.0 {
            Some(version) if version != current => Err(ChangedMeanwhile),
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let name: HeaderName = header::IF_MATCH;
        let Some(value) = parts.headers.get(name) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or("").trim();
        if text == "*" {
            return Ok(Self(None));
        }
        // A proxy that compresses makes an ETag weak; some clients take the quotes for their own.
        let text = text.trim_start_matches("W/");
        let quoted = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        Some(quoted.unwrap_or(text))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(|version| Self(Some(version)))
            .ok_or_else(|| Problem::unreadable("If-Match must hold the ETag of an earlier answer."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_edits_the_version_that_it_was_opened_with() {
        assert_eq!(IfMatch::of_form(" 3 ").require(3), Ok(()));
        for version in ["2", "", "three"] {
            let refused = IfMatch::of_form(version).require(3);
            assert_eq!(refused, Err(ChangedMeanwhile), "{version}");
        }
        assert_eq!(IfMatch(None).require(3), Ok(()));
    }
}
