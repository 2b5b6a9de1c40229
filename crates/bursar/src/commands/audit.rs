use std::path::Path;

use db::UserId;
use indicatif::{ProgressBar, ProgressStyle};
use record::audit::{self, Proof};

use super::{Outcome, print::print};
use crate::{
    Instance,
    cli::{AuditCommand, Output},
};

pub(super) async fn run(instance: &Instance, command: AuditCommand) -> anyhow::Result<Outcome> {
    match command {
        AuditCommand::Verify {
            user,
            against,
            output,
        } => {
            let user = whose(instance, user.as_deref()).await?;
            let vouched = against.as_deref().map(audit::heads_of).transpose()?;
            let bar = ProgressBar::new(0);
            bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} links")?);
            let proof = audit::verify(
                instance.db(),
                user,
                vouched.as_deref().unwrap_or_default(),
                |step| {
                    bar.set_length(step.of);
                    bar.set_position(step.links);
                },
            )
            .await?;
            bar.finish_and_clear();
            tell(output, &proof)
        }
        AuditCommand::Export { file, user, output } => {
            let user = whose(instance, user.as_deref()).await?;
            pack(instance, user, &file, output).await
        }
    }
}

/// Everybody unless somebody is named.
async fn whose(instance: &Instance, email: Option<&str>) -> anyhow::Result<Option<UserId>> {
    match email {
        Some(_) => Ok(Some(identity::users::resolve(instance.db(), email).await?)),
        None => Ok(None),
    }
}

fn tell(output: Output, proof: &Proof) -> anyhow::Result<Outcome> {
    print(output, proof, |out| {
        for broken in &proof.broken {
            let what = match (&*broken.table, &*broken.row_id) {
                ("", _) => "the whole chain".to_owned(),
                (table, "") => format!("{table} a row that is gone"),
                (table, row) => format!("{table} {row}"),
            };
            writeln!(
                out,
                "broken: chain {} of {}, link {}: {what} {}",
                broken.chain, broken.user_id, broken.seq, broken.fault
            )?;
        }
        let verdict = if proof.broken.is_empty() {
            "all of them hold".to_owned()
        } else {
            format!("{} of them broken", proof.broken.len())
        };
        writeln!(
            out,
            "{} chains with {} links recomputed: {verdict}",
            proof.chains, proof.links
        )?;
        if proof.erased > 0 {
            writeln!(
                out,
                "{} links without their words: their account is closed",
                proof.erased
            )?;
        }
        if proof.purged > 0 {
            writeln!(
                out,
                "{} chains of the earlier pack are gone: their accounts were closed and their time is over",
                proof.purged
            )?;
        }
        Ok(())
    })?;
    Ok(if proof.broken.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

async fn pack(
    instance: &Instance,
    user: Option<UserId>,
    file: &Path,
    output: Output,
) -> anyhow::Result<Outcome> {
    let pack = audit::export(instance.db(), user, file).await?;
    print(output, &pack, |out| {
        writeln!(
            out,
            "{}: {} chains with {} links, {} audit rows",
            file.display(),
            pack.chains,
            pack.links,
            pack.audit_rows
        )
    })?;
    Ok(Outcome::Done)
}
