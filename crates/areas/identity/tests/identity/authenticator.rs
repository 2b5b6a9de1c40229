//! A passkey in software: answers what a page asks of a browser, as WebAuthn level 2 lays it out, with
//! an ES256 key and no attestation.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::Answer;

/// User present and verified.
const PRESENT_AND_VERIFIED: u8 = 0x05;
const WITH_KEY: u8 = 0x40;

#[derive(Clone)]
pub(crate) struct Authenticator {
    key: SigningKey,
    credential_id: Vec<u8>,
    user_handle: String,
    /// Zero for keys that do not count, as those that are kept in a cloud.
    pub(crate) counter: u32,
    pub(crate) origin: &'static str,
}

/// A form that asks for a passkey.
pub(crate) struct Question {
    pub(crate) ceremony: String,
    pub(crate) options: Value,
}

impl Question {
    pub(crate) fn of(page: &Answer) -> Self {
        let between = |start: &str| {
            let (_, rest) = page.body.split_once(start).unwrap_or_else(|| {
                panic!("{}: no {start} in {}", page.status, page.body);
            });
            rest.split_once('"')
                .expect("closed")
                .0
                .replace("&quot;", "\"")
        };
        page.shows("/assets/passkeys-");
        Self {
            ceremony: between("name=\"ceremony\" value=\""),
            options: serde_json::from_str(&between("data-options=\"")).expect("options"),
        }
    }

    fn rp_id(&self) -> String {
        let id = &self.options["rp"]["id"];
        let id = if id.is_null() {
            &self.options["rpId"]
        } else {
            id
        };
        id.as_str().expect("a relying party").to_owned()
    }
}

impl Authenticator {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            credential_id: vec![seed; 16],
            user_handle: String::new(),
            counter: 0,
            origin: "http://localhost:8420",
        }
    }

    pub(crate) fn counting(seed: u8) -> Self {
        Self {
            counter: 1,
            ..Self::new(seed)
        }
    }

    /// What `navigator.credentials.create` gives.
    pub(crate) fn create(&mut self, question: &Question) -> String {
        let handle = question.options["user"]["id"].as_str().expect("a handle");
        handle.clone_into(&mut self.user_handle);
        let client_data = self.client_data("webauthn.create", question);
        let mut data = self.head(question, PRESENT_AND_VERIFIED | WITH_KEY);
        data.extend([0; 16]);
        data.extend((self.credential_id.len() as u16).to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(self.cose_key());
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        self.answer(&json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` gives.
    pub(crate) fn get(&mut self, question: &Question) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = self.client_data("webauthn.get", question);
        let data = self.head(question, PRESENT_AND_VERIFIED);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(&json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "signature": URL_SAFE_NO_PAD.encode(signature.to_der()),
            "userHandle": self.user_handle,
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = URL_SAFE_NO_PAD.encode(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": response,
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        })
        .to_string()
    }

    fn client_data(&self, kind: &str, question: &Question) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": question.options["challenge"], "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn head(&self, question: &Question, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(question.rp_id()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as CBOR: EC2, ES256, P-256, x, y.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes();
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(&point[1..33]);
        key.extend(b"\x22\x58\x20");
        key.extend(&point[33..]);
        key
    }
}
