//! The account the server runs under. PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Uid, User, geteuid};

use super::error::{ClusterError, io_error};

/// Another account than the one of this process; only root needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    name: String,
}

impl Account {
    /// The account for a cluster in `data`, or `None` to run as who we are. A cluster that exists
    /// keeps the account it was made under.
    pub(super) fn choose(data: &Path) -> Result<Option<Self>, ClusterError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        if let Ok(metadata) = fs::metadata(data)
            && metadata.uid() != 0
        {
            let name = User::from_uid(Uid::from_raw(metadata.uid()));
            let name = name
                .ok()
                .flatten()
                .map_or(metadata.uid().to_string(), |user| user.name);
            return Ok(Some(Self {
                uid: metadata.uid(),
                gid: metadata.gid(),
                name,
            }));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
                name: user.name,
            })
            .map_or(Err(ClusterError::NoAccount), |account| Ok(Some(account)))
    }

    /// Lets the command run as this account; its supplementary groups go too.
    pub(super) fn apply(account: Option<&Self>, command: &mut Command) {
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
    }

    /// Hands a file or directory over to this account.
    pub(super) fn own(account: Option<&Self>, path: &Path) -> Result<(), ClusterError> {
        let Some(account) = account else {
            return Ok(());
        };
        chown(path, Some(account.uid), Some(account.gid))
            .map_err(io_error("change the owner of", path))
    }

    /// The number of the account that owns what the server owns.
    pub(super) fn uid(account: Option<&Self>) -> u32 {
        account.map_or_else(|| geteuid().as_raw(), |account| account.uid)
    }

    /// Explains why this account was refused on the way to `path`, if a directory is the reason.
    pub(super) fn obstacle(account: Option<&Self>, path: &Path) -> Option<ClusterError> {
        let account = account?;
        let ancestors: Vec<PathBuf> = path.ancestors().map(Path::to_path_buf).collect();
        let directory = ancestors
            .into_iter()
            .rev()
            .find(|directory| account.is_closed_out(directory))?;
        Some(ClusterError::NotReachable {
            directory,
            account: account.name.clone(),
        })
    }

    fn is_closed_out(&self, directory: &Path) -> bool {
        let Ok(metadata) = fs::metadata(directory) else {
            return false;
        };
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & bit == 0
    }
}
