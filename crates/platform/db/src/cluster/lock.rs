//! Lock files (`flock`): freed by the kernel when the holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::{ClusterError, io_error};

/// Somebody who starts a server may have to wait for its recovery after a crash.
const WAIT: Duration = Duration::from_mins(3);
const POLL: Duration = Duration::from_millis(10);

/// Waits for the exclusive lock.
pub(super) async fn exclusive(path: &Path) -> Result<File, ClusterError> {
    let deadline = Instant::now() + WAIT;
    loop {
        if let Some(file) = try_exclusive(path)? {
            return Ok(file);
        }
        refuse_after(deadline, path)?;
        tokio::time::sleep(POLL).await;
    }
}

/// Waits for the exclusive lock on this thread.
pub(super) fn exclusive_blocking(path: &Path) -> Result<File, ClusterError> {
    let deadline = Instant::now() + WAIT;
    loop {
        if let Some(file) = try_exclusive(path)? {
            return Ok(file);
        }
        refuse_after(deadline, path)?;
        std::thread::sleep(POLL);
    }
}

/// The exclusive lock, unless anybody has the file locked.
pub(super) fn try_exclusive(path: &Path) -> Result<Option<File>, ClusterError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(io_error("lock", path)(source)),
    }
}

/// A shared lock; waits for a holder of the exclusive one.
pub(super) fn shared(path: &Path) -> Result<File, ClusterError> {
    let file = open(path)?;
    file.lock_shared().map_err(io_error("lock", path))?;
    Ok(file)
}

fn open(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(io_error("open", path))
}

fn refuse_after(deadline: Instant, path: &Path) -> Result<(), ClusterError> {
    if Instant::now() < deadline {
        return Ok(());
    }
    Err(ClusterError::Busy {
        path: path.to_path_buf(),
        seconds: WAIT.as_secs(),
    })
}
