//! Which room may use which.

use super::manifests::{self, ALL_SECTIONS};
use super::{Finding, Tree};

/// The areas, from the top down: each may use only those before it.
pub(super) const AREAS: [&str; 13] = [
    "identity",
    "record",
    "notifications",
    "market",
    "portfolio",
    "watch",
    "research",
    "signals",
    "automation",
    "journal",
    "credits",
    "deals",
    "agents",
];

/// Crates that reach for the clock, chance, the system or the network.
const IMPURE: [&str; 24] = [
    "anyhow",
    "axum",
    "axum-extra",
    "clap",
    "config",
    "futures",
    "getrandom",
    "http",
    "hyper",
    "indicatif",
    "log",
    "metrics",
    "moka",
    "nix",
    "rand",
    "reqwest",
    "sqlx",
    "tempfile",
    "tokio",
    "tokio-util",
    "tower",
    "tower-http",
    "tracing",
    "tracing-subscriber",
];

/// Ways to the outside in Rust source.
const OUTSIDE: [&str; 17] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "std::time::Instant",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "async",
];

/// A crate of ours, by the folder it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Engine,
    Source,
    Platform,
    /// With its place in [`AREAS`].
    Area(usize),
    /// An area that [`AREAS`] does not list.
    UnlistedArea,
    Binary,
    Xtask,
}

impl Room {
    /// The room whose manifest or source this is.
    fn of(path: &str) -> Option<(Self, &str)> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["crates", "engines", name, _, ..] => Some((Self::Engine, name)),
            ["crates", "sources", _, ..] => Some((Self::Source, "sources")),
            ["crates", "platform", name, _, ..] => Some((Self::Platform, name)),
            ["crates", "areas", name, _, ..] => Some((Self::area(name), name)),
            ["crates", "bursar", _, ..] => Some((Self::Binary, "bursar")),
            ["xtask", _, ..] => Some((Self::Xtask, "xtask")),
            _ => None,
        }
    }

    fn area(name: &str) -> Self {
        AREAS
            .iter()
            .position(|area| *area == name)
            .map_or(Self::UnlistedArea, Self::Area)
    }

    fn may_use(self, other: Self) -> bool {
        match (self, other) {
            (Self::Engine | Self::Source | Self::Platform | Self::Area(_), Self::Engine)
            | (Self::Source | Self::Platform | Self::Area(_), Self::Platform)
            | (Self::Area(_), Self::Source)
            | (Self::Binary, Self::Engine | Self::Source | Self::Platform | Self::Area(_)) => true,
            (Self::Area(own), Self::Area(used)) => used < own,
            _ => false,
        }
    }
}

fn room_manifests(tree: &Tree) -> impl Iterator<Item = (&str, &str, Room, &str)> {
    tree.files().filter_map(|(path, text)| {
        let (room, name) = Room::of(path)?;
        path.ends_with(&format!("{name}/Cargo.toml"))
            .then_some((path, text, room, name))
    })
}

pub(super) fn directions(tree: &Tree) -> Vec<Finding> {
    let rooms: Vec<(&str, Room)> = room_manifests(tree)
        .map(|(_, _, room, name)| (name, room))
        .collect();
    let mut findings = Vec::new();
    for (path, text, room, name) in room_manifests(tree) {
        if room == Room::UnlistedArea {
            let message = format!(
                "the area `{name}` has no place in the order of areas; add it to AREAS in \
                 xtask/src/tidy/rooms.rs and to ARCHITECTURE.md"
            );
            findings.push(Finding::new(path, 1, message));
            continue;
        }
        for (line, used) in manifests::dependencies(text, &ALL_SECTIONS) {
            let Some((_, other)) = rooms.iter().find(|(name, _)| *name == used) else {
                continue;
            };
            if !room.may_use(*other) {
                let message = format!(
                    "`{name}` may not use `{used}`: engines use engines, platform uses engines and \
                     platform, an area uses those and the areas above it; move the shared part up"
                );
                findings.push(Finding::new(path, line, message));
            }
        }
    }
    findings
}

pub(super) fn engine_dependencies(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text, room, name) in room_manifests(tree) {
        if room != Room::Engine {
            continue;
        }
        for (line, used) in manifests::dependencies(text, &["dependencies"]) {
            if IMPURE.contains(&used.as_str()) {
                let message = format!(
                    "the engine `{name}` must stay pure: pass in what `{used}` would fetch, and \
                     do the fetching in an area"
                );
                findings.push(Finding::new(path, line, message));
            }
        }
    }
    findings
}

pub(super) fn engine_sources(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let in_engine = file.path.starts_with("crates/engines/") && file.path.contains("/src/");
        if !in_engine {
            continue;
        }
        for word in OUTSIDE {
            for line in file.source.lines_with(word) {
                if !file.is_test_line(line) {
                    let message = format!(
                        "`{word}` in an engine: take time, seeds, rates and bytes as arguments"
                    );
                    findings.push(Finding::new(file.path, line, message));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(dependencies: &str) -> String {
        format!("[package]\nname = \"x\"\n\n[dependencies]\n{dependencies}")
    }

    #[test]
    fn an_engine_with_a_runtime_is_caught() {
        let text = manifest("serde.workspace = true\ntokio.workspace = true\n");
        let tree = Tree::sample(&[("crates/engines/money/Cargo.toml", &text)]);
        let findings = engine_dependencies(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 6);
        assert!(findings[0].message.contains("`tokio`"), "{}", findings[0]);
    }

    #[test]
    fn an_engine_may_use_more_in_its_tests() {
        let text = "[dev-dependencies]\ntempfile.workspace = true\n";
        let tree = Tree::sample(&[("crates/engines/money/Cargo.toml", text)]);
        assert_eq!(engine_dependencies(&tree), []);
    }

    #[test]
    fn an_engine_that_reads_a_clock_or_a_file_is_caught() {
        let text = "use std::fs;\nfn f() { Timestamp::now(); }\n// std::net\n\
                    #[cfg(test)]\nmod tests { use std::env; }\n";
        let tree = Tree::sample(&[
            ("crates/engines/money/src/lib.rs", text),
            ("crates/engines/money/examples/e.rs", text),
            ("crates/platform/db/src/lib.rs", text),
        ]);
        let lines: Vec<usize> = engine_sources(&tree)
            .iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [1, 2]);
    }

    #[test]
    fn areas_look_only_upwards() {
        let below = manifest("identity.workspace = true\nmoney.workspace = true\n");
        let above = manifest("portfolio.workspace = true\ndb.workspace = true\n");
        let tree = Tree::sample(&[
            ("crates/areas/portfolio/Cargo.toml", &below),
            ("crates/areas/identity/Cargo.toml", &above),
            (
                "crates/engines/money/Cargo.toml",
                &manifest("db.workspace = true\n"),
            ),
            (
                "crates/platform/db/Cargo.toml",
                &manifest("identity.workspace = true\n"),
            ),
        ]);
        let found: Vec<String> = directions(&tree).iter().map(|f| f.path.clone()).collect();
        assert_eq!(
            found,
            [
                "crates/areas/identity/Cargo.toml",
                "crates/engines/money/Cargo.toml",
                "crates/platform/db/Cargo.toml"
            ]
        );
    }

    #[test]
    fn an_area_must_have_its_place_in_the_order() {
        let tree = Tree::sample(&[("crates/areas/poetry/Cargo.toml", &manifest(""))]);
        assert!(
            directions(&tree)[0]
                .message
                .contains("`poetry` has no place")
        );
    }
}
