//! The installed server programs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ClusterError;

/// The oldest major version Bursar works with.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// Where distributions put each major version, besides PATH.
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr/local/lib/postgresql", "bin"),
    ("/usr/libexec", "."),
    ("/opt/homebrew/opt", "bin"),
];

/// A directory with `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) directory: PathBuf,
    pub(super) major: u32,
}

/// A client program such as `psql`, beside the newest server if it is there, else as PATH finds it.
pub fn client_program(name: &str) -> PathBuf {
    let beside = Programs::installed()
        .into_iter()
        .map(|programs| programs.directory.join(name));
    beside
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| name.into())
}

impl Programs {
    /// All installed versions, newest first.
    pub(super) fn installed() -> Vec<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let versioned = VERSIONED.iter().flat_map(|(base, inner)| {
            let versions = std::fs::read_dir(base).into_iter().flatten().flatten();
            versions.map(move |entry| entry.path().join(inner))
        });
        let directories: BTreeSet<PathBuf> =
            std::env::split_paths(&path).chain(versioned).collect();
        let mut installed: Vec<Self> = directories.into_iter().filter_map(Self::at).collect();
        installed.sort_by_key(|programs| std::cmp::Reverse(programs.major));
        installed
    }

    /// The programs for a cluster of the given major version, or for a new one the newest.
    pub(super) fn choose(
        installed: &[Self],
        written_by: Option<u32>,
        data: &Path,
    ) -> Result<Self, ClusterError> {
        let found = || {
            let majors: BTreeSet<u32> = installed.iter().map(|programs| programs.major).collect();
            majors.into_iter().collect()
        };
        if installed
            .iter()
            .all(|programs| programs.major < OLDEST_MAJOR)
        {
            return Err(ClusterError::NoPrograms {
                found: found(),
                install: install_command(),
            });
        }
        let Some(written_by) = written_by else {
            return Ok(installed[0].clone());
        };
        installed
            .iter()
            .find(|programs| programs.major == written_by && written_by >= OLDEST_MAJOR)
            .cloned()
            .ok_or_else(|| ClusterError::OtherMajor {
                path: data.into(),
                written_by,
                found: found(),
            })
    }

    /// Whether an extension is installed beside these programs, where distributions and builds put it.
    pub(super) fn has_extension(&self, name: &str) -> bool {
        let file = format!("{name}.control");
        let major = self.major;
        [
            self.directory.join("../share/extension"),
            self.directory.join("../share/postgresql/extension"),
            // Debian: /usr/lib/postgresql/15/bin and /usr/share/postgresql/15.
            self.directory
                .join(format!("../../../../share/postgresql/{major}/extension")),
            "/usr/share/pgsql/extension".into(),
        ]
        .iter()
        .any(|folder| folder.join(&file).is_file())
    }

    fn at(directory: PathBuf) -> Option<Self> {
        let postgres = directory.join("postgres");
        if !postgres.is_file() || !directory.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(postgres).arg("--version").output().ok()?;
        let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { directory, major })
    }
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` or `… 18beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn install_command() -> String {
    let (manager, arguments) = [
        ("apt-get", "install postgresql"),
        ("dnf", "install postgresql-server"),
        ("zypper", "install postgresql-server"),
        ("apk", "add postgresql"),
        ("pacman", "-S postgresql"),
        ("brew", "install postgresql"),
    ]
    .into_iter()
    .find(|(manager, _)| is_on_path(manager))
    .unwrap_or(("apt-get", "install postgresql"));
    let needs_sudo = manager != "brew" && !nix::unistd::geteuid().is_root();
    format!(
        "{}{manager} {arguments}",
        if needs_sudo { "sudo " } else { "" }
    )
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(majors: &[u32]) -> Vec<Programs> {
        majors
            .iter()
            .map(|&major| Programs {
                directory: "/x".into(),
                major,
            })
            .collect()
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(
            parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta2\n"), Some(19));
        assert_eq!(parse_major("something else"), None);
    }

    #[test]
    fn a_new_cluster_gets_the_newest_and_an_old_one_its_own() {
        let data = Path::new("/data/postgres");
        let choose =
            |majors: &[u32], written_by| Programs::choose(&programs(majors), written_by, data);
        assert_eq!(choose(&[17, 15], None).expect("newest").major, 17);
        assert_eq!(choose(&[17, 15], Some(15)).expect("its own").major, 15);
        let message = choose(&[17, 15], Some(16)).expect_err("absent").to_string();
        assert!(message.contains("written by PostgreSQL 16"), "{message}");
        assert!(message.contains("version 15, 17"), "{message}");
        assert!(message.contains("pg_upgrade"), "{message}");
    }

    #[test]
    fn missing_programs_come_with_the_install_command() {
        for majors in [&[][..], &[13, 14]] {
            let error =
                Programs::choose(&programs(majors), None, Path::new("/data")).expect_err("none");
            let message = error.to_string();
            assert!(message.contains("install"), "{message}");
            assert!(message.contains("BURSAR_DATABASE_URL"), "{message}");
            assert_eq!(
                message.contains("sudo"),
                !nix::unistd::geteuid().is_root(),
                "{message}"
            );
        }
    }
}
