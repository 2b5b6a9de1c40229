//! A browser that has signed in to an account before. The cookie holds a random name and a keyed
//! fingerprint of it with the account: nothing is stored, and nobody can make one up. It signs nobody
//! in; it only keeps the failures of others apart from its own.

use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use web::{App, csrf};

use super::keyed;

const NAME: &str = "device";
const MAX_AGE_S: i64 = 180 * 86_400;
/// What [`crate::secret::generate`] makes; longer ones would be counted as ever new devices.
const NONCE_CHARS: usize = 43;

/// The name of the device, if this account knows it.
pub(super) fn known(app: &App, headers: &HeaderMap, email: &str) -> Option<String> {
    let value = csrf::cookie(headers, &app.cookie_name(NAME))?;
    let (nonce, proof) = value.split_once('.')?;
    let is_ours = nonce.len() == NONCE_CHARS
        && bool::from(proof.as_bytes().ct_eq(prove(app, nonce, email).as_bytes()));
    is_ours.then(|| nonce.to_owned())
}

pub(super) fn cookie(app: &App, email: &str) -> Option<HeaderValue> {
    let nonce = crate::secret::generate();
    let value = format!("{nonce}.{}", prove(app, &nonce, email));
    HeaderValue::from_str(&app.cookie(NAME, &value, MAX_AGE_S)).ok()
}

fn prove(app: &App, nonce: &str, email: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyed(app, "known devices", &format!("{nonce}\n{email}")))
}
