//! For those who want it: one more question before a form does what is hard to take back. The question
//! carries the form, so nothing has to be filled in again and no script is needed.

use std::collections::BTreeMap;

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use web::{
    Chrome, Problem,
    components::{csrf_field, link_button, submit},
};

use crate::{sessions::Principal, settings::Tab};

/// Sent by the question.
const CONFIRMED: &str = "confirmed";
const TOKEN: &str = "_csrf";
/// A form without a file is smaller.
const MAX_FORM_BYTES: usize = 1024 * 1024;
/// Deeds that a form does at once. Deletions are not among them: they ask everybody.
const DEEDS: [&str; 13] = [
    "revoke",
    "revoke-all",
    "revoke-others",
    "unlink",
    "recovery-codes",
    "remove",
    "discard",
    "stop",
    "reverse",
    "restore",
    "decline",
    "apply-all",
    "undo",
];
/// Forms that book.
const BOOKINGS: [&str; 2] = [
    "/portfolio/transactions/new",
    "/portfolio/transactions/{id}/edit",
];

/// Around all pages, inside of [`crate::resolve`].
pub async fn confirm(request: Request, next: Next) -> Response {
    let wanted = request
        .extensions()
        .get::<Principal>()
        .is_some_and(|who| who.preferences.confirm_actions);
    if !wanted || !asks(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_FORM_BYTES).await else {
        return Problem::too_large().into_response();
    };
    let fields = url::form_urlencoded::parse(&bytes);
    let fields: Vec<(String, String)> = fields.into_owned().collect();
    if fields.iter().any(|(name, _)| name == CONFIRMED) {
        return next
            .run(Request::from_parts(parts, Body::from(bytes)))
            .await;
    }
    let chrome = parts
        .extensions
        .get::<Chrome>()
        .cloned()
        .unwrap_or_default();
    question(&chrome, &parts.uri.to_string(), &fields).into_response()
}

fn asks(request: &Request) -> bool {
    let Some(route) = request.extensions().get::<MatchedPath>() else {
        return false;
    };
    let route = route.as_str();
    let deed = route.rsplit('/').next().unwrap_or_default();
    request.method() == Method::POST
        && is_plain_form(request.headers())
        && (DEEDS.contains(&deed) || BOOKINGS.contains(&route))
}

fn is_plain_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn question(chrome: &Chrome, action: &str, fields: &[(String, String)]) -> Markup {
    let shown: BTreeMap<&str, &str> = fields
        .iter()
        .filter(|(name, value)| name != TOKEN && name != "version" && !value.is_empty())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    web::page(
        chrome,
        "Go on?",
        html! {
            section.card.confirm {
                h1 { "Go on?" }
                p { "You wanted to be asked before this is done." }
                @if !shown.is_empty() {
                    dl.facts {
                        @for (name, value) in shown {
                            div { dt { (name.replace('_', " ")) } dd { (value) } }
                        }
                    }
                }
                form method="post" action=(action) {
                    (csrf_field(chrome))
                    @for (name, value) in fields.iter().filter(|(name, _)| name != TOKEN) {
                        input type="hidden" name=(name) value=(value);
                    }
                    input type="hidden" name=(CONFIRMED) value="1";
                    div.actions {
                        (submit("Yes, go on"))
                        (link_button("No, go back", back(action), false))
                    }
                }
            }
        },
    )
}

/// The page above the form: of the settings their tab, elsewhere the list that the address begins with.
fn back(action: &str) -> &str {
    let path = action.split('?').next().unwrap_or_default();
    if path.starts_with("/identity/settings") {
        return Tab::of(path).href();
    }
    let list = path.match_indices('/').nth(2);
    list.and_then(|(at, _)| path.get(..at)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn the_way_back_is_a_page() {
        for (action, page) in [
            ("/portfolio/transactions/1/edit", "/portfolio/transactions"),
            (
                "/portfolio/transactions/new?type=buy",
                "/portfolio/transactions",
            ),
            (
                "/identity/settings/tokens/1/revoke",
                "/identity/settings/tokens",
            ),
            (
                "/identity/settings/details/phone/remove",
                "/identity/settings/details",
            ),
            ("/welcome/remove", "/"),
        ] {
            assert_eq!(back(action), page, "{action}");
        }
    }
}
