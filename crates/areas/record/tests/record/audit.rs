use axum::http::Method;
use db::Origin;
use serde_json::{Value, json};

use crate::server::{OWNER, PASSWORD, Server, is_refused};

/// Tables whose changes must be on record. Rules, credits and recommendations join them with their
/// tables.
const CRITICAL: [&str; 4] = [
    "identity.users",
    "portfolio.category_rules",
    "portfolio.portfolios",
    "portfolio.transactions",
];
/// Tables whose rows are chained, and by which chain.
const CHAINED: [&str; 1] = ["portfolio.transactions ledger"];

#[tokio::test]
async fn every_critical_table_keeps_what_its_rows_were() {
    let server = Server::start().await;
    let audited = server
        .texts(
            "select tgrelid::regclass::text from pg_trigger
             where tgfoid = 'platform.audit_row'::regproc and tgenabled = 'O'
                 -- After each row, of updates and deletions.
                 and tgtype = 1 | 8 | 16
             order by 1",
        )
        .await;
    assert_eq!(
        audited, CRITICAL,
        "select platform.audit_table(…) in a migration"
    );
    let chained = server
        .texts(
            "select t.table_name || ' ' || t.chain from platform.chained_tables t
             where 3 = (select count(*) from pg_trigger
                        where tgrelid = t.table_name::regclass and tgenabled = 'O'
                            and tgfoid = 'platform.append_to_chain'::regproc)",
        )
        .await;
    assert_eq!(
        chained, CHAINED,
        "select platform.chain_table(…) in a migration"
    );
}

/// The program locks portfolios before it writes; a head that was locked earlier would wait for them
/// while their holder waits for the head.
#[tokio::test]
async fn the_head_of_a_chain_is_locked_after_everything_else() {
    let server = Server::start().await;
    let later = server
        .texts(
            "select other.tgname::text from pg_trigger link
             join pg_trigger other on other.tgrelid = link.tgrelid
                 and other.tgfoid <> link.tgfoid and not other.tgisinternal
                 -- After the statement, of the same deed.
                 and other.tgtype & (1 | 2) = 0 and other.tgtype & link.tgtype <> 0
             where link.tgfoid = 'platform.append_to_chain'::regproc
                 and other.tgname > link.tgname",
        )
        .await;
    assert_eq!(later, Vec::<String>::new());
}

#[tokio::test]
async fn changes_and_deletions_are_kept_with_who_and_when() {
    let server = Server::start().await;
    let books = server.books(server.owner, 3).await;
    let change = format!(
        "update portfolio.transactions set amount = 20 where {}",
        books.deposit(2)
    );
    let delete = format!(
        "delete from portfolio.transactions where {}",
        books.deposit(3)
    );
    Origin::named(Some("request-7"))
        .scope(async {
            server
                .as_person(books.user, &change)
                .await
                .expect("changed");
            server
                .as_person(books.user, &delete)
                .await
                .expect("deleted");
        })
        .await;
    let rows = server
        .texts("select to_jsonb(a)::text from platform.audit a order by id")
        .await;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| serde_json::from_str(row).expect("json"))
        .collect();
    assert_eq!(
        rows.len(),
        2,
        "the moved revision of the portfolio is none: {rows:?}"
    );
    let (changed, deleted) = (&rows[0], &rows[1]);
    assert_eq!(
        (&changed["operation"], &deleted["operation"]),
        (&json!("update"), &json!("delete"))
    );
    assert_eq!(changed["table_name"], "portfolio.transactions");
    assert_eq!(changed["former"]["amount"], json!(2.0));
    assert_eq!(changed["later"]["amount"], json!(20.0));
    assert_eq!(deleted["former"]["note"], "Zebulon pays 3");
    assert_eq!(deleted["later"], Value::Null);
    assert_eq!(changed["changed_by"], json!(books.user));
    assert_eq!(changed["user_id"], json!(books.user));
    assert_eq!(changed["acting_role"], "bursar_user");
    assert_eq!(changed["request_id"], "request-7");
    assert_ne!(changed["transaction_id"], deleted["transaction_id"]);
    // By the system and by somebody who came through the back door as well.
    let again = |to: u32, of: u32| {
        format!(
            "update portfolio.transactions set amount = {to} where {}",
            books.deposit(of)
        )
    };
    server.as_system(&again(21, 20)).await.expect("changed");
    server.force(&again(22, 21)).await;
    let roles = server
        .texts("select acting_role from platform.audit order by id")
        .await;
    assert_eq!(
        roles,
        ["bursar_user", "bursar_user", "bursar_system", "none"]
    );
}

#[tokio::test]
async fn hashes_and_tokens_are_left_out() {
    let server = Server::start().await;
    let mut owner = server.sign_in(OWNER).await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", "another long and quiet river"),
    ];
    owner
        .post("/identity/settings/password", &fields)
        .await
        .leads_to("/identity/settings/security?saved=1");
    let made = owner
        .call(
            Method::POST,
            "/api/v1/identity/tokens",
            Some(json!({ "name": "Backup" })),
        )
        .await;
    assert_eq!(made.status, 201);
    let rows = server
        .texts("select to_jsonb(a)::text from platform.audit a")
        .await
        .concat();
    assert!(
        rows.contains("\"table_name\": \"identity.users\""),
        "the change is on record: {rows}"
    );
    for secret in ["argon2", "password_hash", "token_hash", "\\\\x"] {
        assert!(!rows.contains(secret), "{secret} in {rows}");
    }
    let left = server
        .texts(
            r#"select platform.without_secrets(
                   '{"name": "a", "phone_sealed": "x", "totp_secret": "x", "recovery_codes": [],
                     "password_hash": "x", "raw": "\\x00ff", "note": "\\xylophone"}')::text"#,
        )
        .await;
    assert_eq!(left, [r#"{"name": "a", "note": "\\xylophone"}"#]);
}

#[tokio::test]
async fn the_record_of_changes_is_append_only_and_private() {
    let server = Server::start().await;
    let ann = server.add("ann@example.org").await;
    let books = server.books(ann, 2).await;
    let change = format!(
        "update portfolio.transactions set note = 'x' where {}",
        books.deposit(1)
    );
    server.as_person(ann, &change).await.expect("changed");
    for table in ["audit", "chain_entries", "chain_heads"] {
        let count = format!("select count(*)::text from platform.{table}");
        let mut tx = server
            .app
            .db
            .read(server.owner)
            .await
            .expect("unit of work");
        assert_eq!(
            crate::server::texts(tx.conn(), &count).await,
            ["0"],
            "{table}"
        );
        drop(tx);
        let mut tx = server.app.db.read(ann).await.expect("unit of work");
        assert_ne!(
            crate::server::texts(tx.conn(), &count).await,
            ["0"],
            "{table}"
        );
        drop(tx);
        for sql in [
            format!("update platform.{table} set user_id = user_id"),
            format!("delete from platform.{table}"),
            format!("truncate platform.{table}"),
            format!("insert into platform.{table} (user_id) values ('{ann}')"),
        ] {
            is_refused(server.as_person(ann, &sql).await, &sql);
            is_refused(server.as_system(&sql).await, &sql);
        }
        // Not even by whoever owns everything, without taking the guard away first.
        let mut superuser = server.superuser().await;
        let sql = format!("truncate platform.{table}");
        is_refused(crate::server::execute(&mut superuser, &sql).await, &sql);
    }
    for sql in [
        "select platform.extend_chain(platform.current_user_id(), 'ledger', 't', 'insert', '{a}', '{b}')",
        "select platform.erase_traces(platform.current_user_id())",
        "select platform.purge_traces(platform.current_user_id())",
        "alter table portfolio.transactions disable trigger all",
        "drop trigger transactions_audit on portfolio.transactions",
        "set session_replication_role = replica",
    ] {
        is_refused(server.as_person(ann, sql).await, sql);
    }
}
