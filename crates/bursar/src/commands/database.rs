use anyhow::Context;
use config::{Profile, Settings};
use db::{
    Server,
    migrations::{Migrator, Status},
};
use serde_json::json;

use super::{
    Outcome,
    print::{print, table},
    signals::Signals,
};
use crate::cli::{DbCommand, Output};

pub(super) async fn run(settings: &Settings, command: DbCommand) -> anyhow::Result<Outcome> {
    let signals = Signals::catch()?;
    let data_dir = settings.open_data_dir(Profile::Live)?;
    let server = Server::open(settings, &data_dir).await?;
    if matches!(command, DbCommand::Shell { .. }) {
        // Ctrl-C is for psql, which gives up a query with it.
        signals.ignore_interrupts();
    }
    let outcome = signals.or_interrupted(on_server(&server, command)).await;
    let closed = server.close().await;
    let outcome = outcome?;
    closed?;
    Ok(outcome)
}

async fn on_server(server: &Server, command: DbCommand) -> anyhow::Result<Outcome> {
    let migrator = Migrator::embedded();
    match command {
        DbCommand::Migrate(output) => {
            let applied = server.prepare().await?;
            show(output, "applied", &applied)
        }
        DbCommand::Rollback { steps, output } => {
            let undone = migrator.rollback(server.access(), steps).await?;
            show(output, "undone", &undone)
        }
        DbCommand::Status(output) => {
            let all = status(server, &migrator).await?;
            show(output, "", &all)
        }
        DbCommand::Reset { yes, output } => {
            anyhow::ensure!(yes, "all data would be lost; repeat the command with --yes");
            migrator.rollback(server.access(), usize::MAX).await?;
            let applied = server.prepare().await?;
            show(output, "applied", &applied)
        }
        DbCommand::Shell { arguments } => shell(server, &arguments).await,
    }
}

/// Through the program's login where that suffices; a database that was never prepared is asked as the
/// owner.
async fn status(server: &Server, migrator: &Migrator) -> anyhow::Result<Vec<Status>> {
    if let Ok(db) = server.connect().await {
        let seen = migrator.status_through(&db).await;
        db.close().await;
        if let Ok(all) = seen {
            return Ok(all);
        }
    }
    Ok(migrator.status(server.access()).await?)
}

fn show(output: Output, verb: &str, migrations: &[Status]) -> anyhow::Result<Outcome> {
    let value: Vec<_> = migrations
        .iter()
        .map(|m| json!({ "version": m.version, "name": m.name, "applied_at": m.applied_at }))
        .collect();
    print(output, &value, |out| {
        let rows: Vec<Vec<String>> = migrations
            .iter()
            .map(|m| {
                let state = match (verb, m.applied_at) {
                    ("", Some(at)) => format!("applied {at}"),
                    ("", None) => "pending".to_owned(),
                    _ => verb.to_owned(),
                };
                vec![m.version.to_string(), m.name.clone(), state]
            })
            .collect();
        if rows.is_empty() {
            return writeln!(out, "nothing to do");
        }
        table(
            out,
            &[("version", false), ("name", false), ("state", false)],
            &rows,
        )
    })?;
    Ok(Outcome::Done)
}

/// Runs psql as the owner. The password goes through the environment, never on the command line.
async fn shell(server: &Server, arguments: &[String]) -> anyhow::Result<Outcome> {
    let mut command = tokio::process::Command::new(db::cluster::client_program("psql"));
    command
        .args(arguments)
        .envs(server.access().owner_environment());
    // In our process group, because a terminal takes input of its foreground group only.
    command.kill_on_drop(true);
    let status = command
        .status()
        .await
        .context("cannot run psql; install it with `apt-get install postgresql-client`")?;
    Ok(if status.success() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}
