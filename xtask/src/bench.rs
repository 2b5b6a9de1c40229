//! `cargo xtask bench`: the benchmarks in their release builds, and the ratios they print.
//!
//! Absolute times say little on an unknown machine. Each program therefore measures our work and
//! the work it is compared with in the same run, and prints JSON whose comparisons are named
//! `..._ratio` or `times_...`.

use crate::setup::{self, Consent, Need};
use crate::shell::{Failure, Outcome, Run};

const PROGRAMS: [(&str, &str); 2] = [("performance", "replay_bench"), ("bursar", "bench")];

pub(crate) fn run() -> Outcome {
    setup::ensure(&[Need::PostgreSql], Consent::WhenSilent)?;
    let mut summary = Vec::new();
    for (package, example) in PROGRAMS {
        let run = Run::cargo().words("run --release --package").arg(package);
        let run = run.arg("--example").arg(example);
        // A thousand clients of one person are no abuse here.
        let run = run
            .env("BURSAR_REQUESTS_PER_USER", "0")
            .env("BURSAR_REQUESTS_PER_ADDRESS", "0")
            .env("BURSAR_SIGN_INS_PER_ADDRESS", "0");
        let output = run.env("SQLX_OFFLINE", "true").show_and_keep()?;
        let found = comparisons(&output);
        if found.is_empty() {
            return Err(Failure::Remedy(format!(
                "the example {example} of {package} printed no number named `..._ratio` or \
                 `times_...`"
            )));
        }
        let lines = found
            .iter()
            .map(|(name, value)| format!("{example}: {name} = {value}"));
        summary.extend(lines);
    }
    println!("\n{}", summary.join("\n"));
    Ok(())
}

/// The comparisons in a JSON text, in order.
fn comparisons(json: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    // Every name is followed by a quote, a colon and its value.
    for (at, _) in json.match_indices("\":") {
        let name = json[..at].rsplit('"').next().unwrap_or_default();
        let value = json[at + 2..].trim_start();
        let end = value.find([',', '}', ']', '\n']).unwrap_or(value.len());
        let value = value[..end].trim();
        let is_comparison = name.ends_with("_ratio") || name.starts_with("times_");
        if is_comparison && value.parse::<f64>().is_ok() {
            found.push((name, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_told_from_absolute_figures() {
        let json = "{\"cases\":[{\"replay_ms\":1.5,\"times_reading_prices\":2.25},\n\
                    {\"times_reading_prices\":3}],\n  \"rate_ratio\": 0.93\n, \"x_ratio\":null}";
        assert_eq!(
            comparisons(json),
            [
                ("times_reading_prices", "2.25"),
                ("times_reading_prices", "3"),
                ("rate_ratio", "0.93")
            ]
        );
    }
}
