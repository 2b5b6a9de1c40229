//! Documents and other committed text: links that lead somewhere, nothing about one machine.

use super::tree::extension;
use super::{Finding, Tree};

/// Hosts of package registries and mirrors, which belong in a user's settings; spelled in parts so
/// that this file does not name them.
const REGISTRY_HOSTS: [&str; 6] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("files.", "pythonhosted.org"),
    concat!("proxy.", "golang.org"),
    concat!("deb.", "debian.org"),
];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
];

/// Whose home examples and tests may name.
const EXAMPLE_PERSON: &str = "ann";

/// Made by tools, from code that is checked itself.
const GENERATED: [&str; 2] = ["Cargo.lock", ".sqlx/"];

pub(super) fn all(tree: &Tree) -> Vec<Finding> {
    let mut findings = links(tree);
    findings.extend(machines(tree));
    findings
}

fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| extension(path) == "md") {
        let mut in_code = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            }
            if in_code {
                continue;
            }
            for target in targets(line) {
                let place = resolve(path, target);
                if !place.is_some_and(|place| tree.exists(&place)) {
                    let message = format!("the link to `{target}` leads nowhere");
                    findings.push(Finding::new(path, index + 1, message));
                }
            }
        }
    }
    findings
}

/// Targets of the links in a line that lead to a file of ours.
fn targets(line: &str) -> Vec<&str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
        .collect()
}

/// The path from the root; nothing when it leaves the repository.
fn resolve(document: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn machines(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        if GENERATED
            .iter()
            .any(|generated| path.starts_with(generated))
        {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(**host)) {
                let message = format!("`{host}`: where packages come from is a user's own setting");
                findings.push(Finding::new(path, index + 1, message));
            }
            if let Some(start) = MACHINE_PATHS.iter().find(|start| has_path(line, start)) {
                let message = format!("a path under `{start}` exists on one machine only");
                findings.push(Finding::new(path, index + 1, message));
            }
        }
    }
    findings
}

/// Whether an absolute path begins like this; `../shared/` and URLs are not absolute paths.
fn has_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let is_example = line[at + start.len()..].starts_with(EXAMPLE_PERSON);
        !is_example && before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<[".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_caught() {
        let text = "[a](guides/a.md#part) [b](missing.md) [c](https://example.org) [d](#here)\n\
                    ```\n[e](in-code.md)\n```\n![f](../README.md \"title\") [g](../../outside.md)\n";
        let tree = Tree::sample(&[
            ("docs/index.md", text),
            ("docs/guides/a.md", ""),
            ("README.md", ""),
        ]);
        let findings = links(&tree);
        let found: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(found, [1, 5], "{findings:?}");
        assert!(findings[1].message.contains("../../outside.md"));
    }

    #[test]
    fn a_path_of_one_machine_and_a_registry_are_caught() {
        let path = format!("const A: &str = \"{}bob/x\";\n", MACHINE_PATHS[1]);
        let host = format!("source = \"https://{}/\"\n", REGISTRY_HOSTS[0]);
        let fine = format!(
            "see net{0}a and ..{0}b and {1}ann/c\n",
            MACHINE_PATHS[0], MACHINE_PATHS[1]
        );
        let tree = Tree::sample(&[
            ("a/src/lib.rs", &path),
            ("b.toml", &host),
            ("Cargo.lock", &host),
            ("c.md", &fine),
        ]);
        let findings = machines(&tree);
        let found: Vec<&str> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(found, ["a/src/lib.rs", "b.toml"]);
    }
}
