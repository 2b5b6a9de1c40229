use std::{collections::BTreeSet, io::Cursor, io::Read as _};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use jiff::{SignedDuration, ToSpan as _, tz::TimeZone};
use record::audit;
use serde_json::{Value, json};
use testkit::Browser;
use tower::ServiceExt as _;
use zip::ZipArchive;

use crate::server::{OWNER, PASSWORD, Server};

const ANN: &str = "ann@example.org";
const CLOSE: &str = "/api/v1/record/account/close";
const EXPORT: &str = "/api/v1/record/account/export";

/// Tables with rows of people.
async fn owned(server: &Server) -> BTreeSet<String> {
    server
        .texts(
            "select distinct attrelid::regclass::text from pg_attribute a join pg_class c on c.oid = attrelid
             where attname = 'user_id' and relkind in ('r', 'p') and not relispartition",
        )
        .await
        .into_iter()
        .chain(["identity.users".to_owned()])
        .collect()
}

/// Every row of every table, as text.
async fn everything(server: &Server) -> String {
    let mut all = String::new();
    let tables = server
        .texts(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace
             where relkind in ('r', 'p', 'm') and not relispartition
               and nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^_?timescale'",
        )
        .await;
    for table in tables {
        for row in server
            .texts(&format!("select t::text from {table} t"))
            .await
        {
            for part in [&*table, " ", &*row, "\n"] {
                all.push_str(part);
            }
        }
    }
    all
}

async fn archive_of(server: &Server, browser: &Browser) -> ZipArchive<Cursor<Vec<u8>>> {
    let cookie = format!("bursar_session={}", browser.cookies["bursar_session"]);
    archive_for(server, header::COOKIE, &cookie).await
}

async fn archive_for(
    server: &Server,
    proof: header::HeaderName,
    value: &str,
) -> ZipArchive<Cursor<Vec<u8>>> {
    let request = Request::get(EXPORT)
        .header(proof, value)
        .body(Body::empty());
    let response = server
        .router
        .clone()
        .oneshot(request.expect("request"))
        .await
        .expect("infallible");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
    let bytes = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("body");
    ZipArchive::new(Cursor::new(bytes.to_vec())).expect("an archive")
}

fn text_of(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> String {
    let mut text = String::new();
    archive
        .by_name(name)
        .expect(name)
        .read_to_string(&mut text)
        .expect("text");
    text
}

#[tokio::test]
async fn the_export_holds_every_table_and_no_secret() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    server.books(ann_id, 1_500).await;
    server.books(server.owner, 2).await;
    let mut ann = server.sign_in(ANN).await;
    ann.call(
        Method::POST,
        "/api/v1/identity/tokens",
        Some(json!({ "name": "Backup" })),
    )
    .await;
    for (detail, value) in [
        ("phone", "+49 170 1234567"),
        ("tax-ids/DE", "86095742719"),
        ("provider-keys/tiingo", "0123456789abcdef"),
    ] {
        let path = format!("/api/v1/identity/details/{detail}");
        let body = Some(json!({ "value": value }));
        ann.call(Method::PUT, &path, body).await.json_of(200);
    }
    let mut archive = archive_of(&server, &ann).await;
    let names: BTreeSet<String> = archive
        .file_names()
        .map(|name| name.expect("a name").into_owned())
        .collect();
    for table in owned(&server).await {
        for name in [format!("json/{table}.json"), format!("csv/{table}.csv")] {
            assert!(names.contains(&name), "{name} is missing in {names:?}");
            let text = text_of(&mut archive, &name);
            // A link keeps its row as text, with the fingerprint of a booking.
            let has_bytes = text.contains("\\\\x") && table != "platform.chain_entries";
            assert!(!text.contains("argon2") && !has_bytes, "a secret in {name}");
            assert!(
                !text.contains(&server.owner.to_string()),
                "somebody else in {name}"
            );
        }
    }
    // What is stored encrypted belongs to the person, and stands here in clear.
    for (file, clear) in [
        ("json/identity.phones.json", "+491701234567"),
        ("csv/identity.tax_ids.csv", "86095742719"),
        ("json/identity.provider_keys.json", "0123456789abcdef"),
    ] {
        let text = text_of(&mut archive, file);
        assert!(text.contains(clear), "{file}: {text}");
    }
    let me: Value =
        serde_json::from_str(&text_of(&mut archive, "json/identity.users.json")).expect("json");
    assert_eq!(
        (me[0]["email"].as_str(), me.as_array().map(Vec::len)),
        (Some(ANN), Some(1))
    );
    assert_eq!(me[0].get("password_hash"), None);
    let books: Value =
        serde_json::from_str(&text_of(&mut archive, "json/portfolio.transactions.json"))
            .expect("json");
    assert_eq!(books.as_array().map(Vec::len), Some(1_500));
    let csv = text_of(&mut archive, "csv/portfolio.transactions.csv");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let at = rows
        .headers()
        .expect("header")
        .iter()
        .position(|name| name == "amount")
        .expect("amount");
    let sum: f64 = rows
        .records()
        .map(|row| {
            row.expect("row")
                .get(at)
                .expect("cell")
                .parse::<f64>()
                .expect("a figure")
        })
        .sum();
    assert!((sum - 1_125_750.0).abs() < 1e-6, "{sum}");
    assert_eq!(Browser::new(&server.router).get(EXPORT).await.status, 401);
}

/// Phone and tax numbers and keys leave with a recent proof, or with a token that may everything.
#[tokio::test]
async fn what_is_stored_encrypted_is_not_for_everybody_who_reads() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut ann = server.sign_in(ANN).await;
    let body = Some(json!({ "value": "+49 170 1234567" }));
    ann.call(Method::PUT, "/api/v1/identity/details/phone", body)
        .await
        .json_of(200);
    for scope in ["full", "limited", "read"] {
        let body = Some(json!({ "name": scope, "scope": scope }));
        let made = ann
            .call(Method::POST, "/api/v1/identity/tokens", body)
            .await;
        let bearer = format!(
            "Bearer {}",
            made.json_of(201)["secret"].as_str().expect("secret")
        );
        let mut archive = archive_for(&server, header::AUTHORIZATION, &bearer).await;
        for file in ["json/identity.phones.json", "csv/identity.phones.csv"] {
            let phones = text_of(&mut archive, file);
            assert!(!phones.contains("+491701234567"), "{scope}: {phones}");
            assert!(!phones.contains("\\x"), "{phones}");
        }
        let words = text_of(&mut archive, "README.txt");
        assert!(words.contains("are left out, because"), "{scope}: {words}");
    }

    server.app.clock.advance(SignedDuration::from_mins(16));
    ann.call(Method::GET, EXPORT, None)
        .await
        .refused(403, "proof-too-old");
    let page = ann.get("/record/account/export").await;
    page.leads_to("/identity/confirm?next=/record/account");
    let fields = [("current_password", PASSWORD), ("next", "/record/account")];
    ann.get("/identity/confirm?next=/record/account").await;
    ann.post("/identity/confirm", &fields)
        .await
        .leads_to("/record/account");
    let mut archive = archive_of(&server, &ann).await;
    let phones = text_of(&mut archive, "json/identity.phones.json");
    assert!(phones.contains("+491701234567"), "{phones}");
}

/// The page asks who runs the instance without making those wait who change it.
#[tokio::test]
async fn looking_at_the_page_waits_for_nobody() {
    let server = Server::start().await;
    let mut owner = server.sign_in(OWNER).await;
    let mut tx = server.app.db.system("a test").await.expect("unit of work");
    let lock = "select id from identity.users for update";
    crate::server::execute(tx.conn(), lock)
        .await
        .expect("locked");
    let page = owner.get("/record/account");
    let page = tokio::time::timeout(std::time::Duration::from_secs(10), page).await;
    page.expect("no waiting")
        .shows("Who runs this instance from now on");
}

/// What belongs to things of private worth and to uploaded files goes as well.
#[tokio::test]
async fn values_of_the_past_and_words_of_files_are_forgotten() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let books = server.books(ann_id, 1).await;
    let house = "01900000-0000-7000-8000-0000000000aa";
    let fund = "01900000-0000-7000-8000-0000000000ab";
    server
        .force(&format!(
            "insert into market.instruments (id, symbol, asset_class, currency, is_private)
             values ('{house}', 'PRIVATE-1', 'alternative', 'EUR', true);
             insert into portfolio.private_assets (user_id, instrument_id, name, kind)
             values ('{ann_id}', '{house}', 'Villa Zebulon', 'property');
             insert into portfolio.appraisals (user_id, instrument_id, date, price)
             values ('{ann_id}', '{house}', '2026-01-01', 1000);
             update portfolio.appraisals set price = 2000 where user_id = '{ann_id}';
             insert into market.instruments (id, symbol, asset_class, currency, is_private)
             values ('{fund}', 'PRIVATE-2', 'alternative', 'EUR', true);
             insert into portfolio.private_assets
                 (user_id, instrument_id, name, kind, symbol, asset_class, sector)
             values ('{ann_id}', '{fund}', 'Zebulon fund', 'instrument', 'ZEBULON-P', 'fund', 'Energy');
             insert into portfolio.appraisals (user_id, instrument_id, date, price)
             values ('{ann_id}', '{fund}', '2026-01-01', 12.5);
             insert into portfolio.imports
                 (user_id, portfolio_id, format, file_name, status, bytes_total, content_hash,
                  first_rows, skipped, skipped_count, stopped_because, spool_path)
             values ('{ann_id}', '{}', 'bursar', 'zebulon.csv', 'interrupted', 9,
                     sha256('zebulon'), '[[\"Zebulon pays\"]]', '[\"Zebulon\"]', 1,
                     'Zebulon stopped it', 'zebulon-file')",
            books.portfolio
        ))
        .await;
    let kept = "select count(*)::text from portfolio.appraisal_versions";
    assert_eq!(server.texts(kept).await, ["1"]);
    let mut ann = server.sign_in(ANN).await;
    let mut archive = archive_of(&server, &ann).await;
    let versions = text_of(&mut archive, "json/portfolio.appraisal_versions.json");
    assert!(versions.contains("1000"), "{versions}");
    let own = text_of(&mut archive, "json/portfolio.private_assets.json");
    assert!(own.contains("ZEBULON-P"), "{own}");
    let prices = text_of(&mut archive, "json/portfolio.appraisals.json");
    assert!(prices.contains("12.5"), "{prices}");
    let body = json!({ "password": PASSWORD, "email": ANN });
    assert_eq!(ann.call(Method::POST, CLOSE, Some(body)).await.status, 204);
    assert_eq!(server.texts(kept).await, ["0"]);
    let hash =
        "select count(*)::text from portfolio.imports where content_hash = sha256('zebulon')";
    assert_eq!(server.texts(hash).await, ["0"]);
    let left = everything(&server).await.to_lowercase();
    let row = left
        .lines()
        .find(|row| row.contains("zebulon") && row.contains(&ann_id.to_string()));
    assert_eq!(row, None);
}

/// Not even the system removes the traces of somebody who is here.
#[tokio::test]
async fn traces_of_the_living_stay() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    server.books(ann_id, 2).await;
    let calls = ["erase_traces", "purge_traces", "purge_person"]
        .map(|name| format!("select platform.{name}('{ann_id}')"));
    for call in &calls {
        crate::server::is_refused(server.as_system(call).await, call);
    }
    // A mark alone opens nothing.
    server
        .as_system(&format!(
            "insert into platform.closed_accounts (user_id, closed_at, purge_after)
             values ('{ann_id}', now(), now() + interval '1 second')"
        ))
        .await
        .expect("marked");
    for call in &calls {
        crate::server::is_refused(server.as_system(call).await, call);
    }
    let links = "select count(*)::text from platform.chain_entries where content is not null";
    assert_eq!(server.texts(links).await, ["2"]);
}

#[tokio::test]
async fn an_account_is_closed_at_once_and_its_person_forgotten() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let books = server.books(ann_id, 5).await;
    let change = format!(
        "update portfolio.transactions set note = 'for Zebulon' where {}",
        books.deposit(2)
    );
    server.as_person(ann_id, &change).await.expect("changed");
    let mut ann = server.sign_in(ANN).await;
    let made = ann
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "Backup" })),
        )
        .await
        .json_of(201);
    let token = made["secret"].as_str().expect("secret").to_owned();
    let mut program = Browser::with_token(&server.router, &token);

    let wrong = json!({ "password": "not the password", "email": ANN });
    let refused = ann
        .call(Method::POST, CLOSE, Some(wrong))
        .await
        .refused(422, "invalid-input");
    assert_eq!(refused["errors"][0]["code"], "wrong_password");
    let wrong = json!({ "password": PASSWORD, "email": OWNER });
    let refused = ann
        .call(Method::POST, CLOSE, Some(wrong))
        .await
        .refused(422, "invalid-input");
    assert_eq!(refused["errors"][0]["code"], "wrong_email");
    assert_eq!(program.get("/api/v1/identity/me").await.status, 200);

    ann.get("/record/account").await.shows("Close your account");
    let fields = [("password", PASSWORD), ("email", " Ann@Example.org ")];
    let farewell = ann.post("/record/account/close", &fields).await;
    assert_eq!(farewell.status, 200, "{}", farewell.body);
    farewell.shows("Your account is closed");
    assert!(!ann.cookies.contains_key("bursar_session"));
    assert_eq!(program.get("/api/v1/identity/me").await.status, 401);
    let again = [("email", ANN), ("password", PASSWORD), ("next", "/")];
    ann.get("/identity/sign-in").await;
    assert_eq!(ann.post("/identity/sign-in", &again).await.status, 422);

    let left = everything(&server).await;
    for personal in [
        ANN,
        "Zebulon pays",
        "for Zebulon",
        "DE00",
        "Savings",
        "192.0.2.7",
        &token[..8],
    ] {
        let row = left
            .lines()
            .find(|row| row.contains(personal) && row.contains(&ann_id.to_string()));
        assert_eq!(row, None, "{personal}");
    }
    assert!(!left.contains(ANN), "nowhere else either");
    let kept = server
        .texts(&format!("select amount::int::text from portfolio.transactions where user_id = '{ann_id}' order by amount"))
        .await;
    assert_eq!(kept, ["1", "2", "3", "4", "5"]);
    let row = server
        .texts(&format!(
            "select email || ' ' || name || ' ' || status from identity.users where id = '{ann_id}'"
        ))
        .await;
    assert_eq!(row, [format!("closed-{ann_id}@erased.invalid  deleted")]);
    let last = server
        .texts(&format!("select type || ' ' || coalesce(address, 'nowhere') from platform.activity where user_id = '{ann_id}'"))
        .await;
    assert_eq!(last, ["record.account.close nowhere"]);
    // The books still prove themselves, without their words.
    let proof = audit::verify(&server.app.db, Some(ann_id), &[], |_| {})
        .await
        .expect("proved");
    assert_eq!(
        (proof.broken.len(), proof.erased, proof.links),
        (0, 6, 11),
        "{proof:?}"
    );
    // The address is free for somebody new.
    server.add(ANN).await;
}

/// A table that somebody adds tomorrow is emptied as well, unless it says that it is kept.
#[tokio::test]
async fn only_kept_tables_still_have_rows() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let kept: BTreeSet<String> = server
        .texts("select unnest(platform.kept_tables())")
        .await
        .into_iter()
        .collect();
    server
        .force(
            "create table portfolio.tomorrow (user_id uuid not null references identity.users, id int, primary key (user_id, id));
             create table portfolio.after_tomorrow (user_id uuid not null, id int, tomorrow int not null,
                 primary key (user_id, id), foreign key (user_id, tomorrow) references portfolio.tomorrow);
             grant select, insert, update, delete on portfolio.tomorrow, portfolio.after_tomorrow to bursar_system;
             alter table identity.users add column phone text, add column points int not null default 7",
        )
        .await;
    server
        .force(&format!(
            "insert into portfolio.tomorrow values ('{ann_id}', 1);
             insert into portfolio.after_tomorrow values ('{ann_id}', 1, 1);
             update identity.users set phone = '+49 30 1', points = 9 where id = '{ann_id}'"
        ))
        .await;
    let mut ann = server.sign_in(ANN).await;
    let body = json!({ "password": PASSWORD, "email": ANN });
    assert_eq!(ann.call(Method::POST, CLOSE, Some(body)).await.status, 204);
    for table in owned(&server).await.difference(&kept) {
        let rows = format!("select count(*)::text from {table} where user_id = '{ann_id}'");
        assert_eq!(server.texts(&rows).await, ["0"], "{table}");
    }
    let person = format!(
        "select coalesce(phone, 'none') || ' ' || points from identity.users where id = '{ann_id}'"
    );
    assert_eq!(server.texts(&person).await, ["none 7"]);
}

/// What other features know of a person, some of it by the address alone.
#[tokio::test]
async fn factors_mail_and_invitations_are_forgotten_and_their_secrets_not_exported() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    // Before there is a second step.
    let mut ann = server.sign_in(ANN).await;
    let other = "someone-else@example.org";
    server
        .force(&format!(
            "insert into identity.avatars (user_id, png) values ('{ann_id}', '\\x89504e47');
             insert into identity.totp (user_id, secret, created_at)
             values ('{ann_id}', ('\\x01' || repeat('5a', 44))::bytea, now());
             insert into identity.recovery_codes (user_id, id, code_hash, created_at)
             values ('{ann_id}', gen_random_uuid(), '\\x5a5a', now());
             insert into identity.passkeys (user_id, id, name, credential_id, credential, created_at)
             values ('{ann_id}', gen_random_uuid(), 'Yubi of Ann', '\\x5a5a', '{{}}', now());
             insert into identity.pending_sign_ins (token_hash, user_id, password_hash, expires_at)
             values ('\\x5a5a', '{ann_id}', '$argon2', now());
             insert into identity.invitations (id, email, role, created_at, expires_at, user_id)
             values (gen_random_uuid(), '{ANN}', 'user', now(), now(), '{ann_id}'),
                 (gen_random_uuid(), '{other}', 'user', now(), now(), null);
             insert into identity.mail_requests (id, purpose, email, created_at)
             values (gen_random_uuid(), 'reset', '{ANN}', now());
             insert into identity.outbox (id, kind, recipient, detail, created_at, expires_at)
             values (gen_random_uuid(), 'password_set', '{ANN}', null, now(), now()),
                 (gen_random_uuid(), 'email_changed', '{other}', '{ANN}', now(), now()),
                 (gen_random_uuid(), 'password_set', '{other}', null, now(), now());
             update identity.users set username = 'annie', first_name = 'Ann-Kathrin',
                 wallet_address = repeat('7', 40), tier = 'trader', email_verified_at = now()
             where id = '{ann_id}'"
        ))
        .await;
    let mut archive = archive_of(&server, &ann).await;
    let factors = [
        "totp",
        "recovery_codes",
        "passkeys",
        "pending_sign_ins",
        "avatars",
    ];
    for table in factors {
        let text = text_of(&mut archive, &format!("json/identity.{table}.json"));
        assert!(text.contains(&ann_id.to_string()), "{table}: {text}");
        assert!(!text.contains("5a5a") && !text.contains("argon2"), "{text}");
    }
    let body = json!({ "password": PASSWORD, "email": ANN });
    assert_eq!(ann.call(Method::POST, CLOSE, Some(body)).await.status, 204);
    let left = everything(&server).await;
    for word in [ANN, "Yubi of Ann", "annie", "Ann-Kathrin", "7777777777"] {
        let row = left.lines().find(|row| row.contains(word));
        assert_eq!(row, None, "{word}");
    }
    let of_others = left.lines().filter(|row| row.contains(other)).count();
    assert_eq!(of_others, 2, "an invitation and a message of somebody else");
}

/// Whoever reads and drafts for others neither closes accounts nor gets to the question.
#[tokio::test]
async fn an_agent_closes_no_account() {
    let server = Server::start().await;
    let agent_id = server.add(ANN).await;
    let promote = format!("update identity.users set role = 'agent' where id = '{agent_id}'");
    server.force(&promote).await;
    let mut agent = server.sign_in(ANN).await;
    let body = json!({ "password": PASSWORD, "email": ANN });
    agent
        .call(Method::POST, CLOSE, Some(body))
        .await
        .refused(403, "forbidden");
    let fields = [("password", PASSWORD), ("email", ANN)];
    let page = agent.post("/record/account/close", &fields).await;
    assert_eq!(page.status, 403, "{}", page.body);
    let status = format!("select status from identity.users where id = '{agent_id}'");
    assert_eq!(server.texts(&status).await, ["active"]);
}

#[tokio::test]
async fn the_last_administrator_names_a_successor() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    let mut owner = server.sign_in(OWNER).await;
    owner
        .get("/record/account")
        .await
        .shows("Who runs this instance from now on");
    let mut close = async |successor: Option<&str>| {
        let body = json!({ "password": PASSWORD, "email": OWNER, "successor": successor });
        owner.call(Method::POST, CLOSE, Some(body)).await
    };
    for (successor, code) in [
        (None, "successor_needed"),
        (Some("nobody@example.org"), "no_successor"),
        (Some(OWNER), "no_successor"),
    ] {
        let refused = close(successor).await.refused(422, "invalid-input");
        assert_eq!(refused["errors"][0]["code"], code);
    }
    assert_eq!(close(Some(ANN)).await.status, 204);
    let role = format!("select role from identity.users where id = '{ann_id}'");
    assert_eq!(server.texts(&role).await, ["admin"]);
    let mut ann = server.sign_in(ANN).await;
    assert_eq!(ann.get("/record/logs").await.status, 200);
    let deeds = ann
        .read("/api/v1/record/activity?type=record.account.take_over")
        .await;
    assert_eq!(deeds["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn seven_years_later_nothing_is_left() {
    let server = Server::start().await;
    let ann_id = server.add(ANN).await;
    server.books(ann_id, 3).await;
    let mut ann = server.sign_in(ANN).await;
    let body = json!({ "password": PASSWORD, "email": ANN });
    assert_eq!(ann.call(Method::POST, CLOSE, Some(body)).await.status, 204);
    let vouched = audit::verify(&server.app.db, Some(ann_id), &[], |_| {})
        .await
        .expect("proved")
        .heads;
    assert_eq!(vouched.len(), 1);
    let closed = server.app.clock.now();
    let due = closed
        .to_zoned(TimeZone::UTC)
        .checked_add(7.years())
        .expect("a date")
        .timestamp();
    server
        .app
        .clock
        .advance(due.duration_since(closed) - SignedDuration::from_secs(1));
    server.run_job("record.purge_closed").await;
    let count =
        format!("select count(*)::text from portfolio.transactions where user_id = '{ann_id}'");
    assert_eq!(server.texts(&count).await, ["3"]);
    server.app.clock.advance(SignedDuration::from_secs(1));
    server.run_job("record.purge_closed").await;
    assert_eq!(server.texts(&count).await, ["0"]);
    let left = everything(&server).await;
    let rows: Vec<&str> = left
        .lines()
        .filter(|row| row.contains(&ann_id.to_string()))
        .collect();
    assert_eq!(rows.len(), 1, "that there was an account: {rows:?}");
    assert!(rows[0].starts_with("platform.closed_accounts "), "{rows:?}");
    // It is not missed, unlike one that somebody removed.
    let proof = audit::verify(&server.app.db, None, &vouched, |_| {})
        .await
        .expect("proved");
    assert_eq!((&*proof.broken, proof.purged), (&[][..], 1));
    server.run_job("record.purge_closed").await;
    server.tamper("delete from platform.closed_accounts").await;
    let proof = audit::verify(&server.app.db, None, &vouched, |_| {})
        .await
        .expect("proved");
    let found: Vec<_> = proof
        .broken
        .iter()
        .map(|b| (b.user_id, b.seq, b.fault))
        .collect();
    assert_eq!(
        found,
        [(ann_id.0, vouched[0].length, audit::Fault::Missing)]
    );
    let proof = audit::verify(&server.app.db, None, &[], |_| {})
        .await
        .expect("proved");
    assert_eq!(proof.broken, []);
}
