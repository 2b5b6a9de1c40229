//! The log of runs: what each attempt to bring a file in came to, also one that brought nothing.

use db::{Clock, Db, UserId, UserTx};
use jiff::Timestamp;
use statements::Format;
use web::App;

use super::{Error, ImportId, Upload, store};
use crate::{
    portfolios::{self, PortfolioId},
    reconciliation::{
        self,
        store::{Run, RunDetails},
    },
};

/// Characters of a file's name that the log keeps.
const LONGEST_FILE_NAME: usize = 500;

/// An attempt to bring a file in.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// Unknown where the file was refused before there was one.
    pub(super) portfolio_id: Option<PortfolioId>,
    /// An import that stays; the log forgets a run together with its import.
    pub(super) import_id: Option<ImportId>,
    pub(super) format: Option<Format>,
    pub(super) file_name: &'a str,
    pub(super) started: Timestamp,
}

/// What a run counts.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) imported: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
}

/// Remembers a run that has come to its end, in its own unit of work.
pub(super) async fn succeeded(
    tx: &mut UserTx,
    user: UserId,
    attempt: Attempt<'_>,
    completed: Timestamp,
    counts: Counts,
) -> Result<(), Error> {
    let status = if counts.rejected == 0 {
        "success"
    } else {
        "partial"
    };
    log(tx, user, attempt, completed, (status, None), counts).await
}

/// Remembers a run that failed. One that somebody else has ended is none, and one into a portfolio of
/// somebody else is not remembered. Why the import failed matters more than that it cannot be noted.
pub(super) async fn failed(
    (db, clock): (&Db, &Clock),
    user: UserId,
    attempt: Attempt<'_>,
    error: &Error,
) {
    if error.is_overtaken() {
        return;
    }
    if let Err(unnoted) = note(db, clock, user, attempt, error).await {
        tracing::warn!(error = %unnoted, "a failed import was not remembered");
    }
}

/// Remembers a file that could not be taken in, with its format as far as it was recognised.
pub(super) async fn noting<T>(
    app: &App,
    user: UserId,
    (upload, started): (&Upload, Timestamp),
    outcome: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(error) = &outcome {
        let attempt = Attempt {
            portfolio_id: Some(upload.portfolio_id),
            import_id: None,
            format: upload.format,
            file_name: &upload.file_name,
            started,
        };
        failed((&app.db, &app.clock), user, attempt, error).await;
    }
    outcome
}

/// Remembers that an import failed which is stored; it may be dropped or resumed afterwards.
pub(super) async fn import_failed(
    (db, clock): (&Db, &Clock),
    user: UserId,
    id: ImportId,
    started: Timestamp,
    error: &Error,
) {
    let found = async {
        let mut tx = db.read(user).await?;
        store::run_of(&mut tx, id).await
    };
    match found.await {
        Ok(run) => {
            let attempt = Attempt {
                portfolio_id: Some(run.portfolio_id),
                // What waits may be dropped, and the run is remembered all the same.
                import_id: None,
                format: run.format,
                file_name: &run.file_name,
                started,
            };
            failed((db, clock), user, attempt, error).await;
        }
        Err(Error::NotFound) => {}
        Err(unnoted) => tracing::warn!(error = %unnoted, "a failed import was not remembered"),
    }
}

async fn note(
    db: &Db,
    clock: &Clock,
    user: UserId,
    attempt: Attempt<'_>,
    error: &Error,
) -> Result<(), Error> {
    let mut tx = db.write(user).await?;
    if let Some(portfolio) = attempt.portfolio_id {
        match portfolios::store::require(&mut tx, portfolio).await {
            Ok(_) => {}
            Err(portfolios::Error::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    let outcome = ("error", Some(error.reason()));
    log(
        &mut tx,
        user,
        attempt,
        clock.now(),
        outcome,
        Counts::default(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn log(
    tx: &mut UserTx,
    user: UserId,
    attempt: Attempt<'_>,
    completed: Timestamp,
    (status, error): (&'static str, Option<String>),
    counts: Counts,
) -> Result<(), Error> {
    let file_name: String = attempt
        .file_name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_FILE_NAME)
        .collect();
    let run = Run {
        portfolio_id: attempt.portfolio_id,
        import_id: attempt.import_id.map(|id| id.0),
        source: source(attempt.format),
        status,
        imported: counts.imported,
        error,
        file_name: &file_name,
        started: attempt.started,
        completed,
        details: RunDetails {
            format: attempt.format.map(Format::as_str),
            duplicates: counts.duplicates,
            rejected: counts.rejected,
        },
    };
    Ok(reconciliation::store::log(tx, user, &run).await?)
}

/// The source of a run by the words of the log. Never `manual`: an entry by hand is no run, and its own
/// versions tell who made it.
fn source(format: Option<Format>) -> &'static str {
    use Format as F;
    match format {
        Some(F::IbkrFlex | F::IbkrActivityCsv | F::IbkrTransactionHistory | F::IbkrFlexCsv) => {
            "ibkr"
        }
        Some(F::Kucoin) => "kucoin",
        Some(F::Kraken) => "kraken",
        Some(F::TigerCsv | F::TigerText) => "tiger",
        _ => "csv",
    }
}
