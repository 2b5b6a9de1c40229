use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::Problem;

/// What an API token may do. Every scope reads what its person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everything the person may.
    #[default]
    Full,
    /// Changes what is in [`LIMITED_WRITES`], but for [`KEPT_FROM_LIMITED`].
    Limited,
    /// Changes nothing.
    Read,
}

/// Areas in which a limited token changes things.
pub const LIMITED_WRITES: [&str; 2] = ["market", "portfolio"];
/// What it may not even there, because a whole portfolio ends with it: by the API and by the page.
pub const KEPT_FROM_LIMITED: [(Method, &str); 2] = [
    (Method::DELETE, "/api/v1/portfolio/portfolios/{id}"),
    (Method::POST, "/portfolio/portfolios/{id}/delete"),
];

impl Scope {
    /// All of them, the widest first.
    pub const ALL: [Self; 3] = [Self::Full, Self::Limited, Self::Read];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::Read => "read",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// In words, for a choice.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Full => "Full: everything you may",
            Self::Limited => "Limited: reads everything, changes portfolios and market data",
            Self::Read => "Read: changes nothing",
        }
    }

    /// Lets a request pass, by its method and the form of its address, which is `None` for one that
    /// leads nowhere. Nothing that is asked for with POST leaves everything as it was, so there is no
    /// exception for reading: the preview of an import is stored as well.
    pub(crate) fn permit(self, method: &Method, route: Option<&str>) -> Result<(), Problem> {
        let detail = match self {
            _ if method.is_safe() => return Ok(()),
            Self::Full => return Ok(()),
            Self::Limited if route.is_some_and(|route| is_within_limits(method, route)) => {
                return Ok(());
            }
            Self::Limited => {
                "The scope of this token is `limited`: it reads everything and changes portfolios and \
                 market data, but deletes no portfolio and changes nothing of the account. Use a token \
                 with the scope `full`; they are made on /identity/settings/tokens."
            }
            Self::Read => {
                "The scope of this token is `read`: it changes nothing. Use a token with the scope \
                 `limited` or `full`; they are made on /identity/settings/tokens."
            }
        };
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "token-scope",
            "Not within the scope of the token",
            detail,
        ))
    }
}

fn is_within_limits(method: &Method, route: &str) -> bool {
    let form = route.strip_prefix("/api/v1").unwrap_or(route);
    let area = form.split('/').nth(1).unwrap_or_default();
    let is_kept = KEPT_FROM_LIMITED
        .iter()
        .any(|(kept, path)| kept == method && *path == route);
    LIMITED_WRITES.contains(&area) && !is_kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, route, and the scopes that may.
    const RULES: [(Method, Option<&str>, &[Scope]); 10] = [
        (Method::GET, Some("/api/v1/identity/tokens"), &Scope::ALL),
        (Method::HEAD, None, &Scope::ALL),
        (Method::POST, None, &[Scope::Full]),
        (
            Method::POST,
            Some("/api/v1/portfolio/imports"),
            &[Scope::Full, Scope::Limited],
        ),
        (
            Method::POST,
            Some("/market/instruments/new"),
            &[Scope::Full, Scope::Limited],
        ),
        (
            Method::PUT,
            Some("/api/v1/portfolio/portfolios/{id}"),
            &[Scope::Full, Scope::Limited],
        ),
        (
            Method::DELETE,
            Some("/api/v1/portfolio/portfolios/{id}"),
            &[Scope::Full],
        ),
        (
            Method::POST,
            Some("/portfolio/portfolios/{id}/delete"),
            &[Scope::Full],
        ),
        (
            Method::POST,
            Some("/api/v1/identity/tokens"),
            &[Scope::Full],
        ),
        (Method::POST, Some("/record/account"), &[Scope::Full]),
    ];

    #[test]
    fn each_scope_reaches_what_it_is_for() {
        for (method, route, may) in RULES {
            for scope in Scope::ALL {
                assert_eq!(
                    scope.permit(&method, route).is_ok(),
                    may.contains(&scope),
                    "{scope:?}: {method} {route:?}"
                );
            }
        }
    }
}
