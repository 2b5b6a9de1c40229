use std::{sync::Arc, time::Duration};

use anyhow::Context;
use checks::Checks;
use config::{DataDir, Profile, Settings};
use db::{Clock, Db, Server, ServerError, migrations::Migrator};
use market::feeds::Feeds;
use outbound::{Client, Policy};
use seal::Sealer;
use web::{App, Cache, CancellationToken, Gate, GateOptions, Uploads};

use crate::commands::signals::Signals;

/// A Bursar that can work: its data directory, its database, its state.
pub struct Instance {
    pub data_dir: DataDir,
    pub server: Server,
    pub app: App,
    pub valuations: portfolio::Valuations,
}

impl Instance {
    /// Opens the data directory, starts or joins the database, and brings its schema up to date.
    pub async fn open(settings: &Settings, profile: Profile) -> anyhow::Result<Self> {
        let data_dir = settings.open_data_dir(profile)?;
        let server = Server::open(settings, &data_dir).await?;
        let prepared = Self::prepare(settings, profile, &data_dir, &server).await;
        Self::assemble(data_dir, server, prepared).await
    }

    /// The same until a signal comes, which ends it in order: a private server that was started is
    /// stopped again.
    pub(crate) async fn open_until(
        signals: &Signals,
        settings: &Settings,
        profile: Profile,
    ) -> anyhow::Result<Self> {
        let data_dir = settings.open_data_dir(profile)?;
        // Not given up half-way: only a server that has started can be stopped in order.
        let server = Server::open(settings, &data_dir).await?;
        let prepared = Self::prepare(settings, profile, &data_dir, &server);
        let prepared = signals.or_interrupted(prepared).await;
        Self::assemble(data_dir, server, prepared).await
    }

    async fn assemble(
        data_dir: DataDir,
        server: Server,
        prepared: anyhow::Result<App>,
    ) -> anyhow::Result<Self> {
        match prepared {
            Ok(app) => Ok(Self {
                data_dir,
                server,
                app,
                valuations: portfolio::Valuations::default(),
            }),
            Err(error) => {
                server
                    .close()
                    .await
                    .context("the database did not stop either")?;
                Err(error)
            }
        }
    }

    async fn prepare(
        settings: &Settings,
        profile: Profile,
        data_dir: &DataDir,
        server: &Server,
    ) -> anyhow::Result<App> {
        let sealer = Sealer::open_keys(data_dir, settings)?;
        let db = if let Some(db) = current(server).await? {
            db
        } else {
            server.prepare().await?;
            server.connect().await?
        };
        seal::ensure_key(&db, &sealer).await?;
        let csrf_key = data_dir.secret("csrf")?;
        let cache = match settings.redis_url.as_deref() {
            Some(url) => Cache::shared(url).await?,
            None => Cache::default(),
        };
        Ok(App {
            db,
            clock: Clock::system(),
            csrf_key: Arc::from(csrf_key.expose().as_bytes()),
            sealer,
            outbound: Client::new(Policy::from_settings(settings))?,
            public_origin: settings.passkey_origin().into(),
            gate: gate(settings, cache.clone()),
            cache,
            stop: CancellationToken::new(),
            secure_cookies: settings.has_secure_cookies(),
            demo: profile == Profile::Demo,
            uploads: Uploads {
                folder: Arc::from(data_dir.join("uploads")),
                max_bytes: settings.max_upload_mib * 1024 * 1024,
            },
            nav: crate::NAV,
        })
    }

    /// What is checked about this instance.
    pub fn checks(&self, settings: &Settings) -> Checks {
        Checks::new(settings, &self.data_dir, self.server.access())
    }

    /// The sources of prices. Price files of the operator stand in `prices` of the data directory.
    pub fn feeds(&self, settings: &Settings) -> anyhow::Result<Feeds> {
        let options = sources::Options {
            folder: Some(self.data_dir.join("prices")),
            ..sources::Options::default()
        };
        let sources = sources::Sources::new(&options, Policy::from_settings(settings))?;
        Ok(Feeds {
            sources: Arc::new(sources),
            sealer: self.app.sealer.clone(),
        })
    }

    /// The database alone, for commands.
    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// Closes the connections and leaves the server; the last user of a private one stops it.
    pub async fn close(self) -> anyhow::Result<()> {
        self.app.db.close().await;
        Ok(self.server.close().await?)
    }
}

/// The database, when the login can use it and the schema is that of this program: then nothing needs
/// preparing, and the rights of the owner are not asked for. A server that cannot be asked is an error:
/// the owner could not prepare it either.
async fn current(server: &Server) -> anyhow::Result<Option<Db>> {
    let db = match server.connect().await {
        Ok(db) => db,
        Err(ServerError::Database(error)) if needs_owner(&error) => return Ok(None),
        Err(error) => return Err(error).context("cannot use the database server"),
    };
    let checked = Migrator::embedded().is_current(&db).await;
    if matches!(checked, Ok(true)) {
        return Ok(Some(db));
    }
    db.close().await;
    match checked {
        Ok(_) => Ok(None),
        Err(error) if needs_owner(&error) => Ok(None),
        Err(error) => Err(error).context("cannot read the schema's state"),
    }
}

/// Whether the server answered, and refused for want of what the owner prepares: the login or its
/// password (28000, 28P01), the database (3D000), a role to take on (22023) or a right (42501).
fn needs_owner(error: &db::Error) -> bool {
    let db::Error::Internal(source) = error else {
        return false;
    };
    let Some(refusal) = source.as_database_error() else {
        return false;
    };
    refusal
        .code()
        .is_some_and(|state| matches!(&*state, "28000" | "28P01" | "3D000" | "22023" | "42501"))
}

fn gate(settings: &Settings, cache: Cache) -> Gate {
    let options = GateOptions {
        trusted_proxies: settings.trusted_proxies.clone(),
        proxy_header: match settings.proxy_header {
            config::ProxyHeader::XForwardedFor => web::ProxyHeader::XForwardedFor,
            config::ProxyHeader::Forwarded => web::ProxyHeader::Forwarded,
        },
        requests_per_user: settings.requests_per_user,
        requests_per_address: settings.requests_per_address,
        sign_ins_per_address: settings.sign_ins_per_address,
        request_within: Duration::from_secs(settings.request_timeout_s.into()),
        public_origin: settings.public_origin(),
    };
    Gate::sharing(options, cache)
}
