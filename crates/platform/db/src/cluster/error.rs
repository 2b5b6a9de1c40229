//! What can keep a private cluster from running, with the way out.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use config::DataDirError;

use super::programs::OLDEST_MAJOR;

/// Why the private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The data directory or a secret in it is unusable.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where it was tried.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No server programs, or too old ones.
    #[error(
        "PostgreSQL {OLDEST_MAJOR} or newer is not installed ({}); install it with `{install}`, or \
         name a server with BURSAR_DATABASE_URL",
        found_text(found)
    )]
    NoPrograms {
        /// Major versions that are installed, all too old.
        found: Vec<u32>,
        /// Command that installs it here.
        install: String,
    },
    /// The cluster was written by another major version than those installed.
    #[error(
        "{} was written by PostgreSQL {written_by}, but installed here is {}. Install PostgreSQL \
         {written_by} beside it; then either keep it, or move the data to the newer version with \
         pg_upgrade or with a dump (pg_dumpall) restored into a new data directory",
        path.display(), found_text(found)
    )]
    OtherMajor {
        /// Directory of the cluster.
        path: PathBuf,
        /// Its major version.
        written_by: u32,
        /// Major versions that are installed.
        found: Vec<u32>,
    },
    /// The directory holds something else.
    #[error("{} exists but is no PostgreSQL cluster; move it away", path.display())]
    NoCluster {
        /// The directory.
        path: PathBuf,
    },
    /// PostgreSQL refuses to run as root and there is no other account.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither an account `postgres` nor \
         `nobody`; create one with `useradd --system postgres`"
    )]
    NoAccount,
    /// The account of the server cannot get to its data.
    #[error(
        "the database server runs as account `{account}`, which may not pass through {}; use \
         `--data-dir /var/lib/bursar`, or run: chmod o+x {}",
        directory.display(), directory.display()
    )]
    NotReachable {
        /// The first directory that is closed to it.
        directory: PathBuf,
        /// Name or number of the account.
        account: String,
    },
    /// A directory for the socket belongs to somebody else.
    #[error("{} belongs to another account; remove it, or use a shorter --data-dir", path.display())]
    ForeignSocketDir {
        /// The directory.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb failed ({status}): {output}")]
    Init {
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        output: String,
    },
    /// The server ended while starting.
    #[error("the database server did not start ({status}); the end of {}: {tail}", log.display())]
    Start {
        /// How it ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// The server runs but takes no connections.
    #[error(
        "the database server takes no connections after {seconds} s ({source}); its log is {}",
        log.display()
    )]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
        /// The last refusal.
        source: sqlx::Error,
    },
    /// Processes of a dead server do not go away.
    #[error(
        "an earlier database server still works on {} but takes no connections; wait for it, or end \
         its processes", path.display()
    )]
    Orphans {
        /// Directory of the cluster.
        path: PathBuf,
    },
    /// The secret is not the password of the cluster.
    #[error(
        "the database refuses the secret in {}; restore that file from the backup it belongs to",
        path.display()
    )]
    WrongSecret {
        /// The secret's file.
        path: PathBuf,
    },
    /// Another process is starting or stopping the server and does not come to an end.
    #[error("another process holds {} for more than {seconds} s", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The server ignores the request to stop.
    #[error("the database server (process {pid}) does not stop")]
    DoesNotStop {
        /// Its process id.
        pid: i32,
    },
}

/// Wraps an error of the operating system with what was tried.
pub(super) fn io_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> ClusterError {
    let path = path.to_path_buf();
    move |source| ClusterError::Io {
        action,
        path,
        source,
    }
}

fn found_text(majors: &[u32]) -> String {
    if majors.is_empty() {
        return "nothing found on PATH or under /usr/lib/postgresql".to_owned();
    }
    let majors: Vec<String> = majors.iter().map(u32::to_string).collect();
    format!("version {}", majors.join(", "))
}
