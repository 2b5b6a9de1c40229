use std::{
    io::{self, Read},
    path::Path,
};

use anyhow::Context;
use config::Settings;
use identity::{
    people::{self, Change, Filter, Person, TierGrant},
    users::{self, Email, NewUser, Password, PasswordHash, Role, Status},
};
use jiff::{civil::Date, tz::TimeZone};
use record::account::Closing;
use serde_json::json;

use super::{
    Outcome, base_url,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{Output, TierArg, UserCommand},
};

/// More are not printed.
const LONGEST_LIST: i64 = 100_000;

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) async fn run(
    instance: &Instance,
    settings: &Settings,
    command: UserCommand,
) -> anyhow::Result<Outcome> {
    let base_url = base_url(settings);
    match command {
        UserCommand::Add {
            email,
            name,
            password_stdin,
            password_hash_stdin,
            output,
        } => {
            let new = NewUser {
                email: Email::new(&email)?,
                name,
            };
            let secret = Secret::read(password_stdin, password_hash_stdin, &new.email)?;
            add(instance, &base_url, new, secret, output).await?;
        }
        UserCommand::List(output) => list(instance, output).await?,
        UserCommand::Show { email, output } => {
            let (db, clock) = (instance.db(), &instance.app.clock);
            show(output, &people::find(db, clock, &email).await?)?;
        }
        UserCommand::Suspend { email, output } => {
            change(instance, &email, set_status(Status::Suspended), output).await?;
        }
        UserCommand::Activate { email, output } => {
            change(instance, &email, set_status(Status::Active), output).await?;
        }
        UserCommand::SetRole {
            email,
            role,
            output,
        } => {
            change(instance, &email, set_role(role.into()), output).await?;
        }
        UserCommand::SetTier {
            email,
            tier,
            until,
            output,
        } => {
            let tier = grant(instance, tier, until)?;
            change(instance, &email, tier, output).await?;
        }
        UserCommand::ResetPassword { email, output } => {
            reset_password(instance, &base_url, &email, output).await?;
        }
        UserCommand::SetEmail { email, new, output } => {
            set_email(instance, &email, &Email::new(&new)?, output).await?;
        }
        UserCommand::Unlink { email, output } => unlink(instance, &email, output).await?,
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
            let closing = Closing {
                email: confirm,
                successor,
            };
            close(instance, &email, &closing, output).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn set_email(
    instance: &Instance,
    email: &str,
    new: &Email,
    output: Output,
) -> anyhow::Result<()> {
    let person = people::find(instance.db(), &instance.app.clock, email).await?;
    let changed = people::set_email(&instance.app, person.id, new).await?;
    show(output, &changed)
}

async fn reset_password(
    instance: &Instance,
    base_url: &str,
    email: &str,
    output: Output,
) -> anyhow::Result<()> {
    let link = users::reset_password(instance.db(), &instance.app.clock, email).await?;
    let link = link.url(base_url);
    print(output, &json!({ "email": email, "link": link }), |out| {
        writeln!(out, "one-time link for {email}:\n  {link}")
    })
}

async fn close(
    instance: &Instance,
    email: &str,
    closing: &Closing,
    output: Output,
) -> anyhow::Result<()> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let user = users::resolve(db, Some(email)).await?;
    record::account::close(db, clock, user, closing).await?;
    print(output, &json!({ "email": email, "closed": true }), |out| {
        writeln!(out, "closed the account of {email}")
    })
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

async fn unlink(instance: &Instance, email: &str, output: Output) -> anyhow::Result<()> {
    let taken = identity::openid::unlink_all(instance.db(), email).await?;
    print(output, &taken, |out| {
        writeln!(out, "taken from {email}:")?;
        for address in &taken.identities {
            writeln!(out, "  the identity of {address}")?;
        }
        writeln!(out, "  {} sessions", taken.sessions)?;
        writeln!(
            out,
            "whoever has no password sets one with `bursar user reset-password {email}`"
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
    let cannot = || format!("cannot write {}", file.display());
    let archive = record::NewFile::create(file).with_context(cannot)?;
    let (db, sealer) = (instance.db(), &instance.app.sealer);
    record::account::write_to(db, sealer, user, archive.as_file()).await?;
    archive.keep().with_context(cannot)?;
    let value = json!({ "email": email, "file": file });
    print(output, &value, |out| {
        writeln!(out, "{}: everything stored about {email}", file.display())
    })
}

/// How a new user signs in.
enum Secret {
    Password(Password),
    Hash(PasswordHash),
    None,
}

impl Secret {
    fn read(is_password: bool, is_hash: bool, email: &Email) -> anyhow::Result<Self> {
        Ok(match (is_password, is_hash) {
            (_, true) => Self::Hash(PasswordHash::parse(&read_line()?)?),
            (true, false) => Self::Password(Password::new(&read_line()?, email.as_str())?),
            (false, false) => Self::None,
        })
    }
}

async fn add(
    instance: &Instance,
    base_url: &str,
    new: NewUser,
    secret: Secret,
    output: Output,
) -> anyhow::Result<()> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let email: Email = new.email.clone();
    let added = match secret {
        Secret::Password(password) => users::add(db, clock, new, Some(password)).await?,
        Secret::Hash(hash) => users::import(db, clock, new, hash).await?,
        Secret::None => users::add(db, clock, new, None).await?,
    };
    let link = added.link.map(|link| link.url(base_url));
    let value = json!({
        "id": added.id,
        "email": email.as_str(),
        "role": added.role.as_str(),
        "link": link,
    });
    print(output, &value, |out| {
        writeln!(out, "added {} ({})", email.as_str(), added.role.as_str())?;
        match link {
            Some(link) => writeln!(out, "set the password with this one-time link:\n  {link}"),
            None => Ok(()),
        }
    })
}

fn set_status(status: Status) -> Change {
    Change {
        status: Some(status),
        ..Change::default()
    }
}

fn set_role(role: Role) -> Change {
    Change {
        role: Some(role),
        ..Change::default()
    }
}

fn grant(instance: &Instance, tier: TierArg, until: Option<Date>) -> anyhow::Result<Change> {
    let end = until
        .map(|day| day.to_zoned(TimeZone::UTC))
        .transpose()
        .context("--until is no day that can be reckoned with")?
        .map(|start| start.timestamp());
    let grant = TierGrant::new(tier.into(), end, instance.app.clock.now())?;
    Ok(Change {
        tier: Some(grant),
        ..Change::default()
    })
}

async fn change(
    instance: &Instance,
    email: &str,
    change: Change,
    output: Output,
) -> anyhow::Result<()> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let person = people::find(db, clock, email).await?;
    show(output, &people::change(db, clock, person.id, change).await?)
}

fn show(output: Output, person: &Person) -> anyhow::Result<()> {
    print(output, person, |out| {
        let instant = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
        let lines = [
            ("email", Some(person.email.clone())),
            ("verified", instant(person.email_verified_at)),
            ("name", Some(person.name.clone())),
            ("username", person.username.clone()),
            ("role", Some(person.role.as_str().to_owned())),
            ("status", Some(person.status.as_str().to_owned())),
            ("tier", Some(person.tier.as_str().to_owned())),
            ("tier ends", instant(person.tier_expires_at)),
            ("referral code", Some(person.referral_code.clone())),
            ("created", Some(person.created_at.to_string())),
            ("last sign-in", instant(person.last_signed_in_at)),
        ];
        for (name, value) in lines {
            writeln!(out, "{name:<14} {}", value.unwrap_or_default())?;
        }
        Ok(())
    })
}

async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let all = people::list(db, clock, &Filter::default(), None, LONGEST_LIST).await?;
    print(output, &all, |out| {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|person| {
                vec![
                    person.email.clone(),
                    person.name.clone(),
                    person.role.as_str().to_owned(),
                    person.status.as_str().to_owned(),
                    person.tier.as_str().to_owned(),
                ]
            })
            .collect();
        let header = ["email", "name", "role", "status", "tier"].map(|name| (name, false));
        table(out, &header, &rows)
    })
}

fn read_line() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .context("cannot read the password from standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
