//! Laws over the catalogue: what every migration must have done for the tables it makes.

use sqlx::postgres::PgConnection;
use testkit::TestDb;

/// Fails with the names that a law's query finds, and with what to do about them.
async fn nothing_violates(law: &'static str, query: &'static str) {
    let test = TestDb::new().await;
    let mut connection: PgConnection = test.owner_connection().await;
    let found: Vec<String> = sqlx::query_scalar(query)
        .fetch_all(&mut connection)
        .await
        .expect("the law's query");
    assert!(
        found.is_empty(),
        "{law}; see migrations/README.md. Mend: {}",
        found.join(", ")
    );
}

#[tokio::test]
async fn tables_of_users_have_forced_row_security_with_both_policies() {
    nothing_violates(
        "a table with user_id needs enabled and forced row-level security and the policies \
         <table>_owner for bursar_user, using and checking the current user, and <table>_system",
        "select c.oid::regclass::text from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id' and not attisdropped
         where relkind in ('r', 'p') and nspname !~ '^pg_'
         and exists (select from aclexplode(relacl) where grantee = 'bursar_user'::regrole) and not (
             relrowsecurity and relforcerowsecurity
             and exists (
                 select from pg_policies p
                 where (p.schemaname, p.tablename) = (nspname, relname)
                     and policyname = relname || '_owner' and roles = '{bursar_user}'
                     and qual like '%user_id = platform.current_user_id()%'
                     and with_check like '%user_id = platform.current_user_id()%'
             )
             and exists (
                 select from pg_policies p
                 where (p.schemaname, p.tablename) = (nspname, relname)
                     and policyname = relname || '_system' and roles = '{bursar_system}'
             )
             and not exists (
                 select from pg_policies p
                 where (p.schemaname, p.tablename) = (nspname, relname)
                     and roles && '{public}'
             )
         )",
    )
    .await;
}

#[tokio::test]
async fn keys_and_references_of_user_tables_lead_with_the_user() {
    nothing_violates(
        "the primary key of a table with user_id begins with user_id, and a reference from it to \
         another such table carries user_id along",
        "with of_users as (
             select c.oid, a.attnum as user_column from pg_class c
             join pg_namespace n on n.oid = c.relnamespace
             join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id' and not attisdropped
             where relkind in ('r', 'p') and nspname !~ '^pg_'
                 and exists (select from aclexplode(relacl) where grantee = 'bursar_user'::regrole)
         )
         select conrelid::regclass || '.' || conname from pg_constraint
         join of_users on of_users.oid = conrelid
         where (contype = 'p' and conkey[1] <> user_column)
             or (contype = 'f' and confrelid in (select oid from of_users)
                 and not user_column = any (conkey))
         union all
         select of_users.oid::regclass::text from of_users
         where not exists (
             select from pg_constraint where conrelid = of_users.oid and contype = 'p'
         )",
    )
    .await;
}

#[tokio::test]
async fn users_only_read_what_belongs_to_all() {
    nothing_violates(
        "a table without row-level security is shared: bursar_user may select from it, no more",
        "select c.oid::regclass || ' (' || privilege_type || ')' from pg_class c
         join pg_namespace n on n.oid = c.relnamespace, aclexplode(relacl)
         where relkind in ('r', 'p') and nspname !~ '^pg_'
             and not (relrowsecurity and relforcerowsecurity)
             and grantee = 'bursar_user'::regrole and privilege_type <> 'SELECT'",
    )
    .await;
}

#[tokio::test]
async fn views_ask_with_the_rights_of_their_reader() {
    nothing_violates(
        "a view without security_invoker shows the rows of all users",
        "select c.oid::regclass::text from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where relkind = 'v' and nspname !~ '^(pg_|_?timescale)' and nspname <> 'information_schema'
             -- The continuous aggregate of prices, which everybody reads; with TimescaleDB alone it is there.
             and c.oid is distinct from to_regclass('market.minute_candles_1h')
             and not coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}'",
    )
    .await;
}

#[tokio::test]
async fn the_public_and_the_bare_login_may_do_nothing() {
    nothing_violates(
        "no schema, table or function of ours may be granted to public or to the login itself",
        "with ours as (
             select oid, nspname, nspacl from pg_namespace
             where nspname !~ '^(pg_|_?timescale)' and nspname <> 'information_schema'
         )
         select 'schema ' || nspname from ours, aclexplode(nspacl)
         where grantee in (0, 'bursar_login'::regrole)
         union all
         select c.oid::regclass::text from pg_class c join ours on ours.oid = relnamespace,
             aclexplode(relacl)
         where grantee in (0, 'bursar_login'::regrole)
         union all
         select p.oid::regprocedure::text from pg_proc p join ours on ours.oid = pronamespace,
             aclexplode(coalesce(proacl, acldefault('f', proowner)))
         where grantee in (0, 'bursar_login'::regrole)
             -- Functions of an extension belong to the server; their schema lets nobody else in.
             and not exists (
                 select from pg_depend d
                 where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
             )",
    )
    .await;
}

#[tokio::test]
async fn everything_belongs_to_the_owner_role() {
    nothing_violates(
        "objects are made by migrations, as bursar_owner",
        "select c.oid::regclass::text from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where nspname !~ '^(pg_|_?timescale)' and nspname <> 'information_schema'
             and relowner <> 'bursar_owner'::regrole",
    )
    .await;
}
