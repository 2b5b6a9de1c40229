//! The unit of work: whose rows it sees, how it ends, what goes wrong in it.

use std::time::Duration;

use db::{Db, Error, Unavailable, UserId, ViolationKind};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions as _, Connection as _};
use testkit::TestDb;
use uuid::Uuid;

use crate::scratch::{execute, refusal};

/// A table by the pattern of `migrations/README.md`.
const NOTES: &str = "
    create schema scratch authorization bursar_owner;
    set role bursar_owner;
    grant usage on schema scratch to bursar_user, bursar_system;
    create table scratch.notes (
        user_id uuid not null,
        id      uuid not null default gen_random_uuid(),
        parent  uuid,
        text    text not null,
        constraint notes_pkey primary key (user_id, id),
        constraint notes_text_key unique (user_id, text),
        constraint notes_parent_fkey foreign key (user_id, parent) references scratch.notes,
        constraint notes_text_check check (text <> '')
    );
    alter table scratch.notes enable row level security;
    alter table scratch.notes force row level security;
    create policy notes_owner on scratch.notes to bursar_user
        using (user_id = platform.current_user_id())
        with check (user_id = platform.current_user_id());
    create policy notes_system on scratch.notes to bursar_system using (true) with check (true);
    grant select, insert, update, delete on scratch.notes to bursar_user, bursar_system;
    reset role";

async fn with_notes() -> TestDb {
    let test = TestDb::new().await;
    execute(&mut test.owner_connection().await, NOTES)
        .await
        .expect("the scratch table");
    test
}

fn user() -> UserId {
    UserId(Uuid::new_v4())
}

async fn insert(connection: &mut PgConnection, user: UserId, text: &str) -> Result<(), Error> {
    sqlx::query("insert into scratch.notes (user_id, text) values ($1, $2)")
        .bind(user)
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}

async fn texts(connection: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("select text from scratch.notes order by text")
        .fetch_all(connection)
        .await
        .expect("texts")
}

async fn add(db: &Db, user: UserId, text: &str) {
    let mut tx = db.write(user).await.expect("a unit of work");
    assert_eq!(tx.user(), user);
    insert(tx.conn(), user, text).await.expect("a row");
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn each_user_sees_their_rows_and_the_system_sees_all() {
    let test = with_notes().await;
    let db = test.db();
    let (ann, bob) = (user(), user());
    add(&db, ann, "of ann").await;
    add(&db, bob, "of bob").await;

    for (who, text) in [(ann, "of ann"), (bob, "of bob"), (ann, "of ann")] {
        let mut tx = db.read(who).await.expect("a unit of work");
        assert_eq!(texts(tx.conn()).await, [text]);
    }
    let mut tx = db
        .system("see everything")
        .await
        .expect("a system unit of work");
    assert_eq!(tx.reason(), "see everything");
    assert_eq!(texts(tx.conn()).await, ["of ann", "of bob"]);
    drop(tx);
    let mut tx = db.read(user()).await.expect("a unit of work");
    assert!(texts(tx.conn()).await.is_empty());
}

#[tokio::test]
async fn nobody_writes_into_the_rows_of_another() {
    let test = with_notes().await;
    let db = test.db();
    let (ann, bob) = (user(), user());
    add(&db, ann, "of ann").await;

    let mut tx = db.write(bob).await.expect("a unit of work");
    let changed = sqlx::query("update scratch.notes set text = 'taken'")
        .execute(tx.conn())
        .await;
    assert_eq!(changed.expect("an update of nothing").rows_affected(), 0);
    let removed = sqlx::query("delete from scratch.notes")
        .execute(tx.conn())
        .await;
    assert_eq!(removed.expect("a delete of nothing").rows_affected(), 0);
    let error = insert(tx.conn(), ann, "planted")
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("row-level security"), "{error}");
    drop(tx);

    let mut tx = db.read(ann).await.expect("a unit of work");
    assert_eq!(texts(tx.conn()).await, ["of ann"]);
}

#[tokio::test]
async fn outside_of_a_unit_of_work_everything_is_refused() {
    let test = with_notes().await;
    let db = test.db();
    add(&db, user(), "kept").await;
    let mut bare = test
        .access()
        .login_options()
        .connect()
        .await
        .expect("the bare login");
    for forbidden in [
        "select from scratch.notes",
        "set role bursar_owner",
        "create schema mine",
    ] {
        assert_eq!(refusal(&mut bare, forbidden).await, "42501", "{forbidden}");
    }
    // What a unit of work leaves on its connection: nothing.
    let leave = "begin; set local role bursar_user; set local app.user_id = \
                 '00000000-0000-0000-0000-000000000001'; select from scratch.notes; commit";
    execute(&mut bare, leave)
        .await
        .expect("a unit of work by hand");
    assert_eq!(
        refusal(&mut bare, "select from scratch.notes").await,
        "42501"
    );
    // Afterwards the setting is an empty string instead of absent, which must not be an error.
    execute(
        &mut bare,
        "begin; set local role bursar_user; select from scratch.notes; commit",
    )
    .await
    .expect("a user without an identity sees nothing");
}

#[tokio::test]
async fn only_commit_keeps_and_reading_cannot_write() {
    let test = with_notes().await;
    let db = test.db();
    let ann = user();
    let mut tx = db.write(ann).await.expect("a unit of work");
    insert(tx.conn(), ann, "dropped").await.expect("a row");
    drop(tx);
    let mut tx = db.read(ann).await.expect("a unit of work");
    assert!(texts(tx.conn()).await.is_empty(), "dropping rolls back");
    let error = insert(tx.conn(), ann, "sneaked in")
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("read-only"), "{error}");
}

#[tokio::test]
async fn a_swallowed_refusal_is_no_success() {
    let test = with_notes().await;
    let db = test.db();
    let ann = user();
    add(&db, ann, "first").await;
    let mut tx = db.write(ann).await.expect("a unit of work");
    insert(tx.conn(), ann, "second").await.expect("a row");
    insert(tx.conn(), ann, "first")
        .await
        .expect_err("there already");
    let error = tx.commit().await.expect_err("the server has given it up");
    assert!(matches!(error, Error::Aborted), "{error:?}");

    let mut tx = db.write(ann).await.expect("a unit of work");
    insert(tx.conn(), ann, "third").await.expect("a row");
    let mut attempt = tx.conn().begin().await.expect("a savepoint");
    insert(&mut attempt, ann, "first")
        .await
        .expect_err("there already");
    attempt.rollback().await.expect("back to the savepoint");
    tx.commit().await.expect("commit");
    let mut tx = db.read(ann).await.expect("a unit of work");
    assert_eq!(texts(tx.conn()).await, ["first", "third"]);
}

#[tokio::test]
async fn refused_rows_name_their_constraint() {
    let test = with_notes().await;
    let db = test.db();
    let ann = user();
    add(&db, ann, "first").await;
    for (sql, kind, constraint) in [
        (
            "(user_id, text) values ($1, 'first')",
            ViolationKind::Unique,
            "notes_text_key",
        ),
        (
            "(user_id, text) values ($1, '')",
            ViolationKind::Check,
            "notes_text_check",
        ),
        (
            "(user_id, text) values ($1, null)",
            ViolationKind::NotNull,
            "text",
        ),
        (
            "(user_id, text, parent) values ($1, 'child', gen_random_uuid())",
            ViolationKind::ForeignKey,
            "notes_parent_fkey",
        ),
    ] {
        let mut tx = db.write(ann).await.expect("a unit of work");
        let sql = sqlx::AssertSqlSafe(format!("insert into scratch.notes {sql}"));
        let error = sqlx::query(sql)
            .bind(ann)
            .execute(tx.conn())
            .await
            .expect_err("refused");
        let error = Error::from(error);
        assert_eq!(error.constraint(), Some(constraint));
        let Error::Violation(violation) = error else {
            panic!("{error}")
        };
        assert_eq!((violation.kind, violation.table.as_str()), (kind, "notes"));
    }
}

#[tokio::test]
async fn other_failures_are_told_apart() {
    let test = with_notes().await;
    let db = test.db();
    let mut tx = db.write(user()).await.expect("a unit of work");
    execute(tx.conn(), "set local statement_timeout = '20ms'")
        .await
        .expect("a setting");
    let error = Error::from(
        execute(tx.conn(), "select pg_sleep(5)")
            .await
            .expect_err("too long"),
    );
    assert!(matches!(error, Error::StatementTimeout), "{error:?}");
    drop(tx);

    let mut tx = db.read(user()).await.expect("a unit of work");
    let missing = sqlx::query("select text from scratch.notes")
        .fetch_one(tx.conn())
        .await;
    assert!(matches!(
        Error::from(missing.expect_err("no row")),
        Error::NotFound
    ));
    let broken = execute(tx.conn(), "select * from scratch.absent")
        .await
        .expect_err("no table");
    assert!(matches!(Error::from(broken), Error::Internal(_)));
    drop(tx);

    let closed = test.db();
    closed.close().await;
    let error = closed.read(user()).await.expect_err("closed");
    assert!(
        matches!(error, Error::Unavailable(Unavailable::PoolClosed)),
        "{error:?}"
    );
}

#[tokio::test]
async fn transactions_that_block_each_other_end_as_serialization_failures() {
    let test = with_notes().await;
    let db = test.db();
    let ann = user();
    add(&db, ann, "one").await;
    add(&db, ann, "two").await;
    let grab = |text: &str| format!("select from scratch.notes where text = '{text}' for update");
    let (mut first, mut second) = (
        db.write(ann).await.expect("a unit of work"),
        db.write(ann).await.expect("another"),
    );
    execute(first.conn(), &grab("one")).await.expect("a lock");
    execute(second.conn(), &grab("two")).await.expect("a lock");
    let (one, two) = (grab("one"), grab("two"));
    // Whoever is refused must let go for the other to go on.
    let (left, right) = tokio::join!(
        async {
            let outcome = execute(first.conn(), &two).await;
            drop(first);
            outcome
        },
        async {
            let outcome = execute(second.conn(), &one).await;
            drop(second);
            outcome
        }
    );
    let error = left.err().or(right.err()).expect("one of them is refused");
    assert!(matches!(Error::from(error), Error::Serialization));
}

#[tokio::test]
async fn broken_connections_are_replaced_before_work_begins() {
    let test = with_notes().await;
    let db = test.db();
    let ann = user();
    add(&db, ann, "kept").await;
    let open: Vec<_> = [db.read(ann).await, db.read(ann).await, db.read(ann).await]
        .into_iter()
        .map(|tx| tx.expect("a unit of work"))
        .collect();
    drop(open);
    let mut administrator = test.owner_connection().await;
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
                where datname = current_database() and pid <> pg_backend_pid()";
    for _ in 0..3 {
        execute(&mut administrator, kill)
            .await
            .expect("all others are gone");
        let mut tx = db
            .read(ann)
            .await
            .expect("a unit of work on a fresh connection");
        assert_eq!(texts(tx.conn()).await, ["kept"]);
    }

    let mut tx = db.write(ann).await.expect("a unit of work");
    execute(&mut administrator, kill)
        .await
        .expect("gone in the middle");
    let error = insert(tx.conn(), ann, "lost")
        .await
        .expect_err("its connection is gone");
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn nothing_prints_a_password() {
    let test = TestDb::new().await;
    let environment = test.access().owner_environment();
    let (_, password) = environment
        .iter()
        .find(|(name, _)| *name == "PGPASSWORD")
        .expect("a password");
    let db = test.db();
    let tx = db.read(user()).await.expect("a unit of work");
    let text = format!("{test:?} {db:?} {tx:?}");
    // The login has another one; neither may show, nor the field that would hold it.
    assert!(
        !text.contains(password) && !text.contains("password"),
        "{text}"
    );
}

#[tokio::test]
async fn the_login_has_its_limits() {
    let test = TestDb::new().await;
    let db = test.db();
    let mut tx = db
        .system("look at the settings")
        .await
        .expect("a unit of work");
    for (name, value) in [
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "1min"),
    ] {
        let found: String = sqlx::query_scalar("select current_setting($1)")
            .bind(name)
            .fetch_one(tx.conn())
            .await
            .expect("a setting");
        assert_eq!(found, value, "{name}");
    }
}

#[tokio::test]
async fn notifications_arrive_after_commit() {
    let test = TestDb::new().await;
    let db = test.db();
    let mut listener = db.listen(&["prices", "alerts"]).await.expect("a listener");
    for (channel, is_kept) in [("prices", false), ("alerts", true)] {
        let mut tx = db.system("notify").await.expect("a unit of work");
        sqlx::query("select pg_notify($1, 'hello')")
            .bind(channel)
            .execute(tx.conn())
            .await
            .expect("notify");
        if is_kept {
            tx.commit().await.expect("commit");
        }
    }
    let received = tokio::time::timeout(Duration::from_secs(10), listener.recv()).await;
    let notification = received.expect("in time").expect("a notification");
    assert_eq!(
        (notification.channel(), notification.payload()),
        ("alerts", "hello")
    );
}

#[tokio::test]
async fn a_copy_of_the_template_takes_milliseconds() {
    // The first one may have to build the template.
    drop(TestDb::new().await);
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let test = TestDb::new().await;
        times.push(start.elapsed());
        drop(test);
    }
    times.sort();
    eprintln!("a test database takes {times:?}");
    assert!(times[2] < Duration::from_secs(1), "{times:?}");
}
