//! `cargo xtask test [CRATE|FILTER...]`: set-up, then the suite.

use crate::cluster;
use crate::setup::{self, Consent};
use crate::shell::{self, Outcome, Run};
use std::path::Path;

/// What the arguments ask for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Selection {
    packages: Vec<String>,
    filters: Vec<String>,
    /// Options for the runner, such as `--no-capture`.
    options: Vec<String>,
}

impl Selection {
    fn parse(arguments: &[String], rooms: &[Room]) -> Self {
        let mut selection = Self::default();
        for argument in arguments {
            let list = if argument.starts_with('-') {
                &mut selection.options
            } else if rooms.iter().any(|room| room.name == *argument) {
                &mut selection.packages
            } else {
                &mut selection.filters
            };
            list.push(argument.clone());
        }
        selection
    }

    fn is_whole_suite(&self) -> bool {
        self.packages.is_empty() && self.filters.is_empty()
    }

    /// Engines are pure; their tests need nothing from the system, and neither do xtask's.
    fn needs_database(&self, rooms: &[Room]) -> bool {
        self.packages.is_empty()
            || self.packages.iter().any(|package| {
                rooms
                    .iter()
                    .any(|room| room.name == *package && !room.is_self_contained())
            })
    }

    fn scope(&self, run: Run) -> Run {
        if self.packages.is_empty() {
            return run.arg("--workspace");
        }
        self.packages
            .iter()
            .fold(run, |run, package| run.arg("--package").arg(package))
    }
}

/// A crate of the workspace, found by its folder, which bears its name.
#[derive(Debug, PartialEq, Eq)]
struct Room {
    name: String,
    group: String,
    is_library: bool,
}

impl Room {
    fn is_self_contained(&self) -> bool {
        self.group == "engines" || self.name == "xtask"
    }
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let rooms = rooms(shell::root());
    let selection = Selection::parse(arguments, &rooms);
    let uses_database = selection.needs_database(&rooms);
    if uses_database {
        setup::for_tests(Consent::WhenSilent)?;
    }
    if selection.is_whole_suite() {
        // One build for tests, doc tests, the binary and the cluster program: they share artefacts.
        offline(Run::cargo().words("build --workspace --all-targets")).go()?;
    }
    // The documentation's examples come first, so that the runner's summary closes the output.
    let documentation = documentation(&selection, &rooms);
    let suite = suite(&selection);
    if uses_database {
        cluster::stop()?;
    }
    match (documentation, suite) {
        (Err(failure), Ok(())) | (_, Err(failure)) => Err(failure),
        (Ok(()), Ok(())) => Ok(()),
    }
}

fn documentation(selection: &Selection, rooms: &[Room]) -> Outcome {
    if !selection.filters.is_empty() {
        return Ok(());
    }
    let run = offline(Run::cargo().words("test --quiet --doc"));
    if selection.packages.is_empty() {
        return run.arg("--workspace").go();
    }
    let libraries: Vec<&str> = rooms
        .iter()
        .filter(|room| room.is_library && selection.packages.contains(&room.name))
        .map(|room| room.name.as_str())
        .collect();
    if libraries.is_empty() {
        return Ok(());
    }
    libraries
        .into_iter()
        .fold(run, |run, name| run.arg("--package").arg(name))
        .go()
}

fn suite(selection: &Selection) -> Outcome {
    if setup::has_nextest() {
        let run = selection.scope(offline(Run::cargo().words("nextest run")));
        return run.args(&selection.options).args(&selection.filters).go();
    }
    println!("cargo-nextest is not installed; using `cargo test`");
    let run = selection.scope(offline(Run::cargo().words("test --no-fail-fast")));
    let run = run.words("--tests --").args(&selection.filters);
    run.args(&selection.options).go()
}

/// The checked queries are verified against .sqlx; no database is needed to compile.
fn offline(run: Run) -> Run {
    run.env("SQLX_OFFLINE", "true")
}

fn rooms(root: &Path) -> Vec<Room> {
    let mut rooms = Vec::new();
    for group in ["engines", "sources", "platform", "areas"] {
        // A group whose work has not come yet has no folder.
        let Ok(entries) = std::fs::read_dir(root.join("crates").join(group)) else {
            continue;
        };
        rooms.extend(
            entries
                .flatten()
                .filter_map(|entry| room(&entry.path(), group)),
        );
    }
    rooms.extend(room(&root.join("crates/bursar"), "bursar"));
    rooms.extend(room(&root.join("xtask"), "xtask"));
    rooms
}

fn room(folder: &Path, group: &str) -> Option<Room> {
    folder.join("Cargo.toml").is_file().then(|| Room {
        name: folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        group: group.to_owned(),
        is_library: folder.join("src/lib.rs").is_file(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn rooms_are_the_crates_of_the_workspace() {
        let rooms = rooms(shell::root());
        let money = rooms.iter().find(|room| room.name == "money").unwrap();
        assert!(money.is_self_contained() && money.is_library);
        let bursar = rooms.iter().find(|room| room.name == "bursar").unwrap();
        assert!(!bursar.is_self_contained());
    }

    #[test]
    fn an_argument_is_a_crate_an_option_or_a_filter() {
        let rooms = rooms(shell::root());
        let selection = Selection::parse(&words("identity signs_in --no-capture"), &rooms);
        assert_eq!(selection.packages, ["identity"]);
        assert_eq!(selection.filters, ["signs_in"]);
        assert_eq!(selection.options, ["--no-capture"]);
        assert!(!selection.is_whole_suite());
    }

    #[test]
    fn engines_alone_need_no_database() {
        let rooms = rooms(shell::root());
        let needs = |text| Selection::parse(&words(text), &rooms).needs_database(&rooms);
        assert!(!needs("money ledger"));
        assert!(needs("money db"));
        assert!(needs(""));
        assert!(needs("some_test_name"));
    }
}
