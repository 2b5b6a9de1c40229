//! A server given by URL: TCP, passwords, an owner and a login that may do nothing.

use db::migrations::Migrator;
use db::roles::{self, RolesError};
use db::{Access, Clock, Db, FactState, UserId};
use sqlx::ConnectOptions as _;
use uuid::Uuid;

use crate::scratch::{HandMadeServer, connect, execute, refusal};

const COUNT_KEYS: &str = "select count(*) from platform.idempotency_keys";
const INSERT_KEY: &str = "insert into platform.idempotency_keys (user_id, key, request_hash) \
                          values (platform.current_user_id(), 'k', '\\x00')";

#[tokio::test]
async fn owner_and_login_apart_leave_the_login_without_privileges() {
    let server = HandMadeServer::start().await;
    server
        .administer(&[
            "create role keeper login createrole password 'keeper-password'",
            // With its default attributes, as somebody who skips the documents would make it.
            "create role app login password 'app-password'",
            "create database books owner keeper",
        ])
        .await;
    let url = server.url("app", "app-password", "books");
    let owner_url = server.url("keeper", "keeper-password", "books");
    let access = Access::from_urls(&url, Some(&owner_url)).expect("access");
    for _ in 0..2 {
        roles::ensure(&access).await.expect("roles");
        Migrator::embedded()
            .migrate(&access)
            .await
            .expect("migrations");
    }

    let mut login = connect(&url).await.expect("the login connects");
    for forbidden in [
        COUNT_KEYS,
        "create table public.mine (n int)",
        "create schema mine",
        "create table platform.mine (n int)",
        "drop table platform.jobs",
        "set role bursar_owner",
        "set role keeper",
        "create role another",
    ] {
        assert_eq!(refusal(&mut login, forbidden).await, "42501", "{forbidden}");
    }

    let db = Db::connect(&access).await.expect("a pool");
    let (ann, bob) = (UserId(Uuid::new_v4()), UserId(Uuid::new_v4()));
    let mut tx = db.write(ann).await.expect("a unit of work");
    execute(tx.conn(), INSERT_KEY).await.expect("her own row");
    tx.commit().await.expect("commit");
    let mut tx = db.read(bob).await.expect("a unit of work");
    let seen: i64 = sqlx::query_scalar(COUNT_KEYS)
        .fetch_one(tx.conn())
        .await
        .expect("a number");
    assert_eq!(seen, 0);
    drop(tx);

    let facts = db::facts(&db, &access, &Clock::system())
        .await
        .expect("facts");
    let doubtful: Vec<_> = facts
        .iter()
        .filter(|fact| fact.state != FactState::Good && fact.name != "database.checksums")
        .collect();
    assert!(doubtful.is_empty(), "{doubtful:?}");
    db.close().await;
}

#[tokio::test]
async fn one_role_for_everything_works_and_the_doctor_says_so() {
    let server = HandMadeServer::start().await;
    server
        .administer(&[
            "create role keeper login createrole password 'keeper-password'",
            "create database books owner keeper",
        ])
        .await;
    for (role, password, database, is_superuser) in [
        ("keeper", "keeper-password", "books", false),
        ("root", "root-password", "made_here", true),
    ] {
        let access =
            Access::from_urls(&server.url(role, password, database), None).expect("access");
        assert!(access.has_one_role());
        roles::ensure(&access)
            .await
            .expect("roles, and the database where it is missing");
        Migrator::embedded()
            .migrate(&access)
            .await
            .expect("migrations");
        roles::ensure(&access).await.expect("again");

        let db = Db::connect(&access).await.expect("a pool");
        let (ann, bob) = (UserId(Uuid::new_v4()), UserId(Uuid::new_v4()));
        let mut tx = db.write(ann).await.expect("a unit of work");
        execute(tx.conn(), INSERT_KEY).await.expect("her own row");
        tx.commit().await.expect("commit");
        for (user, expected) in [(ann, 1), (bob, 0)] {
            let mut tx = db.read(user).await.expect("a unit of work");
            let seen: i64 = sqlx::query_scalar(COUNT_KEYS)
                .fetch_one(tx.conn())
                .await
                .expect("a number");
            assert_eq!(
                seen, expected,
                "even a superuser is confined within a unit of work"
            );
        }
        let facts = db::facts(&db, &access, &Clock::system())
            .await
            .expect("facts");
        let login = facts
            .iter()
            .find(|fact| fact.name == "database.login")
            .expect("the fact");
        let expected = if is_superuser {
            FactState::Bad
        } else {
            FactState::Doubtful
        };
        assert_eq!(login.state, expected, "{}", login.text);
        assert_eq!(
            login.text.contains("is a superuser"),
            is_superuser,
            "{}",
            login.text
        );
        assert!(
            login.text.contains("can change the schema"),
            "{}",
            login.text
        );
        db.close().await;
    }
}

#[tokio::test]
async fn what_is_missing_on_the_server_is_named_with_the_command() {
    let server = HandMadeServer::start().await;
    server
        .administer(&[
            "create role keeper login createrole password 'keeper-password'",
            "create role weak login password 'weak-password'",
            "create role app login noinherit password 'app-password'",
            "create database books owner keeper",
            "create database others owner weak",
        ])
        .await;
    let keeper = server.url("keeper", "keeper-password", "books");
    let ensure = async |url: String, owner_url: String| {
        let access = Access::from_urls(&url, Some(&owner_url)).expect("access");
        roles::ensure(&access)
            .await
            .expect_err("something is missing")
    };

    let error = ensure(server.url("nobody_yet", "x", "books"), keeper.clone()).await;
    assert!(matches!(error, RolesError::NoLogin { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("create role nobody_yet login noinherit"),
        "{error}"
    );

    let error = ensure(server.url("app", "wrong", "books"), keeper).await;
    assert!(matches!(error, RolesError::NoLogin { .. }), "{error}");

    let app = |database: &str| server.url("app", "app-password", database);
    let error = ensure(app("books"), server.url("keeper", "wrong", "books")).await;
    assert!(matches!(error, RolesError::NoOwner { .. }), "{error}");

    let error = ensure(app("others"), server.url("weak", "weak-password", "others")).await;
    assert!(
        error.to_string().contains("alter role weak createrole"),
        "{error}"
    );

    let error = ensure(app("absent"), server.url("weak", "weak-password", "absent")).await;
    assert!(
        error
            .to_string()
            .contains("create database absent owner weak"),
        "{error}"
    );
}

#[tokio::test]
async fn the_documented_login_inherits_nothing() {
    let server = HandMadeServer::start().await;
    server
        .administer(&["create role app login noinherit password 'app-password'"])
        .await;
    let access = Access::from_urls(
        &server.url("app", "app-password", "books"),
        Some(&server.url("root", "root-password", "books")),
    )
    .expect("access");
    roles::ensure(&access).await.expect("roles and database");
    Migrator::embedded()
        .migrate(&access)
        .await
        .expect("migrations");
    let mut login = access
        .login_options()
        .connect()
        .await
        .expect("the login connects");
    assert_eq!(refusal(&mut login, COUNT_KEYS).await, "42501");
    assert_eq!(
        refusal(&mut login, "select from platform.migrations").await,
        "42501"
    );
}

#[test]
fn urls_that_cannot_be_meant_are_refused() {
    for (url, owner_url, word) in [
        (
            "mysql://x@y/z",
            None,
            "BURSAR_DATABASE_URL must begin with postgres://",
        ),
        ("postgres://app@localhost", None, "names no database"),
        (
            "postgres://app@localhost/a",
            Some("postgres://own@localhost/b"),
            "same database",
        ),
        (
            "postgres://app@localhost/a",
            Some("postgres://own@localhost:port/a"),
            "BURSAR_DATABASE_OWNER_URL is not",
        ),
    ] {
        let error = Access::from_urls(url, owner_url)
            .expect_err(url)
            .to_string();
        assert!(error.contains(word), "{url}: {error}");
    }
}
