use std::io::{self, Write};

use clap::CommandFactory;

use super::Outcome;
use crate::{
    cli::{Cli, ReferenceArgs, ReferenceDocument},
    jobs, openapi,
    problems::PROBLEMS,
};

pub(super) fn run(arguments: &ReferenceArgs) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match arguments.document {
        ReferenceDocument::Openapi => writeln!(out, "{}", openapi::document().to_pretty_json()?)?,
        ReferenceDocument::Cli => cli(&mut out)?,
        ReferenceDocument::Settings => settings(&mut out)?,
        ReferenceDocument::Routes => routes(&mut out)?,
        ReferenceDocument::Problems => problems(&mut out)?,
        ReferenceDocument::Jobs => {
            writeln!(out, "# Background jobs\n\n| job | every |\n|---|---|")?;
            for job in jobs().schedule() {
                writeln!(out, "| `{}` | {} s |", job.name, job.every_s)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn problems(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Problems\n\nThe `type` of a problem document is `/problems/<code>`.\n"
    )?;
    writeln!(out, "| code | status | when |\n|---|---|---|")?;
    for problem in PROBLEMS {
        writeln!(
            out,
            "| `{}` | {} | {} |",
            problem.code, problem.status, problem.text
        )?;
    }
    Ok(())
}

fn routes(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Routes of the API\n\n| method | path | operation | meaning |\n|---|---|---|---|"
    )?;
    let document = serde_json::to_value(openapi::document())?;
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let text = |key: &str| {
                operation[key]
                    .as_str()
                    .unwrap_or("")
                    .trim_end_matches('.')
                    .to_owned()
            };
            let (id, summary) = (text("operationId"), text("summary"));
            writeln!(
                out,
                "| {} | `{path}` | `{id}` | {summary} |",
                method.to_uppercase()
            )?;
        }
    }
    Ok(())
}

fn settings(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Settings\n\nEvery setting is a flag of every command and an environment variable; the flag wins.\n"
    )?;
    let mut root = Cli::command();
    root.build();
    write_arguments(out, &root, true)
}

fn cli(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Command line\n\nThe [settings](settings.md) are flags of every command.\n"
    )?;
    let mut root = Cli::command();
    root.build();
    write_command(out, &root, "bursar")
}

fn write_command(out: &mut dyn Write, command: &clap::Command, path: &str) -> io::Result<()> {
    if command.is_hide_set() || command.get_name() == "help" {
        return Ok(());
    }
    let about = command.get_long_about().or(command.get_about());
    writeln!(
        out,
        "## `{path}`\n\n{}\n",
        about.map(ToString::to_string).unwrap_or_default()
    )?;
    write_arguments(out, command, false)?;
    for sub in command.get_subcommands() {
        write_command(out, sub, &format!("{path} {}", sub.get_name()))?;
    }
    Ok(())
}

/// The arguments of a command itself, or the settings that all commands share.
fn write_arguments(out: &mut dyn Write, command: &clap::Command, shared: bool) -> io::Result<()> {
    let arguments: Vec<_> = command
        .get_arguments()
        .filter(|a| !a.is_hide_set() && !matches!(a.get_id().as_str(), "help" | "version"))
        .filter(|a| a.is_global_set() == shared)
        .collect();
    if arguments.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| argument | meaning | environment | default |\n|---|---|---|---|"
    )?;
    for argument in arguments {
        let name = match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => argument.get_id().as_str().to_uppercase(),
        };
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let environment = argument
            .get_env()
            .map(|env| format!("`{}`", env.to_string_lossy()))
            .unwrap_or_default();
        let default: Vec<_> = argument
            .get_default_values()
            .iter()
            .map(|v| v.to_string_lossy())
            .collect();
        let help = help.replace('|', "\\|");
        writeln!(
            out,
            "| `{name}` | {help} | {environment} | {} |",
            default.join(" ")
        )?;
    }
    writeln!(out)
}
