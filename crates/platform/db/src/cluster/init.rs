//! Making a new cluster.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::Command;

use config::Secret;

use super::account::Account;
use super::error::{ClusterError, io_error};
use super::layout::Layout;
use super::programs::Programs;
use crate::roles::ADMIN_ROLE;

/// What fits a household; the file stays the operator's to tune.
const SETTINGS: &str = "
# Bursar's choice for a household. Change it as you like; restart Bursar afterwards.
shared_buffers = 64MB
max_connections = 60
# Bars and ticks are in many partitions, each with locks of its own while it is read or written.
max_locks_per_transaction = 256
wal_compression = on
log_min_duration_statement = 100ms
# The values in slow statements are people's data: they stay out of the log.
log_parameter_max_length = 0
";

/// The major version a cluster was written by, or `None` where there is no cluster yet.
pub(super) fn written_by(data: &Path) -> Result<Option<u32>, ClusterError> {
    let not_a_cluster = || ClusterError::NoCluster {
        path: data.to_path_buf(),
    };
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) => version
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| not_a_cluster()),
        Err(_) if !data.exists() => Ok(None),
        Err(_) => Err(not_a_cluster()),
    }
}

/// Makes a cluster beside its final place and renames it there: it is whole or absent.
pub(super) fn init(
    layout: &Layout,
    programs: &Programs,
    password: &Secret,
    durable: bool,
) -> Result<(), ClusterError> {
    let account = layout.account.as_ref();
    let unfinished = layout.unfinished();
    if unfinished.exists() {
        // Of an initdb that was killed; the caller holds the start lock.
        fs::remove_dir_all(&unfinished).map_err(io_error("remove", &unfinished))?;
    }
    DirBuilder::new()
        .mode(0o700)
        .create(&unfinished)
        .map_err(io_error("create", &unfinished))?;
    Account::own(account, &unfinished)?;
    let password_file = PasswordFile::write(layout, password)?;

    let mut command = Command::new(programs.directory.join("initdb"));
    command
        .arg("--pgdata")
        .arg(&unfinished)
        .arg("--pwfile")
        .arg(layout.password_file())
        .arg(format!("--username={ADMIN_ROLE}"))
        .args(["--encoding=UTF8", "--locale=C.UTF-8"])
        // The client's half of SCRAM takes a debug build 40 ms, which every connection of every test
        // would pay. The password is checked either way, and the socket is closed to others.
        .arg(if durable {
            "--auth=scram-sha-256"
        } else {
            "--auth=password"
        })
        .args(["--data-checksums", "--no-instructions"])
        .args((!durable).then_some("--no-sync"))
        .current_dir(&unfinished)
        .env_clear()
        .envs(super::start::ENVIRONMENT);
    Account::apply(account, &mut command);
    let output = command.output().map_err(|source| {
        Account::obstacle(account, &unfinished)
            .unwrap_or_else(|| io_error("run initdb in", &unfinished)(source))
    })?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let output_text = String::from_utf8_lossy(&text).trim().to_owned();
        return Err(ClusterError::Init {
            status: output.status,
            output: output_text,
        });
    }
    drop(password_file);
    append_settings(&unfinished.join("postgresql.conf"))?;
    fs::rename(&unfinished, &layout.data).map_err(io_error("rename", &unfinished))
}

fn append_settings(path: &Path) -> Result<(), ClusterError> {
    let mut file = OpenOptions::new()
        .append(true)
        .open(path)
        .map_err(io_error("open", path))?;
    file.write_all(SETTINGS.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io_error("write", path))
}

/// The superuser's password for the time `initdb` needs it: a pipe would not do, because root's is
/// closed to the server's account.
struct PasswordFile<'l> {
    layout: &'l Layout,
}

impl<'l> PasswordFile<'l> {
    fn write(layout: &'l Layout, password: &Secret) -> Result<Self, ClusterError> {
        let path = layout.password_file();
        // Left behind by a process that was killed here.
        let _ = fs::remove_file(&path);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(io_error("create", &path))?;
        let guard = Self { layout };
        file.write_all(password.expose().as_bytes())
            .map_err(io_error("write", &path))?;
        Account::own(layout.account.as_ref(), &path)?;
        Ok(guard)
    }
}

impl Drop for PasswordFile<'_> {
    fn drop(&mut self) {
        let path = self.layout.password_file();
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(%error, path = %path.display(), "cannot remove a password file");
        }
    }
}
