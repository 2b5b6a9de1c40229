//! `cargo xtask check`: everything about the code that is not a test.

use crate::generate::{self, Mode};
use crate::shell::{Failure, Outcome, Run};
use crate::tidy;

type Step = fn() -> Outcome;

/// Runs every step, whatever the earlier ones found, so that one run shows all there is to mend.
/// The quick ones come first.
pub(crate) fn run() -> Outcome {
    let steps: [(&'static str, Step); 4] = [
        ("formatting", formatting),
        ("tidy", tidy::run),
        ("clippy", clippy),
        ("generated files", || generate::all(Mode::Compare)),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        eprintln!("== {name}");
        if let Err(failure) = step() {
            eprintln!("{name}: {failure}");
            failed.push(name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Steps(failed))
    }
}

fn formatting() -> Outcome {
    Run::cargo().words("fmt --all -- --check").go()
}

/// Warnings are errors here and in CI; in the working tree they stay warnings.
fn clippy() -> Outcome {
    Run::cargo()
        .words("clippy --workspace --all-targets -- -D warnings")
        .env("SQLX_OFFLINE", "true")
        .go()
}
