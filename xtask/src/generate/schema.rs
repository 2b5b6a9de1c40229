//! `docs/reference/schema.sql`: what the migrations add up to, so that a review sees the effect.

use super::{Mode, settle};
use crate::setup;
use crate::shell::{Failure, Run};

const FILE: &str = "docs/reference/schema.sql";
const HEAD: &str = "-- Made by `cargo xtask gen` from a database at the newest migration.\n";

pub(super) fn refresh(url: &str, mode: Mode) -> Result<Vec<String>, Failure> {
    let folder = setup::postgresql_binaries()
        .ok_or_else(|| Failure::Remedy("run `cargo xtask setup` first".to_owned()))?;
    let program = folder.join("pg_dump");
    let dump = Run::new(&program.to_string_lossy())
        .words("--schema-only --no-owner --no-tablespaces")
        .secret_arg(for_libpq(url))
        .output()?;
    let text = format!("{HEAD}{}", without_noise(&dump));
    Ok(settle(FILE, &text, mode)?.into_iter().collect())
}

/// The URL without its parameters: sqlx knows some that PostgreSQL's own programs refuse.
fn for_libpq(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// Drops what depends on the server's version or differs from run to run: comments, session
/// settings and the dump's one-time restriction key. Function bodies are left as they are.
fn without_noise(dump: &str) -> String {
    let mut kept = String::new();
    let mut in_body = false;
    let mut after_blank = true;
    for line in dump.lines() {
        if !in_body {
            let is_blank = line.trim().is_empty();
            if is_noise(line) || (is_blank && after_blank) {
                continue;
            }
            after_blank = is_blank;
        }
        if dollar_quotes(line) % 2 == 1 {
            in_body = !in_body;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    format!("{}\n", kept.trim_end())
}

fn is_noise(line: &str) -> bool {
    [
        "--",
        "SET ",
        "SELECT pg_catalog.set_config",
        "\\restrict",
        "\\unrestrict",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// pg_dump quotes bodies with `$$`, or with `$_$` where the body holds `$$`.
fn dollar_quotes(line: &str) -> usize {
    line.matches("$$").count() + line.matches("$_$").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_sqlx_are_kept_from_pg_dump() {
        assert_eq!(
            for_libpq("postgres://a:b@c/d?statement-cache-capacity=9"),
            "postgres://a:b@c/d"
        );
    }

    #[test]
    fn a_dump_loses_what_differs_between_servers_and_runs() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict kU3\n\n\
                    -- Dumped from database version 15.18\n\nSET lock_timeout = 0;\n\
                    SELECT pg_catalog.set_config('search_path', '', false);\n\n\
                    CREATE TABLE a.b (\n    c integer\n);\n\n\n\nCREATE INDEX i ON a.b;\n\n\
                    \\unrestrict kU3\n\n";
        assert_eq!(
            without_noise(dump),
            "CREATE TABLE a.b (\n    c integer\n);\n\nCREATE INDEX i ON a.b;\n"
        );
    }

    #[test]
    fn a_function_body_keeps_its_comments_and_settings() {
        let dump = "CREATE FUNCTION f() AS $$\n-- why\n\n\nSET x = 1;\n$$;\n-- gone\n";
        assert_eq!(
            without_noise(dump),
            "CREATE FUNCTION f() AS $$\n-- why\n\n\nSET x = 1;\n$$;\n"
        );
    }
}
