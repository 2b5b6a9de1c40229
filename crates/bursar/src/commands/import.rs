use std::{
    fs::File,
    path::{Path, PathBuf},
};

use ::portfolio::imports::{self, ImportOutcome};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use market::{ImportReport, Progress, bars::ImportOptions};
use money::{Currency, Quotation};
use serde::Serialize;

use super::{
    Outcome,
    print::print,
    signals::{Interrupted, Signals},
};
use crate::{
    Instance,
    cli::{ImportCommand, Output},
};

/// Runs an import until it is done or a signal comes. What is booked of long transactions stays, and
/// it is said how to go on.
pub(super) async fn run(
    instance: &Instance,
    signals: &Signals,
    command: ImportCommand,
) -> anyhow::Result<Outcome> {
    let ImportCommand::Transactions {
        file,
        format,
        portfolio,
        currency,
        whose,
        output,
    } = command
    else {
        return signals.or_interrupted(market(instance, command)).await;
    };
    let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
    let currency = currency.as_deref().map(Currency::new).transpose()?;
    let bytes = std::fs::metadata(&file)
        .and_then(|found| File::open(&file).map(|_| found.len()))
        .with_context(|| format!("cannot read {}", file.display()))?;
    let bar = progress_bar(bytes)?;
    let wanted = imports::Wanted {
        portfolio: portfolio.clone(),
        currency,
        path: file.clone(),
        format,
    };
    let mut advance = {
        let bar = bar.clone();
        move |at: imports::Progress| {
            bar.set_position(at.bytes_done);
            bar.set_message(format!("{} rows", at.records_done));
        }
    };
    let app = &instance.app;
    let import = Box::pin(imports::import_into_named(app, user, wanted, &mut advance));
    let outcome = signals.or_interrupted(async { Ok(import.await?) }).await;
    bar.finish_and_clear();
    match outcome {
        Ok(outcome) => transactions(output, &file, &outcome),
        Err(error) if error.is::<Interrupted>() => {
            match imports::interrupt_named(app, user, &portfolio, &file).await {
                Ok(Some(at)) => Err(error.context(format!(
                    "interrupted: {} rows of {} are imported; run the same command again to go on, \
                     or undo the import in the pages",
                    at.records_done,
                    file.display()
                ))),
                _ => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Prices, exchange rates and corporate actions, which everybody shares.
async fn market(instance: &Instance, command: ImportCommand) -> anyhow::Result<Outcome> {
    match command {
        ImportCommand::Transactions { .. } => anyhow::bail!("transactions are of a person"),
        ImportCommand::Bars {
            file,
            symbol,
            exchange,
            currency,
            output,
        } => {
            let options = ImportOptions {
                symbol,
                exchange,
                quotation: currency.as_deref().map(Quotation::parse).transpose()?,
                source: name_of(&file),
            };
            let (reader, bar) = open(&file)?;
            let report =
                market::bars::import(instance.db(), reader, &options, advance(&bar)).await?;
            bar.finish_and_clear();
            market_data(output, &file, "bars", &report)
        }
        ImportCommand::Fx { file, output } => {
            let (reader, bar) = open(&file)?;
            let report =
                market::fx::import(instance.db(), reader, &name_of(&file), advance(&bar)).await?;
            bar.finish_and_clear();
            market_data(output, &file, "rates", &report)
        }
        ImportCommand::CorporateActions { file, output } => {
            let (reader, bar) = open(&file)?;
            let report = market::corporate_actions::import(
                instance.db(),
                reader,
                &name_of(&file),
                advance(&bar),
            )
            .await?;
            bar.finish_and_clear();
            market_data(output, &file, "corporate actions", &report)
        }
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// A file and a bar that shows how much of it has been read; the bar hides when nobody looks.
fn open(path: &PathBuf) -> anyhow::Result<(File, ProgressBar)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let bar = progress_bar(file.metadata()?.len())?;
    Ok((file, bar))
}

fn progress_bar(bytes: u64) -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new(bytes);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {msg}",
    )?);
    Ok(bar)
}

fn advance(bar: &ProgressBar) -> impl FnMut(Progress) + Send {
    let bar = bar.clone();
    move |progress| {
        bar.set_position(progress.bytes_read);
        bar.set_message(format!("{} rows", progress.rows));
    }
}

fn transactions(output: Output, file: &Path, outcome: &ImportOutcome) -> anyhow::Result<Outcome> {
    let refusals: Vec<_> = outcome
        .rejected
        .iter()
        .map(|r| (r.line, &*r.code, &*r.message))
        .collect();
    let counts = (outcome.imported, outcome.duplicates);
    let batch = outcome
        .batch_id
        .map_or_else(|| "none".to_owned(), |id| id.0.to_string());
    summary(
        output,
        outcome,
        file,
        "transactions",
        counts,
        &refusals,
        &batch,
    )
}

fn market_data(
    output: Output,
    file: &Path,
    what: &str,
    report: &ImportReport,
) -> anyhow::Result<Outcome> {
    let refusals: Vec<_> = report
        .rejected
        .iter()
        .map(|r| (r.line, &*r.code, &*r.message))
        .collect();
    let counts = (report.imported, report.duplicates);
    summary(
        output,
        report,
        file,
        what,
        counts,
        &refusals,
        &report.batch_id.to_string(),
    )
}

/// Prints what became of a file. A file of which nothing could be taken has failed.
fn summary<T: Serialize>(
    output: Output,
    value: &T,
    file: &Path,
    what: &str,
    (imported, duplicates): (u64, u64),
    refusals: &[(u64, &str, &str)],
    batch: &str,
) -> anyhow::Result<Outcome> {
    print(output, value, |out| {
        writeln!(
            out,
            "{}: {imported} {what} imported, {duplicates} duplicates, {} refused (batch {batch})",
            file.display(),
            refusals.len()
        )?;
        for (line, code, message) in refusals {
            writeln!(out, "  line {line}: {message} [{code}]")?;
        }
        out.flush()
    })?;
    Ok(match (refusals.is_empty(), imported + duplicates) {
        (true, _) => Outcome::Done,
        (false, 0) => Outcome::Failed,
        (false, _) => Outcome::Partial,
    })
}
