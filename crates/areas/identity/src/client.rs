//! Where a request comes from, as far as it says.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use web::ClientAddress;

/// Longer descriptions of a browser are cut.
const MAX_AGENT_CHARS: usize = 300;

/// Where the request comes from, as [`web::gate`] found out, and how the browser calls itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) address: Option<String>,
    pub(crate) agent: Option<String>,
}

impl Client {
    pub(crate) fn of(parts: &Parts) -> Self {
        let address = parts
            .extensions
            .get::<ClientAddress>()
            .map(|ClientAddress(address)| address.to_string());
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(MAX_AGENT_CHARS).collect());
        Self { address, agent }
    }

    /// What counts as the same place when attempts are counted: an IPv4 address, an IPv6 network.
    pub(crate) fn network(&self) -> String {
        let address = self.address.as_deref().and_then(|text| text.parse().ok());
        web::gate::subject(address.map(ClientAddress))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The path to return to after a form, if it stays on this site; otherwise the front page.
pub(crate) fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && !next
            .chars()
            .any(|c| c == '\\' || c.is_control() || c.is_whitespace());
    if is_local { next } else { "/" }
}

/// A path as the value of a parameter of another address.
pub(crate) fn as_parameter(path: &str) -> String {
    path.replace('%', "%25")
        .replace('&', "%26")
        .replace('+', "%2B")
        .replace('#', "%23")
        .replace('?', "%3F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_as_a_parameter() {
        let encoded = as_parameter("/probe?period=1Y&x=50%");
        assert_eq!(encoded, "/probe%3Fperiod=1Y%26x=50%25");
    }

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for path in ["/", "/portfolio/holdings?period=1Y", "/a//b"] {
            assert_eq!(local_path(path), path);
        }
        for path in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\n/evil",
            "/ /x",
            "x",
        ] {
            assert_eq!(local_path(path), "/", "{path:?}");
        }
    }
}
