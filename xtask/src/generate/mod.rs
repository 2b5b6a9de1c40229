//! `cargo xtask gen [--check]`: the files that are made from the code.
//!
//! `.sqlx` (checked query metadata), `docs/reference/schema.sql` (a dump of a migrated database)
//! and the rest of `docs/reference`, which the binary prints about itself. They are committed, so
//! that a build needs no database and a review sees their changes; `--check` fails when a file
//! differs from what the code says.

mod queries;
mod reference;
mod schema;

use crate::cluster;
use crate::setup::{self, Consent, Need};
use crate::shell::{self, Failure, Outcome, Run};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Compare,
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => all(Mode::Write),
        [only] if only == "--check" => all(Mode::Compare),
        [other, ..] => Err(Failure::Usage(format!("gen [--check], not `{other}`"))),
    }
}

pub(crate) fn all(mode: Mode) -> Outcome {
    setup::ensure(&[Need::PostgreSql], Consent::WhenSilent)?;
    match mode {
        // New queries have no metadata yet: only what needs none can be compiled.
        Mode::Write => cluster::build()?,
        Mode::Compare => build_workspace()?,
    }
    let result = with_database(mode);
    cluster::stop()?;
    result
}

fn with_database(mode: Mode) -> Outcome {
    let url = cluster::fresh_database()?;
    let mut outdated = queries::refresh(&url, mode)?;
    outdated.extend(schema::refresh(&url, mode)?);
    if mode == Mode::Write {
        build_workspace()?;
    }
    outdated.extend(reference::refresh(mode)?);
    report(outdated, mode)
}

fn build_workspace() -> Outcome {
    Run::cargo()
        .words("build --workspace --all-targets")
        .env("SQLX_OFFLINE", "true")
        .go()
}

fn report(changed: Vec<String>, mode: Mode) -> Outcome {
    if changed.is_empty() {
        println!("generated files are current");
        return Ok(());
    }
    match mode {
        Mode::Compare => Err(Failure::Outdated(changed)),
        Mode::Write => {
            for file in changed {
                println!("changed: {file}");
            }
            Ok(())
        }
    }
}

/// Brings one file up to date, or compares it; names it when it differed.
fn settle(file: &str, text: &str, mode: Mode) -> Result<Option<String>, Failure> {
    let path = shell::root().join(file);
    // A file that is not there yet differs from every text.
    if std::fs::read_to_string(&path).is_ok_and(|current| current == text) {
        return Ok(None);
    }
    if mode == Mode::Write {
        shell::write(&path, text)?;
    }
    Ok(Some(file.to_owned()))
}
