use std::{
    fs::File,
    path::{Path, PathBuf},
};

use ::portfolio::imports::{self, ImportId, ImportOutcome, name_of};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use market::{ImportReport, Progress, bars::ImportOptions};
use money::{Currency, Quotation};
use serde::Serialize;

use super::{
    Outcome, import_bars,
    print::print,
    signals::{Interrupted, Signals},
};
use crate::{
    Instance,
    cli::{ImportCommand, Output, Whose},
};

/// Runs an import until it is done or a signal comes. What is booked of long transactions stays, and
/// it is said how to go on.
pub(super) async fn run(
    instance: &Instance,
    signals: &Signals,
    command: ImportCommand,
) -> anyhow::Result<Outcome> {
    let (file, format, portfolio, currency, whose, output) = match command {
        ImportCommand::Transactions {
            file,
            format,
            portfolio,
            currency,
            whose,
            output,
        } => (file, format, portfolio, currency, whose, output),
        ImportCommand::Undo {
            import,
            whose,
            output,
        } => return undo(instance, signals, (ImportId(import), whose), output).await,
        ImportCommand::Appraisals {
            file,
            symbol,
            whose,
            output,
        } => {
            let import = appraisals(instance, &file, &symbol, &whose, output);
            return signals.or_interrupted(import).await;
        }
        other => return signals.or_interrupted(market(instance, other)).await,
    };
    let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
    let currency = currency.as_deref().map(Currency::new).transpose()?;
    let bytes = std::fs::metadata(&file)
        .and_then(|found| File::open(&file).map(|_| found.len()))
        .with_context(|| format!("cannot read {}", file.display()))?;
    let bar = progress_bar(bytes)?;
    let wanted = imports::Wanted {
        portfolio,
        currency,
        path: file.clone(),
        format,
    };
    // The long import that this command has running, once it has.
    let mut running = None;
    let mut advance = |at: imports::Progress| {
        running = Some(at.import_id);
        bar.set_position(at.bytes_done);
        bar.set_message(format!("{} records", at.records_done));
    };
    let app = &instance.app;
    let import = Box::pin(imports::import_into_named(app, user, wanted, &mut advance));
    let outcome = signals.or_interrupted(async { Ok(import.await?) }).await;
    bar.finish_and_clear();
    match outcome {
        Ok(outcome) => transactions(output, &file, &outcome),
        Err(error) if error.is::<Interrupted>() => {
            let Some(id) = running else { return Err(error) };
            Err(error.context(interrupted(app, user, id, &file).await))
        }
        Err(error) => Err(error),
    }
}

/// Notes that a long import does not go on, and says how to.
async fn interrupted(app: &web::App, user: db::UserId, id: ImportId, file: &Path) -> String {
    let done = match imports::interrupt(app, user, id).await {
        Ok(at) => format!("{} records of {} are done", at.records_done, file.display()),
        Err(error) => format!("that it was could not be noted ({error})"),
    };
    format!(
        "interrupted: {done}; run the same command again to go on, or undo it with: bursar import undo {}",
        id.0
    )
}

/// What taking back an import removed.
#[derive(Serialize)]
struct Undone {
    removed: u64,
}

/// Takes an import back until it is gone or a signal comes. What is taken back stays so.
async fn undo(
    instance: &Instance,
    signals: &Signals,
    (id, whose): (ImportId, Whose),
    output: Output,
) -> anyhow::Result<Outcome> {
    let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos}/{len} transactions",
    )?);
    let mut advance = |at: imports::UndoProgress| {
        bar.set_length(at.total);
        bar.set_position(at.removed);
    };
    let app = &instance.app;
    let undo = Box::pin(imports::undo_here(app, user, id, &mut advance));
    let outcome = signals.or_interrupted(async { Ok(undo.await?) }).await;
    bar.finish_and_clear();
    let removed = match outcome {
        Err(error) if error.is::<Interrupted>() => {
            let noted = match imports::interrupt_undo(app, user, id).await {
                Ok(Some(at)) => format!("{} of {} transactions are gone", at.removed, at.total),
                Ok(None) => "the import was not under way".to_owned(),
                Err(error) => format!("that it was could not be noted ({error})"),
            };
            let told = format!("interrupted: {noted}; run the same command again to go on");
            return Err(error.context(told));
        }
        outcome => outcome?,
    };
    print(output, &Undone { removed }, |out| {
        writeln!(out, "{removed} transactions of {} are removed", id.0)?;
        out.flush()
    })?;
    Ok(Outcome::Done)
}

/// Prices of what one person alone knows.
async fn appraisals(
    instance: &Instance,
    file: &Path,
    symbol: &str,
    whose: &Whose,
    output: Output,
) -> anyhow::Result<Outcome> {
    let user = identity::users::resolve(instance.db(), whose.user.as_deref()).await?;
    let content = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let import = ::portfolio::private_assets::import_named(&instance.app, user, symbol, content);
    let report = import
        .await
        .with_context(|| format!("nothing of {} was imported for {symbol}", file.display()))?;
    market_data(output, file, "prices", &report)
}

/// Prices, exchange rates and corporate actions, which everybody shares.
async fn market(instance: &Instance, command: ImportCommand) -> anyhow::Result<Outcome> {
    match command {
        ImportCommand::Transactions { .. }
        | ImportCommand::Undo { .. }
        | ImportCommand::Appraisals { .. } => {
            anyhow::bail!("transactions and appraisals are of a person")
        }
        ImportCommand::Bars {
            file,
            symbol,
            exchange,
            currency,
            interval,
            time_zone,
            again,
            output,
        } => {
            let time_zone = time_zone.as_deref().map(TimeZone::get).transpose()?;
            let options = ImportOptions {
                interval,
                time_zone,
                symbol,
                exchange,
                quotation: currency.as_deref().map(Quotation::parse).transpose()?,
                source: name_of(&file),
            };
            if import_bars::is_collection(&file) {
                return import_bars::run(instance, &file, &options, again, output).await;
            }
            let (reader, bar) = open(&file)?;
            let now = instance.app.clock.now();
            let report =
                market::bars::import(instance.db(), reader, &options, now, advance(&bar)).await?;
            bar.set_message("computing longer bars");
            market::rollups::run(instance.db()).await?;
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
    let batch = outcome
        .batch_id
        .map_or_else(|| "none".to_owned(), |id| id.0.to_string());
    summary(
        output,
        outcome,
        &Summary {
            file,
            what: "transactions",
            imported: outcome.imported,
            corrected: 0,
            doubted: 0,
            duplicates: outcome.duplicates,
            refused: outcome.refused,
            refusals: outcome
                .rejected
                .iter()
                .map(|r| (r.line, &*r.code, &*r.message))
                .collect(),
            left_out: outcome.left_out,
            skipped: outcome
                .skipped
                .iter()
                .map(|r| (r.line, &*r.code, &*r.message))
                .collect(),
            batch: &batch,
        },
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
    summary(
        output,
        report,
        &Summary {
            file,
            what,
            imported: report.imported,
            corrected: report.corrected,
            doubted: report.doubted.unwrap_or_default(),
            duplicates: report.duplicates,
            refused: refusals.len() as u64,
            refusals,
            left_out: 0,
            skipped: Vec::new(),
            batch: &report.batch_id.to_string(),
        },
    )
}

/// Line, code and message.
type Line<'a> = (u64, &'a str, &'a str);

/// What became of a file.
struct Summary<'a> {
    file: &'a Path,
    what: &'a str,
    imported: u64,
    /// Of bars alone: those that took the place of another one.
    corrected: u64,
    /// Of bars alone: those that were stored and look wrong.
    doubted: u64,
    duplicates: u64,
    /// How many lines were refused, of which the first are listed.
    refused: u64,
    refusals: Vec<Line<'a>>,
    /// The same of lines that state nothing to record.
    left_out: u64,
    skipped: Vec<Line<'a>>,
    batch: &'a str,
}

/// Prints what became of a file. A file of which nothing could be taken has failed.
fn summary<T: Serialize>(output: Output, value: &T, of: &Summary<'_>) -> anyhow::Result<Outcome> {
    print(output, value, |out| {
        write!(
            out,
            "{}: {} {} imported, {} duplicates, {} refused",
            of.file.display(),
            of.imported,
            of.what,
            of.duplicates,
            of.refused
        )?;
        if of.corrected > 0 {
            write!(out, ", {} corrected", of.corrected)?;
        }
        if of.doubted > 0 {
            write!(
                out,
                ", {} stored though doubted (see Doubtful prices)",
                of.doubted
            )?;
        }
        if of.left_out > 0 {
            write!(out, ", {} left out", of.left_out)?;
        }
        writeln!(out, " (batch {})", of.batch)?;
        for (line, code, message) in &of.refusals {
            writeln!(out, "  line {line}: {message} [{code}]")?;
        }
        more(out, of.refused, of.refusals.len(), "refused")?;
        for (line, _, message) in &of.skipped {
            writeln!(out, "  line {line} left out: {message}")?;
        }
        more(out, of.left_out, of.skipped.len(), "left out")?;
        out.flush()
    })?;
    Ok(
        match (of.refused, of.imported + of.corrected + of.duplicates) {
            (0, _) => Outcome::Done,
            (_, 0) => Outcome::Failed,
            _ => Outcome::Partial,
        },
    )
}

/// Says how many lines are not listed.
fn more(
    out: &mut dyn std::io::Write,
    count: u64,
    listed: usize,
    what: &str,
) -> std::io::Result<()> {
    let more = count.saturating_sub(listed as u64);
    if more > 0 {
        writeln!(out, "  and {more} more lines were {what}")?;
    }
    Ok(())
}
