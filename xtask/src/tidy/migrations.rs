//! Migrations: names, order, pairs, and what protects a person's rows.

use super::rooms::AREAS;
use super::statements::{self, Statement};
use super::tree::extension;
use super::{Finding, Tree};
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "migrations/";

/// The migrations of one direction, `up` or `down`, in order: path, version, text.
fn scripts<'a>(tree: &'a Tree, direction: &str) -> Vec<(&'a str, &'a str, &'a str)> {
    let ending = format!(".{direction}.sql");
    tree.files()
        .filter_map(|(path, text)| {
            let stem = path.strip_prefix(FOLDER)?.strip_suffix(&ending)?;
            Some((path, stem, text))
        })
        .collect()
}

pub(super) fn pairs(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, _) in tree.files().filter(|(path, _)| path.starts_with(FOLDER)) {
        let is_script = path.ends_with(".up.sql") || path.ends_with(".down.sql");
        if extension(path) == "sql" && !is_script {
            let message = "name it `YYYYMMDDHHMMSS_area_what.up.sql`, beside its `.down.sql`";
            findings.push(Finding::new(path, 1, message));
        }
    }
    for (direction, other) in [("up", "down"), ("down", "up")] {
        for (path, stem, _) in scripts(tree, direction) {
            let partner = format!("{FOLDER}{stem}.{other}.sql");
            if tree.text(&partner).is_none() {
                findings.push(Finding::new(
                    path,
                    1,
                    format!("its partner {partner} is missing"),
                ));
            }
        }
    }
    findings.extend(names(tree));
    findings
}

fn names(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, stem, _) in scripts(tree, "up") {
        let (version, rest) = stem.split_once('_').unwrap_or((stem, ""));
        if !is_moment(version) {
            let message = format!("`{version}` is no moment of the form YYYYMMDDHHMMSS");
            findings.push(Finding::new(path, 1, message));
        }
        let (area, what) = rest.split_once('_').unwrap_or((rest, ""));
        if !is_room(tree, area) || what.is_empty() {
            let message = "after the moment comes the area (or platform crate) and what is done: \
                           `YYYYMMDDHHMMSS_area_what`";
            findings.push(Finding::new(path, 1, message));
        }
        if let Some(first) = versions.insert(version, path) {
            let message = format!("has the moment of {first}; the order would be left to chance");
            findings.push(Finding::new(path, 1, message));
        }
    }
    findings
}

fn is_room(tree: &Tree, name: &str) -> bool {
    name == "platform"
        || AREAS.contains(&name)
        || tree.exists(&format!("crates/platform/{name}/Cargo.toml"))
}

fn is_moment(version: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        version
            .get(range)
            .and_then(|part| part.parse::<u32>().ok())
            .unwrap_or(u32::MAX)
    };
    version.len() == 14
        && version.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=12).contains(&digits(4..6))
        && (1..=31).contains(&digits(6..8))
        && digits(8..10) < 24
        && digits(10..12) < 60
        && digits(12..14) < 60
}

/// A plain view reads with the rights of its owner and so shows every person's rows.
pub(super) fn views(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, _, text) in all_scripts(tree) {
        for statement in statements::split(text) {
            let words: Vec<&str> = statement.text.split([' ', '(']).collect();
            let is_view = words.first() == Some(&"create")
                && words.iter().take(5).any(|word| *word == "view")
                && !words.contains(&"materialized");
            if is_view && !runs_as_its_reader(&statement.text) {
                let message = "write `create view ... with (security_invoker = true) as`, or the \
                               view shows everybody's rows";
                findings.push(Finding::new(path, statement.line, message));
            }
        }
    }
    findings
}

fn runs_as_its_reader(view: &str) -> bool {
    let head = view.split(" as ").next().unwrap_or(view).replace(' ', "");
    [
        "security_invoker=true",
        "security_invoker=on",
        "security_invoker)",
        "security_invoker,",
    ]
    .iter()
    .any(|form| head.contains(form))
}

fn all_scripts(tree: &Tree) -> Vec<(&str, &str, &str)> {
    let mut all = scripts(tree, "up");
    all.extend(scripts(tree, "down"));
    all
}

/// What the migrations say about tables, taken together.
#[derive(Default)]
struct Tables<'a> {
    /// Tables with a `user_id`, and where they got it.
    personal: BTreeMap<String, (&'a str, usize)>,
    enabled: BTreeSet<String>,
    forced: BTreeSet<String>,
}

pub(super) fn row_level_security(tree: &Tree) -> Vec<Finding> {
    let mut tables = Tables::default();
    for (path, _, text) in scripts(tree, "up") {
        for statement in statements::split(text) {
            tables.read(path, &statement);
        }
    }
    let mut findings = Vec::new();
    for (table, (path, line)) in &tables.personal {
        if !tables.enabled.contains(table) || !tables.forced.contains(table) {
            let message = format!(
                "{table} has a user_id: add `alter table {table} enable row level security` and \
                 `alter table {table} force row level security`, with a policy"
            );
            findings.push(Finding::new(path, *line, message));
        }
    }
    findings
}

impl<'a> Tables<'a> {
    fn read(&mut self, path: &'a str, statement: &Statement) {
        let text = statement.text.as_str();
        if let Some((table, rest)) = after(text, &["create table ", "create unlogged table "]) {
            let is_personal = statements::items_in_parentheses(rest)
                .iter()
                .any(|item| item.split(' ').next() == Some("user_id"));
            // A partition takes its columns from its parent and is reached through it.
            if is_personal && !rest.trim_start().starts_with("partition of") {
                self.personal.insert(table, (path, statement.line));
            }
        } else if let Some((table, rest)) = after(text, &["alter table "]) {
            let adds = rest.split(',').any(|action| {
                let words: Vec<&str> = action.split_whitespace().collect();
                words.first() == Some(&"add")
                    && words.contains(&"user_id")
                    && !words.contains(&"(")
                    && !words
                        .iter()
                        .any(|word| matches!(*word, "constraint" | "foreign" | "primary"))
            });
            if adds {
                self.personal.insert(table.clone(), (path, statement.line));
            }
            if rest.contains("enable row level security") {
                self.enabled.insert(table.clone());
            }
            if rest.contains("force row level security") {
                self.forced.insert(table);
            }
        } else if let Some((table, _)) = after(text, &["drop table "]) {
            self.personal.remove(&table);
        }
    }
}

/// The table named after one of these beginnings, and the rest of the statement.
fn after<'t>(text: &'t str, beginnings: &[&str]) -> Option<(String, &'t str)> {
    let mut rest = beginnings
        .iter()
        .find_map(|beginning| text.strip_prefix(beginning))?;
    for filler in ["if not exists ", "if exists ", "only "] {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    let end = rest.find([' ', '(']).unwrap_or(rest.len());
    Some((rest[..end].replace('"', ""), &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: &str = "migrations/20260102030405_market_bars.up.sql";
    const DOWN: &str = "migrations/20260102030405_market_bars.down.sql";

    #[test]
    fn a_well_named_pair_passes() {
        assert_eq!(
            pairs(&Tree::sample(&[
                (UP, ""),
                (DOWN, ""),
                ("migrations/README.md", "")
            ])),
            []
        );
    }

    #[test]
    fn a_missing_partner_and_a_wrong_name_are_caught() {
        let lone = pairs(&Tree::sample(&[(UP, "")]));
        assert!(lone[0].message.contains(DOWN), "{}", lone[0]);
        let named = |path: &str| pairs(&Tree::sample(&[(path, "")])).len();
        assert_eq!(named("migrations/20260102030405_market_bars.sql"), 1);
        // Each also lacks its partner.
        assert_eq!(named("migrations/20261302030405_market_bars.up.sql"), 2);
        assert_eq!(named("migrations/20260102030405_poetry_bars.up.sql"), 2);
        assert_eq!(named("migrations/20260102030405_market.up.sql"), 2);
    }

    #[test]
    fn two_migrations_of_one_moment_are_caught() {
        let tree = Tree::sample(&[
            (UP, ""),
            (DOWN, ""),
            ("migrations/20260102030405_market_fx.up.sql", ""),
            ("migrations/20260102030405_market_fx.down.sql", ""),
        ]);
        assert_eq!(pairs(&tree).len(), 1);
    }

    #[test]
    fn a_view_with_its_owners_rights_is_caught() {
        let sql = "create view a.b as select 1;\n\
                   create or replace view a.c with (security_invoker = true) as select 1;\n\
                   create view a.d with (security_invoker = false) as select security_invoker;\n";
        let findings = views(&Tree::sample(&[(UP, sql)]));
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn a_personal_table_without_forced_security_is_caught() {
        let sql = "create table a.safe (user_id uuid not null, id uuid, primary key (user_id, id));\n\
                   alter table a.safe enable row level security, force row level security;\n\
                   create table a.half (user_id uuid);\n\
                   alter table a.half enable row level security;\n\
                   create table a.plain (id uuid);\n\
                   create table a.later (id uuid, check (user_id is null));\n\
                   alter table a.later add column user_id uuid;\n\
                   create table a.gone (user_id uuid);\ndrop table a.gone;\n";
        let findings = row_level_security(&Tree::sample(&[(UP, sql)]));
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [3, 7]);
    }
}
