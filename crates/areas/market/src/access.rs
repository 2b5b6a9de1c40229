use axum::{extract::FromRequestParts, http::request::Parts};
use db::UserId;
use identity::SignedIn;
use web::Problem;

/// An administrator of this instance. Everybody reads market data, so only they write them: others
/// get 403, strangers 401.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) user_id: UserId,
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.is_admin {
            Ok(Self {
                user_id: who.user_id,
            })
        } else {
            Err(Problem::forbidden(
                "Market data are shared by all people of this instance, so only its administrators \
                 change them.",
            ))
        }
    }
}
