//! The migrator, and the migrations of the program: up, down, up.

use db::Migration;
use db::migrations::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;
use testkit::TestDb;

use crate::scratch::execute;

/// Everything the migrations may change, one line an object; the ledger of the migrator aside, and what TimescaleDB
/// makes for itself.
const CATALOGUE: &str = r"
    with ours as (
        select oid, nspname, nspacl::text as acl from pg_namespace
        where nspname !~ '^(pg_|_?timescale)' and nspname <> 'information_schema'
    )
    select 'schema ' || nspname || coalesce(' ' || acl, '') from ours
    union all
    select format('relation %s.%s %s owner %s rls %s/%s acl %s options %s view %s', nspname, relname,
        relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, relacl, reloptions,
        case when relkind = 'v' then pg_get_viewdef(c.oid) end)
    from pg_class c join ours on ours.oid = relnamespace
    union all
    select format('column %s.%s.%s %s not null %s default %s acl %s', nspname, relname, attname,
        format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attacl)
    from pg_attribute a join pg_class c on c.oid = attrelid join ours on ours.oid = relnamespace
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm')
    union all
    select format('constraint %s.%s %s', nspname, conname, pg_get_constraintdef(c.oid))
    from pg_constraint c join ours on ours.oid = connamespace
    union all
    select 'index ' || pg_get_indexdef(indexrelid)
    from pg_index join pg_class c on c.oid = indexrelid join ours on ours.oid = relnamespace
    union all
    select format('policy %s.%s %s %s %s %s', schemaname, tablename, policyname, roles, qual, with_check)
    from pg_policies
    union all
    select format('function %s acl %s %s', p.oid::regprocedure, proacl, pg_get_functiondef(p.oid))
    from pg_proc p join ours on ours.oid = pronamespace where prokind <> 'a'
    union all
    select format('aggregate %s acl %s %s %s %s', p.oid::regprocedure, proacl, aggtransfn, aggfinalfn, agginitval)
    from pg_proc p join ours on ours.oid = pronamespace join pg_aggregate a on a.aggfnoid = p.oid
    union all
    select 'trigger ' || pg_get_triggerdef(t.oid, true)
    from pg_trigger t join pg_class c on c.oid = tgrelid join ours on ours.oid = relnamespace
    where not tgisinternal
    union all
    select format('type %s.%s %s', nspname, typname, typtype)
    from pg_type t join ours on ours.oid = typnamespace where typtype in ('e', 'd')
    union all
    select format('default privileges %s %s %s', defaclrole::regrole, defaclobjtype, defaclacl)
    from pg_default_acl
    order by 1";

pub(crate) async fn catalogue(test: &TestDb) -> Vec<String> {
    let mut connection = test.owner_connection().await;
    sqlx::query_scalar(CATALOGUE)
        .fetch_all(&mut connection)
        .await
        .expect("the catalogue")
}

/// The lines that only one of the two has.
pub(crate) fn difference(left: &[String], right: &[String]) -> Vec<String> {
    let only = |sign: char, of: &[String], without: &[String]| -> Vec<String> {
        let lines = of.iter().filter(|line| !without.contains(line));
        lines.map(|line| format!("{sign} {line}")).collect()
    };
    [only('-', left, right), only('+', right, left)].concat()
}

fn migration(version: i64, name: &'static str, up: &'static str, down: &'static str) -> Migration {
    Migration {
        version,
        name,
        up,
        down,
    }
}

async fn has_table(connection: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(name)
        .fetch_one(connection)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn every_step_down_undoes_its_step_up() {
    let test = TestDb::at(0).await;
    let migrator = Migrator::embedded();
    let mut stages = vec![catalogue(&test).await];
    for migration in migrator.migrations() {
        let applied = migrator
            .up_to(migration.version)
            .migrate(test.access())
            .await
            .expect("up");
        assert_eq!(applied.len(), 1);
        stages.push(catalogue(&test).await);
    }
    let head = stages.last().expect("a stage").clone();
    for (migration, expected) in migrator.migrations().iter().zip(&stages).rev() {
        let up_to_here = migrator.up_to(migration.version);
        let undone = up_to_here.rollback(test.access(), 1).await.expect("down");
        assert_eq!(undone[0].version, migration.version);
        let left = difference(expected, &catalogue(&test).await);
        assert!(
            left.is_empty(),
            "{} leaves behind:\n{}",
            migration.name,
            left.join("\n")
        );
    }
    let again = migrator.migrate(test.access()).await.expect("up again");
    assert_eq!(again.len(), migrator.migrations().len());
    let changed = difference(&head, &catalogue(&test).await);
    assert!(
        changed.is_empty(),
        "the second way up differs:\n{}",
        changed.join("\n")
    );
}

#[tokio::test]
async fn status_reset_and_readiness_agree() {
    let test = TestDb::at(0).await;
    let (migrator, db) = (test.migrator(), test.db());
    let is_current = async || migrator.is_current(&db).await.expect("an answer");
    let pending = async || {
        let status = migrator.status(test.access()).await.expect("status");
        status
            .iter()
            .filter(|status| status.applied_at.is_none())
            .count()
    };
    let all = migrator.migrations().len();
    assert!(!is_current().await);
    assert_eq!(pending().await, all);
    migrator.migrate(test.access()).await.expect("up");
    assert!(is_current().await);
    assert_eq!(pending().await, 0);
    assert!(
        migrator
            .migrate(test.access())
            .await
            .expect("nothing to do")
            .is_empty()
    );

    migrator.rollback(test.access(), 1).await.expect("one down");
    assert!(!is_current().await);
    assert_eq!(pending().await, 1);
    let mut tx = db.system("leave a trace").await.expect("a unit of work");
    execute(tx.conn(), "insert into platform.jobs (name) values ('a.b')")
        .await
        .expect("a job");
    tx.commit().await.expect("commit");
    assert_eq!(
        migrator.reset(test.access()).await.expect("reset").len(),
        all
    );
    assert!(is_current().await);
    let mut tx = db.system("look for it").await.expect("a unit of work");
    let jobs: i64 = sqlx::query_scalar("select count(*) from platform.jobs")
        .fetch_one(tx.conn())
        .await
        .expect("a number");
    assert_eq!(jobs, 0, "a reset loses all data");
}

#[tokio::test]
async fn newer_and_changed_databases_are_refused() {
    let test = TestDb::at(0).await;
    let one = migration(
        1,
        "area_one",
        "create table public.one (n int)",
        "drop table public.one",
    );
    let two = migration(2, "area_two", "select 1", "select 1");
    execute(
        &mut test.owner_connection().await,
        "grant all on schema public to bursar_owner",
    )
    .await
    .expect("a place");
    let both = Migrator::new(vec![two, one.clone()]);
    assert_eq!(both.migrate(test.access()).await.expect("up").len(), 2);

    let older = Migrator::new(vec![one.clone()]);
    let error = older
        .migrate(test.access())
        .await
        .expect_err("the database is newer");
    assert!(
        error.to_string().contains("migration 2_area_two"),
        "{error}"
    );
    assert!(!older.is_current(&test.db()).await.expect("an answer"));

    let changed = Migrator::new(vec![one, migration(2, "area_two", "select 2", "select 1")]);
    let error = changed
        .status(test.access())
        .await
        .expect_err("the file was changed");
    assert!(
        matches!(error, MigrateError::Changed { version: 2, .. }),
        "{error}"
    );
    assert!(!changed.is_current(&test.db()).await.expect("an answer"));
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_behind() {
    let test = TestDb::at(0).await;
    let broken = Migrator::new(vec![
        migration(1, "area_one", "create schema one", "drop schema one"),
        migration(
            2,
            "area_two",
            "create table one.two (n int); select 1/0",
            "select 1",
        ),
    ]);
    let error = broken
        .migrate(test.access())
        .await
        .expect_err("a division by zero");
    let message = error.to_string();
    assert!(
        message.contains("2_area_two failed up") && message.contains("division"),
        "{message}"
    );
    let mut connection = test.owner_connection().await;
    assert!(!has_table(&mut connection, "one.two").await);
    let status = broken.status(test.access()).await.expect("status");
    assert!(status[0].applied_at.is_some() && status[1].applied_at.is_none());
}

#[tokio::test]
async fn a_concurrent_index_is_built_outside_of_a_transaction() {
    let test = TestDb::at(0).await;
    let migrator = Migrator::new(vec![
        migration(
            1,
            "area_table",
            "create schema area; create table area.bars (n int)",
            "drop schema area cascade",
        ),
        migration(
            2,
            "area_index",
            "-- no-transaction\ncreate index concurrently bars_n_idx on area.bars (n)",
            "-- no-transaction\ndrop index concurrently area.bars_n_idx",
        ),
    ]);
    migrator.migrate(test.access()).await.expect("up");
    let mut connection = test.owner_connection().await;
    assert!(has_table(&mut connection, "area.bars_n_idx").await);
    migrator.rollback(test.access(), 1).await.expect("down");
    assert!(!has_table(&mut connection, "area.bars_n_idx").await);
}

#[tokio::test]
async fn processes_that_migrate_at_once_take_turns() {
    let test = TestDb::at(0).await;
    let migrator = test.migrator();
    let (one, two, three) = tokio::join!(
        migrator.migrate(test.access()),
        migrator.migrate(test.access()),
        migrator.migrate(test.access())
    );
    let applied = [one, two, three].map(|outcome| outcome.expect("no conflict").len());
    assert_eq!(applied.iter().sum::<usize>(), migrator.migrations().len());
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1);
}
