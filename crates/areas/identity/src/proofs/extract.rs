use axum::{
    extract::FromRequestParts,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use web::{App, Problem};

use super::{pages::CONFIRM, service};
use crate::{sessions::Principal, settings::Tab};

/// In the signature of a handler: the person proved lately who they are. Otherwise a page leads to where
/// they do, and the API refuses with 403, as both do with an API token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recent;

impl FromRequestParts<App> for Recent {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let who = parts
            .extensions
            .get::<Principal>()
            .ok_or_else(|| Problem::unauthenticated().into_response())?;
        match service::is_recent(app, who).await {
            Ok(true) => Ok(Self),
            Ok(false) if who.session().is_none() => Err(no_proof().into_response()),
            Ok(false) => Err(refusal(parts)),
            Err(error) => Err(Problem::from(error).into_response()),
        }
    }
}

fn no_proof() -> Problem {
    too_old(
        "An API token does not prove who uses it. Do this signed in, in a browser or in an app; a proof is \
         good for 15 minutes.",
    )
}

fn too_old(detail: &str) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "proof-too-old",
        "Proof too old",
        detail,
    )
}

fn refusal(parts: &Parts) -> Response {
    let path = parts.uri.path();
    if path.starts_with("/api/") {
        return too_old(
            "Prove who you are once more: on /identity/confirm, or in an app by signing in again. A proof \
             is good for 15 minutes.",
        )
        .into_response();
    }
    // What was to be changed is lost; a page to begin from again is not.
    let back = if parts.method == Method::GET {
        path
    } else {
        Tab::of(path).href()
    };
    Redirect::to(&format!("{CONFIRM}?next={back}")).into_response()
}
