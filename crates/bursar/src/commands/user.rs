use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use anyhow::Context;
use config::Settings;
use identity::users::{self, Email, NewUser, Password};
use record::account::Closing;
use serde_json::json;

use super::{
    Outcome,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{Output, UserCommand},
};

pub(super) async fn run(
    instance: &Instance,
    settings: &Settings,
    command: UserCommand,
) -> anyhow::Result<Outcome> {
    let app = &instance.app;
    let base_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", settings.listen));
    match command {
        UserCommand::Add {
            email,
            name,
            password_stdin,
            output,
        } => {
            let email: Email = email.parse()?;
            let password = password_stdin
                .then(|| read_password(email.as_str()))
                .transpose()?;
            let new = NewUser {
                email: email.clone(),
                name,
            };
            let added = users::add(&app.db, &app.clock, new, password).await?;
            let link = added.link.map(|link| link.url(&base_url));
            let value = json!({
                "id": added.id,
                "email": email.as_str(),
                "role": added.role.as_str(),
                "link": link,
            });
            print(output, &value, |out| {
                writeln!(out, "added {} ({})", email.as_str(), added.role.as_str())?;
                match link {
                    Some(link) => {
                        writeln!(out, "set the password with this one-time link:\n  {link}")
                    }
                    None => Ok(()),
                }
            })?;
        }
        UserCommand::List(output) => list(instance, output).await?,
        UserCommand::ResetPassword { email, output } => {
            let link = users::reset_password(&app.db, &app.clock, &email)
                .await?
                .url(&base_url);
            print(output, &json!({ "email": email, "link": link }), |out| {
                writeln!(out, "one-time link for {email}:\n  {link}")
            })?;
        }
        UserCommand::ResetFactors { email, output } => {
            reset_factors(instance, &email, output).await?;
        }
        UserCommand::Export {
            email,
            file,
            output,
        } => export(instance, &email, &file, output).await?,
        UserCommand::Close {
            email,
            confirm,
            successor,
            output,
        } => {
            let user = users::resolve(&app.db, Some(&email)).await?;
            let closing = Closing {
                email: confirm,
                successor,
            };
            record::account::close(&app.db, &app.clock, user, &closing).await?;
            print(output, &json!({ "email": email, "closed": true }), |out| {
                writeln!(out, "closed the account of {email}")
            })?;
        }
    }
    Ok(Outcome::Done)
}

async fn reset_factors(instance: &Instance, email: &str, output: Output) -> anyhow::Result<()> {
    let removed = identity::factors::reset(instance.db(), email).await?;
    print(output, &removed, |out| {
        writeln!(out, "taken from {email}:")?;
        if removed.authenticator_app {
            writeln!(out, "  the authenticator app")?;
        }
        for name in &removed.passkeys {
            writeln!(out, "  the passkey “{name}”")?;
        }
        writeln!(out, "  {} recovery codes", removed.recovery_codes)?;
        writeln!(out, "  {} sessions", removed.sessions)?;
        writeln!(
            out,
            "the password alone signs in now; ask {email} to set up a factor again"
        )
    })
}

async fn export(
    instance: &Instance,
    email: &str,
    file: &Path,
    output: Output,
) -> anyhow::Result<()> {
    let user = users::resolve(instance.db(), Some(email)).await?;
    let archive =
        File::create_new(file).with_context(|| format!("cannot create {}", file.display()))?;
    record::account::write_to(instance.db(), user, &archive).await?;
    archive.sync_all()?;
    let value = json!({ "email": email, "file": file });
    print(output, &value, |out| {
        writeln!(out, "{}: everything stored about {email}", file.display())
    })
}

async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let users = users::list(instance.db()).await?;
    let value: Vec<_> = users
        .iter()
        .map(|user| {
            json!({
                "id": user.id,
                "email": user.email,
                "name": user.name,
                "role": user.role.as_str(),
                "status": user.status,
                "created_at": user.created_at,
                "last_signed_in_at": user.last_signed_in_at,
            })
        })
        .collect();
    print(output, &value, |out| {
        let rows: Vec<Vec<String>> = users
            .iter()
            .map(|user| {
                vec![
                    user.email.clone(),
                    user.name.clone(),
                    user.role.as_str().to_owned(),
                    user.status.clone(),
                ]
            })
            .collect();
        let header = [
            ("email", false),
            ("name", false),
            ("role", false),
            ("status", false),
        ];
        table(out, &header, &rows)
    })?;
    Ok(())
}

fn read_password(email: &str) -> anyhow::Result<Password> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .context("cannot read the password")?;
    Ok(Password::new(text.trim_end_matches(['\r', '\n']), email)?)
}
