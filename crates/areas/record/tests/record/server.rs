//! The area behind the layers that the server puts around it, and people who have bookings.

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use db::{Clock, UserId};
use identity::users::{Email, NewUser, Password};
use sqlx::{AssertSqlSafe, postgres::PgConnection};
use testkit::{Browser, TestDb};
use uuid::Uuid;
use web::App;

pub(crate) const PASSWORD: &str = "a long and quiet river";
pub(crate) const OWNER: &str = "owner@example.org";

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) test_db: TestDb,
    /// Who runs the instance.
    pub(crate) owner: UserId,
}

/// Rows of somebody's books.
pub(crate) struct Books {
    pub(crate) user: UserId,
    pub(crate) portfolio: Uuid,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::on(TestDb::new().await).await
    }

    pub(crate) async fn on(test_db: TestDb) -> Self {
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
                folder: Arc::from(std::path::Path::new("uploads")),
                max_bytes: web::csrf::MAX_BODY_BYTES as u64,
            },
            gate: web::Gate::default(),
            demo: false,
            nav: &[],
        };
        let (api, _) = identity::api().merge(record::api()).split_for_parts();
        let pages = identity::pages().merge(record::pages());
        let pages = pages.layer(from_fn(record::logs::note_usage));
        let around = |router: Router<App>| {
            router
                .layer(from_fn_with_state(app.clone(), record::note_downloads))
                .layer(from_fn_with_state(app.clone(), identity::resolve))
                .layer(from_fn_with_state(app.clone(), web::csrf::protect))
                .layer(from_fn_with_state(app.clone(), web::gate::admit))
        };
        let api = around(api).layer(from_fn_with_state(app.clone(), web::problem::render_json));
        let pages = around(pages).layer(from_fn_with_state(app.clone(), web::render_page));
        let router = api.merge(pages).with_state(app.clone());
        let owner = add(&app, OWNER).await;
        Self {
            app,
            router,
            test_db,
            owner,
        }
    }

    pub(crate) async fn add(&self, email: &str) -> UserId {
        add(&self.app, email).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Browser {
        let mut browser = Browser::new(&self.router);
        browser.get("/identity/sign-in").await;
        let fields = [("email", email), ("password", PASSWORD), ("next", "/")];
        let answer = browser.post("/identity/sign-in", &fields).await;
        answer.leads_to("/");
        // Any page with a form, for its token.
        browser.get("/identity/settings").await;
        browser
    }

    /// A superuser's connection.
    pub(crate) async fn superuser(&self) -> PgConnection {
        self.test_db.owner_connection().await
    }

    /// The first column of a query, as the superuser.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        texts(&mut self.superuser().await, sql).await
    }

    /// Runs statements as the superuser.
    pub(crate) async fn force(&self, sql: &str) {
        let mut connection = self.superuser().await;
        execute(&mut connection, sql).await.expect("done");
    }

    /// Runs statements behind the back of all triggers, as somebody would who owns the server.
    pub(crate) async fn tamper(&self, sql: &str) {
        self.force(&format!("set session_replication_role = replica; {sql}"))
            .await;
    }

    /// Runs a statement in a unit of work of a person, and keeps it.
    pub(crate) async fn as_person(&self, user: UserId, sql: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.app.db.write(user).await.expect("unit of work");
        execute(tx.conn(), sql).await?;
        tx.commit().await.expect("committed");
        Ok(())
    }

    /// Runs a statement in a unit of work of the system, and keeps it.
    pub(crate) async fn as_system(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.app.db.system("a test").await.expect("unit of work");
        execute(tx.conn(), sql).await?;
        tx.commit().await.expect("committed");
        Ok(())
    }

    /// A portfolio with deposits of 1, 2, 3 … EUR.
    pub(crate) async fn books(&self, user: UserId, deposits: u32) -> Books {
        let portfolio = Uuid::now_v7();
        let sql = format!(
            "insert into portfolio.portfolios (user_id, id, name, currency)
             values ('{user}', '{portfolio}', 'Savings', 'EUR')"
        );
        self.as_person(user, &sql).await.expect("a portfolio");
        let books = Books { user, portfolio };
        self.as_person(user, &books.deposits(1, deposits))
            .await
            .expect("deposits");
        books
    }

    /// Queues a job of the area and runs what is due.
    pub(crate) async fn run_job(&self, name: &str) {
        self.force(&format!(
            "delete from platform.jobs;
             select platform.enqueue_job('{name}', '{{}}', null, 1)"
        ))
        .await;
        let runner = jobs::Runner::new(self.app.db.clone(), self.app.clock.clone(), record::jobs());
        runner.run_due().await.expect("jobs ran");
        let failed = "select coalesce(last_error, state) from platform.jobs where state <> 'done'";
        assert_eq!(self.texts(failed).await, Vec::<String>::new());
    }
}

impl Books {
    /// The statement that books deposits of these many EUR.
    pub(crate) fn deposits(&self, from: u32, to: u32) -> String {
        format!(
            "insert into portfolio.transactions
                 (user_id, portfolio_id, type, date, amount, currency, fingerprint, note, account)
             select '{}', '{}', 'deposit', '2026-01-01', n, 'EUR', sha256(n::text::bytea),
                 'Zebulon pays ' || n, 'DE00 1234'
             from generate_series({from}, {to}) n",
            self.user, self.portfolio
        )
    }

    /// The condition that finds the deposit of so many EUR.
    pub(crate) fn deposit(&self, amount: u32) -> String {
        format!("user_id = '{}' and amount = {amount}", self.user)
    }
}

async fn add(app: &App, email: &str) -> UserId {
    let new = NewUser {
        email: email.parse::<Email>().expect("email"),
        name: "Zebulon Quist".to_owned(),
    };
    let password = Password::new(PASSWORD, email).expect("password");
    let added = identity::users::add(&app.db, &app.clock, new, Some(password)).await;
    added.expect("added").id
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .map(drop)
}

#[expect(clippy::disallowed_methods, reason = "each test asks another question")]
pub(crate) async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// Refused for want of a right.
pub(crate) fn is_refused(outcome: Result<(), sqlx::Error>, sql: &str) {
    let Err(error) = outcome else {
        panic!("allowed: {sql}")
    };
    let state = error
        .as_database_error()
        .and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    assert_eq!(state.as_deref(), Some("42501"), "{error}: {sql}");
}
