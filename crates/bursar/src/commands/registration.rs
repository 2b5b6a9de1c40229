use identity::registration::{self, Setting};

use super::{Outcome, print::print};
use crate::{
    Instance,
    cli::{Output, RegistrationCommand},
};

pub(super) async fn run(
    instance: &Instance,
    command: RegistrationCommand,
) -> anyhow::Result<Outcome> {
    let db = instance.db();
    match command {
        RegistrationCommand::Show(output) => show(output, registration::policy(db).await?),
        RegistrationCommand::Set { policy, output } => {
            show(output, registration::choose(db, policy.into()).await?)
        }
    }
}

fn show(output: Output, setting: Setting) -> anyhow::Result<Outcome> {
    print(output, &setting, |out| {
        let pinned = if setting.is_pinned {
            ", pinned when the server was started"
        } else {
            ""
        };
        writeln!(out, "registration: {}{pinned}", setting.policy.as_str())
    })?;
    Ok(Outcome::Done)
}
