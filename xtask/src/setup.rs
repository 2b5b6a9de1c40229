//! `cargo xtask setup`: what the product and its tests need from the system.
//!
//! PostgreSQL's server binaries run the private cluster; Chromium, its driver and axe-core run the
//! browser tests, Redis those of a shared cache. What is missing comes from Debian's packages, when this may install them.

use crate::axe;
use crate::packages::{self, Privilege};
use crate::shell::{self, Failure, Outcome, Run};
use std::path::{Path, PathBuf};

/// The oldest PostgreSQL that the migrations are written for.
const OLDEST_POSTGRESQL: u32 = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    PostgreSql,
    Chromium,
    ChromeDriver,
    Redis,
    /// Only where axe-core is missing.
    Npm,
    /// Only for programs from PyPI.
    PythonVenv,
}

/// Programs that the whole suite uses.
const PROGRAMS: [Need; 4] = [
    Need::PostgreSql,
    Need::Chromium,
    Need::ChromeDriver,
    Need::Redis,
];

/// How far an installation may go in asking for rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Only with rights that need no question: root, or sudo without a password.
    WhenSilent,
    /// `--yes`: sudo may ask for a password.
    Asked,
}

impl Need {
    fn package(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::Chromium => "chromium",
            Self::ChromeDriver => "chromium-driver",
            Self::Redis => "redis-server",
            Self::Npm => "npm",
            Self::PythonVenv => "python3-venv",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL server binaries, version 15 or newer",
            Self::Chromium => "Chromium",
            Self::ChromeDriver => "ChromeDriver",
            Self::Redis => "Redis, for the tests of a shared cache",
            Self::Npm => "npm, to fetch axe-core",
            Self::PythonVenv => "Python with venv, to fetch Schemathesis",
        }
    }

    /// Where it is installed, if it is.
    pub(crate) fn found(self) -> Option<PathBuf> {
        match self {
            Self::PostgreSql => postgresql_binaries(),
            Self::Chromium => shell::on_path("chromium"),
            Self::ChromeDriver => shell::on_path("chromedriver"),
            Self::Redis => shell::on_path("redis-server"),
            Self::Npm => shell::on_path("npm"),
            Self::PythonVenv => {
                // Debian has the module, but not what it fills a new environment with.
                let is_whole = Run::new("python3")
                    .words("-c")
                    .arg("import venv, ensurepip");
                shell::on_path("python3").filter(|_| is_whole.succeeds())
            }
        }
    }
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let consent = match arguments {
        [] => Consent::WhenSilent,
        [only] if only == "--yes" => Consent::Asked,
        [other, ..] => return Err(Failure::Usage(format!("setup [--yes], not `{other}`"))),
    };
    for_tests(consent)?;
    for need in PROGRAMS {
        if let Some(place) = need.found() {
            println!("{}: {}", need.what(), place.display());
        }
    }
    println!(
        "test runner: {}",
        if has_nextest() {
            "cargo nextest"
        } else {
            "cargo test (cargo-nextest is not installed)"
        }
    );
    Ok(())
}

/// Everything that the whole suite needs.
pub(crate) fn for_tests(consent: Consent) -> Outcome {
    let mut needs = PROGRAMS.to_vec();
    let fetches_axe = !axe::is_installed()?;
    if fetches_axe {
        needs.push(Need::Npm);
    }
    ensure(&needs, consent)?;
    if fetches_axe { axe::install() } else { Ok(()) }
}

/// Installs those of `needs` that are missing, or says how to.
pub(crate) fn ensure(needs: &[Need], consent: Consent) -> Outcome {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package()).collect();
    let Some(privilege) = Privilege::find(consent) else {
        return Err(Failure::Remedy(advice(&missing, Means::here())));
    };
    println!("installing {}", packages.join(", "));
    packages::install(&packages, privilege)?;
    let still = self::missing(needs);
    if still.is_empty() {
        return Ok(());
    }
    Err(Failure::Remedy(advice(&still, Means::here())))
}

fn missing(needs: &[Need]) -> Vec<Need> {
    needs
        .iter()
        .copied()
        .filter(|need| need.found().is_none())
        .collect()
}

/// What a person on this system can install packages with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    AptWithSudo,
    Apt,
    Other,
}

impl Means {
    fn here() -> Self {
        match (shell::on_path("apt-get"), shell::on_path("sudo")) {
            (Some(_), Some(_)) => Self::AptWithSudo,
            (Some(_), None) => Self::Apt,
            (None, _) => Self::Other,
        }
    }
}

/// What to tell someone for whom nothing may be installed.
fn advice(missing: &[Need], means: Means) -> String {
    let what: Vec<&str> = missing.iter().map(|need| need.what()).collect();
    let packages: Vec<&str> = missing.iter().map(|need| need.package()).collect();
    let command = packages::command_line(&packages);
    let remedy = match means {
        Means::AptWithSudo => format!(
            "install with:\n\n  {}\n\nor let this do it: cargo xtask setup --yes",
            command.replace("apt-get", "sudo apt-get")
        ),
        Means::Apt => format!("install as root with:\n\n  {command}"),
        Means::Other => format!(
            "this system has no apt-get; install the equivalents of Debian's packages {} and put \
             `postgres`, `initdb`, `chromium`, `chromedriver` and `redis-server` on PATH",
            packages.join(", ")
        ),
    };
    format!("missing: {}\n{remedy}", what.join("; "))
}

pub(crate) fn has_nextest() -> bool {
    Run::cargo().words("nextest --version").succeeds()
}

/// The folder with `initdb` and `postgres` of the newest server that is new enough.
pub(crate) fn postgresql_binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    folders.extend(debian_folders(Path::new("/usr/lib/postgresql")));
    folders
        .into_iter()
        .filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .filter_map(|folder| Some((server_version(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST_POSTGRESQL)
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

/// Debian keeps each major version in a folder of its own, off PATH.
fn debian_folders(parent: &Path) -> Vec<PathBuf> {
    // A missing folder means that no server was ever installed, which is an answer, not an error.
    std::fs::read_dir(parent)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default()
}

fn server_version(folder: &Path) -> Option<u32> {
    let program = folder.join("postgres");
    let text = Run::new(&program.to_string_lossy())
        .arg("--version")
        .output()
        .ok()?;
    major_version(&text)
}

/// `15` from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `17` from `... 17beta1`.
fn major_version(text: &str) -> Option<u32> {
    let after = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version_that_a_server_prints() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(major_version("something else"), None);
    }

    #[test]
    fn the_advice_holds_the_exact_command_for_what_is_missing() {
        let text = advice(&[Need::PostgreSql, Need::ChromeDriver], Means::AptWithSudo);
        assert!(text.contains("&& sudo apt-get install"), "{text}");
        assert!(text.contains("postgresql chromium-driver"), "{text}");
        assert!(
            !text.contains("chromium chromium-driver"),
            "chromium is present: {text}"
        );
    }

    #[test]
    fn without_apt_the_advice_names_the_programs() {
        let text = advice(&PROGRAMS, Means::Other);
        assert!(!text.contains("apt-get install"), "{text}");
        assert!(text.contains("`initdb`"), "{text}");
    }
}
