use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use web::{App, Problem};

use super::{Recent, pages::CONFIRM};
use crate::{sessions::Principal, settings::Tab};

/// In the signature of a handler that hands out everything about a person: how much of what is stored
/// encrypted the request may read. A session needs a recent proof, as [`Recent`] asks for; an API token,
/// which proves nothing, reads none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// All of it.
    Whole,
    /// None of what is stored encrypted.
    WithoutSealed,
}

impl FromRequestParts<App> for Disclosure {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let who = parts
            .extensions
            .get::<Principal>()
            .ok_or_else(|| Problem::unauthenticated().into_response())?;
        if who.session().is_none() && !app.demo {
            return Ok(Self::WithoutSealed);
        }
        let path = parts.uri.path().to_owned();
        match Recent::from_request_parts(parts, app).await {
            Ok(Recent) => Ok(Self::Whole),
            // Back to the page: a browser that is led to a file stays where it asked for the proof.
            Err(refusal) if refusal.status().is_redirection() => {
                let back = Tab::of(&path).href();
                Err(Redirect::to(&format!("{CONFIRM}?next={back}")).into_response())
            }
            Err(refusal) => Err(refusal),
        }
    }
}
