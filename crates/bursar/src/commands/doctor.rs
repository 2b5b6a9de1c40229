use config::{Profile, Settings};
use db::{Clock, Fact, FactState, Server};
use seal::Sealer;

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
    let mut facts = Vec::new();
    let data_dir = match settings.open_data_dir(Profile::Live) {
        Ok(data_dir) => data_dir,
        Err(error) => {
            facts.push(fact("data.directory", FactState::Bad, error.to_string()));
            return Ok(facts);
        }
    };
    facts.push(fact(
        "data.directory",
        FactState::Good,
        data_dir.path().display().to_string(),
    ));
    match data_dir.secret("csrf") {
        Ok(_) => facts.push(fact(
            "data.secrets",
            FactState::Good,
            "readable by their owner alone".to_owned(),
        )),
        Err(error) => facts.push(fact("data.secrets", FactState::Bad, error.to_string())),
    }
    match Sealer::open_keys(&data_dir, settings) {
        Ok(sealer) => {
            let keys = sealer.keys();
            let active = keys
                .first()
                .map(|key| format!("{} ({})", key.id, key.origin));
            let text = format!(
                "{} keys; {} seals new values",
                keys.len(),
                active.unwrap_or_default()
            );
            facts.push(fact("data.encryption", FactState::Good, text));
        }
        Err(error) => facts.push(fact("data.encryption", FactState::Bad, error.to_string())),
    }
    let server = match Server::open(settings, &data_dir).await {
        Ok(server) => server,
        Err(error) => {
            facts.push(fact("database", FactState::Bad, error.to_string()));
            return Ok(facts);
        }
    };
    let asked = signals.or_interrupted(ask(&server)).await;
    server.close().await?;
    match asked {
        Ok(found) => facts.extend(found),
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => facts.push(fact("database", FactState::Bad, format!("{error:#}"))),
    }
    let listens = if settings.listens_publicly() {
        (
            FactState::Doubtful,
            format!(
                "{} can be reached from other machines; put TLS in front and set BURSAR_PUBLIC_URL",
                settings.listen
            ),
        )
    } else {
        (
            FactState::Good,
            format!("{} is reachable from this machine only", settings.listen),
        )
    };
    facts.push(fact("http.listen", listens.0, listens.1));
    Ok(facts)
}

async fn ask(server: &Server) -> anyhow::Result<Vec<Fact>> {
    let db = server.connect().await?;
    let facts = db::facts(&db, server.access(), &Clock::system()).await;
    db.close().await;
    Ok(facts?)
}

fn fact(name: &'static str, state: FactState, text: String) -> Fact {
    Fact { name, state, text }
}
