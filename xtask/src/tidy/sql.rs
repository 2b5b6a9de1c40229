//! Where SQL stands, and whose tables it names.

use super::rooms::AREAS;
use super::tree::{CHECKED_QUERIES, RustFile};
use super::{Finding, Tree, lexer};

/// Other ways to send a statement.
const UNCHECKED: [&str; 9] = [
    "sqlx::query",
    "sqlx::query_as",
    "sqlx::query_scalar",
    "query_unchecked!",
    "query_as_unchecked!",
    "raw_sql",
    "QueryBuilder",
    "copy_in_raw",
    "copy_out_raw",
];

/// Plumbing that is made of SQL, and programs that measure the product against bare SQL.
const PLUMBING: [&str; 3] = [
    "crates/platform/db/",
    "crates/platform/jobs/",
    "crates/platform/testkit/",
];

pub(super) fn places(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        if is_store(&file)
            || file.path.contains("/examples/")
            || PLUMBING.iter().any(|folder| file.path.starts_with(folder))
        {
            continue;
        }
        let mut lines: Vec<usize> = CHECKED_QUERIES
            .iter()
            .chain(&UNCHECKED)
            .flat_map(|word| file.source.lines_with(word))
            .filter(|line| !file.is_test_line(*line))
            .collect();
        lines.sort_unstable();
        lines.dedup();
        findings.extend(lines.into_iter().map(|line| {
            Finding::new(
                file.path,
                line,
                "SQL outside a store: move it to the slice's store.rs",
            )
        }));
    }
    findings
}

fn is_store(file: &RustFile<'_>) -> bool {
    file.file_name() == "store.rs" || file.path.contains("/store/")
}

pub(super) fn schemas(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some(own) = area_of(file.path) else {
            continue;
        };
        if !is_store(&file) {
            continue;
        }
        for literal in &file.source.strings {
            for (offset, line) in literal.text.lines().enumerate() {
                let below = AREAS[own + 1..]
                    .iter()
                    .find(|area| names_schema(line, area));
                if let Some(area) = below {
                    let message = format!(
                        "the area `{}` stands above `{area}` and may not name its tables; let \
                         `{area}` ask or listen instead",
                        AREAS[own]
                    );
                    findings.push(Finding::new(file.path, literal.line + offset, message));
                }
            }
        }
    }
    findings
}

fn area_of(path: &str) -> Option<usize> {
    let name = path.strip_prefix("crates/areas/")?.split('/').next()?;
    AREAS.iter().position(|area| *area == name)
}

/// Whether the text has `schema.` in front of a name.
fn names_schema(text: &str, schema: &str) -> bool {
    text.match_indices(schema).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + schema.len()..].trim_start_matches('"').chars();
        !before.is_some_and(|c| lexer::is_name(c) || c == '.')
            && after.next() == Some('.')
            && after.next().is_some_and(|c| lexer::is_name(c) || c == '"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_outside_a_store_is_caught() {
        let text = "fn f() {\n  sqlx::query!(\"select 1\")\n}\n";
        let tree = Tree::sample(&[
            ("crates/areas/market/src/bars/api.rs", text),
            ("crates/areas/market/src/bars/store.rs", text),
            ("crates/areas/market/src/bars/store/list.rs", text),
            ("crates/areas/market/tests/bars.rs", text),
            ("crates/areas/market/examples/race.rs", text),
            ("crates/platform/db/src/roles.rs", text),
            (
                "crates/platform/web/src/lib.rs",
                "fn f() { sqlx::raw_sql(X) } // query!\n",
            ),
        ]);
        let findings = places(&tree);
        let found: Vec<(&str, usize)> =
            findings.iter().map(|f| (f.path.as_str(), f.line)).collect();
        assert_eq!(
            found,
            [
                ("crates/areas/market/src/bars/api.rs", 2),
                ("crates/platform/web/src/lib.rs", 1)
            ]
        );
    }

    #[test]
    fn a_store_that_reaches_down_is_caught() {
        let text = "fn f() {\n  query!(\n    \"select a\n     from portfolio.transaction\n     \
                    join identity.account using (id)\")\n}\n";
        let tree = Tree::sample(&[
            ("crates/areas/market/src/bars/store.rs", text),
            ("crates/areas/portfolio/src/transactions/store.rs", text),
        ]);
        let findings = schemas(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].path.as_str(), findings[0].line),
            ("crates/areas/market/src/bars/store.rs", 4)
        );
    }

    #[test]
    fn a_schema_is_told_from_a_column_and_a_longer_word() {
        assert!(names_schema("from \"deals\".offer", "deals"));
        assert!(!names_schema("t.deals.x", "deals"));
        assert!(!names_schema("my_deals.x", "deals"));
        assert!(!names_schema("all the deals. Then", "deals"));
    }
}
