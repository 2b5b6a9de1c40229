//! `Cargo.toml`: reasons and versions of dependencies.

use super::{Finding, Tree};

pub(super) const ALL_SECTIONS: [&str; 3] =
    ["dependencies", "dev-dependencies", "build-dependencies"];

/// Line and name of each dependency in the given sections, in either spelling.
pub(super) fn dependencies(text: &str, sections: &[&str]) -> Vec<(usize, String)> {
    entries(text, sections)
        .into_iter()
        .map(|(line, name, _)| (line, name))
        .collect()
}

/// Line, name and the rest of the line.
fn entries<'a>(text: &'a str, sections: &[&str]) -> Vec<(usize, String, &'a str)> {
    let mut found = Vec::new();
    let mut section = "";
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default();
            if let Some((parent, name)) = section.rsplit_once('.')
                && sections.contains(&parent)
            {
                found.push((index + 1, name.to_owned(), line));
            }
        } else if sections.contains(&section) && !line.starts_with('#') && line.contains('=') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            found.push((index + 1, name.trim_matches('"').to_owned(), line));
        }
    }
    found
}

/// Every third-party dependency says in one line why it is here.
pub(super) fn reasons(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text("Cargo.toml") else {
        return Vec::new();
    };
    entries(text, &["workspace.dependencies"])
        .into_iter()
        .filter(|(_, _, line)| !line.contains("path = ") && !has_comment(line))
        .map(|(line, name, _)| {
            let message = format!("say why `{name}` is here: `{name} = ... # the reason`");
            Finding::new("Cargo.toml", line, message)
        })
        .collect()
}

/// Whether a comment with a text follows the value.
fn has_comment(line: &str) -> bool {
    let mut in_string = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => in_string = !in_string,
            '#' if !in_string => return !line[at + 1..].trim().is_empty(),
            _ => {}
        }
    }
    false
}

/// One version of each dependency: members inherit it from the root.
pub(super) fn inheritance(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        if path == "Cargo.toml" || !path.ends_with("/Cargo.toml") || path.starts_with("fuzz/") {
            continue;
        }
        for (line, name, rest) in entries(text, &ALL_SECTIONS) {
            if !rest.contains("workspace = true") {
                let message = format!(
                    "`{name}`: write `{name}.workspace = true`; the version and the reason stand \
                     in the root Cargo.toml"
                );
                findings.push(Finding::new(path, line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_caught() {
        let text = "[workspace.dependencies]\n# --- ours\nmoney = { path = \"crates/money\" }\n\
                    serde = \"1\" # (de)serialisation\nx = { version = \"1\", features = [\"#\"] }\n\
                    y = \"2\" #\n[profile.dev]\ndebug = 1\n";
        let findings = reasons(&Tree::sample(&[("Cargo.toml", text)]));
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [5, 6]);
    }

    #[test]
    fn a_version_outside_the_root_is_caught() {
        let text = "[dependencies]\nserde.workspace = true\ncsv = { workspace = true, features = [] }\n\
                    rand = \"0.9\"\n[dev-dependencies.toml]\nversion = \"1\"\n[features]\na = []\n";
        let findings = inheritance(&Tree::sample(&[("crates/a/Cargo.toml", text)]));
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [4, 5]);
    }
}
