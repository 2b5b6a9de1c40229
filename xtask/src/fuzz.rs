//! `cargo xtask fuzz [TARGET ...] [--runs N]`: fuzz targets, each for a bounded number of inputs.
//!
//! libFuzzer follows what code an input reaches. The LLVM pass that counts it is in the stable
//! compiler too; only sanitizers need a nightly one, and code without `unsafe` gives them nothing to
//! find. Inputs start from the fixtures of `statements`; new ones are kept in `fuzz/corpus`, and one
//! that breaks a target in `fuzz/artifacts`.

use std::fs;
use std::path::Path;

use crate::shell::{Failure, Outcome, Run, root};

/// What `cargo fuzz` passes, without a sanitizer.
const INSTRUMENTED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";
const SEEDS: &str = "crates/engines/statements/fixtures";
/// Inputs of a target, unless the command line says otherwise: about a minute for each.
const RUNS: u64 = 20_000;

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let (chosen, runs) = read(arguments)?;
    let known = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !known.contains(name)) {
        return Err(Failure::Usage(format!(
            "there is no target `{unknown}`; there are {}",
            known.join(", ")
        )));
    }
    let wanted = if chosen.is_empty() { known } else { chosen };
    let host = host()?;
    let build = Run::cargo()
        .words("build --release --manifest-path fuzz/Cargo.toml --target-dir fuzz/target --target")
        .arg(&host);
    let build = wanted
        .iter()
        .fold(build, |build, name| build.arg("--bin").arg(name));
    build.env("RUSTFLAGS", INSTRUMENTED).go()?;
    for name in &wanted {
        try_inputs(name, &host, runs)?;
    }
    println!(
        "{} target(s), {runs} inputs each: nothing found",
        wanted.len()
    );
    Ok(())
}

/// The targets that are named, and the number of inputs.
fn read(arguments: &[String]) -> Result<(Vec<String>, u64), Failure> {
    let (mut names, mut runs) = (Vec::new(), RUNS);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument != "--runs" {
            names.push(argument.clone());
            continue;
        }
        let number = rest.next().and_then(|text| text.parse().ok());
        runs = number.filter(|runs| *runs > 0).ok_or_else(|| {
            Failure::Usage("--runs needs the number of inputs, such as 20000".to_owned())
        })?;
    }
    Ok((names, runs))
}

fn targets() -> Result<Vec<String>, Failure> {
    let folder = root().join("fuzz/fuzz_targets");
    let failure = |source| Failure::File {
        path: folder.clone(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failure)? {
        let file = entry.map_err(failure)?.path();
        names.extend(
            file.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// Instrumentation is for a named target alone: build scripts and macros stay as they are.
fn host() -> Result<String, Failure> {
    let said = Run::new("rustc").arg("-vV").output()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Failure::Remedy("`rustc -vV` names no host".to_owned()))
}

fn try_inputs(name: &str, host: &str, runs: u64) -> Outcome {
    let folder = |kind: &str| -> Result<String, Failure> {
        let path = Path::new("fuzz").join(kind).join(name);
        fs::create_dir_all(root().join(&path)).map_err(|source| Failure::File {
            path: path.clone(),
            source,
        })?;
        Ok(path.to_string_lossy().into_owned())
    };
    let (corpus, artifacts) = (folder("corpus")?, folder("artifacts")?);
    Run::new(&format!("fuzz/target/{host}/release/{name}"))
        .arg(&format!("-runs={runs}"))
        .words("-max_len=65536 -timeout=10 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1")
        .arg(&format!("-artifact_prefix={artifacts}/"))
        .arg(&corpus)
        .arg(SEEDS)
        .go()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn targets_and_their_inputs_are_named() {
        let (names, runs) = read(&words("kraken --runs 500 tiger_csv")).unwrap();
        assert_eq!((names, runs), (words("kraken tiger_csv"), 500));
        assert!(read(&words("--runs")).is_err());
        assert!(read(&words("--runs 0")).is_err());
    }

    #[test]
    fn every_target_is_found() {
        let targets = targets().unwrap();
        assert!(targets.len() >= 28, "{targets:?}");
        assert!(targets.contains(&"recognise".to_owned()));
    }
}
