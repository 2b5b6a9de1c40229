//! `Idempotency-Key` on creating calls: the answer is stored in the transaction that creates, so a
//! repeated call gets the first answer and creates nothing, even when the first was cut off after
//! its commit.

mod store;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use db::UserTx;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

const MAX_KEY_LENGTH: usize = 200;

/// What an `Idempotency-Key` header may hold.
pub const IDEMPOTENCY_KEY_PATTERN: &str = "^[!-~]{1,200}$";

/// The key of a request, when it sent one.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if is_key(key) => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::unreadable(
                "Idempotency-Key must be 1 to 200 visible characters.",
            )),
        }
    }
}

fn is_key(text: &str) -> bool {
    (1..=MAX_KEY_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl IdempotencyKey {
    /// Claims the key for `request` (the body as it was understood). `Some` means that the work is
    /// already done: answer with it. A concurrent holder of the same key is waited for.
    pub async fn claim<T: Serialize + Sync>(
        &self,
        tx: &mut UserTx,
        request: &T,
    ) -> Result<Option<Response>, Problem> {
        let Some(key) = &self.0 else { return Ok(None) };
        let body = serde_json::to_vec(request).map_err(|e| Problem::internal(&e))?;
        let hash: [u8; 32] = Sha256::digest(&body).into();
        if store::insert(tx, key, &hash).await? {
            return Ok(None);
        }
        let stored = store::require(tx, key).await?;
        if stored.request_hash != hash {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Idempotency key reused",
                "This Idempotency-Key was used for another request. Choose a new one.",
            ));
        }
        let status = StatusCode::from_u16(u16::try_from(stored.status).unwrap_or(200))
            .unwrap_or(StatusCode::OK);
        let kind = [(header::CONTENT_TYPE, "application/json")];
        Ok(Some((status, kind, stored.body).into_response()))
    }

    /// Stores the answer in the same transaction.
    pub async fn answer<T: Serialize + Sync>(
        &self,
        tx: &mut UserTx,
        status: StatusCode,
        body: &T,
    ) -> Result<(), Problem> {
        let Some(key) = &self.0 else { return Ok(()) };
        let body = serde_json::to_vec(body).map_err(|e| Problem::internal(&e))?;
        store::update(
            tx,
            key,
            i16::try_from(status.as_u16()).unwrap_or(200),
            &body,
        )
        .await
    }
}
