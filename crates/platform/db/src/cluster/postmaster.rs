//! The server's process, found through its pid file.

use std::fs;
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::ClusterError;

/// What the pid file of a cluster says, checked against the processes of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PidFile {
    /// No server, or one that is dead.
    Dead,
    /// The server lives.
    Live(Pid),
    /// The number belongs to another program now, or to a dead server whose parent has not collected
    /// it yet (in a container nobody may). PostgreSQL takes both for a living server.
    Stale,
}

/// Reads the pid file of the cluster in `data`.
pub(super) fn pid_file(data: &Path) -> PidFile {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return PidFile::Dead;
    };
    let number = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse::<i32>().ok());
    // Numbers below 2 would signal whole groups, or init.
    let Some(pid) = number.filter(|number| *number > 1).map(Pid::from_raw) else {
        return PidFile::Dead;
    };
    if kill(pid, None) == Err(Errno::ESRCH) {
        return PidFile::Dead;
    }
    if is_server(pid, data) {
        PidFile::Live(pid)
    } else {
        PidFile::Stale
    }
}

/// The process id of the server, while it lives.
pub(super) fn live_pid(data: &Path) -> Option<Pid> {
    match pid_file(data) {
        PidFile::Live(pid) => Some(pid),
        PidFile::Dead | PidFile::Stale => None,
    }
}

/// Asks the server for a fast shutdown.
pub(super) fn interrupt(pid: Pid) -> Result<(), ClusterError> {
    match kill(pid, Signal::SIGINT) {
        // It ended by itself in between.
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(ClusterError::Io {
            action: "stop the server in",
            path: format!("/proc/{pid}").into(),
            source: errno.into(),
        }),
    }
}

/// Whether the process is a living PostgreSQL server on this directory.
fn is_server(pid: Pid, data: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    if !Path::new("/proc/self").exists() {
        // Without /proc the pid file is all there is to know.
        return true;
    }
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let is_zombie = status
        .lines()
        .any(|line| line.starts_with("State:") && line.contains(['Z', 'X']));
    if is_zombie || !status.lines().any(|line| line == "Name:\tpostgres") {
        return false;
    }
    match fs::read_link(process.join("cwd")) {
        Ok(cwd) => cwd == data,
        // Not for us to see: a server of another account. Its name must do.
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pid_files_are_believed_only_when_the_process_fits() {
        let scratch = tempfile::tempdir().expect("scratch directory");
        let written = |text: &str| {
            fs::write(scratch.path().join("postmaster.pid"), text).expect("pid file");
            pid_file(scratch.path())
        };
        assert_eq!(pid_file(scratch.path()), PidFile::Dead);
        assert_eq!(written("garbage"), PidFile::Dead);
        assert_eq!(written("-1\n"), PidFile::Dead);
        assert_eq!(
            written(&format!("{}\n/somewhere\n", std::process::id())),
            PidFile::Stale
        );
    }
}
