use std::sync::Arc;

use anyhow::Context;
use config::{DataDir, Profile, Settings};
use db::{Clock, Db, Server, migrations::Migrator};
use web::App;

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
        match Self::prepare(settings, profile, &data_dir, &server).await {
            Ok(app) => {
                Ok(Self { data_dir, server, app, valuations: portfolio::Valuations::default() })
            }
            Err(error) => {
                server.close().await.context("the database did not stop either")?;
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
        let db = match current(server).await {
            Some(db) => db,
            None => {
                for migration in server.prepare().await? {
                    tracing::info!(version = migration.version, name = migration.name, "migrated");
                }
                server.connect().await?
            }
        };
        let csrf_key = data_dir.secret("csrf")?;
        Ok(app(db, Clock::system(), csrf_key.expose().as_bytes(), settings, profile))
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
/// preparing, and the rights of the owner are not asked for.
async fn current(server: &Server) -> Option<Db> {
    let db = server.connect().await.ok()?;
    match Migrator::embedded().is_current(&db).await {
        Ok(true) => Some(db),
        Ok(false) | Err(_) => {
            db.close().await;
            None
        }
    }
}

fn app(db: Db, clock: Clock, csrf_key: &[u8], settings: &Settings, profile: Profile) -> App {
    App {
        db,
        clock,
        csrf_key: Arc::from(csrf_key),
        secure_cookies: settings.has_secure_cookies(),
        demo: profile == Profile::Demo,
        nav: crate::NAV,
    }
}
