//! What a request goes on record as: read from its route, so that no handler can forget to say it.

use axum::{
    extract::MatchedPath,
    http::{HeaderMap, Method, request::Parts},
};
use db::{Channel, Deed, Origin};
use serde_json::json;
use uuid::Uuid;

use crate::client::Client;

const REQUEST_ID: &str = "x-request-id";
/// Pages and API that have other addresses for the same deed.
const SAME: [(&str, &str); 17] = [
    ("identity.name.create", "identity.users.rename"),
    ("identity.password.create", "identity.users.change_password"),
    ("identity.preferences.create", "identity.preferences.update"),
    ("identity.theme.create", "identity.preferences.update"),
    ("identity.privacy.create", "identity.preferences.update"),
    ("identity.tokens.delete", "identity.tokens.revoke"),
    ("identity.sessions.delete", "identity.sessions.revoke"),
    ("identity.profile.create", "identity.profile.update"),
    ("identity.avatar.create", "identity.avatar.update"),
    ("identity.people.create", "identity.people.update"),
    ("identity.people.invitations", "identity.invitations.create"),
    ("identity.people.revoke", "identity.invitations.revoke"),
    ("identity.invitations.delete", "identity.invitations.revoke"),
    (
        "identity.people.registration",
        "identity.registration.update",
    ),
    ("market.sources.orders", "market.sources.order"),
    ("portfolio.imports.create", "portfolio.imports.import"),
    ("portfolio.imports.confirm", "portfolio.imports.import"),
];

/// Where a request comes from, and what it goes on record as if it changes anything.
pub(crate) fn of(parts: &Parts) -> Origin {
    let client = Client::of(parts);
    let mut origin = Origin::named(request_id(&parts.headers));
    origin.address = client.address;
    origin.agent = client.agent;
    origin.deed = deed(parts);
    origin
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok()
}

fn deed(parts: &Parts) -> Option<Deed> {
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let route = parts.extensions.get::<MatchedPath>()?.as_str();
    if is_safe {
        return None;
    }
    Some(named(&parts.method, route, parts.uri.path()))
}

/// Names a deed after the form of its address: `DELETE /api/v1/portfolio/transactions/{id}` is
/// `portfolio.transactions.delete`.
fn named(method: &Method, route: &str, path: &str) -> Deed {
    let is_api = route.starts_with("/api/");
    let form = route.strip_prefix("/api/v1").unwrap_or(route);
    let segments: Vec<&str> = form.split('/').filter(|part| !part.is_empty()).collect();
    let area = segments.first().copied().unwrap_or("bursar");
    let rest = segments.get(1..).unwrap_or_default();
    let (things, rest) = match rest {
        ["settings"] => ("preferences", &[][..]),
        ["settings", things, rest @ ..] | [things, rest @ ..] => (*things, rest),
        [] => (area, &[][..]),
    };
    let verb = rest.iter().rev().find(|part| !part.starts_with('{'));
    let verb = match verb.copied() {
        Some("edit") => "update",
        Some("new") => "create",
        Some(verb) => verb,
        None if *method == Method::DELETE => "delete",
        None if *method == Method::POST => "create",
        None => "update",
    };
    let kind = plain(&format!("{area}.{things}.{verb}"));
    let kind = SAME
        .iter()
        .find_map(|(own, same)| (*own == kind).then(|| (*same).to_owned()))
        .unwrap_or(kind);
    let resource_type = kind.rsplit_once('.').map(|(things, _)| things.to_owned());
    Deed {
        kind,
        resource_type,
        resource_id: id_in(path),
        details: json!({ "method": method.as_str(), "route": route }),
        channel: if is_api { Channel::Api } else { Channel::Page },
    }
}

/// What the database takes as a type, whatever an address may be made of.
fn plain(kind: &str) -> String {
    kind.chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '_' | '.' => c,
            'A'..='Z' => c.to_ascii_lowercase(),
            _ => '_',
        })
        .take(100)
        .collect()
}

/// The last id in an address. Anything else that stands in one may be a secret or somebody's words.
fn id_in(path: &str) -> Option<String> {
    path.rsplit('/')
        .find_map(|part| Uuid::try_parse(part).ok())
        .map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190a0b0-0000-7000-8000-000000000001";
    /// Method, route and what it goes on record as.
    const DEEDS: [&str; 17] = [
        "POST /api/v1/portfolio/transactions portfolio.transactions.create",
        "POST /portfolio/transactions/new portfolio.transactions.create",
        "PATCH /api/v1/portfolio/transactions/{id} portfolio.transactions.update",
        "POST /portfolio/transactions/{id}/edit portfolio.transactions.update",
        "DELETE /api/v1/identity/tokens/{id} identity.tokens.revoke",
        "POST /identity/settings/tokens/{id}/revoke identity.tokens.revoke",
        "POST /identity/settings/tokens identity.tokens.create",
        "POST /identity/settings identity.preferences.update",
        "POST /identity/settings/password identity.users.change_password",
        "POST /identity/people/{id} identity.people.update",
        "POST /identity/people/invitations identity.invitations.create",
        "POST /identity/people/invitations/{id}/revoke identity.invitations.revoke",
        "POST /identity/people/registration identity.registration.update",
        "POST /portfolio/imports/{id}/confirm portfolio.imports.import",
        "PUT /api/v1/market/sources/orders/{asset_class} market.sources.order",
        "POST /market/sources/order market.sources.order",
        "POST /welcome/sample welcome.sample.create",
    ];

    #[test]
    fn deeds_are_named_after_their_addresses() {
        for line in DEEDS {
            let words: Vec<&str> = line.split(' ').collect();
            let method = Method::from_bytes(words[0].as_bytes()).expect("a method");
            let deed = named(&method, words[1], &words[1].replace("{id}", ID));
            let id = words[1].contains("{id}").then_some(ID);
            assert_eq!(
                (&*deed.kind, deed.resource_id.as_deref()),
                (words[2], id),
                "{line}"
            );
        }
    }

    #[test]
    fn a_secret_in_an_address_is_not_kept() {
        let deed = named(
            &Method::POST,
            "/identity/reset/{token}",
            "/identity/reset/abcDEF-123",
        );
        assert_eq!(deed.resource_id, None);
        let odd = named(&Method::POST, "/setup/{token}", "/setup/abcDEF-123");
        assert_eq!(odd.kind, "setup._token_.create");
        assert!(!format!("{deed:?}").contains("abcDEF"));
    }
}
