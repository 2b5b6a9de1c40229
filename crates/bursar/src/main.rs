//! `bursar`: one binary, one PostgreSQL.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    bursar::run(bursar::cli::Cli::parse())
}
