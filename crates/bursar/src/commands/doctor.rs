use checks::Checks;
use config::{Profile, Settings};
use db::{Clock, Fact, FactState, Server};
use seal::{RotationError, SealError, Sealer};

use super::{
    Outcome,
    print::print,
    signals::{Interrupted, Signals},
};
use crate::cli::Output;

pub(super) async fn run(settings: &Settings, output: Output) -> anyhow::Result<Outcome> {
    let signals = Signals::catch()?;
    let facts = facts(settings, &signals).await?;
    print(output, &facts, |out| {
        for fact in &facts {
            let mark = match fact.state {
                FactState::Good => "ok  ",
                FactState::Doubtful => "look",
                FactState::Bad => "FAIL",
            };
            writeln!(out, "{mark}  {:<24} {}", fact.name, fact.text)?;
        }
        Ok(())
    })?;
    let is_bad = facts.iter().any(|fact| fact.state == FactState::Bad);
    Ok(if is_bad {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

/// What can be found out, as far as it goes: a database that does not open is a finding itself.
async fn facts(settings: &Settings, signals: &Signals) -> anyhow::Result<Vec<Fact>> {
    let data_dir = match settings.open_data_dir(Profile::Live) {
        Ok(data_dir) => data_dir,
        Err(error) => return Ok(vec![bad("data.directory", error.to_string())]),
    };
    let mut facts = checks::of_files(&data_dir);
    let sealer = Sealer::open_keys(&data_dir, settings);
    facts.push(encryption(&sealer, None));
    let server = match Server::open(settings, &data_dir).await {
        Ok(server) => server,
        Err(error) => {
            facts.push(bad("database", error.to_string()));
            return Ok(facts);
        }
    };
    let checks = Checks::new(settings, &data_dir, server.access());
    let asked = signals.or_interrupted(ask(&server, &checks, &sealer)).await;
    server.close().await?;
    match asked {
        Ok(found) => Ok(found),
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => {
            facts.push(bad("database", format!("{error:#}")));
            Ok(facts)
        }
    }
}

async fn ask(
    server: &Server,
    checks: &Checks,
    sealer: &Result<Sealer, SealError>,
) -> anyhow::Result<Vec<Fact>> {
    let db = server.connect().await?;
    // A schema that is not there yet has no owner; that it is missing is a finding of its own.
    let has_admin = identity::users::has_admin(&db).await.unwrap_or(false);
    let mut facts = checks.facts(&db, &Clock::system(), has_admin).await;
    let missing = match sealer {
        Ok(sealer) => seal::check_keys(&db, sealer).await.err(),
        Err(_) => None,
    };
    facts.push(encryption(sealer, missing));
    facts.push(market::lifetimes::fact(&db, Clock::system().now()).await);
    db.close().await;
    Ok(facts)
}

/// Whether what is stored encrypted can be read, as far as the keys say, or the database has said.
fn encryption(sealer: &Result<Sealer, SealError>, missing: Option<RotationError>) -> Fact {
    match sealer {
        Ok(sealer) => crate::doctor::encryption(sealer, missing),
        Err(error) => bad("data.encryption", error.to_string()),
    }
}

fn bad(name: &'static str, text: String) -> Fact {
    Fact {
        name,
        state: FactState::Bad,
        text,
    }
}
