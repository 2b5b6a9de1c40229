//! The area behind the layers that the server puts around it, and a browser that keeps cookies and
//! sends the forms it was shown.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::{
    Extension, Json, Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    middleware::from_fn_with_state,
    routing::get,
};
use db::{Clock, Db, SystemTx, UserId};
use identity::{
    Viewer,
    outbox::{self, Mailer},
    registration::{self, Policy},
    users::{Email, NewUser, Password},
};
use serde_json::{Value, json};
use testkit::TestDb;
use tower::ServiceExt;
use web::{App, Choice as _};

pub(crate) const PASSWORD: &str = "a long and quiet river";

/// What links in mail begin with.
pub(crate) const BASE_URL: &str = "https://bursar.example";

/// A server with a database of its own; the clock stands still until it is moved.
pub(crate) struct Server {
    pub(crate) app: App,
    router: Router,
    _test_db: TestDb,
}

/// A program or person with cookies.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    csrf: String,
    pub(crate) agent: &'static str,
    pub(crate) address: SocketAddr,
    /// What stands in `X-Forwarded-For`.
    pub(crate) forwarded_for: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What a page of another area sees of its viewer.
async fn probe(viewer: Viewer) -> Json<Value> {
    Json(json!({
        "user_id": viewer.user_id,
        "base_currency": viewer.preferences.base_currency,
        "locale": viewer.chrome.formats.locale.tag(),
        "theme": viewer.chrome.theme.as_str(),
        "private": viewer.chrome.private,
        "name": viewer.chrome.visitor.map(|visitor| visitor.name),
        "today": viewer.today,
    }))
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_as(|_| {}).await
    }

    pub(crate) async fn start_as(change: impl FnOnce(&mut App)) -> Self {
        let test_db = TestDb::new().await;
        let mut app = App {
            db: test_db.db(),
            clock: Clock::fixed("2026-03-02T09:30:00Z".parse().expect("instant")),
            csrf_key: Arc::from(*b"a key of tests, 32 bytes at best"),
            sealer: seal::Sealer::with_key([7; 32]),
            outbound: outbound::Client::new(outbound::Policy::default()).expect("a client"),
            public_origin: "http://localhost:8420".into(),
            secure_cookies: false,
            cache: web::Cache::default(),
            stop: web::CancellationToken::new(),
            uploads: web::Uploads {
                folder: Arc::from(std::path::Path::new("uploads")),
                max_bytes: web::csrf::MAX_BODY_BYTES as u64,
            },
            gate: web::Gate::default(),
            demo: false,
            nav: &[],
        };
        change(&mut app);
        Self {
            router: routed(&app),
            app,
            _test_db: test_db,
        }
    }

    /// With a provider by which people may sign in.
    pub(crate) fn offer(&mut self, provider: identity::openid::OpenId) {
        self.router = routed(&self.app).layer(Extension(provider));
    }

    /// Another process on the same database: it remembers nothing by itself.
    pub(crate) fn restarted(&self) -> Router {
        routed(&self.app)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.app.db
    }

    pub(crate) async fn system(&self) -> SystemTx {
        self.db()
            .system("look at what a test did")
            .await
            .expect("unit of work")
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::on(&self.router, SocketAddr::from(([192, 0, 2, 7], 50_000)))
    }

    pub(crate) async fn add(&self, email: &str) -> UserId {
        let new = NewUser {
            email: email.parse::<Email>().expect("email"),
            name: String::new(),
        };
        let password = Password::new(PASSWORD, email).expect("password");
        let added = identity::users::add(self.db(), &self.app.clock, new, Some(password)).await;
        added.expect("added").id
    }

    /// Adds a person and signs them in.
    pub(crate) async fn add_signed_in(&self, email: &str) -> (UserId, Browser) {
        let id = self.add(email).await;
        (id, self.signed_in(email).await)
    }

    pub(crate) async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(email, PASSWORD, "/").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// Runs what is due, with the way to a mail server.
    pub(crate) async fn run_jobs_with(&self, mailer: Mailer) {
        let registry = identity::jobs()
            .provide(mailer)
            .provide(self.app.sealer.clone())
            .provide(self.app.outbound.clone());
        let runner = jobs::Runner::new(self.db().clone(), self.app.clock.clone(), registry);
        runner.run_due().await.expect("jobs");
    }

    /// Removes what has expired, now, whatever the timetable says; returns how many runs that took.
    pub(crate) async fn sweep(&self) -> usize {
        use identity::sessions::SweepExpired;
        let mut tx = self.system().await;
        jobs::enqueue(&mut tx, &SweepExpired::default())
            .await
            .expect("queued");
        tx.commit().await.expect("commit");
        let registry = jobs::Registry::new().with::<SweepExpired>();
        let runner = jobs::Runner::new(self.db().clone(), self.app.clock.clone(), registry);
        runner.run_due().await.expect("database")
    }

    /// Runs what is due; mail waits in the outbox.
    pub(crate) async fn run_jobs(&self) {
        let mailer = Mailer::new(BASE_URL, None, None).expect("no server");
        self.run_jobs_with(mailer).await;
    }

    /// What waits for an address, the oldest first, as pairs of kind and the path of the link.
    pub(crate) async fn mail_to(&self, email: &str) -> Vec<(&'static str, String)> {
        self.run_jobs().await;
        let messages = outbox::list(self.db()).await.expect("the outbox");
        let mut mine = Vec::new();
        for message in messages.into_iter().rev().filter(|m| m.recipient == email) {
            let letter = outbox::show(self.db(), &self.app.sealer, BASE_URL, message.id).await;
            mine.push((message.kind, path_in(&letter.expect("a letter").text)));
        }
        mine
    }

    /// The path of the last link that was sent to an address.
    pub(crate) async fn link_to(&self, email: &str, kind: &str) -> String {
        let mail = self.mail_to(email).await;
        let (last, path) = mail.last().expect("a message");
        assert_eq!(*last, kind);
        path.clone()
    }

    pub(crate) async fn open_registration(&self, policy: Policy) {
        registration::choose(self.db(), policy)
            .await
            .expect("chosen");
    }

    pub(crate) async fn count_sessions(&self, user_id: UserId) -> i64 {
        let mut tx = self.system().await;
        sqlx::query_scalar!(
            r#"select count(*) as "count!" from identity.sessions where user_id = $1"#,
            user_id.0,
        )
        .fetch_one(tx.conn())
        .await
        .expect("count")
    }
}

fn around(router: Router<App>, app: &App) -> Router<App> {
    router
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .layer(from_fn_with_state(app.clone(), web::csrf::protect))
        .layer(from_fn_with_state(app.clone(), web::gate::admit))
}

fn routed(app: &App) -> Router {
    let (api, _) = identity::api().split_for_parts();
    let pages = identity::pages().route("/probe", get(probe));
    let api = around(api, app).layer(from_fn_with_state(app.clone(), web::problem::render_json));
    let pages = around(pages, app).layer(from_fn_with_state(app.clone(), web::render_page));
    api.merge(pages)
        .layer(from_fn_with_state(app.clone(), web::security::headers))
        .with_state(app.clone())
}

impl Browser {
    pub(crate) fn on(router: &Router, address: SocketAddr) -> Self {
        Self {
            router: router.clone(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
            address,
            forwarded_for: None,
        }
    }

    /// The token against forgery of the last page with a form.
    pub(crate) fn csrf_token(&self) -> &str {
        &self.csrf
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let value = cookies.join("; ").parse().expect("cookies");
            request.headers_mut().insert(header::COOKIE, value);
        }
        request
            .headers_mut()
            .insert(header::USER_AGENT, self.agent.parse().expect("agent"));
        if let Some(addresses) = self.forwarded_for {
            let value = HeaderValue::from_static(addresses);
            request.headers_mut().insert("x-forwarded-for", value);
        }
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("body");
        let body = String::from_utf8(body.to_vec()).expect("text");
        self.keep_cookies(&parts.headers);
        if let Some(csrf) = csrf_of(&body) {
            self.csrf = csrf;
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("ascii");
            let (pair, attributes) = text.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("pair");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, "text/html,*/*;q=0.8");
        self.send(request.body(Body::empty()).expect("request"))
            .await
    }

    /// What the page of another area sees.
    pub(crate) async fn probe(&mut self) -> Value {
        let answer = self.get("/probe").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// Sends a form with the token of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("_csrf", csrf.as_str())])
            .collect();
        self.post_bare(path, &fields).await
    }

    /// Sends exactly these fields.
    pub(crate) async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(fields)))
            .expect("request");
        self.send(request).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str, next: &str) -> Answer {
        self.get("/identity/sign-in").await;
        let fields = [("email", email), ("password", password), ("next", next)];
        self.post("/identity/sign-in", &fields).await
    }

    /// Calls the API with the session cookie and the token of the last page.
    pub(crate) async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-csrf-token", self.csrf.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .expect("request");
        self.send(request).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// Refused with a problem document of this code.
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status.as_u16(), body["type"].as_str()),
            (status, Some(code)),
            "{body}"
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        body
    }

    /// Led on to another page.
    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        assert_eq!(self.header("location"), path);
    }

    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "no “{text}” in {}", self.body);
    }

    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "“{text}” in {}", self.body);
    }
}

/// A call with an API token and without cookies.
pub(crate) fn bearer(method: Method, path: &str, token: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .expect("request")
}

/// The same with a JSON body.
pub(crate) fn bearer_json(method: Method, path: &str, token: &str, body: &Value) -> Request<Body> {
    let mut request = bearer(method, path, token);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    *request.body_mut() = Body::from(body.to_string());
    request
}

fn csrf_of(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"_csrf\" value=\"")?;
    rest.split_once('"').map(|(token, _)| token.to_owned())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(b).to_string(),
                _ => format!("%{b:02X}"),
            })
            .collect()
    };
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// The path of the link in a message; empty when there is none.
fn path_in(text: &str) -> String {
    text.lines()
        .find_map(|line| line.strip_prefix(BASE_URL))
        .unwrap_or_default()
        .to_owned()
}
