//! `cargo xtask demo`: PostgreSQL first, then the demo in its release build.

use crate::setup::{self, Consent, Need};
use crate::shell::{Outcome, Run};

pub(crate) fn run(arguments: &[String]) -> Outcome {
    setup::ensure(&[Need::PostgreSql], Consent::WhenSilent)?;
    let own: &[String] = match arguments {
        [separator, rest @ ..] if separator == "--" => rest,
        all => all,
    };
    // Prepared queries come from .sqlx; a DATABASE_URL in the caller's shell must not redirect them.
    Err(Run::cargo()
        .words("run --release -- demo")
        .args(own)
        .env("SQLX_OFFLINE", "true")
        .become_it())
}
