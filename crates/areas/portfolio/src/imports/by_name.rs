//! Imports where portfolio, format and mapping are named.

use std::{fs, path::PathBuf};

use db::{UserId, UserTx};
use jiff::Timestamp;
use ledger::CostBasis;
use money::Currency;
use statements::{Format, Mapping};
use web::App;

use super::{
    Error, ImportId, ImportOutcome, ImportStatus, Upload,
    long::{self, LONG_BYTES, Means, Progress, Survey},
    preview::{self, off_thread},
    receiving,
    runs::{self, Attempt, Counts},
    service,
    spool::name_of,
    store::{
        self,
        long::{Held, NewLong},
    },
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
    let started = app.clock.now();
    let (name, file_name) = (wanted.portfolio.clone(), name_of(&wanted.path));
    let mut format = None;
    let outcome = import(app, user, wanted, (&mut format, started), progress).await;
    if let Err(error) = &outcome {
        let attempt = Attempt {
            portfolio_id: known_portfolio(app, user, &name).await.ok().flatten(),
            import_id: None,
            format,
            file_name: &file_name,
            started,
        };
        runs::failed((&app.db, &app.clock), user, attempt, error).await;
    }
    outcome
}

/// The same; tells the format as soon as it is known, also where the import fails.
async fn import(
    app: &App,
    user: UserId,
    wanted: Wanted,
    (format, started): (&mut Option<Format>, Timestamp),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    let (named, mapping) = reading(app, user, &wanted.format).await?;
    *format = named;
    let path = wanted.path.clone();
    let looked_at = off_thread(move || {
        let bytes = fs::metadata(&path)?.len();
        let content = if bytes > LONG_BYTES {
            None
        } else {
            Some(fs::read(&path)?)
        };
        Ok((bytes, content))
    });
    let (bytes, content) = looked_at.await?.map_err(Error::File)?;
    let is_long = content.is_none();
    let content = match content {
        Some(content) => content,
        None => receiving::beginning(wanted.path.clone()).await?,
    };
    let mut upload = Upload {
        portfolio_id: PortfolioId(uuid::Uuid::nil()),
        file_name: name_of(&wanted.path),
        content,
        format: named,
        mapping,
    };
    receiving::recognise(app, user, &mut upload).await?;
    if upload.format.is_none() && upload.mapping.is_none() {
        return Err(Error::NeedsMapping);
    }
    *format = upload.format;
    if is_long {
        let path = wanted.path.clone();
        let (format, mapping) = (upload.format, upload.mapping.clone());
        let survey = off_thread(move || long::survey(&path, format, mapping.as_ref()));
        if let Some(survey) = survey.await?? {
            return import_long(app, user, wanted, (upload, started), survey, progress).await;
        }
        upload.content = receiving::held(wanted.path.clone(), bytes, upload.format).await?;
    }
    import_at_once(app, user, wanted, (upload, started)).await
}

/// Notes that the import which a command was booking does not go on. Returns how far it is.
pub async fn interrupt(app: &App, user: UserId, id: ImportId) -> Result<Progress, Error> {
    service::interrupt(&app.db, user, id, Held::by_command(), None).await?;
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    let long = import.long.ok_or(Error::NotFound)?;
    Ok(Progress {
        import_id: id,
        bytes_total: long.bytes_total,
        bytes_done: long.bytes_done,
        records_done: long.records_done,
    })
}

async fn import_at_once(
    app: &App,
    user: UserId,
    wanted: Wanted,
    (mut upload, started): (Upload, Timestamp),
) -> Result<ImportOutcome, Error> {
    let statement = preview::read(
        upload.content.clone(),
        upload.format,
        upload.mapping.clone(),
    )
    .await?;
    let known = known_portfolio(app, user, &wanted.portfolio).await?;
    let is_bare = statement.positions.is_empty() && statement.balances.is_empty();
    if statement.rows.is_empty() && (is_bare || known.is_none()) {
        // No portfolio is opened and no batch is kept.
        let outcome = ImportOutcome {
            refused: statement.rejected.len() as u64,
            rejected: statement.rejected,
            left_out: statement.skipped.len() as u64,
            skipped: statement.skipped,
            ..ImportOutcome::default()
        };
        let format = Some(statement.format);
        return without_rows(
            app,
            user,
            (known, format, &upload.file_name, started),
            outcome,
        )
        .await;
    }
    let mut currencies = service::Prevailing::default();
    for row in &statement.rows {
        currencies.note(row.currency);
    }
    let currency = wanted.currency.or_else(|| currencies.decide());
    upload.portfolio_id =
        portfolio(app, user, &wanted.portfolio, currency, statement.format).await?;
    service::take(app, user, &mut upload, started).await
}

/// Remembers a file that held nothing to store.
async fn without_rows(
    app: &App,
    user: UserId,
    (portfolio_id, format, file_name, started): (
        Option<PortfolioId>,
        Option<Format>,
        &str,
        Timestamp,
    ),
    outcome: ImportOutcome,
) -> Result<ImportOutcome, Error> {
    let attempt = Attempt {
        portfolio_id,
        import_id: None,
        format,
        file_name,
        started,
    };
    let counts = Counts {
        rejected: outcome.refused,
        ..Counts::default()
    };
    let mut tx = app.db.write(user).await?;
    runs::succeeded(&mut tx, user, attempt, app.clock.now(), counts).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn import_long(
    app: &App,
    user: UserId,
    wanted: Wanted,
    (upload, started): (Upload, Timestamp),
    survey: Survey,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    let format = survey.file.format();
    if !survey.has_rows {
        // A format that is read in parts states no positions and no balances.
        let known = known_portfolio(app, user, &wanted.portfolio).await?;
        let outcome = ImportOutcome {
            rejected: survey.rejected,
            refused: survey.refused,
            skipped: survey.skipped,
            left_out: survey.left_out,
            ..ImportOutcome::default()
        };
        let attempt = (known, Some(format), &*upload.file_name, started);
        return without_rows(app, user, attempt, outcome).await;
    }
    let currency = wanted.currency.or(survey.currency);
    let portfolio_id = portfolio(app, user, &wanted.portfolio, currency, format).await?;
    let mut tx = app.db.write(user).await?;
    let open = store::long::get_open(&mut tx, portfolio_id, &survey.hash).await?;
    let mut left_over = None;
    let id = if let Some(open) = open {
        left_over = take_over(&mut tx, open).await?;
        open
    } else {
        service::refuse_while_undoing(&mut tx, portfolio_id).await?;
        let new = NewLong {
            portfolio_id,
            file_name: &upload.file_name,
            format: Some(format),
            mapping: upload.mapping.as_ref(),
            bytes: survey.bytes,
            hash: survey.hash,
            spool: None,
            first_rows: None,
            status: ImportStatus::Running,
        };
        store::long::insert(&mut tx, user, &new).await?
    };
    tx.commit().await?;
    long::remove_spooled(&app.uploads.folder, left_over.as_deref());
    // Before anything else can end this command: now it is the one that has the import running.
    progress(Progress {
        import_id: id,
        bytes_total: survey.bytes,
        bytes_done: 0,
        records_done: 0,
    });
    let from = (wanted.path, survey);
    let outcome = long::book(Means::of(app), user, id, from, progress).await;
    if let Err(error) = &outcome
        && !error.is_overtaken()
        && let held = Held::by_command()
        && let Err(unnoted) =
            service::interrupt(&app.db, user, id, held, Some(&error.reason())).await
        && !unnoted.is_overtaken()
    {
        // The same command goes on all the same.
        tracing::warn!(import = %id.0, error = %unnoted, "an import was not noted as interrupted");
    }
    outcome
}

/// Takes on an import that was interrupted, or one of a command of which nobody knows whether it still
/// lives; not what somebody has decided on meanwhile. Returns the name of a file that is left over.
async fn take_over(tx: &mut UserTx, id: ImportId) -> Result<Option<String>, Error> {
    let import = store::lock(tx, id).await?;
    let held = Held::of(&import);
    match (held.status, held.spool) {
        (ImportStatus::Running, Some(_)) => return Err(Error::AlreadyOpen),
        (ImportStatus::Running | ImportStatus::Interrupted, _) => {}
        (status, _) => {
            return Err(Error::Decided {
                status,
                wanted: "continued",
            });
        }
    }
    service::refuse_while_undoing(tx, import.portfolio_id).await?;
    store::long::take_over(tx, id).await?;
    Ok(held.spool.map(str::to_owned))
}

async fn known_portfolio(
    app: &App,
    user: UserId,
    name: &str,
) -> Result<Option<PortfolioId>, Error> {
    let mut tx = app.db.read(user).await?;
    match portfolios::store::require_by_name(&mut tx, name).await {
        Ok(known) => Ok(Some(known.id)),
        Err(portfolios::Error::UnknownName { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
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
    if let Some(known) = known_portfolio(app, user, name).await? {
        return Ok(known);
    }
    let mut tx = app.db.read(user).await?;
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
