//! Which server, and as whom.

use std::str::FromStr as _;

use config::{Secret, Settings};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::roles;

/// The two ways into one database: as the login of the program, and as the role that may create
/// roles and run migrations. `Debug` shows no passwords.
#[derive(Clone)]
pub struct Access {
    login: PgConnectOptions,
    owner: PgConnectOptions,
    /// Password of the login where Bursar itself sets it: on a private cluster.
    login_secret: Option<Secret>,
    /// Whether working as a superuser is meant to be.
    allows_superuser: bool,
}

/// Why the database URLs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The text is no URL of a PostgreSQL database.
    #[error(
        "{setting} is not a PostgreSQL URL (postgres://login:password@host:5432/database): {source}"
    )]
    Url {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        source: sqlx::Error,
    },
    /// The URL is that of something else.
    #[error("{setting} must begin with postgres://")]
    NotPostgres {
        /// Name of the setting.
        setting: &'static str,
    },
    /// The URL leaves out the database.
    #[error("{setting} names no database; append /bursar, for example")]
    NoDatabase {
        /// Name of the setting.
        setting: &'static str,
    },
    /// The two URLs lead to different databases.
    #[error(
        "BURSAR_DATABASE_OWNER_URL leads to database {owner} and BURSAR_DATABASE_URL to {login}; \
         both must name the same database"
    )]
    TwoDatabases {
        /// Database of the owner URL.
        owner: String,
        /// Database of the login URL.
        login: String,
    },
}

impl Access {
    /// The access given by the settings; `None` means that a private cluster is wanted.
    pub fn from_settings(settings: &Settings) -> Result<Option<Self>, AccessError> {
        let Some(url) = &settings.database_url else {
            return Ok(None);
        };
        let owner = settings.database_owner_url.as_deref();
        let access = Self::from_urls(url, owner)?;
        Ok(Some(Self {
            allows_superuser: settings.allow_superuser,
            ..access
        }))
    }

    /// Access by URL. Without a second URL one role does everything.
    pub fn from_urls(url: &str, owner_url: Option<&str>) -> Result<Self, AccessError> {
        let login = parse("BURSAR_DATABASE_URL", url)?;
        let owner = match owner_url {
            Some(url) => parse("BURSAR_DATABASE_OWNER_URL", url)?,
            None => login.clone(),
        };
        let (of_owner, of_login) = (database(&owner), database(&login));
        if of_owner != of_login {
            return Err(AccessError::TwoDatabases {
                owner: of_owner.to_owned(),
                login: of_login.to_owned(),
            });
        }
        Ok(Self {
            login,
            owner,
            login_secret: None,
            allows_superuser: false,
        })
    }

    /// Access through the unix socket of a private cluster.
    pub(crate) fn private(
        owner: PgConnectOptions,
        login: PgConnectOptions,
        login_secret: Secret,
    ) -> Self {
        Self {
            login,
            owner,
            login_secret: Some(login_secret),
            allows_superuser: false,
        }
    }

    /// The same server and roles, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self {
            login: self.login.clone().database(name),
            owner: self.owner.clone().database(name),
            login_secret: self.login_secret.clone(),
            allows_superuser: self.allows_superuser,
        }
    }

    /// Name of the database.
    pub fn database(&self) -> &str {
        database(&self.login)
    }

    /// Name of the login the program works under.
    pub fn login_name(&self) -> &str {
        self.login.get_username()
    }

    /// Name of the role that creates roles and migrates.
    pub fn owner_name(&self) -> &str {
        self.owner.get_username()
    }

    pub(crate) fn allows_superuser(&self) -> bool {
        self.allows_superuser
    }

    pub(crate) fn login_secret(&self) -> Option<&Secret> {
        self.login_secret.as_ref()
    }

    /// Whether one role does everything, the migrations included.
    pub fn has_one_role(&self) -> bool {
        self.login.get_username() == self.owner.get_username()
    }

    /// How the program's login connects, limits included.
    pub fn login_options(&self) -> PgConnectOptions {
        self.login.clone().application_name("bursar").options([
            ("statement_timeout", roles::STATEMENT_TIMEOUT),
            (
                "idle_in_transaction_session_timeout",
                roles::IDLE_IN_TRANSACTION_TIMEOUT,
            ),
        ])
    }

    /// The owner's way in as a URL, its password included: for the tools of PostgreSQL.
    pub fn owner_url(&self) -> String {
        self.owner.to_url_lossy().into()
    }

    /// How the role that creates roles and migrates connects. It has no statement limit.
    pub fn owner_options(&self) -> PgConnectOptions {
        self.owner.clone().application_name("bursar owner")
    }
}

impl Access {
    /// What `psql` and its kin read to connect as the owner. Passwords belong in the environment:
    /// a command line can be read by every process of the machine.
    pub fn owner_environment(&self) -> Vec<(&'static str, String)> {
        let mut url = self.owner.to_url_lossy();
        // The options do not give their password away, but their URL does, percent-encoded; as a
        // part of the query it is decoded like the others.
        if let Some(password) = url.password().map(str::to_owned) {
            let query = url.query().unwrap_or_default();
            url.set_query(Some(&format!("{query}&password={password}")));
        }
        let host = match self.owner.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => self.owner.get_host().to_owned(),
        };
        let mut environment = vec![
            ("PGHOST", host),
            ("PGPORT", self.owner.get_port().to_string()),
            ("PGUSER", self.owner.get_username().to_owned()),
            ("PGDATABASE", self.database().to_owned()),
        ];
        environment.extend(url.query_pairs().filter_map(|(key, value)| {
            let name = match &*key {
                "password" => "PGPASSWORD",
                "sslmode" => "PGSSLMODE",
                "sslrootcert" => "PGSSLROOTCERT",
                "sslcert" => "PGSSLCERT",
                "sslkey" => "PGSSLKEY",
                _ => return None,
            };
            Some((name, value.into_owned()))
        }));
        environment
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("database", &self.database())
            .field("login", &self.login.get_username())
            .field("owner", &self.owner.get_username())
            .finish_non_exhaustive()
    }
}

/// Options for a role of a private cluster: nothing of them comes from the environment.
pub(crate) fn socket_options(
    socket_dir: &std::path::Path,
    role: &str,
    password: &str,
    database: &str,
) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(crate::cluster::PORT)
        .username(role)
        .password(password)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

fn parse(setting: &'static str, url: &str) -> Result<PgConnectOptions, AccessError> {
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(AccessError::NotPostgres { setting });
    }
    let options =
        PgConnectOptions::from_str(url).map_err(|source| AccessError::Url { setting, source })?;
    match options.get_database() {
        Some(_) => Ok(options),
        None => Err(AccessError::NoDatabase { setting }),
    }
}

fn database(options: &PgConnectOptions) -> &str {
    // `parse` and `socket_options` see to it that there is one.
    options
        .get_database()
        .unwrap_or_else(|| options.get_username())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_programs_learn_all_from_the_environment() {
        let url =
            "postgres://keeper:p%40s%25s%2B%20%C3%A9@db.example:5433/books?sslmode=verify-full";
        let access = Access::from_urls(url, None).expect("access");
        assert_eq!(
            access.owner_environment(),
            [
                ("PGHOST", "db.example"),
                ("PGPORT", "5433"),
                ("PGUSER", "keeper"),
                ("PGDATABASE", "books"),
                ("PGSSLMODE", "verify-full"),
                ("PGPASSWORD", "p@s%s+ \u{e9}"),
            ]
            .map(|(name, value)| (name, value.to_owned()))
        );
    }

    #[test]
    fn passwords_stay_out_of_debug_output() {
        let access = Access::from_urls("postgres://app:hidden@localhost/books", None);
        let text = format!("{:?}", access.expect("access"));
        assert!(text.contains("app") && !text.contains("hidden"), "{text}");
    }
}
