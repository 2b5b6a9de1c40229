//! Marks of unfinished work, silenced lints and unsafe code.

use super::tree::extension;
use super::{Finding, Tree, lexer};

const WORDS: [&str; 3] = ["TODO", "FIXME", "XXX"];
const CODE: [&str; 4] = ["todo!", "unimplemented!", "dbg!", "#[ignore"];
const COMMENTED_FILES: [&str; 5] = ["sql", "css", "js", "toml", "sh"];

pub(super) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for word in CODE {
            for line in file.source.lines_with(word) {
                let message = format!("`{word}`: finish it, or take it out");
                findings.push(Finding::new(file.path, line, message));
            }
        }
        for comment in &file.source.comments {
            findings.extend(words_in(file.path, &comment.text, comment.line));
        }
    }
    for (path, text) in tree.files() {
        if COMMENTED_FILES.contains(&extension(path)) {
            findings.extend(words_in(path, text, 1));
        }
    }
    findings
}

fn words_in(path: &str, text: &str, first_line: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (offset, line) in text.lines().enumerate() {
        if let Some(word) = WORDS.iter().find(|word| lexer::has_word(line, word)) {
            let message = format!("`{word}`: do it now, or write an issue");
            findings.push(Finding::new(path, first_line + offset, message));
        }
    }
    findings
}

pub(super) fn allowances(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for word in ["#[allow(", "#![allow("] {
            for line in file.source.lines_with(word) {
                let message = "write `#[expect(lint, reason = \"...\")]`: it speaks up when the \
                               reason is gone";
                findings.push(Finding::new(file.path, line, message));
            }
        }
    }
    findings
}

/// The compiler forbids it too; this holds where a crate forgets to inherit the lints.
pub(super) fn unsafety(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for line in file.source.lines_with("unsafe") {
            findings.push(Finding::new(
                file.path,
                line,
                "no unsafe code: use a crate that has it",
            ));
        }
    }
    for (path, text) in tree.files() {
        let is_member = path.ends_with("/Cargo.toml") && !path.starts_with("fuzz/");
        if is_member && !text.contains("[lints]\nworkspace = true") {
            let message = "add `[lints]` with `workspace = true`: the lints of the workspace hold \
                           for every crate";
            findings.push(Finding::new(path, 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(findings: &[Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_marks_are_caught_in_comments_and_code_but_not_in_strings() {
        let text = "// TODO later\nfn f() {\n  let s = \"TODO dbg!\";\n  todo!()\n}\n\
                    /* one\n FIXME */\n#[ignore]\nfn g() { TODOS }\n";
        let findings = unfinished(&Tree::sample(&[("a/src/lib.rs", text)]));
        let mut found = lines(&findings);
        found.sort_unstable();
        assert_eq!(found, [1, 4, 7, 8]);
        let sql = Tree::sample(&[("migrations/a.up.sql", "select 1;\n-- FIXME\n")]);
        assert_eq!(lines(&unfinished(&sql)), [2]);
    }

    #[test]
    fn a_silenced_lint_is_caught() {
        let text = "#![allow(missing_docs)]\n#[expect(dead_code, reason = \"x\")]\nfn f() {}\n";
        assert_eq!(
            lines(&allowances(&Tree::sample(&[("a/src/lib.rs", text)]))),
            [1]
        );
    }

    #[test]
    fn unsafe_code_and_a_crate_without_the_lints_are_caught() {
        let tree = Tree::sample(&[
            (
                "a/src/lib.rs",
                "#![forbid(unsafe_code)]\nfn f() { unsafe { g() } }\n",
            ),
            ("a/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"),
            ("b/Cargo.toml", "[package]\n"),
        ]);
        let findings = unsafety(&tree);
        assert_eq!(findings.len(), 2);
        assert_eq!(
            (findings[0].path.as_str(), findings[0].line),
            ("a/src/lib.rs", 2)
        );
        assert_eq!(findings[1].path, "b/Cargo.toml");
    }
}
