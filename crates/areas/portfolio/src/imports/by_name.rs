//! Imports where portfolio, format and mapping are named.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use db::UserId;
use ledger::CostBasis;
use money::Currency;
use statements::{Format, Mapping, Rejection};
use web::App;

use super::{
    Error, ImportOutcome, ImportStatus, Upload,
    long::{self, LONG_BYTES, Progress, Survey},
    preview::{self, off_thread},
    receiving,
    service::{self, import_file},
    store::{self, long::NewLong},
};
use crate::portfolios::{self, NewPortfolio, PortfolioId};

/// A file and where it goes, by name.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Name of the portfolio; one that does not exist is opened.
    pub portfolio: String,
    /// Currency of a portfolio that has to be opened; that of most rows unless given.
    pub currency: Option<Currency>,
    /// The file.
    pub path: PathBuf,
    /// `auto`, a format, or the name of a saved mapping.
    pub format: String,
}

/// Imports a file into the portfolio of a name. A file that cannot be read opens no portfolio.
///
/// A long file is booked part by part, and `progress` is told after each; where the same file was
/// interrupted before, it goes on behind what is booked.
pub async fn import_into_named(
    app: &App,
    user: UserId,
    wanted: Wanted,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    let (format, mapping) = reading(app, user, &wanted.format).await?;
    let path = wanted.path.clone();
    let bytes = std::fs::metadata(&path).map_err(Error::File)?.len();
    let is_long = bytes > LONG_BYTES;
    let content = off_thread(move || {
        if is_long {
            let mut source = File::open(&path).map_err(Error::File)?;
            Ok(statements::beginning(&mut source)?.into_bytes())
        } else {
            std::fs::read(&path).map_err(Error::File)
        }
    });
    let mut upload = Upload {
        portfolio_id: PortfolioId(uuid::Uuid::nil()),
        file_name: name_of(&wanted.path),
        content: content.await??,
        format,
        mapping,
    };
    receiving::recognise(app, user, &mut upload).await?;
    if upload.format.is_none() && upload.mapping.is_none() {
        return Err(Error::NeedsMapping);
    }
    if is_long {
        let path = wanted.path.clone();
        let (format, mapping) = (upload.format, upload.mapping.clone());
        let survey = off_thread(move || long::survey(&path, format, mapping.as_ref()));
        if let Some(survey) = survey.await?? {
            return import_long(app, user, wanted, upload, survey, progress).await;
        }
        upload.content = receiving::held(&wanted.path, bytes, upload.format)?;
    }
    import_at_once(app, user, wanted, upload).await
}

/// Remembers that the import of a file was interrupted. Returns how much of it is booked; nothing is
/// remembered of a file that is booked at once.
pub async fn interrupt_named(
    app: &App,
    user: UserId,
    portfolio: &str,
    path: &Path,
) -> Result<Option<Progress>, Error> {
    if std::fs::metadata(path).map_err(Error::File)?.len() <= LONG_BYTES {
        return Ok(None);
    }
    let hash = hash_of(path).await?;
    let mut tx = app.db.read(user).await?;
    let portfolio = portfolios::store::require_by_name(&mut tx, portfolio).await?;
    let Some(id) = store::long::get_open(&mut tx, portfolio.id, &hash).await? else {
        return Ok(None);
    };
    let import = store::require(&mut tx, id).await?;
    drop(tx);
    service::interrupt(&app.db, user, id, None).await?;
    Ok(import.long.map(|long| Progress {
        bytes_total: long.bytes_total,
        bytes_done: long.bytes_done,
        records_done: long.records_done,
    }))
}

async fn hash_of(path: &Path) -> Result<[u8; 32], Error> {
    let path = path.to_owned();
    off_thread(move || long::content_hash(&path))
        .await?
        .map_err(Error::File)
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Nothing to store: no portfolio is opened and no batch is kept.
fn nothing(rejected: Vec<Rejection>) -> ImportOutcome {
    ImportOutcome {
        imported: 0,
        duplicates: 0,
        rejected,
        batch_id: None,
    }
}

async fn import_at_once(
    app: &App,
    user: UserId,
    wanted: Wanted,
    mut upload: Upload,
) -> Result<ImportOutcome, Error> {
    let statement = preview::read(
        upload.content.clone(),
        upload.format,
        upload.mapping.clone(),
    )
    .await?;
    if statement.rows.is_empty() {
        return Ok(nothing(statement.rejected));
    }
    let mut currencies = service::Prevailing::default();
    for row in &statement.rows {
        currencies.note(row.currency);
    }
    let currency = wanted.currency.or_else(|| currencies.decide());
    upload.portfolio_id =
        portfolio(app, user, &wanted.portfolio, currency, statement.format).await?;
    import_file(app, user, upload).await
}

async fn import_long(
    app: &App,
    user: UserId,
    wanted: Wanted,
    upload: Upload,
    survey: Survey,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    if !survey.has_rows {
        return Ok(nothing(survey.rejected));
    }
    let format = survey.file.format();
    let currency = wanted.currency.or(survey.currency);
    let portfolio_id = portfolio(app, user, &wanted.portfolio, currency, format).await?;
    let hash = hash_of(&wanted.path).await?;
    let mut tx = app.db.write(user).await?;
    let id = if let Some(id) = store::long::get_open(&mut tx, portfolio_id, &hash).await? {
        store::long::set_running(&mut tx, id).await?;
        id
    } else {
        let new = NewLong {
            portfolio_id,
            file_name: &upload.file_name,
            format: Some(format),
            mapping: upload.mapping.as_ref(),
            bytes: survey.bytes,
            hash,
            spool: None,
            status: ImportStatus::Running,
        };
        store::long::insert(&mut tx, user, &new).await?
    };
    tx.commit().await?;
    long::book(
        &app.db,
        &app.clock,
        user,
        id,
        (wanted.path, survey),
        progress,
    )
    .await
}

/// What `auto`, a format, or the name of a saved mapping stands for.
pub(super) async fn reading(
    app: &App,
    user: UserId,
    name: &str,
) -> Result<(Option<Format>, Option<Mapping>), Error> {
    if name == "auto" {
        return Ok((None, None));
    }
    // A CSV of any layout says nothing without a mapping, but a mapping may well be called “csv”.
    if let Some(format) = Format::parse(name).filter(|format| *format != Format::Csv) {
        return Ok((Some(format), None));
    }
    let mut tx = app.db.read(user).await?;
    let saved = store::list_mappings(&mut tx).await?;
    saved
        .into_iter()
        .find(|saved| saved.name.eq_ignore_ascii_case(name))
        .map(|saved| (Some(Format::Csv), Some(saved.mapping)))
        .ok_or_else(|| match Format::parse(name) {
            Some(_) => Error::UnnamedMapping,
            None => Error::UnknownFormat {
                name: name.to_owned(),
            },
        })
}

async fn portfolio(
    app: &App,
    user: UserId,
    name: &str,
    currency: Option<Currency>,
    format: Format,
) -> Result<PortfolioId, Error> {
    let mut tx = app.db.read(user).await?;
    match portfolios::store::require_by_name(&mut tx, name).await {
        Ok(known) => return Ok(known.id),
        Err(portfolios::Error::UnknownName { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let preferred = identity::preferences::get(&mut tx).await?.base_currency;
    drop(tx);
    let new = NewPortfolio {
        name: name.to_owned(),
        currency: currency.unwrap_or(preferred),
        cost_basis: CostBasis::default(),
        // Ghostfolio knows no deposits: with cash tracking every purchase would look unpaid.
        tracks_cash: !matches!(format, Format::GhostfolioCsv | Format::GhostfolioJson),
        is_simulated: false,
    };
    let view = portfolios::open(app, user, &new).await?;
    tracing::info!(portfolio = view.name, currency = %view.currency, "opened a portfolio");
    Ok(view.id)
}
