//! The server of an instance: its own private cluster, or the one it was given.

use config::{DataDir, Settings};

use crate::cluster::{Cluster, ClusterError, ClusterOptions};
use crate::migrations::{MigrateError, Migrator, Status};
use crate::roles::{self, RolesError};
use crate::{Access, AccessError, Db, Error};

/// The server this instance uses.
#[derive(Debug)]
pub struct Server {
    access: Access,
    cluster: Option<Cluster>,
}

/// Why the server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The URLs are wrong.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The private cluster does not run.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The server refused something.
    #[error(transparent)]
    Database(#[from] Error),
    /// The roles could not be made ready.
    #[error(transparent)]
    Roles(#[from] RolesError),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

impl Server {
    /// Takes the configured server, or starts or joins the private cluster of the data directory.
    pub async fn open(settings: &Settings, data_dir: &DataDir) -> Result<Self, ServerError> {
        if let Some(access) = Access::from_settings(settings)? {
            return Ok(Self {
                access,
                cluster: None,
            });
        }
        let cluster = Cluster::open(data_dir, ClusterOptions::default()).await?;
        Ok(Self {
            access: cluster.access(),
            cluster: Some(cluster),
        })
    }

    /// Ensures database, roles and grants, and applies pending migrations; returns those.
    pub async fn prepare(&self) -> Result<Vec<Status>, ServerError> {
        roles::ensure(&self.access).await?;
        Ok(Migrator::embedded().migrate(&self.access).await?)
    }

    /// Opens the pool of the program's login.
    pub async fn connect(&self) -> Result<Db, ServerError> {
        Ok(Db::connect(&self.access).await?)
    }

    /// How to reach the database.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Keeps the private cluster alive until `cancel` completes; with a given server it only waits.
    pub async fn supervise(&self, cancel: impl Future<Output = ()>) {
        match &self.cluster {
            Some(cluster) => cluster.supervise(cancel).await,
            None => cancel.await,
        }
    }

    /// Leaves the server; the last user of a private cluster stops it.
    pub async fn close(self) -> Result<(), ServerError> {
        if let Some(cluster) = self.cluster {
            cluster.close().await?;
        }
        Ok(())
    }
}
