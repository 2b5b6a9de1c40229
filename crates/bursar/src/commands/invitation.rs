use config::Settings;
use identity::invitations::{self, NewInvitation};
use serde_json::json;

use super::{
    Outcome, base_url,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{InvitationCommand, Output},
};

/// More are not printed.
const LONGEST_LIST: i64 = 10_000;

pub(super) async fn run(
    instance: &Instance,
    settings: &Settings,
    command: InvitationCommand,
) -> anyhow::Result<Outcome> {
    let app = &instance.app;
    match command {
        InvitationCommand::Add {
            email,
            role,
            days,
            output,
        } => {
            let email = email.as_deref().map(str::parse).transpose()?;
            let new = NewInvitation::new(email, role.into(), Some(days))?;
            let made = invitations::create(&app.db, &app.clock, &app.sealer, &new).await?;
            let link = format!("{}{}", base_url(settings).trim_end_matches('/'), made.path);
            let value = json!({ "invitation": made.invitation, "link": link });
            print(output, &value, |out| {
                writeln!(out, "hand this one-time link over:\n  {link}")
            })?;
        }
        InvitationCommand::List(output) => list(instance, output).await?,
        InvitationCommand::Revoke { id, output } => {
            invitations::revoke(&app.db, id).await?;
            print(output, &json!({ "revoked": id }), |out| {
                writeln!(out, "revoked {}", id.0)
            })?;
        }
    }
    Ok(Outcome::Done)
}

async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let app = &instance.app;
    let all = invitations::list(&app.db, &app.clock, None, LONGEST_LIST).await?;
    print(output, &all, |out| {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|one| {
                vec![
                    one.id.0.to_string(),
                    one.email.clone().unwrap_or_default(),
                    one.role.as_str().to_owned(),
                    one.state.as_str().to_owned(),
                    one.expires_at.to_string(),
                ]
            })
            .collect();
        let header = ["id", "for", "role", "state", "ends"].map(|name| (name, false));
        table(out, &header, &rows)
    })
}
