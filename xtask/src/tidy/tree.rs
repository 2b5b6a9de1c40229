//! The repository's own text files, in memory.

use super::lexer::{self, Source};
use crate::shell::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Path from the root, with `/`, to file.
pub(crate) struct Tree {
    files: BTreeMap<String, Text>,
}

pub(super) struct Text {
    pub(super) text: String,
    /// For Rust only.
    rust: Option<Source>,
}

/// A Rust file of the tree.
#[derive(Clone, Copy)]
pub(super) struct RustFile<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) source: &'a Source,
}

/// The macros whose metadata `gen` prepares.
pub(super) const CHECKED_QUERIES: [&str; 5] = [
    "query!",
    "query_as!",
    "query_scalar!",
    "query_file!",
    "query_file_as!",
];

impl Tree {
    /// Reads every text file that git would not ignore.
    pub(crate) fn load(root: &Path) -> Result<Self, Failure> {
        let ignored = Ignored::read(root)?;
        let mut tree = Self {
            files: BTreeMap::new(),
        };
        tree.walk(root, "", &ignored)?;
        Ok(tree)
    }

    fn walk(&mut self, folder: &Path, prefix: &str, ignored: &Ignored) -> Result<(), Failure> {
        let failed = |source| Failure::File {
            path: folder.to_owned(),
            source,
        };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if ignored.contains(&path) {
                continue;
            }
            if entry.file_type().map_err(failed)?.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"), ignored)?;
                continue;
            }
            let bytes = fs::read(entry.path()).map_err(|source| Failure::File {
                path: entry.path(),
                source,
            })?;
            // What is not UTF-8 is no text, and no rule speaks of it; its path still counts.
            self.add(path, String::from_utf8(bytes).unwrap_or_default());
        }
        Ok(())
    }

    fn add(&mut self, path: String, text: String) {
        let rust = (extension(&path) == "rs").then(|| lexer::lex(&text));
        self.files.insert(path, Text { text, rust });
    }

    #[cfg(test)]
    pub(super) fn sample(files: &[(&str, &str)]) -> Self {
        let mut tree = Self {
            files: BTreeMap::new(),
        };
        for (path, text) in files {
            tree.add((*path).to_owned(), (*text).to_owned());
        }
        tree
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, file)| (path.as_str(), file.text.as_str()))
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = RustFile<'_>> {
        self.files.iter().filter_map(|(path, file)| {
            let source = file.rust.as_ref()?;
            Some(RustFile {
                path,
                text: &file.text,
                source,
            })
        })
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.text.as_str())
    }

    /// Whether there is a file or a folder of this path.
    pub(super) fn exists(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(p, _)| p.starts_with(&folder))
    }

    pub(crate) fn files_with_checked_queries(&self) -> Vec<&str> {
        self.rust()
            .filter(|file| {
                CHECKED_QUERIES
                    .iter()
                    .any(|query| !file.source.lines_with(query).is_empty())
            })
            .map(|file| file.path)
            .collect()
    }
}

/// The part of a file's name after its last dot.
pub(super) fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

impl RustFile<'_> {
    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Whether the whole file is test code.
    pub(super) fn is_test(&self) -> bool {
        self.file_name() == "tests.rs"
            || self
                .path
                .split('/')
                .any(|part| matches!(part, "tests" | "e2e" | "benches"))
    }

    /// Whether the line belongs to test code.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        self.is_test()
            || self
                .source
                .test_ranges()
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&line))
    }
}

/// The two forms of pattern that our `.gitignore` uses: `/path` and `*.ending`.
struct Ignored {
    paths: Vec<String>,
    endings: Vec<String>,
}

impl Ignored {
    fn read(root: &Path) -> Result<Self, Failure> {
        Ok(Self::parse(&crate::shell::read(&root.join(".gitignore"))?))
    }

    fn parse(text: &str) -> Self {
        let mut ignored = Self {
            paths: vec![".git".to_owned()],
            endings: Vec::new(),
        };
        for line in text.lines().map(str::trim) {
            if let Some(path) = line.strip_prefix('/') {
                ignored.paths.push(path.trim_end_matches('/').to_owned());
            } else if let Some(ending) = line.strip_prefix('*') {
                ignored.endings.push(ending.to_owned());
            }
        }
        ignored
    }

    fn contains(&self, path: &str) -> bool {
        self.paths.iter().any(|ignored| ignored == path)
            || self
                .endings
                .iter()
                .any(|ending| path.ends_with(ending.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_ignores_is_left_out() {
        let ignored = Ignored::parse("/target\n/e2e/screenshots/\n*.snap.new\n");
        assert!(ignored.contains("target") && ignored.contains("e2e/screenshots"));
        assert!(ignored.contains("crates/a/x.snap.new") && ignored.contains(".git"));
        assert!(!ignored.contains("crates/target"));
    }

    #[test]
    fn files_and_folders_exist() {
        let tree = Tree::sample(&[("docs/guides/a.md", "")]);
        assert!(tree.exists("docs/guides/a.md") && tree.exists("docs/guides"));
        assert!(tree.exists("docs/") && !tree.exists("docs/guide"));
    }

    #[test]
    fn files_with_checked_queries_are_found_by_their_code() {
        let tree = Tree::sample(&[
            ("a/store.rs", "fn f() { sqlx::query_as!(A, \"select 1\") }"),
            ("a/talk.rs", "// query!(x)\nfn f() { \"query!\" }"),
        ]);
        assert_eq!(tree.files_with_checked_queries(), ["a/store.rs"]);
    }
}
