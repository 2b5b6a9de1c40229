//! The roles on the server and what each may do.
//!
//! | role | what for |
//! |---|---|
//! | `bursar_owner` | owns the schemas; migrations run as it; cannot log in |
//! | the login | what the program connects as; owns and inherits nothing, may only become one of: |
//! | `bursar_user` | unit of work of one user, confined by row-level security |
//! | `bursar_system` | unit of work of the program itself; policies let it see all rows |
//!
//! On a private cluster the login is `bursar_login`. On a given server it is the one named in
//! `BURSAR_DATABASE_URL`; `BURSAR_DATABASE_OWNER_URL` names a role that may create roles and owns
//! the database. With one URL for both, everything works, but the login can change the schema.
//!
//! TimescaleDB runs the jobs of a role only if that may log in; where it is used, `bursar_owner` may, with no
//! connection at all.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::sqlstate;
use crate::{Access, Error};

/// Owns the database objects; migrations run as it. Cannot log in.
pub const OWNER_ROLE: &str = "bursar_owner";
/// The program's login on a private cluster.
pub const LOGIN_ROLE: &str = "bursar_login";
/// The role of a user's unit of work, confined by row-level security.
pub const USER_ROLE: &str = "bursar_user";
/// The role of a system unit of work; policies let it see all rows.
pub const SYSTEM_ROLE: &str = "bursar_system";
/// Superuser of a private cluster.
pub const ADMIN_ROLE: &str = "bursar_admin";
/// Database of a private cluster.
pub const DATABASE: &str = "bursar";

/// Longest time a statement of the program may take. Bulk work sets its own within its transaction.
pub const STATEMENT_TIMEOUT: &str = "30s";
/// Longest time a transaction of the program may stay open without a statement.
pub const IDLE_IN_TRANSACTION_TIMEOUT: &str = "60s";

/// Two processes that change the same role at once: one of them is told to try again.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);
/// Key of the advisory lock under which the roles of a database are ensured.
const LOCK_KEY: i64 = 0x0062_7572_7361_7201;

/// Why the roles cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum RolesError {
    /// The login of the URL does not exist, or its password is wrong.
    #[error(
        "the server does not let {login} in ({source}); create it as an administrator with: \
         create role {login} login noinherit password '…'"
    )]
    NoLogin {
        /// Role named in BURSAR_DATABASE_URL.
        login: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The owner URL is refused.
    #[error("the server does not let {owner}, who prepares the database, in: {source}")]
    NoOwner {
        /// Role named in BURSAR_DATABASE_OWNER_URL.
        owner: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The database does not exist and the owner may not create it.
    #[error(
        "database {database} does not exist and {owner} may not create it ({source}); create it as \
         an administrator with: create database {database} owner {owner}"
    )]
    NoDatabase {
        /// Database named in the URLs.
        database: String,
        /// Role that prepares the database.
        owner: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// The owner may not create the roles.
    #[error(
        "{owner} may not prepare the roles ({source}); as an administrator run: alter role {owner} \
         createrole, or name another role in BURSAR_DATABASE_OWNER_URL"
    )]
    NotAllowed {
        /// Role that prepares the database.
        owner: String,
        /// The server's words.
        source: sqlx::Error,
    },
    /// Anything else.
    #[error(transparent)]
    Database(#[from] Error),
}

/// Creates the database, the roles and their grants where they are missing. Harmless to repeat.
pub async fn ensure(access: &Access) -> Result<(), RolesError> {
    let mut connection = connect_owner(access).await?;
    let mut statements = roles_sql();
    if let Some(secret) = access.login_secret()
        && !may_log_in(access).await?
    {
        statements.push_str(&login_sql(secret));
    }
    statements.push_str(&grants_sql(access));
    let batch = format!("begin; select pg_advisory_xact_lock({LOCK_KEY}); {statements} commit");
    let mut attempt = 1;
    let outcome = loop {
        match sqlx::raw_sql(AssertSqlSafe(batch.as_str()))
            .execute(&mut connection)
            .await
        {
            Err(error) if attempt < ATTEMPTS && is_concurrent_change(&error) => {
                attempt += 1;
                sqlx::raw_sql("rollback")
                    .execute(&mut connection)
                    .await
                    .map_err(Error::from)?;
                tokio::time::sleep(PAUSE).await;
            }
            outcome => break outcome,
        }
    };
    // The server frees everything with the connection, however it ends.
    let _ = connection.close().await;
    match outcome {
        Ok(_) if access.login_secret().is_none() => may_log_in(access).await.map(drop),
        Ok(_) => Ok(()),
        Err(source) if sqlstate(&source) == "42501" => Err(RolesError::NotAllowed {
            owner: access.owner_name().to_owned(),
            source,
        }),
        // The grants name the login of the URL.
        Err(source) if sqlstate(&source) == "42704" => Err(RolesError::NoLogin {
            login: access.login_name().to_owned(),
            source,
        }),
        Err(source) => Err(Error::from(source).into()),
    }
}

/// Whether the login exists with its password; on a given server that is not ours to mend.
async fn may_log_in(access: &Access) -> Result<bool, RolesError> {
    match access.login_options().connect().await {
        Ok(connection) => {
            let _ = connection.close().await;
            Ok(true)
        }
        Err(source) => match sqlstate(&source).as_str() {
            "28P01" | "28000" if access.login_secret().is_some() => Ok(false),
            "28P01" | "28000" => Err(RolesError::NoLogin {
                login: access.login_name().to_owned(),
                source,
            }),
            _ => Err(Error::from(source).into()),
        },
    }
}

async fn connect_owner(access: &Access) -> Result<PgConnection, RolesError> {
    match access.owner_options().connect().await {
        Ok(connection) => Ok(connection),
        Err(source) => match sqlstate(&source).as_str() {
            "3D000" => {
                create_database(access).await?;
                Ok(access
                    .owner_options()
                    .connect()
                    .await
                    .map_err(Error::from)?)
            }
            "28P01" | "28000" => Err(RolesError::NoOwner {
                owner: access.owner_name().to_owned(),
                source,
            }),
            _ => Err(Error::from(source).into()),
        },
    }
}

async fn create_database(access: &Access) -> Result<(), RolesError> {
    let refused = |source| RolesError::NoDatabase {
        database: access.database().to_owned(),
        owner: access.owner_name().to_owned(),
        source,
    };
    let maintenance = access.owner_options().database("postgres");
    let mut connection = maintenance.connect().await.map_err(refused)?;
    let statement = format!("create database {}", quote_ident(access.database()));
    let created = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    let _ = connection.close().await;
    match created {
        Ok(_) => Ok(()),
        // Another process was quicker.
        Err(source) if matches!(sqlstate(&source).as_str(), "42P04" | "23505") => Ok(()),
        Err(source) => Err(refused(source)),
    }
}

fn roles_sql() -> String {
    [OWNER_ROLE, USER_ROLE, SYSTEM_ROLE]
        .map(|role| create_role_sql(role, "nologin"))
        .concat()
}

fn login_sql(secret: &config::Secret) -> String {
    let password = quote_literal(secret.expose());
    format!(
        "{}alter role {LOGIN_ROLE} password {password};",
        create_role_sql(LOGIN_ROLE, "login noinherit")
    )
}

fn create_role_sql(role: &str, attributes: &str) -> String {
    format!(
        "do $$ begin \
           if not exists (select from pg_roles where rolname = '{role}') then \
             create role {role} {attributes}; \
           end if; \
         end $$;"
    )
}

/// What the roles get. Each part looks first, so that a repeated run needs no right to change.
fn grants_sql(access: &Access) -> String {
    let login = quote_literal(access.login_name());
    let has_one_role = access.has_one_role();
    format!(
        "do $do$
        declare
            modern constant boolean := current_setting('server_version_num')::int >= 160000;
            login constant text := {login};
            granted text;
            schema_owner oid;
        begin
            -- Since version 16 inheriting is a property of the grant, not of the role.
            foreach granted in array array['{USER_ROLE}', '{SYSTEM_ROLE}'] loop
                if not exists (
                    select from pg_auth_members m
                    where m.roleid = granted::regrole and m.member = login::regrole
                ) or (modern and not pg_has_role(login, granted, 'set')) then
                    execute format('grant %I to %I', granted, login)
                        || case when modern then ' with inherit false, set true' else '' end;
                end if;
            end loop;
            if not {has_one_role} and exists (
                select from pg_roles where rolname = login and rolinherit and not rolsuper
            ) and not modern then
                execute format('alter role %I noinherit', login);
            end if;
            if not pg_has_role(current_user, '{OWNER_ROLE}', 'usage')
                or (modern and not pg_has_role(current_user, '{OWNER_ROLE}', 'set')) then
                execute format('grant {OWNER_ROLE} to %I', current_user);
            end if;
            if not has_database_privilege('{OWNER_ROLE}', current_database(), 'create') then
                execute format(
                    'grant create, connect, temporary on database %I to {OWNER_ROLE}',
                    current_database()
                );
            end if;
            if not has_database_privilege(login, current_database(), 'connect') then
                execute format('grant connect on database %I to %I', current_database(), login);
            end if;
            select nspowner into schema_owner from pg_namespace
            where nspname = 'public' and exists (
                select from aclexplode(nspacl) where grantee = 0
            );
            if found and pg_has_role(current_user, schema_owner, 'usage') then
                revoke all on schema public from public;
            end if;
        end $do$;"
    )
}

fn is_concurrent_change(error: &sqlx::Error) -> bool {
    let is_tuple_changed = error
        .as_database_error()
        .is_some_and(|error| error.message().contains("tuple concurrently updated"));
    is_tuple_changed || matches!(sqlstate(error).as_str(), "23505" | "42710")
}

/// A name as an SQL identifier.
pub(crate) fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
