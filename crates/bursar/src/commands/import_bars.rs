//! Bars out of a folder or an archive of files, one after the other. What was loaded as a whole is noted by its
//! content and by how it was to be read, so that the same command goes on where it was interrupted.

use std::{
    borrow::Cow,
    fs::File,
    io::{Read, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use market::{
    ImportReport,
    bars::{self, ImportOptions},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{Outcome, print::print};
use crate::{Instance, cli::Output};

/// Bytes that one file of an archive may have when it is unpacked. An archive can promise anything.
const LARGEST_ENTRY: u64 = 16 * 1024 * 1024 * 1024;
/// Files of a folder or an archive at most.
const MOST_FILES: usize = 100_000;
/// Refusals of one file that are listed.
const LISTED: usize = 20;

/// Whether a path is one that [`run`] takes.
pub(super) fn is_collection(path: &Path) -> bool {
    path.is_dir()
        || path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// What became of one file.
#[derive(Serialize)]
struct Done {
    file: String,
    /// `None` where the file had been loaded before.
    report: Option<ImportReport>,
    /// Why nothing of it was loaded.
    error: Option<String>,
}

/// Loads every CSV and Parquet file of a folder or an archive. Files without a symbol column take their symbol from
/// their name. A file that cannot be read does not keep the others out, and one that was loaded before is left out
/// unless it is to be loaded `again`.
pub(super) async fn run(
    instance: &Instance,
    path: &Path,
    options: &ImportOptions,
    again: bool,
    output: Output,
) -> anyhow::Result<Outcome> {
    let mut files = Files::open(path)?;
    let bar = ProgressBar::new(files.len() as u64);
    let mut all = Vec::with_capacity(files.len());
    for place in 0..files.len() {
        let (name, content) = files.get(place)?;
        bar.set_message(name.clone());
        all.push(load(instance, name, content, options, again).await?);
        bar.inc(1);
    }
    bar.set_message("computing longer bars");
    market::rollups::run(instance.db()).await?;
    bar.finish_and_clear();
    summary(output, path, &all)
}

async fn load(
    instance: &Instance,
    name: String,
    mut content: File,
    options: &ImportOptions,
    again: bool,
) -> anyhow::Result<Done> {
    let digest = digest(&mut content, options).with_context(|| format!("cannot read {name}"))?;
    let interval = options.interval;
    if !again && bars::is_loaded(instance.db(), &digest, interval, &name).await? {
        return Ok(Done {
            file: name,
            report: None,
            error: None,
        });
    }
    let stem = Path::new(&name).file_stem().unwrap_or_default();
    let options = ImportOptions {
        symbol: options
            .symbol
            .clone()
            .or_else(|| Some(stem.to_string_lossy().to_uppercase())),
        source: name.clone(),
        ..options.clone()
    };
    let outcome = bars::import(
        instance.db(),
        content,
        &options,
        instance.app.clock.now(),
        |_| (),
    )
    .await;
    match outcome {
        Ok(report) => {
            // What was refused may be taken the next time, when something else is known or stated.
            if report.rejected.is_empty() {
                bars::note_loaded(instance.db(), &digest, interval, &name, report.imported).await?;
            }
            Ok(Done {
                file: name,
                report: Some(report),
                error: None,
            })
        }
        // Without its database nothing else can be loaded either.
        Err(market::ImportError::Database(error)) => Err(error.into()),
        Err(error) => Ok(Done {
            file: name,
            report: None,
            error: Some(error.to_string()),
        }),
    }
}

/// Of the content and of what was said beside it: read in another way, it says something else.
fn digest(content: &mut File, options: &ImportOptions) -> std::io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let zone = options.time_zone.as_ref();
    let quotation = options.quotation.map(|found| found.to_string());
    let stated = [
        options.symbol.as_deref(),
        options.exchange.as_deref(),
        quotation.as_deref(),
        zone.and_then(TimeZone::iana_name),
    ];
    hash.update(format!("{stated:?}"));
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = content.read(&mut buffer)?;
        if count == 0 {
            content.rewind()?;
            return Ok(hash.finalize().into());
        }
        hash.update(buffer.get(..count).unwrap_or_default());
    }
}

/// The CSV and Parquet files of a folder, or those packed into an archive, in the order of their names.
enum Files {
    Folder(Vec<PathBuf>),
    Archive(Box<ZipArchive<File>>, Vec<String>),
}

impl Files {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let files = if path.is_dir() {
            let mut found = Vec::new();
            for entry in path.read_dir()? {
                let path = entry?.path();
                if path.is_file() && is_bars(&path) {
                    found.push(path);
                }
            }
            found.sort();
            Self::Folder(found)
        } else {
            let file =
                File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            let archive = ZipArchive::new(file)
                .with_context(|| format!("{} is no ZIP archive", path.display()))?;
            let mut names: Vec<String> = archive
                .file_names()
                .map(|name| name.map(Cow::into_owned))
                .collect::<Result<_, _>>()
                .with_context(|| format!("{} is no ZIP archive", path.display()))?;
            names.retain(|name| is_bars(Path::new(name)));
            names.sort();
            Self::Archive(Box::new(archive), names)
        };
        match files.len() {
            0 => bail!("{} holds no CSV or Parquet file", path.display()),
            count if count > MOST_FILES => bail!(
                "{} holds {count} files; load at most {MOST_FILES} at once",
                path.display()
            ),
            _ => Ok(files),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Folder(paths) => paths.len(),
            Self::Archive(_, names) => names.len(),
        }
    }

    /// Name and content of a file. What is packed is unpacked into a file that nobody else sees and that
    /// goes with its handle.
    fn get(&mut self, place: usize) -> anyhow::Result<(String, File)> {
        match self {
            Self::Folder(paths) => {
                let path = paths.get(place).context("a file of the folder")?;
                let file =
                    File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok((portfolio::imports::name_of(path), file))
            }
            Self::Archive(archive, names) => {
                let name = names.get(place).context("a file of the archive")?.clone();
                let mut packed = archive.by_name(&name)?;
                let mut unpacked = tempfile::tempfile()?;
                let mut limited = (&mut packed).take(LARGEST_ENTRY + 1);
                let bytes = std::io::copy(&mut limited, &mut unpacked)
                    .with_context(|| format!("cannot unpack {name}"))?;
                if bytes > LARGEST_ENTRY {
                    bail!("{name} unpacks to more than 16 GiB");
                }
                unpacked.flush()?;
                unpacked.rewind()?;
                Ok((name, unpacked))
            }
        }
    }
}

fn is_bars(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("csv") || extension.eq_ignore_ascii_case("parquet")
    })
}

fn summary(output: Output, path: &Path, all: &[Done]) -> anyhow::Result<Outcome> {
    let reports = || all.iter().filter_map(|done| done.report.as_ref());
    let taken: u64 = reports()
        .map(|report| report.imported + report.corrected + report.duplicates)
        .sum();
    let refused: usize = reports().map(|report| report.rejected.len()).sum();
    let failed = all.iter().filter(|done| done.error.is_some()).count();
    print(output, &all, |out| {
        for done in all {
            match (&done.report, &done.error) {
                (Some(report), _) => {
                    writeln!(
                        out,
                        "{}: {} imported, {} corrected, {} duplicates, {} doubted, {} refused",
                        done.file,
                        report.imported,
                        report.corrected,
                        report.duplicates,
                        report.doubted.unwrap_or_default(),
                        report.rejected.len()
                    )?;
                    for refusal in report.rejected.iter().take(LISTED) {
                        let (line, message, code) = (refusal.line, &refusal.message, &refusal.code);
                        writeln!(out, "  line {line}: {message} [{code}]")?;
                    }
                }
                (None, Some(error)) => writeln!(out, "{}: nothing was loaded: {error}", done.file)?,
                (None, None) => writeln!(out, "{}: loaded before", done.file)?,
            }
        }
        writeln!(
            out,
            "{}: {} files, {taken} bars taken, {refused} lines refused, {failed} files refused",
            path.display(),
            all.len()
        )?;
        out.flush()
    })?;
    Ok(match (refused + failed, taken) {
        (0, _) => Outcome::Done,
        (_, 0) => Outcome::Failed,
        _ => Outcome::Partial,
    })
}
