//! The subcommands. They work whether or not a server is running: a private cluster that runs is
//! joined, one that does not is started for the length of the command.

mod audit;
mod database;
mod doctor;
mod import;
mod import_bars;
mod invitation;
mod keys;
mod market;
mod outbox;
mod portfolio;
mod print;
mod reference;
mod registration;
mod report;
pub(crate) mod signals;
mod token;
mod user;

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use config::{LogFormat, Profile, Settings};
use db::{Clock, Origin};
use record::logs::{LogWriter, ScrubbedWriter, USAGE};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use self::signals::Signals;
use crate::{
    Instance,
    cli::{Cli, Command},
    serve,
};

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Nothing was done, and it has been said why.
    Failed,
    /// Some lines of a file were refused.
    Partial,
}

/// Runs the command line and tells how it ended: 0 done, 1 failed, 3 done in part.
pub fn run(cli: Cli) -> ExitCode {
    let logs = match log(&cli.settings) {
        Ok(logs) => logs,
        Err(error) => return failed(&error),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(dispatch(cli, logs));
    // Everything is closed: what still computes for an interrupted command need not be waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Ok(Outcome::Partial) => ExitCode::from(3),
        Err(error) => failed(&error),
    }
}

async fn dispatch(cli: Cli, logs: LogWriter) -> anyhow::Result<Outcome> {
    let settings = &cli.settings;
    let command = cli.command.unwrap_or(Command::Serve);
    let profile = match command {
        Command::Serve => Profile::Live,
        Command::Demo => Profile::Demo,
        command => {
            return Origin::command(command.deed())
                .scope(Box::pin(once(settings, command)))
                .await;
        }
    };
    serve::serve(settings, profile, logs).await?;
    Ok(Outcome::Done)
}

/// A command that does its work and ends. What it logs goes to standard error alone.
async fn once(settings: &Settings, command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Serve | Command::Demo => Ok(Outcome::Done),
        Command::Import(command) => {
            with_signals(settings, async |i, s| import::run(i, s, command).await).await
        }
        Command::Report(command) => {
            with_instance(settings, async |i| report::run(i, command).await).await
        }
        Command::Portfolio(command) => {
            with_instance(settings, async |i| portfolio::run(i, command).await).await
        }
        Command::Market(command) => {
            with_instance(settings, async |i| market::run(i, settings, command).await).await
        }
        Command::User(command) => {
            with_instance(settings, async |i| user::run(i, settings, command).await).await
        }
        Command::Registration(command) => {
            with_instance(settings, async |i| registration::run(i, command).await).await
        }
        Command::Invitation(command) => {
            with_instance(settings, async |i| {
                invitation::run(i, settings, command).await
            })
            .await
        }
        Command::Outbox(command) => {
            with_instance(settings, async |i| outbox::run(i, settings, command).await).await
        }
        Command::Token(arguments) => {
            with_instance(settings, async |i| token::run(i, arguments).await).await
        }
        Command::Keys(command) => {
            with_instance(settings, async |i| keys::run(i, command).await).await
        }
        Command::Audit(command) => {
            with_instance(settings, async |i| audit::run(i, command).await).await
        }
        Command::Db(command) => database::run(settings, command).await,
        Command::Doctor(output) => doctor::run(settings, output).await,
        Command::Reference(arguments) => reference::run(&arguments),
    }
}

/// Opens the instance for the length of a command.
async fn with_instance<F>(settings: &Settings, command: F) -> anyhow::Result<Outcome>
where
    F: AsyncFnOnce(&Instance) -> anyhow::Result<Outcome>,
{
    with_signals(settings, async |instance, signals| {
        signals.or_interrupted(command(instance)).await
    })
    .await
}

/// The same for a command that ends in its own way when a signal comes.
async fn with_signals<F>(settings: &Settings, command: F) -> anyhow::Result<Outcome>
where
    F: AsyncFnOnce(&Instance, &Signals) -> anyhow::Result<Outcome>,
{
    let signals = Signals::catch()?;
    let instance = Instance::open_until(&signals, settings, Profile::Live).await?;
    // Some commands are long, and none is worth the stack of all.
    let outcome = Box::pin(command(&instance, &signals)).await;
    let closed = instance.close().await;
    let outcome = outcome?;
    closed?;
    Ok(outcome)
}

/// Where people reach the server.
fn base_url(settings: &Settings) -> String {
    settings
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", settings.listen))
}

/// Lines for people or collectors on standard error; warnings and errors to the database as well, once
/// somebody who has one takes them there.
fn log(settings: &Settings) -> anyhow::Result<LogWriter> {
    // Which pages are used is nothing for a log.
    let filter = filter(&settings.log)?.add_directive(format!("{USAGE}=off").parse()?);
    let lines = fmt::layer().with_writer(|| ScrubbedWriter(std::io::stderr()));
    let lines = match settings.log_format {
        LogFormat::Pretty => lines.with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    };
    let (to_database, writer) = record::logs::queue(Clock::system());
    let to_database = to_database.with_filter(LevelFilter::INFO);
    tracing_subscriber::registry()
        .with(lines)
        .with(to_database)
        .init();
    Ok(writer)
}

/// The filter of `--log`. A bare word must be a level: taken for the name of a module, a misspelt level
/// would silence the log.
fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    let misspelt = text.split(',').map(str::trim).find(|part| {
        !part.contains(['=', '[']) && !part.is_empty() && part.parse::<LevelFilter>().is_err()
    });
    if let Some(word) = misspelt {
        anyhow::bail!(
            "--log {text}: {word} is no level; write error, warn, info, debug, trace or off, or a \
             list of module=level"
        );
    }
    EnvFilter::try_new(text).with_context(|| format!("--log {text} is no filter"))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Many errors repeat their cause in their own words.
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    // With nowhere left to write to, the exit code alone must do.
    _ = writeln!(std::io::stderr(), "error: {text}");
    ExitCode::FAILURE
}
