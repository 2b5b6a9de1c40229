//! `cargo xtask bench`: the benchmarks in their release builds, and the ratios they print.
//!
//! Absolute times say little on an unknown machine. Each program therefore measures our work and
//! the work it is compared with in the same run, and prints lines that begin with `ratio`.

use crate::setup::{self, Consent, Need};
use crate::shell::{Failure, Outcome, Run};

const PROGRAMS: [&str; 2] = [
    "run --release --package performance --example replay_bench",
    "run --release --package bursar --example bench",
];

pub(crate) fn run() -> Outcome {
    setup::ensure(&[Need::PostgreSql], Consent::WhenSilent)?;
    let mut ratios = Vec::new();
    for program in PROGRAMS {
        let kept = Run::cargo()
            .words(program)
            .env("SQLX_OFFLINE", "true")
            .show_and_keep("ratio")?;
        if kept.is_empty() {
            return Err(Failure::Remedy(format!(
                "`cargo {program}` printed no line that begins with `ratio`"
            )));
        }
        ratios.extend(kept);
    }
    println!();
    for ratio in ratios {
        println!("{ratio}");
    }
    Ok(())
}
