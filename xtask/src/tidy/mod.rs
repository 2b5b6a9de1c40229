//! `cargo xtask tidy`: the house rules that a program can check.
//!
//! A rule is a function from the [`Tree`] to findings; each stands in the file of its subject with
//! tests that show it catching a breach. A finding names the place and says what to do.

mod documents;
mod lexer;
mod manifests;
mod marks;
mod migrations;
mod names;
mod rooms;
mod size;
mod sql;
mod statements;
mod tree;

pub(crate) use tree::Tree;

use crate::shell::{self, Failure, Outcome};
use std::fmt;

/// One breach of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [(&str, Rule); 18] = [
    ("engines have no I/O dependency", rooms::engine_dependencies),
    (
        "engines touch no file, network or clock",
        rooms::engine_sources,
    ),
    ("rooms depend only upwards", rooms::directions),
    ("SQL lives in store.rs", sql::places),
    ("a store names only schemas above it", sql::schemas),
    ("files stay one room", size::files),
    ("functions stay short", size::functions),
    ("modules have telling names", names::modules),
    ("rooms introduce themselves", names::introductions),
    ("nothing is left unfinished", marks::unfinished),
    (
        "lints are expected with a reason, never allowed",
        marks::allowances,
    ),
    ("no unsafe code", marks::unsafety),
    ("dependencies state their reason", manifests::reasons),
    (
        "versions stand in the root manifest",
        manifests::inheritance,
    ),
    ("migrations come in ordered pairs", migrations::pairs),
    (
        "views run with the rights of their reader",
        migrations::views,
    ),
    (
        "tables of users have forced row-level security",
        migrations::row_level_security,
    ),
    (
        "documents point to what exists and to no machine",
        documents::all,
    ),
];

pub(crate) fn run() -> Outcome {
    let tree = Tree::load(shell::root())?;
    let mut findings = 0;
    for (rule, check) in RULES {
        let mut found = check(&tree);
        found.sort();
        findings += found.len();
        if !found.is_empty() {
            println!("{rule}:");
        }
        for finding in found {
            println!("  {finding}");
        }
    }
    if findings > 0 {
        return Err(Failure::HouseRules(findings));
    }
    println!("tidy: {} rules hold in {} files", RULES.len(), tree.len());
    Ok(())
}
