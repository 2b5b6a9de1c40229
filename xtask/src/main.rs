//! `cargo xtask COMMAND`: every developer command of this repository.
//!
//! Only the standard library is used, so that the first `cargo xtask` answers within seconds of a
//! fresh clone. One file per command; `shell.rs` runs programs, `tidy/` executes the house rules.
#![expect(clippy::print_stdout, reason = "a command line tool speaks on stdout")]

mod axe;
mod bench;
mod check;
mod cluster;
mod demo;
mod fuzz;
mod fuzz_api;
mod generate;
mod packages;
mod setup;
mod shell;
mod test;
mod tidy;

use shell::{Failure, Outcome};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  setup [--yes]        install what the product and its tests need: PostgreSQL server, Chromium, its
                       driver and npm from Debian's packages, axe-core from npm; with --yes, sudo
                       may ask for a password
  demo [-- ARGS]       make sure of PostgreSQL, then build and run the demo: `bursar demo ARGS`
  test [CRATE|FILTER]  setup, then the whole suite, or only the named crates or matching tests
  check                formatting, clippy, tidy, and whether the generated files are current
  tidy                 the house rules that a program can check
  gen [--check]        query metadata (.sqlx), OpenAPI and docs/reference; --check only compares
  bench                the benchmarks; prints the ratios
  fuzz [TARGET ...] [--runs N]
                       every fuzz target, or the named ones, for 20000 inputs or as many as said
  fuzz-api [--examples N]
                       Schemathesis against a running server, by its own OpenAPI document
  million              a million random operations through the ledger, checked to the last cent
  ci                   exactly what CI runs (.ci/run)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    match dispatch(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask {command}: {failure}");
            match failure {
                Failure::Usage(_) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Outcome {
    match command {
        "setup" => setup::run(rest),
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "check" => no_arguments(rest).and_then(|()| check::run()),
        "tidy" => no_arguments(rest).and_then(|()| tidy::run()),
        "gen" => generate::run(rest),
        "bench" => no_arguments(rest).and_then(|()| bench::run()),
        "fuzz" => fuzz::run(rest),
        "fuzz-api" => fuzz_api::run(rest),
        "million" => no_arguments(rest).and_then(|()| {
            shell::Run::cargo()
                .words("run --release --package performance --example million")
                .go()
        }),
        "ci" => no_arguments(rest).and_then(|()| shell::Run::new("bash").arg(".ci/run").go()),
        "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure::Usage(format!(
            "there is no such command\n\n{USAGE}"
        ))),
    }
}

fn no_arguments(rest: &[String]) -> Outcome {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Failure::Usage(format!(
            "takes no arguments, but was given `{extra}`"
        ))),
    }
}
