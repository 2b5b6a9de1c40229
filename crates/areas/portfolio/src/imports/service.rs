use std::collections::HashMap;

use db::{Db, UserId, UserTx};
use jiff::Timestamp;
use money::Currency;
use statements::Security;
use web::{App, Page, PageQuery, Problem};

use super::{
    Error, Import, ImportId, ImportOutcome, ImportStatus, Upload, gaps,
    jobs::BookLongFile,
    long,
    model::Listed,
    preview::{self, Known, Preview},
    receiving,
    runs::{self, Attempt, Counts},
    store::{self, long::Held},
    undoing::{self, Undoing},
};
use crate::{
    portfolios::{self, PortfolioId},
    reconciliation,
    transactions::{self, fingerprint::Fingerprints},
};

/// Rows that one statement inserts.
const CHUNK_ROWS: usize = 5_000;

/// What an import that waits would do; of a long file its first records.
pub(super) async fn look(
    app: &App,
    user: UserId,
    id: ImportId,
) -> Result<(Import, Option<Preview>), Error> {
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    if import.status != ImportStatus::Preview || import.format.is_none() {
        return Ok((import, None));
    }
    let statement = receiving::first_rows(app, tx, &import).await?;
    let mut tx = app.db.read(user).await?;
    let mut known = preview::resolve(&mut tx, &statement).await?;
    let newcomers = gaps::newcomers(&statement, &mut known, app.clock.now());
    let stated = reconciliation::stated(&statement, import.portfolio_id, |security| {
        known.get(&preview::identity(security)).copied()
    });
    let format = statement.format;
    let mut preview = preview::bookings(statement, &known, &mut Fingerprints::default());
    preview::mark_duplicates(&mut tx, &import, &mut preview).await?;
    if !stated.is_empty() {
        preview.stated = stated.len();
        let portfolio = import.portfolio_id;
        preview.gaps = gaps::after(tx, portfolio, &preview, newcomers, stated, format).await?;
    }
    Ok((import, Some(preview)))
}

/// An import as it stands.
pub(super) async fn require(app: &App, user: UserId, id: ImportId) -> Result<Import, Error> {
    let mut tx = app.db.read(user).await?;
    store::require(&mut tx, id).await
}

/// The first lines of an import that were refused or left out, so many of each.
pub(super) async fn listed(
    app: &App,
    user: UserId,
    id: ImportId,
    limit: usize,
) -> Result<Listed, Error> {
    let mut tx = app.db.read(user).await?;
    store::listed(&mut tx, id, limit).await
}

/// What confirming an import leads to.
pub(super) enum Confirmed {
    Done(ImportOutcome),
    /// A long file is booked in the background.
    Started,
}

/// Imports a file that waits, at once or in the background: all of its acceptable rows, or after an error
/// none. What fails is remembered.
pub(super) async fn decide(app: &App, user: UserId, id: ImportId) -> Result<Confirmed, Error> {
    let started = app.clock.now();
    let outcome = carry_out(app, user, id, started).await;
    if let Err(error) = &outcome {
        runs::import_failed((&app.db, &app.clock), user, id, started, error).await;
    }
    outcome
}

async fn carry_out(
    app: &App,
    user: UserId,
    id: ImportId,
    started: Timestamp,
) -> Result<Confirmed, Error> {
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    drop(tx);
    if import.long.is_none() {
        return Ok(Confirmed::Done(book(app, user, id, started).await?));
    }
    refuse_unless(&import, ImportStatus::Preview, "imported")?;
    start(app, user, id).await?;
    Ok(Confirmed::Started)
}

/// Has a long file booked in the background, or what is left of it.
pub(super) async fn start(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    let (ImportStatus::Preview | ImportStatus::Interrupted, Some(long)) =
        (import.status, &import.long)
    else {
        return Err(Error::Decided {
            status: import.status,
            wanted: "started",
        });
    };
    if import.format.is_none() {
        return Err(Error::NeedsMapping);
    }
    if long.spool.is_none() {
        return Err(Error::FileElsewhere);
    }
    refuse_while_undoing(&mut tx, import.portfolio_id).await?;
    store::long::set_running(&mut tx, id).await?;
    let job = BookLongFile {
        user_id: user,
        import_id: id,
    };
    ::jobs::enqueue(&mut tx, &job).await?;
    tx.commit().await?;
    Ok(())
}

/// What an import has booked would be taken for a duplicate of what is about to be taken back. Who is
/// about to book holds the portfolio from here on: an undo begins before that, or finds it running. The
/// import itself is locked before the portfolio, as by every part.
pub(super) async fn refuse_while_undoing(
    tx: &mut UserTx,
    portfolio: PortfolioId,
) -> Result<(), Error> {
    portfolios::store::lock_all(tx, [Some(portfolio), None]).await?;
    if store::undo::is_any_open(tx, portfolio).await? {
        Err(Error::UndoOpen)
    } else {
        Ok(())
    }
}

/// The same for who is about to take an import back.
pub(super) async fn refuse_while_other_runs(tx: &mut UserTx, import: &Import) -> Result<(), Error> {
    let portfolio = import.portfolio_id;
    portfolios::store::lock_all(tx, [Some(portfolio), None]).await?;
    if store::undo::is_other_running(tx, portfolio, import.id).await? {
        Err(Error::OtherRunning)
    } else {
        Ok(())
    }
}

/// Goes on with a long file that was interrupted, or with taking an import back.
pub(super) async fn resume(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let import = require(app, user, id).await?;
    if import.status == ImportStatus::UndoInterrupted {
        return undoing::resume(app, user, id).await;
    }
    refuse_unless(&import, ImportStatus::Interrupted, "resumed")?;
    start(app, user, id).await
}

/// Stops a long file that is being booked, or an import that is being taken back. What is booked stays
/// until it is resumed or undone.
pub(super) async fn stop(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    if import.status != ImportStatus::Undoing {
        refuse_unless(&import, ImportStatus::Running, "stopped")?;
    }
    store::long::set_interrupted(&mut tx, id, Held::of(&import), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that an import does not go on which the caller books or takes back. Where it has come to its
/// end or somebody else is at work on it, it stays as it is, and that is told.
pub(super) async fn interrupt(
    db: &Db,
    user: UserId,
    id: ImportId,
    held: Held<'_>,
    because: Option<&str>,
) -> Result<(), Error> {
    let mut tx = db.write(user).await?;
    if !store::long::set_interrupted(&mut tx, id, held, because).await? {
        let import = store::require(&mut tx, id).await?;
        refuse_unless(&import, held.status, "interrupted")?;
        return Err(Error::Overtaken);
    }
    tx.commit().await?;
    Ok(())
}

async fn book(
    app: &App,
    user: UserId,
    id: ImportId,
    started: Timestamp,
) -> Result<ImportOutcome, Error> {
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "imported")?;
    if import.format.is_none() {
        return Err(Error::NeedsMapping);
    }
    let content = store::content(&mut tx, id).await?;
    drop(tx);
    let statement = preview::read(content, import.format, import.mapping.clone()).await?;
    let known = ensure(&app.db, user, preview::named(&statement)).await?;
    let stated = reconciliation::stated(&statement, import.portfolio_id, |security| {
        known.get(&preview::identity(security)).copied()
    });
    let preview = preview::bookings(statement, &known, &mut Fingerprints::default());

    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "imported")?;
    refuse_while_undoing(&mut tx, import.portfolio_id).await?;
    let rows = preview::new_rows(&preview.bookings);
    let mut imported = 0;
    for chunk in rows.chunks(CHUNK_ROWS) {
        imported +=
            transactions::store::insert_many(&mut tx, user, import.portfolio_id, Some(id.0), chunk)
                .await?;
    }
    let duplicates = rows.len() as u64 - imported;
    let came_to = store::Booked {
        imported,
        duplicates,
        rejected: &preview.rejected,
        skipped: &preview.skipped,
    };
    store::set_imported(&mut tx, id, &came_to).await?;
    reconciliation::store::insert(&mut tx, user, id.0, &stated).await?;
    let attempt = Attempt {
        portfolio_id: Some(import.portfolio_id),
        import_id: Some(id),
        format: import.format,
        file_name: &import.file_name,
        started,
    };
    let counts = Counts {
        imported,
        duplicates,
        rejected: preview.rejected.len() as u64,
    };
    runs::succeeded(&mut tx, user, attempt, app.clock.now(), counts).await?;
    tx.commit().await?;
    Ok(ImportOutcome {
        imported,
        duplicates,
        refused: preview.rejected.len() as u64,
        rejected: preview.rejected,
        left_out: preview.skipped.len() as u64,
        skipped: preview.skipped,
        batch_id: Some(id),
    })
}

/// Nothing needs the file of an import any more.
pub(super) fn forget_file(app: &App, import: &Import) {
    let spool = import.long.as_ref().and_then(|long| long.spool.as_deref());
    long::remove_spooled(&app.uploads.folder, spool);
}

/// Takes back an import, or drops a file that waits, of which nothing is in a portfolio yet.
pub(super) async fn remove(app: &App, user: UserId, id: ImportId) -> Result<Undoing, Error> {
    let import = require(app, user, id).await?;
    if import.status != ImportStatus::Preview {
        return undoing::undo(app, user, id).await;
    }
    discard(app, user, id).await?;
    Ok(Undoing::Done(0))
}

/// Takes a file in and imports it at once.
pub async fn import_file(
    app: &App,
    user: UserId,
    mut upload: Upload,
) -> Result<ImportOutcome, Error> {
    let started = app.clock.now();
    let outcome = take(app, user, &mut upload, started).await;
    runs::noting(app, user, (&upload, started), outcome).await
}

/// The same for callers that remember a failed run themselves.
pub(super) async fn take(
    app: &App,
    user: UserId,
    upload: &mut Upload,
    started: Timestamp,
) -> Result<ImportOutcome, Error> {
    let id = receiving::receive(app, user, upload).await?;
    let outcome = book(app, user, id, started).await;
    if outcome.is_err()
        && let Err(error) = drop_preview(app, user, id).await
    {
        // What the caller has to know is why the import failed; the sweep takes what is left.
        tracing::warn!(import = %id.0, %error, "the preview of a failed import was not removed");
    }
    outcome
}

async fn drop_preview(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    store::delete_preview(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// The instruments of securities; missing ones are created.
pub(super) async fn ensure(
    db: &Db,
    user: UserId,
    mut securities: Vec<Security>,
) -> Result<Known, Error> {
    let mut tx = db.read(user).await?;
    let private = preview::private(&mut tx, &securities).await?;
    drop(tx);
    securities.retain(|security| !private.contains_key(&preview::identity(security)));
    let keys: Vec<_> = securities.iter().map(market::SecurityKey::from).collect();
    let mut tx = db
        .system("create the instruments that an import names")
        .await?;
    let ids = market::instruments::ensure(&mut tx, &keys).await?;
    tx.commit().await?;
    Ok(securities
        .iter()
        .map(preview::identity)
        .zip(ids)
        .chain(private)
        .collect::<HashMap<_, _>>())
}

/// Counts the currencies of rows.
#[derive(Default)]
pub(super) struct Prevailing {
    counts: HashMap<Currency, u64>,
}

impl Prevailing {
    pub(super) fn note(&mut self, currency: Currency) {
        *self.counts.entry(currency).or_default() += 1;
    }

    /// The currency of most rows; of two equally frequent ones the first by name.
    pub(super) fn decide(self) -> Option<Currency> {
        self.counts
            .into_iter()
            .max_by_key(|(currency, count)| (*count, std::cmp::Reverse(*currency)))
            .map(|(currency, _)| currency)
    }
}

pub(super) fn refuse_unless(
    import: &Import,
    status: ImportStatus,
    wanted: &'static str,
) -> Result<(), Error> {
    if import.status == status {
        Ok(())
    } else {
        Err(Error::Decided {
            status: import.status,
            wanted,
        })
    }
}

/// Drops a file that waits.
pub(super) async fn discard(app: &App, user: UserId, id: ImportId) -> Result<(), Error> {
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "discarded")?;
    store::delete_preview(&mut tx, id).await?;
    tx.commit().await?;
    forget_file(app, &import);
    Ok(())
}

/// A page of the imports of the person, newest first.
pub(super) async fn list(
    app: &App,
    user: UserId,
    query: &PageQuery,
) -> Result<Page<Import>, Problem> {
    let (after, limit) = (query.after()?, query.limit());
    let mut tx = app.db.read(user).await?;
    let imports = store::list(&mut tx, after, limit).await?;
    Ok(Page::of(imports, limit, |import| import.id.0))
}
