//! Where the parts of a private cluster lie.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use config::DataDir;
use sha2::{Digest as _, Sha256};

use super::account::Account;
use super::error::{ClusterError, io_error};

/// Longest path of a socket; the operating systems allow 104 to 108 bytes with the final zero.
const SOCKET_PATH_MAX: usize = 100;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// A log file larger than this is set aside at the next start.
const LOG_MAX: u64 = 10 * 1024 * 1024;

/// The paths of a cluster and the account that owns the server's part of them.
#[derive(Debug)]
pub(super) struct Layout {
    /// What `initdb` makes.
    pub(super) data: PathBuf,
    /// Where the socket lies.
    pub(super) socket_dir: PathBuf,
    /// What the server writes to its standard error.
    pub(super) log: PathBuf,
    /// The account of the server, when it is another than ours.
    pub(super) account: Option<Account>,
    run: PathBuf,
    locks: PathBuf,
    owner_secret: PathBuf,
}

impl Layout {
    /// The layout inside a data directory; makes the directories that Bursar itself needs.
    pub(super) fn create(data_dir: &DataDir) -> Result<Self, ClusterError> {
        let data = data_dir.join("postgres");
        let run = data_dir.join("run");
        let layout = Self {
            account: Account::choose(&data)?,
            socket_dir: socket_dir(&run, &std::env::temp_dir()),
            log: data_dir.join("postgres.log"),
            locks: data_dir.join("locks"),
            owner_secret: data_dir.join("secrets/database-owner"),
            data,
            run,
        };
        make_private(&layout.locks)?;
        Ok(layout)
    }

    pub(super) fn start_lock(&self) -> PathBuf {
        self.locks.join("start.lock")
    }

    pub(super) fn users_lock(&self) -> PathBuf {
        self.locks.join("users.lock")
    }

    pub(super) fn server_lock(&self) -> PathBuf {
        self.locks.join("server.lock")
    }

    /// The file of the superuser's secret, for messages.
    pub(super) fn owner_secret(&self) -> PathBuf {
        self.owner_secret.clone()
    }

    /// The half-made cluster of an `initdb` that is running.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.data.with_extension("new")
    }

    /// A file for the password that `initdb` reads.
    pub(super) fn password_file(&self) -> PathBuf {
        self.run.join("initdb-password")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.socket_dir.join(SOCKET_NAME)
    }

    /// Makes the directories of the server and hands them to its account.
    pub(super) fn make_server_dirs(&self) -> Result<(), ClusterError> {
        for directory in [&self.run, &self.socket_dir] {
            if make_private(directory)? {
                Account::own(self.account.as_ref(), directory)?;
            }
            let metadata = fs::symlink_metadata(directory).map_err(io_error("read", directory))?;
            let is_ours =
                metadata.is_dir() && metadata.uid() == Account::uid(self.account.as_ref());
            if !is_ours {
                return Err(ClusterError::ForeignSocketDir {
                    path: directory.clone(),
                });
            }
        }
        Ok(())
    }

    /// Removes what a dead server left beside its data. The caller knows that it is dead.
    pub(super) fn remove_stale_socket(&self) {
        // Absent is what they should be.
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_file(self.socket_dir.join(format!("{SOCKET_NAME}.lock")));
    }

    /// Sets a large log file aside.
    pub(super) fn rotate_log(&self) -> Result<(), ClusterError> {
        match fs::metadata(&self.log) {
            Ok(metadata) if metadata.len() > LOG_MAX => {
                fs::rename(&self.log, self.log.with_extension("log.1"))
                    .map_err(io_error("rotate", &self.log))
            }
            _ => Ok(()),
        }
    }
}

/// `run`, or a short directory of its own when the path is too long for a socket or has characters
/// that separate entries in PostgreSQL's list of directories.
fn socket_dir(run: &Path, temporary: &Path) -> PathBuf {
    let length = run.join(SOCKET_NAME).as_os_str().len();
    let is_plain = run
        .to_str()
        .is_some_and(|path| !path.contains([',', '"', ' ']));
    if length <= SOCKET_PATH_MAX && is_plain {
        return run.to_path_buf();
    }
    let digest = Sha256::digest(run.as_os_str().as_bytes());
    let name = digest
        .iter()
        .take(8)
        .fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    temporary.join(format!("bursar-{name}"))
}

/// Makes a directory for its owner alone; returns whether it was missing.
fn make_private(path: &Path) -> Result<bool, ClusterError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(source) => Err(io_error("create", path)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_get_a_short_path_of_their_own_when_needed() {
        let temporary = Path::new("/tmp");
        let near = Path::new("/var/lib/bursar/run");
        assert_eq!(socket_dir(near, temporary), near);
        let deep = PathBuf::from(format!("/{}/run", "d".repeat(90)));
        let short = socket_dir(&deep, temporary);
        assert!(
            short.starts_with("/tmp") && short.as_os_str().len() < 40,
            "{short:?}"
        );
        assert_ne!(short, socket_dir(&deep.join("other"), temporary));
        assert!(socket_dir(Path::new("/home/ann/my data/run"), temporary).starts_with("/tmp"));
    }
}
