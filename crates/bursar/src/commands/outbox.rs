use config::Settings;
use identity::outbox;
use serde_json::json;

use super::{
    Outcome, base_url,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{OutboxCommand, Output},
};

pub(super) async fn run(
    instance: &Instance,
    settings: &Settings,
    command: OutboxCommand,
) -> anyhow::Result<Outcome> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let base_url = base_url(settings);
    match command {
        OutboxCommand::List(output) => list(instance, output).await?,
        OutboxCommand::Show { id, output } => {
            let letter = outbox::show(db, &instance.app.sealer, &base_url, id).await?;
            print(output, &letter, |out| {
                writeln!(out, "To: {}", letter.message.recipient)?;
                writeln!(out, "Subject: {}", letter.message.subject)?;
                write!(out, "\n{}", letter.text)
            })?;
        }
        OutboxCommand::Resend { id, output } => {
            outbox::resend(db, clock, id).await?;
            print(output, &json!({ "queued": id }), |out| {
                writeln!(
                    out,
                    "queued {id}; the running server sends it, if it has a mail server"
                )
            })?;
        }
        OutboxCommand::Clear { waiting, output } => {
            let removed = outbox::clear(db, clock, waiting).await?;
            print(output, &json!({ "removed": removed }), |out| {
                writeln!(out, "removed {removed}")
            })?;
        }
    }
    Ok(Outcome::Done)
}

/// Without the texts: a list must not be full of links that open doors.
async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let messages = outbox::list(instance.db()).await?;
    print(output, &messages, |out| {
        let rows: Vec<Vec<String>> = messages
            .iter()
            .map(|message| {
                vec![
                    message.id.to_string(),
                    message.recipient.clone(),
                    message.subject.to_owned(),
                    message.state.as_str().to_owned(),
                    message.last_error.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let header = ["id", "to", "subject", "state", "last error"].map(|name| (name, false));
        table(out, &header, &rows)
    })
}
