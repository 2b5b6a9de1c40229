//! The whole of Bursar with a database of its own, and two people: Vera, who has something of
//! everything, and Eve, who has an account and a portfolio.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use checks::Checks;
use db::{Clock, UserId};
use identity::{
    tokens::NewToken,
    users::{Email, NewUser, Password},
};
use portfolio::Valuations;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, postgres::PgConnection};
use testkit::{Answer, Browser, TestDb};
use web::{App, Gate};

pub(crate) const PASSWORD: &str = "a long and quiet river";
pub(crate) const OWNER: &str = "owner@example.org";
pub(crate) const VERA: &str = "vera@example.org";
pub(crate) const EVE: &str = "eve@example.org";

/// Text that stands in rows of Vera and nowhere else.
pub(crate) const MARK: &str = "only-vera-knows";
/// Who Vera is with a provider of sign-ins.
pub(crate) const IDENTITY: &str = "01900000-0000-7000-8000-000000000002";
/// The day on which Vera has stated the value of something.
const APPRAISED: &str = "2026-02-26";

pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) db: TestDb,
}

/// Somebody with an account and a program with a token.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) api: Browser,
}

/// Ids of real rows of Vera.
#[derive(Clone, Debug)]
pub(crate) struct Seeds {
    pub(crate) portfolio: String,
    pub(crate) transaction: String,
    /// A transaction that is deleted.
    pub(crate) deleted: String,
    /// An import that waits.
    pub(crate) preview: String,
    /// An import that is done.
    pub(crate) import: String,
    pub(crate) instrument: String,
    /// An action of that instrument, which Vera declined.
    pub(crate) corporate_action: String,
    /// Something without a ticker, which has a composition as well.
    pub(crate) private_asset: String,
    pub(crate) category: String,
    pub(crate) rule: String,
    pub(crate) token: String,
    pub(crate) passkey: String,
    pub(crate) session: String,
    /// Vera herself.
    pub(crate) person: String,
    /// An invitation that waits.
    pub(crate) invitation: String,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_behind(Gate::default()).await
    }

    /// With limits of its own.
    pub(crate) async fn start_behind(gate: Gate) -> Self {
        let db = TestDb::new().await;
        let app = App {
            db: db.db(),
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
            gate,
            demo: false,
            nav: bursar::NAV,
        };
        let router = bursar::router(
            &app,
            &Checks::of_database(db.access()),
            &Valuations::default(),
        );
        Self { app, router, db }
    }

    /// Adds somebody; the first owns the instance.
    pub(crate) async fn add(&self, email: &str) -> Person {
        let new = NewUser {
            email: email.parse::<Email>().expect("email"),
            name: String::new(),
        };
        let password = Password::new(PASSWORD, email).expect("password");
        let added = identity::users::add(&self.app.db, &self.app.clock, new, Some(password)).await;
        self.program_of(added.expect("added").id).await
    }

    /// A program of whoever runs the instance.
    pub(crate) async fn owner(&self) -> Person {
        let id = identity::users::resolve(&self.app.db, Some(OWNER)).await;
        self.program_of(id.expect("the owner")).await
    }

    async fn program_of(&self, id: UserId) -> Person {
        let mut tx = self.app.db.write(id).await.expect("unit of work");
        let token = NewToken::new("program").expect("name");
        let token = identity::tokens::create(&mut tx, &token, self.app.clock.now()).await;
        tx.commit().await.expect("committed");
        Person {
            id,
            api: Browser::with_token(&self.router, &token.expect("token").secret),
        }
    }

    /// Signs somebody in with an app, which carries a pair of tokens.
    pub(crate) async fn app_of(&self, email: &str) -> Browser {
        let credentials = json!({ "email": email, "password": PASSWORD });
        let pair = Browser::new(&self.router)
            .call(Method::POST, "/api/v1/identity/families", Some(credentials))
            .await
            .json_of(201);
        let token = pair["access_token"].as_str().expect("a token");
        Browser::with_token(&self.router, token)
    }

    /// Signs somebody in with a browser, which holds the token for forms afterwards.
    pub(crate) async fn sign_in(&self, email: &str) -> Browser {
        let mut browser = Browser::new(&self.router);
        browser.get("/identity/sign-in").await;
        let fields = [("email", email), ("password", PASSWORD), ("next", "/")];
        let answer = browser.post("/identity/sign-in", &fields).await;
        if answer.header("location") == "/" {
            answer.leads_to("/");
        } else {
            self.second_step(&mut browser, email).await;
        }
        browser.get("/identity/settings").await;
        browser
    }

    /// An owner, Vera with rows everywhere, and Eve with a portfolio of her own.
    pub(crate) async fn peopled() -> (Self, Person, Seeds, Person) {
        let site = Self::start().await;
        let mut owner = site.add(OWNER).await;
        let bars = "symbol,date,open,high,low,close\nACME,2026-02-27,10,10,10,10\n";
        owner
            .send("/api/v1/market/bars?currency=EUR", "text/csv", bars)
            .await
            .json_of(200);
        let mut vera = site.add(VERA).await;
        let mut seeds = site.seed(&mut vera).await;
        seeds.passkey = site.guard(owner.id, vera.id).await;
        let split = json!({ "instrument_id": seeds.instrument, "type": "split", "ex_date": "2026-02-28", "ratio": "2:1" });
        let stated = owner
            .create("/api/v1/market/corporate-actions", split)
            .await;
        seeds.corporate_action = id(&stated);
        let declined =
            seeds.fill("/api/v1/portfolio/corporate-actions/{portfolio_id}/{id}/decline");
        let answer = vera.api.call(Method::POST, &declined, None).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let mut eve = site.add(EVE).await;
        let own = json!({ "name": "Eve's", "currency": "EUR" });
        let path = "/api/v1/portfolio/portfolios";
        eve.api
            .call(Method::POST, path, Some(own))
            .await
            .json_of(201);
        (site, vera, seeds, eve)
    }

    /// Whatever a page asks about: proposals, one of them applied, a suggestion, a finding that is
    /// accepted.
    pub(crate) async fn open_questions(&self, vera: &mut Person, seeds: &Seeds) {
        let mut owner = self.owner().await;
        let mut last = String::new();
        for ex_date in ["2026-02-27", "2026-03-01", "2026-03-02"] {
            let split = json!({ "instrument_id": seeds.instrument, "type": "split", "ex_date": ex_date, "ratio": "3:1" });
            let stated = owner
                .create("/api/v1/market/corporate-actions", split)
                .await;
            last = id(&stated);
        }
        let path = "/api/v1/portfolio/corporate-actions";
        let apply = format!("{path}/{}/{last}/apply", seeds.portfolio);
        let applied = vera.api.call(Method::POST, &apply, None).await;
        assert!(applied.status.is_success(), "{}", applied.body);
        let path = "/api/v1/portfolio/categories";
        vera.create(path, json!({ "category_name": "Equity" }))
            .await;
        let unpaid = json!({ "portfolio_id": seeds.portfolio, "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "100", "price": "9" });
        vera.create("/api/v1/portfolio/transactions", unpaid).await;
        let health = vera.api.read("/api/v1/portfolio/health").await;
        let finding = text(&health["findings"][0]["id"]);
        let path = "/api/v1/portfolio/health/accepted";
        let answer = vera
            .api
            .call(Method::PUT, path, Some(json!({ "id": finding })))
            .await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        self.long_imports(&seeds.preview).await;
    }

    /// A long file that is being booked, one whose booking was stopped, and the same of files that are
    /// taken back.
    #[expect(
        clippy::disallowed_methods,
        reason = "a running import would end before anybody looks"
    )]
    async fn long_imports(&self, like: &str) {
        sqlx::query(
            "insert into portfolio.imports (user_id, portfolio_id, file_name, format, status,
                                            content_hash, bytes_total, bytes_done, spool_path,
                                            undo_total)
             select user_id, portfolio_id, long.status || '.csv', 'bursar', long.status,
                    sha256(long.status::bytea), 1000000, 1000, 'nowhere', 10
             from portfolio.imports
             cross join unnest(array['running', 'interrupted', 'undoing', 'undo_interrupted'])
                 as long (status)
             where id = $1::uuid",
        )
        .bind(like)
        .execute(&mut self.superuser().await)
        .await
        .expect("long imports");
    }

    /// What a broker stated, and a finding that Vera lives with.
    #[expect(
        clippy::disallowed_methods,
        reason = "the seed of a table that no route fills alone"
    )]
    async fn state_and_accept(&self, vera: &mut Person, import: &str) {
        let accepted = json!({ "id": format!("stale_price~{MARK}~~"), "note": MARK });
        let path = "/api/v1/portfolio/health/accepted";
        let answer = vera.api.call(Method::PUT, path, Some(accepted)).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        sqlx::query(
            "insert into portfolio.stated_balances
                 (user_id, portfolio_id, import_id, currency, stated_on, quantity)
             select user_id, portfolio_id, id, 'EUR', '2026-02-25', 31.41
             from portfolio.imports where id = $1::uuid",
        )
        .bind(import)
        .execute(&mut self.superuser().await)
        .await
        .expect("a stated balance");
    }

    /// A year of snapshots that is packed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the years of the site are too young to be packed"
    )]
    async fn packed_year(&self, import: &str) {
        sqlx::query(
            r#"insert into portfolio.packed_snapshots (user_id, portfolio_id, year, days)
               select user_id, portfolio_id, 2023,
                      '[{"time": "2023-12-31T00:00:00+00:00", "currency": "EUR", "total_value": 31.41,
                         "cash_balance": 31.41, "net_invested": 31.41, "total_gain": 0, "day_change": 0,
                         "holdings_count": 0, "asset_allocation": {}}]'
               from portfolio.imports where id = $1::uuid"#,
        )
        .bind(import)
        .execute(&mut self.superuser().await)
        .await
        .expect("a packed year");
    }

    /// Gives Vera a row in every table that holds rows of people.
    async fn seed(&self, vera: &mut Person) -> Seeds {
        let opened = vera
            .create(
                "/api/v1/portfolio/portfolios",
                json!({ "name": MARK, "currency": "EUR" }),
            )
            .await;
        let portfolio_id = id(&opened);
        let transaction = vera
            .create(
                "/api/v1/portfolio/transactions",
                json!({ "portfolio_id": portfolio_id, "type": "buy", "date": "2026-02-26", "symbol": "ACME", "quantity": "3", "price": "9", "note": MARK }),
            )
            .await;
        let mistake = json!({ "portfolio_id": portfolio_id, "type": "deposit", "date": "2026-02-24", "amount": "1", "note": MARK });
        let mistake = vera.create("/api/v1/portfolio/transactions", mistake).await;
        let path = format!("/api/v1/portfolio/transactions/{}", id(&mistake));
        let deleted = vera.api.call(Method::DELETE, &path, None).await;
        assert_eq!(deleted.status, 204);
        let own = portfolio::portfolios::PortfolioId(portfolio_id.parse().expect("an id"));
        portfolio::snapshots::bring_up_to_date(&self.app.db, &self.app.clock, vera.id, own)
            .await
            .expect("snapshots");
        let file = "date,type,amount,currency,note\n2026-02-25,deposit,31.41,EUR,only-vera-knows\n";
        let path =
            format!("/api/v1/portfolio/imports?portfolio_id={portfolio_id}&file_name={MARK}.csv");
        let import = vera.send(&path, "text/csv", file).await.json_of(200);
        let preview = vera
            .send(&format!("{path}&preview=true"), "text/csv", file)
            .await
            .json_of(201);
        entrust(vera).await;
        self.state_and_accept(vera, &text(&import["batch_id"]))
            .await;
        self.packed_year(&text(&import["batch_id"])).await;
        let private_asset = vera
            .create(
                "/api/v1/portfolio/private-assets",
                json!({ "portfolio_id": portfolio_id, "name": MARK, "kind": "property", "value": "5", "since": APPRAISED, "note": MARK }),
            )
            .await;
        let private_asset = text(&private_asset["instrument_id"]);
        vera.create(
            "/api/v1/portfolio/private-assets",
            json!({
                "name": MARK, "kind": "instrument", "currency": "EUR", "value": "5", "note": MARK,
                "instrument": { "symbol": "VERA-P", "asset_class": "fund", "sector": MARK },
            }),
        )
        .await;
        // Another value of the day, so that the former one is kept.
        let path =
            format!("/api/v1/portfolio/private-assets/{private_asset}/appraisals/{APPRAISED}");
        let stated = json!({ "price": "6" });
        vera.api
            .call(Method::PUT, &path, Some(stated))
            .await
            .json_of(200);
        let (category, rule) = sort(vera, &private_asset).await;
        // A program makes no tokens.
        let mut tx = self.app.db.write(vera.id).await.expect("unit of work");
        let token = NewToken::new(MARK).expect("name");
        let token = identity::tokens::create(&mut tx, &token, self.app.clock.now()).await;
        let token = json!(token.expect("token").token);
        tx.commit().await.expect("committed");
        self.app_of(VERA).await;
        let mut browser = self.sign_in(VERA).await;
        map_columns(&mut browser, &portfolio_id).await;
        self.leave_traces(vera.id).await;
        let reset = identity::users::reset_password(&self.app.db, &self.app.clock, VERA).await;
        reset.expect("a link");
        let sessions = vera.api.read("/api/v1/identity/sessions").await;
        Seeds {
            portfolio: portfolio_id,
            transaction: id(&transaction),
            deleted: id(&mistake),
            preview: id(&preview),
            import: text(&import["batch_id"]),
            instrument: text(&transaction["instrument_id"]),
            corporate_action: String::new(),
            private_asset,
            category,
            rule,
            token: id(&token),
            passkey: String::new(),
            session: id(&sessions["items"][0]),
            person: vera.id.to_string(),
            invitation: self.account_rows(vera).await,
        }
    }

    /// What the process said about Vera, which page she looked at, and an account that ends some day.
    async fn leave_traces(&self, vera: UserId) {
        let sql = format!(
            "select platform.ensure_partition('system_logs', now()),
                    platform.ensure_partition('analytics_events', now());
             insert into platform.system_logs (at, level, service, message, user_id)
             values (now(), 'warn', 'laws', '{MARK}', '{vera}');
             insert into platform.analytics_events (at, event_type, user_id)
             values (now(), '{MARK}', '{vera}');
             insert into platform.closed_accounts (user_id, closed_at, purge_after)
             values ('{vera}', now(), 'infinity')"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.superuser().await)
            .await
            .expect("traces");
    }

    /// A picture, the invitation by which Vera came, a request that waits, and an invitation that waits;
    /// the id of the last.
    async fn account_rows(&self, vera: &Person) -> String {
        let waiting = "01900000-0000-7000-8000-000000000001";
        let sql = format!(
            "insert into identity.avatars (user_id, png) values ('{id}', '\\x89504e47');
             insert into identity.invitations
                 (id, email, token_hash, role, created_at, expires_at, user_id, accepted_at)
             values (gen_random_uuid(), '{VERA}', null, 'user', now(), now(), '{id}', now()),
                 ('{waiting}', null, 'hash', 'user', now(), now() + interval '1 day', null, null);
             insert into identity.mail_requests (id, purpose, email, user_id, created_at)
             values (gen_random_uuid(), 'email', '{VERA}', '{id}', now());",
            id = vera.id,
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.superuser().await)
            .await
            .expect("rows of an account");
        waiting.to_owned()
    }

    pub(crate) async fn superuser(&self) -> PgConnection {
        self.db.owner_connection().await
    }

    /// The tables that hold rows of people: those with a `user_id`, and the people themselves. Pairs
    /// of the name and the column that says whose a row is.
    pub(crate) async fn owned_tables(&self) -> Vec<(String, &'static str)> {
        let sql = "select c.table_schema || '.' || c.table_name
                   from information_schema.columns c
                   join information_schema.tables t using (table_schema, table_name)
                   where c.column_name = 'user_id' and t.table_type = 'BASE TABLE'
                     -- A partition is part of its table, and nobody has a right on it alone.
                     and not (select relispartition from pg_class
                              where oid = format('%I.%I', c.table_schema, c.table_name)::regclass)
                   order by 1";
        let mut connection = self.superuser().await;
        let named: Vec<String> = texts(&mut connection, sql).await;
        assert!(named.len() >= 8, "only {named:?}");
        let owned = named.into_iter().map(|table| (table, "user_id"));
        owned.chain([("identity.users".to_owned(), "id")]).collect()
    }

    /// Everything of somebody, table by table, as one text. Times of use are left out: looking at a
    /// page or carrying a token moves them.
    pub(crate) async fn dump(&self, person: UserId) -> String {
        let mut connection = self.superuser().await;
        let mut dump = String::new();
        for (table, column) in self.owned_tables().await {
            let sql = format!(
                "select (to_jsonb(t) - 'last_used_at' - 'expires_at' - 'last_signed_in_at' - 'updated_at')::text
                 from {table} t where {column} = '{person}' order by 1"
            );
            for row in texts(&mut connection, &sql).await {
                writeln!(dump, "{table} {row}").expect("written");
            }
        }
        dump
    }
}

/// Gives a person a category with a rule and an assignment, and says of what something is made.
async fn sort(person: &mut Person, instrument: &str) -> (String, String) {
    let path = "/api/v1/portfolio/categories";
    let category = id(&person.create(path, json!({ "category_name": MARK })).await);
    let rules = format!("{path}/{category}/rules");
    let condition = json!({ "field": "symbol", "operands": [MARK] });
    let rule = id(&person.create(&rules, condition).await);
    let parts = json!({ "weights": [{ "dimension": "sector", "key": MARK, "percent": "5" }] });
    for (path, body) in [
        (
            format!("{path}/{category}/assignments/{instrument}"),
            json!({}),
        ),
        (
            format!("/api/v1/portfolio/fund-weights/{instrument}"),
            parts,
        ),
    ] {
        let put = person.api.call(Method::PUT, &path, Some(body)).await;
        put.json_of(200);
    }
    (category, rule)
}

/// Has a person entrust what is sealed, and take some of the first steps.
async fn entrust(person: &mut Person) {
    let room = "/api/v1/identity";
    let answers = json!({ "answer_1": "3", "answer_2": "3", "answer_3": "2", "answer_4": "3", "answer_5": "2" });
    let agreed = json!({ "terms": true, "privacy": true, "risk": true });
    for (path, body) in [
        ("details/phone", json!({ "value": "+49 170 1234567" })),
        ("details/tax-ids/DE", json!({ "value": "86095742719" })),
        ("details/provider-keys/tiingo", json!({ "value": MARK })),
        ("onboarding/steps/risk", answers),
        ("onboarding/steps/legal", agreed),
    ] {
        let path = format!("{room}/{path}");
        let put = person.api.call(Method::PUT, &path, Some(body)).await;
        put.json_of(200);
    }
}

/// Saves a mapping of columns through the pages.
async fn map_columns(browser: &mut Browser, portfolio: &str) {
    let file = b"Tag;Art;Betrag;Geld\n2026-02-24;deposit;5;EUR\n";
    let taken = browser
        .upload(
            "/portfolio/imports/new",
            &[("portfolio_id", portfolio)],
            ("file", "own.csv", file),
        )
        .await;
    let import = taken.leads_below("/portfolio/imports/");
    let fields = [
        ("column.date", "Tag"),
        ("column.type", "Art"),
        ("column.amount", "Betrag"),
        ("column.currency", "Geld"),
        ("name", MARK),
    ];
    let mapped = browser
        .post(&format!("/portfolio/imports/{import}/mapping"), &fields)
        .await;
    mapped.leads_to(&format!("/portfolio/imports/{import}"));
}

impl Person {
    /// Creates something under an idempotency key.
    async fn create(&mut self, path: &str, body: Value) -> Value {
        let request = self
            .api
            .request(Method::POST, path)
            .header("idempotency-key", "first")
            .body(Body::from(body.to_string()));
        let answer = self.api.send(request.expect("request")).await;
        if answer.status == 422 && answer.body.contains("idempotency-key-reused") {
            return self
                .api
                .call(Method::POST, path, Some(body))
                .await
                .json_of(201);
        }
        answer.json_of(201)
    }

    pub(crate) async fn send(&mut self, path: &str, kind: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .expect("request");
        self.api.send(request).await
    }
}

impl Seeds {
    /// Ids of nothing, for what asks no database.
    pub(crate) fn nothing() -> Self {
        let id = String::from;
        Self {
            portfolio: id("portfolio"),
            transaction: id("transaction"),
            deleted: id("deleted"),
            preview: id("preview"),
            import: id("import"),
            instrument: id("instrument"),
            corporate_action: id("corporate_action"),
            private_asset: id("private_asset"),
            category: id("category"),
            rule: id("rule"),
            token: id("token"),
            passkey: id("passkey"),
            session: id("session"),
            person: id("person"),
            invitation: id("invitation"),
        }
    }

    /// Puts real ids of Vera in place of the parameters of a route.
    pub(crate) fn fill(&self, route: &str) -> String {
        let mut path = String::new();
        let mut rest = route;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').expect("closed");
            path.push_str(before);
            path.push_str(&self.named(route, name));
            rest = after;
        }
        path + rest
    }

    fn named(&self, route: &str, name: &str) -> String {
        let value = match name {
            "token_id" => &self.token,
            "session_id" => &self.session,
            "person_id" => &self.person,
            "invitation_id" => &self.invitation,
            "id" if route.contains("/people/invitations/") => &self.invitation,
            "id" if route.contains("/people/") => &self.person,
            "instrument_id"
                if ["/private-assets/", "/fund-weights/", "/assignments/"]
                    .iter()
                    .any(|room| route.contains(room)) =>
            {
                &self.private_asset
            }
            "instrument_id" => &self.instrument,
            "portfolio_id" => &self.portfolio,
            "id" if route.contains("/instruments/") || route.contains("/indices/") => {
                &self.instrument
            }
            "mic" => return "XNYS".to_owned(),
            "id" if route.contains("/corporate-actions/") => &self.corporate_action,
            "rule_id" => &self.rule,
            "id" if route.contains("/categories/") => &self.category,
            "date" if route.contains("/appraisals/") => return APPRAISED.to_owned(),
            "date" if route.contains("/overrides/") => return "2026-02-27".to_owned(),
            "id" if route.contains("/portfolios/") => &self.portfolio,
            "id" if route.ends_with("/restore") => &self.deleted,
            "id" if route.contains("/transactions/") => &self.transaction,
            "id" if route.ends_with("/undo") => &self.import,
            "id" if route.contains("/imports/") => &self.preview,
            "id" if route.contains("/tokens/") => &self.token,
            "id" if route.contains("/passkeys/") => &self.passkey,
            "id" if route.contains("/openid/") => return IDENTITY.to_owned(),
            "id" if route.contains("/sessions/") => &self.session,
            "name" if route.contains("/mappings/") => return MARK.to_owned(),
            "code" => return "not-found".to_owned(),
            "currency" => return "EUR".to_owned(),
            "country" => return "DE".to_owned(),
            "provider" => return "tiingo".to_owned(),
            "source" => return "fred".to_owned(),
            "asset_class" => return "equity".to_owned(),
            // Nothing is doubted there.
            "id" if route.contains("/quarantine/") => &self.deleted,
            "step" => return "risk".to_owned(),
            "token" => return "a-secret-that-nobody-has".to_owned(),
            "file" => return "app.css".to_owned(),
            "*rest" => return "nowhere".to_owned(),
            _ => panic!(
                "{route}: nobody knows a real value for {{{name}}}; add one to `Seeds::named` in \
                 crates/bursar/tests/laws/site.rs, so that the laws can try this route"
            ),
        };
        value.clone()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no string: {value}"))
        .to_owned()
}

fn id(of: &Value) -> String {
    text(&of["id"])
}

/// The first column of a query.
#[expect(
    clippy::disallowed_methods,
    reason = "laws ask the catalogue, and every table there is"
)]
pub(crate) async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"))
}
