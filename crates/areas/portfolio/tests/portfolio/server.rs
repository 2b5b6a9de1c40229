//! The area behind the layers that the server puts around it, and people who use it.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
    middleware::from_fn_with_state,
};
use db::{Clock, UserId};
use identity::{
    tokens::NewToken,
    users::{Email, NewUser, Password},
};
use portfolio::Valuations;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use testkit::{Answer, Browser, TestDb};
use web::App;

const PASSWORD: &str = "a long and quiet river";

/// A server with a database of its own on the second of March 2026, a Monday.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: Router,
    /// Runs the instance, and alone may load market data.
    pub(crate) owner: Person,
    /// Where large uploads wait.
    uploads: TempDir,
    test_db: TestDb,
}

/// Somebody with an account, whose program carries a token.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) api: Browser,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let test_db = TestDb::new().await;
        let uploads = TempDir::new().expect("a directory");
        let app = App {
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
                folder: Arc::from(uploads.path()),
                max_bytes: web::csrf::MAX_BODY_BYTES as u64,
            },
            gate: web::Gate::default(),
            demo: false,
            nav: &[],
        };
        let router = router(&app, test_db.access());
        let owner = add(&app, &router, "owner@example.org", None).await;
        Self {
            app,
            router,
            owner,
            uploads,
            test_db,
        }
    }

    /// Files of uploads that are kept.
    pub(crate) fn uploaded_files(&self) -> usize {
        let entries = std::fs::read_dir(self.uploads.path()).expect("a directory");
        entries.count()
    }

    /// Runs what waits in the background, once.
    pub(crate) async fn run_jobs(&self) {
        let (db, clock) = (self.app.db.clone(), self.app.clock.clone());
        jobs::Runner::new(
            db,
            clock,
            portfolio::jobs().provide(self.app.uploads.clone()),
        )
        .run_due()
        .await
        .expect("jobs");
    }

    /// Somebody who uses the API.
    pub(crate) async fn person(&self, name: &str) -> Person {
        add(
            &self.app,
            &self.router,
            &format!("{name}@example.org"),
            None,
        )
        .await
    }

    /// Somebody who uses the API and, signed in, the pages.
    pub(crate) async fn visitor(&self, name: &str) -> (Person, Browser) {
        let email = format!("{name}@example.org");
        let person = add(&self.app, &self.router, &email, Some(PASSWORD)).await;
        let mut browser = Browser::new(&self.router);
        browser.get("/identity/sign-in").await;
        let fields = [
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("next", "/"),
        ];
        browser
            .post("/identity/sign-in", &fields)
            .await
            .leads_to("/");
        // Any page with a form, for its token.
        browser.get("/identity/settings").await;
        (person, browser)
    }

    /// Loads closing prices: symbol, day and price in each line. Everything must be taken.
    pub(crate) async fn prices(&mut self, currency: &str, lines: &[(&str, &str, &str)]) {
        let mut csv = "symbol,date,open,high,low,close\n".to_owned();
        for (symbol, day, close) in lines {
            writeln!(csv, "{symbol},{day},{close},{close},{close},{close}").expect("written");
        }
        let path = format!("/api/v1/market/bars?currency={currency}");
        let report = self
            .owner
            .send_file(&path, csv.as_bytes())
            .await
            .json_of(200);
        assert_eq!(report["imported"], lines.len(), "{report}");
    }

    /// Loads exchange rates: base, quote, day and rate in each line. Everything must be taken.
    pub(crate) async fn rates(&mut self, lines: &[(&str, &str, &str, &str)]) {
        let mut csv = "base,quote,date,rate\n".to_owned();
        for (base, quote, day, rate) in lines {
            writeln!(csv, "{base},{quote},{day},{rate}").expect("written");
        }
        let report = self
            .owner
            .send_file("/api/v1/market/fx", csv.as_bytes())
            .await
            .json_of(200);
        assert_eq!(report["imported"], lines.len(), "{report}");
    }

    /// Counts as the superuser, whom row-level security does not confine.
    #[expect(clippy::disallowed_methods, reason = "each test asks another question")]
    pub(crate) async fn count(&self, from: &str) -> i64 {
        let mut connection = self.test_db.owner_connection().await;
        sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {from}")))
            .fetch_one(&mut connection)
            .await
            .expect("a count")
    }

    /// Writes past behind the back of the triggers: tests cannot wait for days.
    pub(crate) async fn rewrite(&self, sql: &str) {
        let mut connection = self.test_db.owner_connection().await;
        let batch = format!("set session_replication_role = replica; {sql}");
        sqlx::raw_sql(AssertSqlSafe(batch))
            .execute(&mut connection)
            .await
            .expect("rewritten");
    }

    /// How many rows of a table belong to somebody.
    pub(crate) async fn rows_of(&self, person: &Person, table: &str) -> i64 {
        self.count(&format!("{table} where user_id = '{}'", person.id))
            .await
    }

    /// All rows of a table that belong to somebody, as one text.
    #[expect(
        clippy::disallowed_methods,
        reason = "each test asks for another table"
    )]
    pub(crate) async fn dump(&self, person: &Person, table: &str) -> String {
        let sql = format!(
            "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {table} t
             where user_id = '{}'",
            person.id
        );
        let mut connection = self.test_db.owner_connection().await;
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut connection)
            .await
            .expect("a dump")
    }
}

/// As `bursar::router` arranges them.
fn router(app: &App, access: &db::Access) -> Router {
    let valuations = Valuations::default();
    let api = identity::api()
        .merge(market::api())
        .merge(portfolio::api(&valuations));
    let (api, _) = api.split_for_parts();
    let pages = identity::pages()
        .merge(market::pages())
        .merge(portfolio::pages(
            &valuations,
            &checks::Checks::of_database(access),
        ));
    let api = around(api, app).layer(from_fn_with_state(app.clone(), web::problem::render_json));
    let pages = around(pages, app).layer(from_fn_with_state(app.clone(), web::render_page));
    api.merge(pages)
        .layer(axum::extract::DefaultBodyLimit::max(
            web::csrf::MAX_BODY_BYTES,
        ))
        .layer(from_fn_with_state(app.clone(), web::security::headers))
        .with_state(app.clone())
}

fn around(router: Router<App>, app: &App) -> Router<App> {
    router
        .layer(from_fn_with_state(app.clone(), identity::resolve))
        .layer(from_fn_with_state(app.clone(), web::csrf::protect))
}

async fn add(app: &App, router: &Router, email: &str, password: Option<&str>) -> Person {
    let new = NewUser {
        email: email.parse::<Email>().expect("email"),
        name: String::new(),
    };
    let password = password.map(|text| Password::new(text, email).expect("password"));
    let added = identity::users::add(&app.db, &app.clock, new, password)
        .await
        .expect("added");
    let mut tx = app.db.write(added.id).await.expect("unit of work");
    let token = NewToken::new("tests").expect("name");
    let token = identity::tokens::create(&mut tx, &token, app.clock.now())
        .await
        .expect("token");
    tx.commit().await.expect("committed");
    Person {
        id: added.id,
        api: Browser::with_token(router, &token.secret),
    }
}

impl Person {
    /// Opens a portfolio and returns its id.
    pub(crate) async fn open(&mut self, name: &str, currency: &str) -> String {
        let body = json!({ "name": name, "currency": currency });
        let opened = self
            .api
            .call(Method::POST, PORTFOLIOS, Some(body))
            .await
            .json_of(201);
        text(&opened["id"])
    }

    /// Records a transaction and returns it.
    pub(crate) async fn record(&mut self, portfolio: &str, body: Value) -> Value {
        self.try_record(portfolio, body).await.json_of(201)
    }

    /// Tries to record a transaction.
    pub(crate) async fn try_record(&mut self, portfolio: &str, mut body: Value) -> Answer {
        body["portfolio_id"] = json!(portfolio);
        self.api.call(Method::POST, TRANSACTIONS, Some(body)).await
    }

    /// The report of a portfolio; `query` begins with a question mark or is empty.
    pub(crate) async fn report(&mut self, portfolio: &str, query: &str) -> Value {
        self.api
            .read(&format!("{PORTFOLIOS}/{portfolio}/report{query}"))
            .await
    }

    /// Imports a file at once.
    pub(crate) async fn import(&mut self, portfolio: &str, content: &str) -> Value {
        self.try_import(portfolio, "", content.as_bytes())
            .await
            .json_of(200)
    }

    /// Hands a file in; `query` begins with `&` or is empty.
    pub(crate) async fn try_import(
        &mut self,
        portfolio: &str,
        query: &str,
        content: &[u8],
    ) -> Answer {
        self.send_file(
            &format!("{IMPORTS}?portfolio_id={portfolio}{query}"),
            content,
        )
        .await
    }

    /// Sends a file as the body of a request.
    pub(crate) async fn send_file(&mut self, path: &str, content: &[u8]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "text/csv")
            .body(Body::from(content.to_vec()))
            .expect("request");
        self.api.send(request).await
    }
}

pub(crate) const PORTFOLIOS: &str = "/api/v1/portfolio/portfolios";
pub(crate) const TRANSACTIONS: &str = "/api/v1/portfolio/transactions";
pub(crate) const IMPORTS: &str = "/api/v1/portfolio/imports";
pub(crate) const HOLDINGS: &str = "/api/v1/portfolio/holdings";
pub(crate) const DASHBOARD: &str = "/api/v1/portfolio/dashboard";
pub(crate) const CONTRIBUTION: &str = "/api/v1/portfolio/contribution";

/// A JSON string.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no string: {value}"))
        .to_owned()
}

/// A decimal on the wire.
pub(crate) fn decimal(value: &Value) -> Decimal {
    text(value).parse().expect("a decimal")
}

/// The holding of a symbol.
pub(crate) fn holding<'r>(report: &'r Value, symbol: &str) -> &'r Value {
    let holdings = report["holdings"].as_array().expect("holdings");
    holdings
        .iter()
        .find(|holding| holding["symbol"] == symbol)
        .unwrap_or_else(|| panic!("no {symbol} in {report}"))
}

/// A statistic, which is a float.
#[track_caller]
pub(crate) fn near(value: &Value, expected: f64) {
    let found = value
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {value}"));
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// The codes of the findings, in their order.
pub(crate) fn findings(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect()
}

/// Compares the named figures, all of them at once so that a failure shows all.
#[track_caller]
pub(crate) fn figures(of: &Value, expected: &[(&str, &str)]) {
    let found: Vec<(&str, String)> = expected
        .iter()
        .map(|(key, _)| (*key, of[*key].as_str().unwrap_or("(none)").to_owned()))
        .collect();
    let expected: Vec<(&str, String)> = expected
        .iter()
        .map(|(key, value)| (*key, (*value).to_owned()))
        .collect();
    assert_eq!(found, expected, "in {of}");
}

/// The sums that hold in every report: holdings and cash are the value, and the totals are the sums
/// of the holdings. Figures are rounded to eight digits one by one, so a sum may be off by half a
/// unit of the last digit for each of its parts.
#[track_caller]
pub(crate) fn assert_adds_up(report: &Value) {
    let totals = &report["totals"];
    let holdings = report["holdings"].as_array().expect("holdings");
    let slack = Decimal::new(5, 9) * Decimal::from(holdings.len() + 2);
    let near = |left: Decimal, right: Decimal, what: &str| {
        assert!(
            (left - right).abs() <= slack,
            "{what}: {left} is not {right} in {report}"
        );
    };
    let sum = |key: &str| -> Decimal { holdings.iter().map(|h| decimal(&h[key])).sum() };
    near(
        sum("value"),
        decimal(&totals["holdings_value"]),
        "value of the holdings",
    );
    for key in [
        "cost_basis",
        "unrealized_gain",
        "realized_gain",
        "dividends",
    ] {
        near(sum(key), decimal(&totals[key]), key);
    }
    let whole = decimal(&totals["holdings_value"]) + decimal(&totals["cash"]);
    near(whole, decimal(&totals["value"]), "holdings and cash");
    assert_eq!(report["value"], totals["value"]);
    for holding in holdings {
        let gain = decimal(&holding["value"]) - decimal(&holding["cost_basis"]);
        near(
            gain,
            decimal(&holding["unrealized_gain"]),
            "unrealised gain",
        );
    }
}
