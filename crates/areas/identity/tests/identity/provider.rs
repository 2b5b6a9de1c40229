//! A provider of OpenID Connect on loopback: discovery, authorization, tokens, keys and user info, as
//! OpenID Connect Core 1.0 and RFC 7636 lay them out. It checks what it is asked, and lies on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use db::Clock;
use identity::openid::OpenId;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, task::JoinSet};

pub(crate) const CLIENT: &str = "bursar";
pub(crate) const SECRET: &str = "of the client: 100% & more";
const REDIRECT: &str = "http://localhost:8420/identity/openid/callback";

type Fields = BTreeMap<String, String>;

/// What the provider does otherwise than it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lie {
    #[default]
    None,
    Nonce,
    Audience,
    SecondAudience,
    Issuer,
    Expired,
    Signature,
    Unsigned,
    /// Signed with the secret of the client, which others may know.
    SharedSecret,
    NoIdToken,
    /// The token endpoint fails.
    Broken,
    /// An answer without an end.
    Endless,
    OtherSubjectInUserInfo,
}

/// Somebody with an account there.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) subject: &'static str,
    pub(crate) email: Option<&'static str>,
    pub(crate) is_verified: bool,
    pub(crate) name: &'static str,
}

#[expect(clippy::struct_excessive_bools, reason = "ways to lie, each by itself")]
pub(crate) struct There {
    issuer: String,
    clock: Clock,
    key: SigningKey,
    key_id: String,
    /// What a code stands for.
    codes: BTreeMap<String, Fields>,
    /// Who sits before the browser.
    pub(crate) person: Person,
    pub(crate) lie: Lie,
    /// Tells addresses beside the token, not in it.
    pub(crate) tells_beside: bool,
    /// Takes the secret in the body alone.
    pub(crate) takes_post: bool,
    /// Asks the person again when told to.
    pub(crate) asks_anew: bool,
    pub(crate) discoveries: u32,
    /// Says nothing of itself.
    pub(crate) is_silent: bool,
}

pub(crate) struct Provider {
    there: Arc<Mutex<There>>,
    pub(crate) issuer: String,
    /// Ends with the provider.
    _serving: JoinSet<()>,
}

/// Of what a browser was told to ask there.
#[derive(Debug)]
pub(crate) struct Asked(pub(crate) Fields);

impl Provider {
    pub(crate) async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}/realm", listener.local_addr().expect("address"));
        let there = Arc::new(Mutex::new(There {
            issuer: issuer.clone(),
            clock: clock.clone(),
            key: SigningKey::from_slice(&[1; 32]).expect("a key"),
            key_id: "key-1".to_owned(),
            codes: BTreeMap::new(),
            person: ann(),
            lie: Lie::None,
            tells_beside: false,
            takes_post: false,
            asks_anew: true,
            discoveries: 0,
            is_silent: false,
        }));
        let router = Router::new()
            .route("/realm/.well-known/openid-configuration", get(discovery))
            .route("/realm/authorize", get(authorize))
            .route("/realm/token", post(token))
            .route("/realm/keys", get(keys))
            .route("/realm/userinfo", get(user_info))
            .with_state(there.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        Self {
            there,
            issuer,
            _serving: serving,
        }
    }

    /// How a server knows this provider.
    pub(crate) fn open_id(&self, allow: &[&str]) -> OpenId {
        open_id(&self.issuer, allow, SECRET)
    }

    pub(crate) fn there(&self) -> MutexGuard<'_, There> {
        self.there.lock().expect("lock")
    }

    /// Signs with another key from now on.
    pub(crate) fn change_key(&self, seed: u8) {
        let mut there = self.there();
        there.key = SigningKey::from_slice(&[seed; 32]).expect("a key");
        there.key_id = format!("key-{seed}");
    }

    /// What a browser does there; returns the path it is sent back to.
    pub(crate) async fn visit(&self, address: &str) -> String {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let answer = http.build().expect("a client").get(address).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let Some(location) = answer.headers().get("location") else {
            panic!("{status}: {:?}", answer.text().await);
        };
        let location = location.to_str().expect("text");
        let path = location.strip_prefix("http://localhost:8420");
        path.unwrap_or_else(|| panic!("{location}")).to_owned()
    }
}

pub(crate) fn ann() -> Person {
    Person {
        subject: "ann-there",
        email: Some("Ann@Example.org"),
        is_verified: true,
        name: "Ann Miller",
    }
}

pub(crate) fn open_id(issuer: &str, allow: &[&str], secret: &str) -> OpenId {
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: config::Settings,
    }
    let arguments = [
        "bursar".to_owned(),
        format!("--openid-issuer={issuer}"),
        format!("--openid-client-id={CLIENT}"),
        format!("--openid-client-secret={secret}"),
        format!("--openid-allow={}", allow.join(",")),
        "--openid-label=Home ID".to_owned(),
    ];
    let settings = Cli::parse_from(arguments).settings;
    let provider = settings.open_id().expect("whole").expect("a provider");
    OpenId::new(provider, "http://localhost:8420").expect("usable")
}

impl Asked {
    pub(crate) fn of(address: &str) -> Self {
        let (_, query) = address.split_once('?').expect("a query");
        let Query(fields) =
            Query::<Fields>::try_from_uri(&format!("/?{query}").parse().expect("an address"))
                .expect("fields");
        Self(fields)
    }
}

type Shared = State<Arc<Mutex<There>>>;

async fn discovery(State(there): Shared) -> Response {
    let mut there = there.lock().expect("lock");
    there.discoveries += 1;
    if there.is_silent {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let issuer = &there.issuer;
    let method = if there.takes_post {
        "client_secret_post"
    } else {
        "client_secret_basic"
    };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // More than Bursar believes in.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "token_endpoint_auth_methods_supported": [method],
    }))
    .into_response()
}

async fn authorize(State(there): Shared, Query(asked): Query<Fields>) -> Response {
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("code_challenge_method", "S256"),
        ("scope", "openid email profile"),
    ];
    for (name, value) in expected {
        if asked.get(name).map(String::as_str) != Some(value) {
            return (StatusCode::BAD_REQUEST, format!("{name}: {asked:?}")).into_response();
        }
    }
    let mut there = there.lock().expect("lock");
    let code = format!("code/{}+x", there.codes.len());
    let state = asked.get("state").cloned().unwrap_or_default();
    there.codes.insert(code.clone(), asked);
    let code = code.replace('/', "%2F").replace('+', "%2B");
    let iss = there.issuer.replace(':', "%3A").replace('/', "%2F");
    Redirect::to(&format!("{REDIRECT}?code={code}&state={state}&iss={iss}")).into_response()
}

async fn token(State(there): Shared, headers: HeaderMap, Form(asked): Form<Fields>) -> Response {
    let mut there = there.lock().expect("lock");
    match there.lie {
        Lie::Broken => {
            return (StatusCode::BAD_GATEWAY, "<h1>upstream of the provider</h1>").into_response();
        }
        Lie::Endless => return "x".repeat(2 * 1024 * 1024).into_response(),
        _ => {}
    }
    let refused = |error: &str| {
        let body = json!({ "error": error, "error_description": "words of the provider" });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    if !there.is_client(&headers, &asked) {
        return refused("invalid_client");
    }
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    // A code works once.
    let Some(began) = there.codes.remove(field("code")) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    if field("grant_type") != "authorization_code"
        || field("redirect_uri") != REDIRECT
        || began.get("code_challenge") != Some(&challenge)
        || field("code_verifier").len() < 43
    {
        return refused("invalid_grant");
    }
    let mut body =
        json!({ "access_token": "opens-user-info", "token_type": "Bearer", "expires_in": 60 });
    if there.lie != Lie::NoIdToken {
        body["id_token"] = there.id_token(&began).into();
    }
    Json(body).into_response()
}

async fn keys(State(there): Shared) -> Json<Value> {
    let there = there.lock().expect("lock");
    let point = there.key.verifying_key().to_sec1_point(false);
    let point = point.as_bytes();
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": there.key_id,
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    }]}))
}

async fn user_info(State(there): Shared, headers: HeaderMap) -> Response {
    let there = there.lock().expect("lock");
    if headers
        .get(header::AUTHORIZATION)
        .map(axum::http::HeaderValue::as_bytes)
        != Some(b"Bearer opens-user-info")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let subject = match there.lie {
        Lie::OtherSubjectInUserInfo => "somebody else",
        _ => there.person.subject,
    };
    let person = &there.person;
    let mut told = json!({ "sub": subject, "name": person.name });
    if let Some(email) = person.email {
        told["email"] = email.into();
        told["email_verified"] = person.is_verified.into();
    }
    Json(told).into_response()
}

impl There {
    fn is_client(&self, headers: &HeaderMap, asked: &Fields) -> bool {
        if self.takes_post {
            let field = |name| asked.get(name).map(String::as_str);
            return field("client_id") == Some(CLIENT) && field("client_secret") == Some(SECRET);
        }
        // RFC 6749, section 2.3.1: both are written as in a form before they are joined.
        let secret = SECRET
            .replace('%', "%25")
            .replace(':', "%3A")
            .replace('&', "%26")
            .replace(' ', "+");
        let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
        headers
            .get(header::AUTHORIZATION)
            .map(axum::http::HeaderValue::as_bytes)
            == Some(expected.as_bytes())
    }

    fn id_token(&self, began: &Fields) -> String {
        let now = self.clock.now().as_second();
        let until = if self.lie == Lie::Expired {
            now - 61
        } else {
            now + 300
        };
        let audience = match self.lie {
            Lie::Audience => json!("another-client"),
            Lie::SecondAudience => json!([CLIENT, "another-client"]),
            _ => json!(CLIENT),
        };
        let is_anew = self.asks_anew && began.get("prompt").is_some_and(|p| p == "login");
        let mut claims = json!({
            "iss": if self.lie == Lie::Issuer { "https://other.example" } else { self.issuer.as_str() },
            "sub": self.person.subject,
            "aud": audience,
            "exp": until,
            "iat": now - 5,
            "auth_time": if is_anew { now } else { now - 7_200 },
            "nonce": if self.lie == Lie::Nonce { Some("another") } else { began.get("nonce").map(String::as_str) },
        });
        if !self.tells_beside {
            claims["email"] = self.person.email.into();
            claims["email_verified"] = self.person.is_verified.into();
            claims["name"] = self.person.name.into();
            if self.person.email.is_none() {
                claims.as_object_mut().expect("an object").remove("email");
            }
        }
        self.signed(&claims)
    }

    fn signed(&self, claims: &Value) -> String {
        let algorithm = match self.lie {
            Lie::Unsigned => "none",
            Lie::SharedSecret => "HS256",
            _ => "ES256",
        };
        let head = json!({ "alg": algorithm, "kid": self.key_id, "typ": "JWT" });
        let signed = [head.to_string(), claims.to_string()]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".");
        let signature = match self.lie {
            Lie::Unsigned => String::new(),
            Lie::SharedSecret => {
                use hmac::{Hmac, KeyInit as _, Mac as _};
                let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes());
                let mut mac = mac.expect("a key");
                mac.update(signed.as_bytes());
                URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
            }
            lie => {
                let key = match lie {
                    Lie::Signature => &SigningKey::from_slice(&[9; 32]).expect("a key"),
                    _ => &self.key,
                };
                let signature: Signature = key.sign(signed.as_bytes());
                URL_SAFE_NO_PAD.encode(signature.to_bytes())
            }
        };
        format!("{signed}.{signature}")
    }
}
