//! What every table that holds rows of people must be like, asked of the database itself.

use std::collections::BTreeSet;

use db::UserId;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, postgres::PgConnection};

use crate::site::{Site, texts};

/// Read and written by the system alone: no person has any right on them.
const SYSTEM_ALONE: &[&str] = &[
    "identity.ceremonies",
    "identity.invitations",
    "identity.links",
    "identity.mail_requests",
    "identity.openid_flows",
    "identity.pending_sign_ins",
    "identity.token_pairs",
    "platform.analytics_events",
    "platform.closed_accounts",
    "platform.system_logs",
];
/// The `user_id` of an invitation is no owner: it says who came of it, and is null until then. So what
/// belongs to nobody yet refers to it by its id alone, from tables of the system alone.
const TO_INVITATIONS: [&str; 2] = [
    "identity.links links_invitation_id_fkey",
    "identity.mail_requests mail_requests_invitation_id_fkey",
];
/// Who brought somebody: of two people, so one of them has another name. The system alone writes it.
const REFERRER: &str = "identity.users referred_by";

async fn all(site: &Site, sql: &str) -> BTreeSet<String> {
    texts(&mut site.superuser().await, sql)
        .await
        .into_iter()
        .collect()
}

#[tokio::test]
async fn row_security_is_on_and_forced_wherever_rows_belong_to_people() {
    let site = Site::start().await;
    let secured = all(
        &site,
        "select n.nspname || '.' || c.relname
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and c.relrowsecurity and c.relforcerowsecurity",
    )
    .await;
    let with_policy = all(
        &site,
        "select schemaname || '.' || tablename from pg_policies
         where 'bursar_user' = any (roles) and permissive = 'PERMISSIVE'
           and qual like '%current_user_id()%' and with_check like '%current_user_id()%'",
    )
    .await;
    let open = all(
        &site,
        "select schemaname || '.' || tablename from pg_policies
         where ('bursar_user' = any (roles) or 'public' = any (roles))
           and (qual not like '%current_user_id()%' or coalesce(with_check, '') not like '%current_user_id()%')",
    )
    .await;
    assert_eq!(
        open,
        BTreeSet::new(),
        "a policy of people that does not name the person"
    );
    for (table, _) in site.owned_tables().await {
        assert!(
            secured.contains(&table),
            "{table}: enable and force row level security"
        );
        let is_reachable = !SYSTEM_ALONE.contains(&table.as_str());
        assert_eq!(
            with_policy.contains(&table),
            is_reachable,
            "{table}: a policy for bursar_user"
        );
    }
    let granted = all(
        &site,
        "select table_schema || '.' || table_name from information_schema.role_table_grants
         where grantee = 'bursar_user'",
    )
    .await;
    for table in SYSTEM_ALONE {
        assert!(!granted.contains(*table), "{table} is of the system alone");
    }
}

#[tokio::test]
async fn keys_begin_with_the_person_and_references_carry_the_person_along() {
    let site = Site::start().await;
    let keys = all(
        &site,
        "select c.conrelid::regclass::text || ' ' || a.attname
         from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'p'",
    )
    .await;
    for (table, column) in site.owned_tables().await {
        if !SYSTEM_ALONE.contains(&table.as_str()) {
            let first = format!("{table} {column}");
            assert!(
                keys.contains(&first),
                "{table}: the primary key must begin with {column}"
            );
        }
    }
    // A reference to a row of a person, whose pair of user ids is not part of it.
    let loose = all(
        &site,
        "with owned as (
             select a.attrelid, a.attnum from pg_attribute a
             join pg_class t on t.oid = a.attrelid
             where a.attname = 'user_id' and t.relkind in ('r', 'p') and a.attnum > 0
         )
         select c.conrelid::regclass::text || ' ' || c.conname
         from pg_constraint c
         join owned target on target.attrelid = c.confrelid
         left join owned own on own.attrelid = c.conrelid
         where c.contype = 'f' and not coalesce(exists (
               select from generate_subscripts(c.conkey, 1) i
               where c.conkey[i] = own.attnum and c.confkey[i] = target.attnum), false)",
    )
    .await;
    let loose: Vec<_> = loose
        .iter()
        .filter(|key| !TO_INVITATIONS.contains(&key.as_str()))
        .collect();
    assert_eq!(
        loose,
        Vec::<&String>::new(),
        "foreign keys to rows of people must include user_id"
    );
    for key in TO_INVITATIONS {
        let table = key.split(' ').next().unwrap_or_default();
        assert!(SYSTEM_ALONE.contains(&table), "{table} is read by people");
    }
    let people = all(
        &site,
        "select c.conrelid::regclass::text || ' ' || a.attname
         from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
         where c.contype = 'f' and c.confrelid = 'identity.users'::regclass",
    )
    .await;
    let others: Vec<_> = people
        .iter()
        .filter(|column| !column.ends_with(" user_id") && *column != REFERRER)
        .collect();
    assert_eq!(
        others,
        Vec::<&String>::new(),
        "people are referred to by user_id"
    );
}

/// The system writes the personal export and empties tables when an account is closed.
#[tokio::test]
async fn every_table_of_people_can_be_exported_and_emptied_or_is_kept() {
    let site = Site::start().await;
    let rights = async |right: &str| {
        let sql = format!(
            "select n.nspname || '.' || c.relname
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
               and has_table_privilege('bursar_system', c.oid, '{right}')"
        );
        all(&site, &sql).await
    };
    let (readable, deletable) = (rights("select").await, rights("delete").await);
    let kept = all(&site, "select unnest(platform.kept_tables())").await;
    for (table, _) in site.owned_tables().await {
        assert!(
            readable.contains(&table),
            "{table}: grant select to bursar_system, or the personal export fails"
        );
        assert!(
            deletable.contains(&table) || kept.contains(&table),
            "{table}: grant delete to bursar_system or list it in platform.kept_tables(), or no account \
             can be closed"
        );
    }
}

/// Whatever changes the key finds sealed columns by their type, and must be able to write them.
#[tokio::test]
async fn every_sealed_column_can_be_sealed_anew() {
    let site = Site::start().await;
    let sealed = "from pg_attribute a join pg_class c on c.oid = a.attrelid
         where a.atttypid = 'platform.sealed'::regtype and c.relkind in ('r', 'p')";
    let columns = all(
        &site,
        &format!("select a.attrelid::regclass || '.' || a.attname {sealed}"),
    )
    .await;
    for column in ["identity.totp.secret", "identity.outbox.link"] {
        assert!(columns.contains(column), "{columns:?}");
    }
    let stuck = all(
        &site,
        &format!(
            "select a.attrelid::regclass || '.' || a.attname {sealed} and not (
                 has_table_privilege('bursar_system', c.oid, 'select')
                 and has_column_privilege('bursar_system', c.oid, a.attnum, 'update')
                 and (select coalesce(bool_and(format_type(k.atttypid, null)
                          in ('uuid', 'text', 'smallint', 'integer', 'bigint')), false)
                      from pg_index i join pg_attribute k
                          on k.attrelid = i.indrelid and k.attnum = any (i.indkey)
                      where i.indrelid = c.oid and i.indisprimary))"
        ),
    )
    .await;
    assert_eq!(
        stuck,
        BTreeSet::new(),
        "sealed columns that cannot get a new key"
    );
    let plain = all(
        &site,
        "select a.attrelid::regclass || '.' || a.attname
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and a.attnum > 0
             and n.nspname not in ('pg_catalog', 'information_schema')
             and a.attname ~ '^(secret|api_key|private_key|tax_id|phone)$'
             and a.atttypid <> 'platform.sealed'::regtype",
    )
    .await;
    assert_eq!(
        plain,
        BTreeSet::new(),
        "columns whose names ask for platform.sealed"
    );
}

#[tokio::test]
async fn views_and_functions_lend_nobody_the_rights_of_their_owner() {
    let site = Site::start().await;
    let views = all(
        &site,
        "select n.nspname || '.' || c.relname
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'v' and n.nspname not in ('pg_catalog', 'information_schema')
           and n.nspname !~ '^_?timescale'
           and not coalesce('security_invoker=true' = any (c.reloptions), false)",
    )
    .await;
    // The continuous aggregate, which is there with TimescaleDB alone, is of prices, which everybody reads.
    let views: Vec<_> = views
        .iter()
        .filter(|view| *view != "market.minute_candles_1h")
        .collect();
    assert_eq!(
        views,
        Vec::<&String>::new(),
        "views must be security_invoker"
    );
    // A materialised view knows no row-level security: only its owner may read it.
    let materialised = all(
        &site,
        "select c.oid::regclass::text || ' ' || grantee::regrole
         from pg_class c, aclexplode(c.relacl) where c.relkind = 'm' and grantee <> c.relowner",
    )
    .await;
    assert_eq!(
        materialised,
        BTreeSet::new(),
        "materialised views are read through functions that name the person"
    );
    let definers = all(
        &site,
        "select n.nspname || '.' || p.proname
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
           and n.nspname !~ '^_?timescale'",
    )
    .await;
    let known = [
        // Adds a row under the name of whoever is asking; the system under any.
        "platform.add_activity",
        // Of triggers alone: they write what nobody else may.
        "platform.append_to_chain",
        "platform.audit_row",
        // Drops and makes months of records; of the system alone.
        "platform.drop_partition",
        "platform.drop_partitions",
        // Queues a job and returns whether it did, nothing else.
        "platform.enqueue_job",
        "platform.ensure_partition",
        // Forgets the traces of a closed account; of the system alone.
        "platform.erase_traces",
        // Nobody may call it.
        "platform.extend_chain",
        // Says whether old rows of a table go into a columnstore; to the system alone.
        "platform.has_columnstore",
        // Looks at partitions and chunks, and packs a chunk; of the system alone.
        "platform.pack_partition",
        "platform.partitions_of",
        "platform.purge_traces",
        // The rows of the summary that are the current person's.
        "portfolio.current_summaries",
        // Refreshes the summary; of the system alone.
        "portfolio.refresh_summary",
    ];
    assert_eq!(definers, known.map(str::to_owned).into());
}

/// Eve, in units of work of her own, tries every table that holds rows of Vera.
#[tokio::test]
async fn nobody_reaches_the_rows_of_somebody_else() {
    let (site, vera, _, eve) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    for (table, column) in site.owned_tables().await {
        let there = format!(
            "select count(*)::text from {table} where {column} = '{}'",
            vera.id
        );
        let rows = texts(&mut site.superuser().await, &there).await;
        assert_ne!(
            rows,
            ["0"],
            "give Vera a row of {table} in `Site::seed`, or this law proves nothing"
        );
        let is_foreign = format!("{column} = '{}'", vera.id);
        let tries = [
            (format!("select 1 from {table} where {is_foreign}"), "reads"),
            (
                format!("select 1 from {table} where {column} <> '{}'", eve.id),
                "reads",
            ),
            (
                format!("update {table} set {column} = {column} where {is_foreign}"),
                "changes",
            ),
            (
                format!(
                    "update {table} set {column} = '{}' where {is_foreign}",
                    eve.id
                ),
                "takes",
            ),
            (format!("delete from {table} where {is_foreign}"), "deletes"),
            (
                format!(
                    "update {table} set {column} = '{}' where {column} = '{}'",
                    vera.id, eve.id
                ),
                "gives",
            ),
        ];
        for (sql, deed) in tries {
            let touched = as_person(&site, eve.id, &sql).await;
            assert_eq!(touched, 0, "Eve {deed} rows of Vera: {sql}");
        }
    }
    assert_eq!(site.dump(vera.id).await, before);
}

/// Rows that a statement touches in a unit of work, which is rolled back; a refusal touches none.
#[expect(clippy::disallowed_methods, reason = "tries every table there is")]
async fn as_person(site: &Site, person: UserId, sql: &str) -> u64 {
    let mut tx = site.app.db.write(person).await.expect("unit of work");
    match sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(tx.conn())
        .await
    {
        Ok(done) => done.rows_affected(),
        Err(sqlx::Error::Database(error)) => {
            let state = error.code().unwrap_or_default().into_owned();
            assert_eq!(state, "42501", "refused for another reason: {error}: {sql}");
            0
        }
        Err(error) => panic!("{error}: {sql}"),
    }
}

#[tokio::test]
async fn a_unit_of_work_for_reading_changes_nothing() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let mut tx = site.app.db.read(vera.id).await.expect("unit of work");
    let seen = texts(tx.conn(), "select name from portfolio.portfolios").await;
    assert_eq!(seen, [crate::site::MARK]);
    let sql = format!(
        "delete from portfolio.transactions where id = '{}'",
        seeds.transaction
    );
    let refused = sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(tx.conn())
        .await
        .expect_err("read only");
    let state = refused
        .as_database_error()
        .and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    assert_eq!(state.as_deref(), Some("25006"), "{refused}");
}

/// The login of the program can do nothing by itself, whatever the table.
#[tokio::test]
async fn a_query_outside_of_a_unit_of_work_is_refused() {
    let site = Site::start().await;
    let tables = all(
        &site,
        "select n.nspname || '.' || c.relname
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'S')
           and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
           and n.nspname !~ '^_?timescale'",
    )
    .await;
    assert!(tables.len() > 10, "{tables:?}");
    let mut login = site
        .db
        .access()
        .login_options()
        .connect()
        .await
        .expect("a connection");
    for table in tables {
        for sql in [
            format!("select 1 from {table} limit 1"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("drop table {table}"),
        ] {
            refused(&mut login, &sql).await;
        }
    }
    for sql in [
        "create table public.own (id int)",
        "create schema own",
        "create role own",
        "alter role bursar_user login",
        "set role bursar_owner",
        "set session authorization bursar_owner",
    ] {
        refused(&mut login, sql).await;
    }
    login.close().await.expect("closed");
}

async fn refused(login: &mut PgConnection, sql: &str) {
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut *login)
        .await;
    let Err(error) = outcome else {
        panic!("allowed: {sql}")
    };
    let state = error
        .as_database_error()
        .and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    // 42809: not a table, so not even the right kind of thing to be refused.
    assert!(
        matches!(state.as_deref(), Some("42501" | "42809")),
        "{error}: {sql}"
    );
}

/// In a unit of work a person cannot become anybody else, nor the system.
#[tokio::test]
async fn a_person_cannot_change_the_schema() {
    let (site, vera, ..) = Site::peopled().await;
    for sql in [
        "create table portfolio.own (id int)",
        "alter table portfolio.portfolios disable row level security",
        "drop policy portfolios_owner on portfolio.portfolios",
        "truncate portfolio.portfolios",
        "update identity.users set role = 'admin'",
        "insert into market.instruments (symbol) values ('OWN')",
        "update market.bars_1d set close = 1",
        "select 1 from identity.links",
        "select 1 from platform.jobs",
    ] {
        let mut tx = site.app.db.write(vera.id).await.expect("unit of work");
        refused(tx.conn(), sql).await;
    }
}
