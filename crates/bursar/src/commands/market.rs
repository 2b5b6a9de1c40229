use anyhow::Context as _;
use config::Settings;
use market::{
    InstrumentId, SecurityKey,
    bars::Interval,
    feeds::{self, Want},
};
use serde_json::json;

use super::{
    Outcome,
    print::{print, table},
};
use crate::{
    Instance,
    cli::{MarketCommand, Output},
};

pub(super) async fn run(
    instance: &Instance,
    settings: &Settings,
    command: MarketCommand,
) -> anyhow::Result<Outcome> {
    match command {
        MarketCommand::Refresh {
            symbol,
            what,
            output,
        } => {
            refresh(instance, settings, symbol.as_deref(), what, output).await?;
        }
        MarketCommand::Sources(output) => list(instance, output).await?,
    }
    Ok(Outcome::Done)
}

async fn refresh(
    instance: &Instance,
    settings: &Settings,
    symbol: Option<&str>,
    what: Want,
    output: Output,
) -> anyhow::Result<()> {
    let (db, clock) = (instance.db(), &instance.app.clock);
    let feeds = instance.feeds(settings)?;
    let mut refreshed = Vec::new();
    for id in wanted(instance, symbol).await? {
        refreshed.push(feeds.refresh(db, clock.now(), id, what, true).await?);
    }
    if symbol.is_none() && what == Want::Bars(Interval::Day) {
        refreshed.push(feeds.refresh_rates(db, clock.now(), true).await?);
    }
    print(output, &refreshed, |out| {
        let rows: Vec<Vec<String>> = refreshed
            .iter()
            .map(|done| {
                vec![
                    done.symbol.clone(),
                    done.provider.clone().unwrap_or_default(),
                    done.stored.to_string(),
                    done.quarantined.to_string(),
                    done.passed_over.join("; "),
                ]
            })
            .collect();
        let header = [
            ("symbol", false),
            ("source", false),
            ("stored", true),
            ("doubted", true),
            ("passed over", false),
        ];
        table(out, &header, &rows)
    })
}

async fn wanted(instance: &Instance, symbol: Option<&str>) -> anyhow::Result<Vec<InstrumentId>> {
    let Some(symbol) = symbol else {
        let all = feeds::freshness(instance.db(), i64::MAX).await?;
        return Ok(all.into_iter().map(|of| of.id).collect());
    };
    let key = SecurityKey {
        symbol: symbol.to_owned(),
        ..SecurityKey::default()
    };
    let mut tx = instance.db().system("find an instrument").await?;
    let found = market::instruments::resolve(tx.conn(), &key).await?;
    let found = found.with_context(|| format!("no single instrument is called {symbol}"))?;
    Ok(vec![found.id])
}

async fn list(instance: &Instance, output: Output) -> anyhow::Result<()> {
    let now = instance.app.clock.now();
    let states = feeds::list(instance.db()).await?;
    let views: Vec<_> = states
        .iter()
        .map(|state| {
            json!({
                "id": state.id,
                "state": state.availability(now),
                "is_enabled": state.is_enabled,
                "has_key": state.has_key,
                "last_success_at": state.last_success_at,
                "last_failure_at": state.last_failure_at,
                "last_failure": state.last_failure,
                "fetched": state.fetched,
                "not_modified": state.not_modified,
                "failed": state.failed,
                "skipped": state.skipped,
            })
        })
        .collect();
    print(output, &views, |out| {
        let rows: Vec<Vec<String>> = states
            .iter()
            .map(|state| {
                let at = state.last_success_at.map(|at| at.to_string());
                vec![
                    state.id.to_string(),
                    state.availability(now).label().to_owned(),
                    at.unwrap_or_default(),
                    state.last_failure.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let header = ["source", "state", "last success", "last error"].map(|name| (name, false));
        table(out, &header, &rows)
    })
}
