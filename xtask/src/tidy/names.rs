//! Names of modules, and the few lines with which a room introduces itself.

use super::{Finding, Tree};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = [
    "utils", "util", "helpers", "helper", "common", "misc", "types",
];

pub(super) fn modules(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let path = file.path.trim_end_matches(".rs");
        let by_path = path.split('/').find(|part| EMPTY_NAMES.contains(part));
        let inline = EMPTY_NAMES.iter().find_map(|name| {
            let lines = file.source.lines_with(&format!("mod {name}"));
            lines.first().map(|line| (*line, *name))
        });
        let found = by_path.map(|name| (1, name)).or(inline);
        if let Some((line, name)) = found {
            let message = format!(
                "`{name}` says nothing: name the module after what it holds, or give each part \
                 to its caller"
            );
            findings.push(Finding::new(file.path, line, message));
        }
    }
    findings
}

/// Every `mod.rs`, `lib.rs` and `main.rs` begins with what the room is for.
pub(super) fn introductions(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| matches!(file.file_name(), "mod.rs" | "lib.rs" | "main.rs"))
        .filter(|file| !introduces_itself(file.text))
        .map(|file| {
            let message = "begin with a `//!` doc: what this room is for, its words, its rules";
            Finding::new(file.path, 1, message)
        })
        .collect()
}

fn introduces_itself(text: &str) -> bool {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let is_doc = first
        .strip_prefix("//!")
        .is_some_and(|doc| !doc.trim().is_empty());
    is_doc || first.starts_with("#![doc = include_str!")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_is_caught_as_file_folder_or_module() {
        let tree = Tree::sample(&[
            ("crates/a/src/utils.rs", ""),
            ("crates/a/tests/common/mod.rs", ""),
            ("crates/a/src/lib.rs", "//! A.\nmod helpers {\n}\n"),
            ("crates/a/src/instrument_types.rs", "mod types_of_bond {}\n"),
        ]);
        let findings = modules(&tree);
        let found: Vec<&str> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(
            found,
            [
                "crates/a/src/lib.rs",
                "crates/a/src/utils.rs",
                "crates/a/tests/common/mod.rs"
            ]
        );
    }

    #[test]
    fn a_room_without_an_introduction_is_caught() {
        let tree = Tree::sample(&[
            ("a/src/lib.rs", "//! Keeps a thing.\n"),
            ("b/src/lib.rs", "use x;\n"),
            ("c/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n"),
            ("d/src/slice/mod.rs", "//!\n"),
            ("e/src/plain.rs", ""),
        ]);
        let findings = introductions(&tree);
        let found: Vec<&str> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(found, ["b/src/lib.rs", "d/src/slice/mod.rs"]);
    }
}
