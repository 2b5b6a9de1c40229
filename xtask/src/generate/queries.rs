//! `.sqlx`: what PostgreSQL says about every checked query, so that builds need no database.
//!
//! The macros write it while they expand against a live database. They expand only in crates that
//! are compiled, so the files that hold queries are given a new time first, and their old one back.

use super::Mode;
use crate::shell::{self, Failure, Outcome, Run};
use crate::tidy::Tree;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const FOLDER: &str = ".sqlx";

/// Names the metadata files that differed.
pub(super) fn refresh(url: &str, mode: Mode) -> Result<Vec<String>, Failure> {
    let fresh = scratch_folder()?;
    let touched = touch_files_with_queries()?;
    let checked = Run::cargo()
        .words("check --workspace --all-targets")
        .env("SQLX_OFFLINE", "false")
        .quiet_env("SQLX_OFFLINE_DIR", &fresh.to_string_lossy())
        .quiet_env("DATABASE_URL", url)
        .go();
    for (path, time) in &touched {
        set_time(path, *time)?;
    }
    checked?;

    let current = shell::root().join(FOLDER);
    let (old, new) = (metadata(&current)?, metadata(&fresh)?);
    if new.is_empty() && !touched.is_empty() {
        return Err(Failure::Remedy(format!(
            "{} file(s) hold checked queries, yet the compiler wrote no metadata",
            touched.len()
        )));
    }
    let changed = differences(&old, &new);
    if mode == Mode::Write {
        replace(&current, &old, &new)?;
    }
    Ok(changed
        .into_iter()
        .map(|name| format!("{FOLDER}/{name}"))
        .collect())
}

/// An empty folder beside xtask's own binary, that is, within the target directory.
fn scratch_folder() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|source| Failure::Start {
        line: "xtask".to_owned(),
        source,
    })?;
    let folder = own.with_file_name("xtask-sqlx");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|source| at(&folder, source))?;
    }
    fs::create_dir_all(&folder).map_err(|source| at(&folder, source))?;
    Ok(folder)
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo compares file times with the real clock"
)]
fn touch_files_with_queries() -> Result<Vec<(PathBuf, SystemTime)>, Failure> {
    let now = SystemTime::now();
    let mut touched = Vec::new();
    for path in Tree::load(shell::root())?.files_with_checked_queries() {
        let path = shell::root().join(path);
        let before = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .map_err(|source| at(&path, source))?;
        set_time(&path, now)?;
        touched.push((path, before));
    }
    Ok(touched)
}

fn set_time(path: &Path, time: SystemTime) -> Outcome {
    File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(time))
        .map_err(|source| at(path, source))
}

/// File name to content; empty where there is no folder yet.
fn metadata(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(source) => return Err(at(folder, source)),
    };
    for entry in entries {
        let entry = entry.map_err(|source| at(folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            found.insert(name, shell::read(&entry.path())?);
        }
    }
    Ok(found)
}

fn differences(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<String> = new
        .iter()
        .filter(|(name, text)| old.get(*name) != Some(*text))
        .map(key)
        .collect();
    names.extend(
        old.iter()
            .filter(|(name, _)| !new.contains_key(*name))
            .map(key),
    );
    names.sort();
    names
}

fn key((name, _): (&String, &String)) -> String {
    name.clone()
}

fn replace(
    folder: &Path,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Outcome {
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|source| at(&path, source))?;
    }
    for (name, text) in new {
        shell::write(&folder.join(name), text)?;
    }
    Ok(())
}

fn at(path: &Path, source: io::Error) -> Failure {
    Failure::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn added_changed_and_removed_queries_are_differences() {
        let old = map(&[
            ("query-1.json", "a"),
            ("query-2.json", "b"),
            ("query-3.json", "c"),
        ]);
        let new = map(&[
            ("query-2.json", "b"),
            ("query-3.json", "C"),
            ("query-4.json", "d"),
        ]);
        assert_eq!(
            differences(&old, &new),
            ["query-1.json", "query-3.json", "query-4.json"]
        );
        assert!(differences(&new, &new).is_empty());
    }
}
