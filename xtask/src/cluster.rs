//! The tests' shared PostgreSQL cluster, through testkit's own program.

use crate::shell::{self, Failure, Outcome, Run};

/// Compiles the program alone. It must not depend on prepared queries, which `gen` makes with it.
pub(crate) fn build() -> Outcome {
    Run::cargo()
        .words("build --package testkit --bin testkit-cluster")
        .env("SQLX_OFFLINE", "true")
        .go()
}

/// The URL of a fresh database at the newest migration; starts the cluster when it is not running.
pub(crate) fn fresh_database() -> Result<String, Failure> {
    let output = shell::workspace_program("testkit-cluster")?
        .arg("url")
        .output()?;
    let url = output
        .lines()
        .find_map(|line| line.trim().strip_prefix("DATABASE_URL="));
    url.map(str::to_owned).ok_or_else(|| {
        Failure::Remedy(
            "`testkit-cluster url` printed no line `DATABASE_URL=...`; \
             see crates/platform/testkit"
                .to_owned(),
        )
    })
}

/// Spares the cluster for the next run, or for another terminal that is using it.
const KEEP: &str = "XTASK_KEEP_CLUSTER";

/// Stops the cluster; without a running one this does nothing.
pub(crate) fn stop() -> Outcome {
    if std::env::var_os(KEEP).is_some() {
        return Ok(());
    }
    let program = shell::workspace_program("testkit-cluster")?;
    if !program.is_built() {
        build()?;
    }
    program.arg("stop").output().map(|_| ())
}
