//! The private cluster: PostgreSQL started from the installed programs, for this instance alone.

use config::DataDir;

use crate::Access;

/// The port is only a part of the socket's name: nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// How to run the cluster.
#[derive(Debug, Clone, Copy)]
pub struct ClusterOptions {
    /// Whether commits survive a power failure. Only tests may do without.
    pub durable: bool,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { durable: true }
    }
}

/// A running private cluster, shared by all processes that use its data directory.
#[derive(Debug)]
pub struct Cluster {
    access: Access,
}

/// Why the private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {}

impl Cluster {
    /// Starts the cluster of the data directory, or joins it when it runs.
    pub async fn open(data_dir: &DataDir, options: ClusterOptions) -> Result<Self, ClusterError> {
        let _ = (data_dir, options);
        todo!()
    }

    /// How to reach its database.
    pub fn access(&self) -> Access {
        self.access.clone()
    }

    /// Restarts the server whenever it dies, until `cancel` completes.
    pub async fn supervise(&self, cancel: impl Future<Output = ()>) {
        cancel.await;
    }

    /// Leaves the cluster; its last user stops it.
    pub async fn close(self) -> Result<(), ClusterError> {
        todo!()
    }
}
