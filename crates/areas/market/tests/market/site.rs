//! The routes of the market room behind the real sign-in, with an owner and a second person.

use std::io::Cursor;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    middleware::from_fn_with_state,
};
use db::{Clock, Db};
use identity::{tokens, tokens::NewToken, users, users::NewUser};
use market::{ImportError, ImportReport, bars::ImportOptions};
use serde_json::Value;
use testkit::TestDb;
use tower::ServiceExt;
use web::App;

/// A Monday.
pub(crate) const NOW: &str = "2024-06-03T12:00:00Z";

pub(crate) struct Site {
    test: TestDb,
    pub(crate) app: App,
    router: Router,
    pub(crate) owner_id: db::UserId,
    /// API token of the owner.
    pub(crate) owner: String,
    /// API token of somebody else.
    pub(crate) ann: String,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// The last part of the problem's type.
    pub(crate) fn problem(&self) -> String {
        let body = self.json();
        body["type"]
            .as_str()
            .unwrap()
            .trim_start_matches("/problems/")
            .to_owned()
    }

    /// The version that the form was opened with.
    pub(crate) fn opened(&self) -> &str {
        let held = self.text.split_once("name=\"version\" value=\"");
        let (_, held) = held.unwrap_or_else(|| panic!("no version: {}", self.text));
        held.split_once('"').unwrap().0
    }
}

/// A call in the making.
pub(crate) struct Call<'s> {
    site: &'s Site,
    request: axum::http::request::Builder,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) async fn send(self, body: impl Into<Body>) -> Answer {
        let request: Request<Body> = self.request.body(body.into()).unwrap();
        let response = self.site.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) async fn json(self, body: Value) -> Answer {
        self.header("content-type", "application/json")
            .send(body.to_string())
            .await
    }
}

impl Site {
    #[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
    pub(crate) async fn new() -> Self {
        let test = TestDb::new().await;
        let clock = Clock::fixed(NOW.parse().unwrap());
        let app = App {
            db: test.db(),
            clock: clock.clone(),
            csrf_key: [7; 32].into(),
            sealer: seal::Sealer::with_key([7; 32]),
            outbound: outbound::Client::new(outbound::Policy::default()).expect("a client"),
            public_origin: "http://localhost:8420".into(),
            secure_cookies: false,
            cache: web::Cache::default(),
            stop: web::CancellationToken::new(),
            uploads: web::Uploads {
                folder: std::sync::Arc::from(std::path::Path::new("uploads")),
                max_bytes: web::csrf::MAX_BODY_BYTES as u64,
            },
            gate: web::Gate::default(),
            demo: false,
            nav: &[],
        };
        let (owner_id, owner) = token(&app, "owner@example.org").await;
        let (_, ann) = token(&app, "ann@example.org").await;
        let router = router(&app);
        Self {
            test,
            app,
            router,
            owner_id,
            owner,
            ann,
        }
    }

    pub(crate) fn db(&self) -> Db {
        self.test.db()
    }

    pub(crate) async fn has_hypertables(&self) -> bool {
        self.test.has_hypertables().await
    }

    pub(crate) fn call(&self, method: Method, path: &str, token: &str) -> Call<'_> {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        Call {
            site: self,
            request,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token)
            .send(Body::empty())
            .await
    }

    pub(crate) async fn post_csv(&self, path: &str, token: &str, csv: &str) -> Answer {
        let call = self
            .call(Method::POST, path, token)
            .header("content-type", "text/csv");
        call.send(csv.to_owned()).await
    }

    /// Loads bars by the function that the command line calls.
    pub(crate) async fn import(
        &self,
        csv: &str,
        options: &ImportOptions,
    ) -> Result<ImportReport, ImportError> {
        let reader = Cursor::new(csv.to_owned());
        market::bars::import(&self.db(), reader, options, self.app.clock.now(), |_| ()).await
    }

    /// Id of the only instrument that the text finds.
    pub(crate) async fn instrument(&self, text: &str) -> market::Instrument {
        let mut tx = self.db().system("look into a test").await.unwrap();
        let mut found = market::instruments::search(tx.conn(), text, 10)
            .await
            .unwrap();
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0)
    }

    pub(crate) async fn closes(&self, id: market::InstrumentId) -> Vec<(String, f64)> {
        let mut tx = self.db().system("look into a test").await.unwrap();
        let mut closes = market::bars::closes(tx.conn(), &[id]).await.unwrap();
        let closes = closes.remove(&id).unwrap_or_default();
        closes
            .into_iter()
            .map(|(date, close)| (date.to_string(), close))
            .collect()
    }

    /// A row of another room that keeps the instrument alive.
    pub(crate) async fn refer_to(&self, id: market::InstrumentId) {
        let sql = format!(
            "create table public.keeper (id uuid references market.instruments);
             insert into public.keeper values ('{id}')"
        );
        let mut owner = self.test.owner_connection().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut owner)
            .await
            .unwrap();
    }

    /// What the program itself may not do.
    pub(crate) async fn as_owner(&self, sql: &'static str) {
        let mut owner = self.test.owner_connection().await;
        sqlx::raw_sql(sql).execute(&mut owner).await.unwrap();
    }

    /// One text a row.
    #[expect(
        clippy::disallowed_methods,
        reason = "a look at what the room gives no function for"
    )]
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut owner = self.test.owner_connection().await;
        sqlx::query_scalar(sql).fetch_all(&mut owner).await.unwrap()
    }

    /// Does what the program cannot.
    pub(crate) async fn change(&self, sql: &str) {
        let mut owner = self.test.owner_connection().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&mut owner)
            .await
            .unwrap();
    }

    /// API token of another administrator.
    pub(crate) async fn admin(&self, name: &str) -> String {
        let (id, token) = token(&self.app, "other@example.org").await;
        self.change(&format!(
            "update identity.users set role = 'admin', name = '{name}' where id = '{id}'"
        ))
        .await;
        token
    }

    pub(crate) async fn revision(&self) -> i64 {
        let mut tx = self.db().system("look into a test").await.unwrap();
        market::revision(tx.conn()).await.unwrap()
    }
}

/// What one node answers; its hub is its own.
pub(crate) fn router(app: &App) -> Router {
    let (api, _) = market::api().split_for_parts();
    api.layer(axum::Extension(market::live::Hub::new(app)))
        .layer(from_fn_with_state(app.clone(), web::problem::render_json))
        .merge(market::pages().layer(from_fn_with_state(app.clone(), web::render_page)))
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .layer(from_fn_with_state(app.clone(), web::csrf::protect))
        .with_state(app.clone())
}

async fn token(app: &App, email: &str) -> (db::UserId, String) {
    let new = NewUser {
        email: email.parse().unwrap(),
        name: String::new(),
    };
    let added = users::add(&app.db, &app.clock, new, None).await.unwrap();
    let mut tx = app.db.write(added.id).await.unwrap();
    let new = NewToken::new("test").unwrap();
    let created = tokens::create(&mut tx, &new, app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (added.id, created.secret)
}
