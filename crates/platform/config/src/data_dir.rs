//! The directory on disk, and the secrets generated into it.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which instance a directory belongs to; each has a default directory of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The real thing.
    Live,
    /// The filled demonstration.
    Demo,
}

/// The place of everything Bursar keeps on disk. It exists once this value does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    path: PathBuf,
}

/// A secret: generated ones are 32 random bytes in unpadded URL-safe base64. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why the data directory or a secret in it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Neither a flag nor the environment says where data belongs.
    #[error("no home directory is known; name a data directory with --data-dir or BURSAR_DATA_DIR")]
    NoHome,
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where it was tried.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Other accounts of this machine can read a secret.
    #[error("{path} can be read by other accounts (mode {mode:04o}); run: chmod {remedy} {path}")]
    Exposed {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The argument of chmod that mends it.
        remedy: &'static str,
    },
    /// A secret belongs to somebody else, who could have put it there.
    #[error("{path} belongs to another account (uid {owner}); run: chown {uid} {path}")]
    Foreign {
        /// The file or directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The account of this process.
        uid: u32,
    },
    /// A secret file does not hold what Bursar wrote.
    #[error(
        "{path} does not hold a secret written by Bursar; restore it from a backup, or remove it to \
         have a new one generated"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

impl DataDir {
    /// Opens the given directory, or the default one of the profile, and creates it when absent.
    pub fn open(explicit: Option<&Path>, profile: Profile) -> Result<Self, DataDirError> {
        let path = match explicit {
            Some(path) => path.to_path_buf(),
            None => default_path(
                is_root(),
                std::env::var_os("XDG_DATA_HOME").map(PathBuf::from),
                std::env::home_dir(),
                profile,
            )?,
        };
        // As root the database server runs under another account and must pass through.
        let mode = if is_root() { 0o711 } else { 0o700 };
        create_dir(&path, mode)?;
        let path = path.canonicalize().map_err(io_error("resolve", &path))?;
        Ok(Self { path })
    }

    /// The absolute path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of something inside the directory.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// The secret of this name, generated on first use into `secrets/<name>`.
    pub fn secret(&self, name: &str) -> Result<Secret, DataDirError> {
        let folder = self.secrets_folder()?;
        let path = folder.join(name);
        match fs::symlink_metadata(&path) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => generate(&folder, &path)?,
            Err(source) => return Err(io_error("read", &path)(source)),
            Ok(_) => {}
        }
        read_secret(path)
    }

    /// The secrets whose names begin so, by name.
    pub fn secrets(&self, prefix: &str) -> Result<Vec<(String, Secret)>, DataDirError> {
        let folder = self.secrets_folder()?;
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(io_error("read", &folder))? {
            let name = entry.map_err(io_error("read", &folder))?.file_name();
            if let Some(name) = name.to_str().filter(|name| name.starts_with(prefix)) {
                found.push((name.to_owned(), read_secret(folder.join(name))?));
            }
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(found)
    }

    /// Gives a secret another name.
    pub fn rename_secret(&self, from: &str, to: &str) -> Result<(), DataDirError> {
        let folder = self.secrets_folder()?;
        let path = folder.join(from);
        fs::rename(&path, folder.join(to)).map_err(io_error("rename", &path))
    }

    fn secrets_folder(&self) -> Result<PathBuf, DataDirError> {
        let folder = self.path.join("secrets");
        create_dir(&folder, 0o700)?;
        refuse_exposed(&folder, "700")?;
        Ok(folder)
    }

    /// Makes sure that nobody else can read any secret there is; returns how many there are.
    pub fn check_secrets(&self) -> Result<usize, DataDirError> {
        let folder = self.path.join("secrets");
        if !folder.is_dir() {
            return Ok(0);
        }
        refuse_exposed(&folder, "700")?;
        let mut count = 0;
        for entry in fs::read_dir(&folder).map_err(io_error("read", &folder))? {
            let path = entry.map_err(io_error("read", &folder))?.path();
            refuse_exposed(&path, "600")?;
            count += 1;
        }
        Ok(count)
    }
}

impl fmt::Display for DataDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Secret {
    /// A secret that somebody else made.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text form, for use as a password or key material.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn default_path(
    is_root: bool,
    xdg_data_home: Option<PathBuf>,
    home: Option<PathBuf>,
    profile: Profile,
) -> Result<PathBuf, DataDirError> {
    let name = match profile {
        Profile::Live => "bursar",
        Profile::Demo => "bursar-demo",
    };
    // The XDG specification tells to ignore relative paths.
    let base = if is_root {
        PathBuf::from("/var/lib")
    } else if let Some(xdg) = xdg_data_home.filter(|path| path.is_absolute()) {
        xdg
    } else {
        let home = home
            .filter(|path| path.is_absolute())
            .ok_or(DataDirError::NoHome)?;
        home.join(".local/share")
    };
    Ok(base.join(name))
}

fn create_dir(path: &Path, mode: u32) -> Result<(), DataDirError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        // The umask may have taken bits away that the database account needs.
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode))
            .map_err(io_error("set the mode of", path)),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(source) => Err(io_error("create", path)(source)),
    }
}

/// Writes a fresh secret beside its final name and links it there: whoever comes second, here or in
/// another process, reads the first one's secret.
fn generate(folder: &Path, path: &Path) -> Result<(), DataDirError> {
    let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let temporary = folder.join(format!(".new-{:016x}", rand::random::<u64>()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    let placed = written.and_then(|()| match fs::hard_link(&temporary, path) {
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems know no links; renaming keeps the file whole at least.
        Err(_) => fs::rename(&temporary, path),
        Ok(()) => Ok(()),
    });
    // After a rename it is gone already; either way the name must not stay.
    let _ = fs::remove_file(&temporary);
    placed.map_err(io_error("write", path))
}

/// Refuses a file that other accounts can read or own.
pub(crate) fn refuse_exposed(path: &Path, remedy: &'static str) -> Result<(), DataDirError> {
    let metadata = fs::metadata(path).map_err(io_error("read", path))?;
    let mode = metadata.permissions().mode() & 0o7777;
    let (owner, uid) = (metadata.uid(), nix::unistd::geteuid().as_raw());
    if owner != uid {
        return Err(DataDirError::Foreign {
            path: path.to_path_buf(),
            owner,
            uid,
        });
    }
    if mode & 0o077 != 0 {
        return Err(DataDirError::Exposed {
            path: path.to_path_buf(),
            mode,
            remedy,
        });
    }
    Ok(())
}

fn read_secret(path: PathBuf) -> Result<Secret, DataDirError> {
    refuse_exposed(&path, "600")?;
    let text = fs::read_to_string(&path).map_err(io_error("read", &path))?;
    let text = text.trim_end();
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(Secret(text.to_owned())),
        _ => Err(DataDirError::Malformed { path }),
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.to_path_buf();
    move |source| DataDirError::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("metadata").permissions().mode() & 0o7777
    }

    fn scratch() -> (tempfile::TempDir, DataDir) {
        let scratch = tempfile::tempdir().expect("scratch directory");
        let data_dir = DataDir::open(Some(&scratch.path().join("a/b")), Profile::Live)
            .expect("data directory");
        (scratch, data_dir)
    }

    #[test]
    fn default_places() {
        let home = || Some(PathBuf::from("/home/ann"));
        let path = |root, xdg: Option<&str>, home, profile| {
            default_path(root, xdg.map(PathBuf::from), home, profile).ok()
        };
        assert_eq!(
            path(true, Some("/x"), home(), Profile::Live),
            Some("/var/lib/bursar".into())
        );
        assert_eq!(
            path(false, Some("/x"), home(), Profile::Demo),
            Some("/x/bursar-demo".into())
        );
        assert_eq!(
            path(false, Some("relative"), home(), Profile::Live),
            Some("/home/ann/.local/share/bursar".into())
        );
        assert_eq!(path(false, None, None, Profile::Live), None);
    }

    #[test]
    fn secrets_are_private_and_stay_the_same() {
        let (_scratch, data_dir) = scratch();
        let first = data_dir.secret("session").expect("secret");
        assert_eq!(data_dir.secret("session").expect("secret"), first);
        assert_ne!(data_dir.secret("other").expect("secret"), first);
        assert_eq!(first.expose().len(), 43);
        assert_eq!(format!("{first:?}"), "Secret(…)");
        assert_eq!(mode(&data_dir.join("secrets")), 0o700);
        assert_eq!(mode(&data_dir.join("secrets/session")), 0o600);
        let names = fs::read_dir(data_dir.join("secrets"))
            .expect("folder")
            .count();
        assert_eq!(names, 2, "no temporary file may stay behind");
        assert_eq!(data_dir.check_secrets().expect("private"), 2);
    }

    #[test]
    fn all_threads_get_one_secret() {
        let (_scratch, data_dir) = scratch();
        let secrets: Vec<Secret> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| data_dir.secret("shared").expect("secret")))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("thread"))
                .collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    }

    #[test]
    fn readable_secrets_are_refused_with_the_remedy() {
        let (_scratch, data_dir) = scratch();
        data_dir.secret("session").expect("secret");
        let path = data_dir.join("secrets/session");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("chmod");
        let message = data_dir.check_secrets().expect_err("exposed").to_string();
        assert!(message.contains("mode 0640"), "{message}");
        let message = data_dir.secret("session").expect_err("exposed").to_string();
        assert!(message.contains("mode 0640"), "{message}");
        assert!(
            message.ends_with(&format!("chmod 600 {}", path.display())),
            "{message}"
        );
    }

    #[test]
    fn secrets_of_others_are_refused_with_the_remedy() {
        let (_scratch, data_dir) = scratch();
        data_dir.secret("session").expect("secret");
        let path = data_dir.join("secrets/session");
        // Only root can give files away; everybody else finds such a file in root's possession.
        let path = if is_root() {
            std::os::unix::fs::chown(&path, Some(4242), None).expect("chown");
            path
        } else {
            PathBuf::from("/etc/passwd")
        };
        let message = refuse_exposed(&path, "600")
            .expect_err("foreign")
            .to_string();
        assert!(
            message.contains(&format!("chown {}", nix::unistd::geteuid())),
            "{message}"
        );
    }

    #[test]
    fn secrets_of_a_kind_are_found_by_name() {
        let (_scratch, data_dir) = scratch();
        data_dir.secret("csrf").expect("secret");
        let first = data_dir.secret("encryption-0001").expect("secret");
        let second = data_dir.secret("encryption-0002").expect("secret");
        let found = data_dir.secrets("encryption-").expect("secrets");
        let expected = [("encryption-0001", first), ("encryption-0002", second)];
        assert_eq!(
            found,
            expected.map(|(name, secret)| (name.to_owned(), secret))
        );
        data_dir
            .rename_secret("encryption-0001", "retired-0001")
            .expect("renamed");
        assert_eq!(data_dir.secrets("encryption-").expect("secrets").len(), 1);
        let path = data_dir.join("secrets/encryption-0002");
        fs::set_permissions(&path, Permissions::from_mode(0o604)).expect("chmod");
        let refused = data_dir.secrets("encryption-").expect_err("exposed");
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }

    #[test]
    fn damaged_secrets_are_refused() {
        let (_scratch, data_dir) = scratch();
        data_dir.secret("session").expect("secret");
        fs::write(data_dir.join("secrets/session"), "").expect("truncate");
        let error = data_dir.secret("session").expect_err("damaged");
        assert!(matches!(error, DataDirError::Malformed { .. }), "{error}");
    }
}
