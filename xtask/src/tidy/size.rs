//! How long files and functions may grow.

use super::{Finding, Tree};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;

/// Counts what is not test code.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        let all = file.text.lines().count();
        let tests: usize = file
            .source
            .test_ranges()
            .iter()
            .map(|(from, to)| to - from + 1)
            .sum();
        let lines = all - tests.min(all);
        if lines > FILE_LINES {
            let message = format!(
                "{lines} lines, {FILE_LINES} at most and 400 as a rule: make it a folder of the \
                 same name with one file per subject"
            );
            findings.push(Finding::new(file.path, 1, message));
        }
    }
    findings
}

pub(super) fn functions(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        for (name, from, to) in file.source.functions() {
            let lines = to - from + 1;
            if lines > FUNCTION_LINES && !file.is_test_line(from) {
                let message = format!(
                    "`{name}` has {lines} lines, {FUNCTION_LINES} at most: name its steps and \
                     make them functions"
                );
                findings.push(Finding::new(file.path, from, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_caught_and_its_tests_do_not_count() {
        let long = "const A: u8 = 1;\n".repeat(501);
        let tested = format!(
            "fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "    const A: u8 = 1;\n".repeat(600)
        );
        let tree = Tree::sample(&[
            ("crates/a/src/long.rs", &long),
            ("crates/a/src/tested.rs", &tested),
            ("crates/a/tests/story.rs", &long),
        ]);
        let findings = files(&tree);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0]
                .to_string()
                .starts_with("crates/a/src/long.rs:1: 501 lines")
        );
    }

    #[test]
    fn a_function_that_is_too_long_is_caught() {
        let body = "    let text = \"}\"; // }\n".repeat(79);
        let long = format!(
            "fn fits() {{\n{}}}\n\nfn long() {{\n{body}}}\n",
            "    f();\n".repeat(78)
        );
        let findings = functions(&Tree::sample(&[("crates/a/src/lib.rs", &long)]));
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].line, 82);
        assert!(
            findings[0].message.starts_with("`long` has 81 lines"),
            "{}",
            findings[0]
        );
    }
}
