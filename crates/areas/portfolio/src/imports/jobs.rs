//! Long files are booked in the background, and previews that nobody decided on do not stay for ever:
//! each holds a whole file.

use std::{io, path::Path};

use jiff::SignedDuration;
use jobs::{Job, JobCtx, JobError, Registry};
use serde::{Deserialize, Serialize};

use db::UserId;

use super::{
    Error, ImportId, ImportStatus,
    long::{self, Means},
    preview::off_thread,
    runs, service,
    store::{self, long::Held, undo as cursor},
    undoing,
};

/// How often abandoned previews are looked for.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A file waits this long for its owner's decision.
const KEEP_PREVIEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often imports are looked for of which nothing is heard any more.
const LOOK_FOR_SILENT_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A part takes seconds: who is not heard of for ten minutes is gone, unless its job waits to go on.
const LEASE_S: i64 = 10 * 60;
const FELL_SILENT: &str =
    "Whatever was at work on it ended without a word, as by a crash or a power cut.";

/// The jobs of imports and their timetable.
pub(crate) fn registry() -> Registry {
    Registry::new()
        .with::<BookLongFile>()
        .with::<UndoLongImport>()
        .every::<NoteSilentImports>(LOOK_FOR_SILENT_EVERY)
        .every::<SweepPreviews>(SWEEP_EVERY)
}

/// Books what is not booked yet of an uploaded long file. After a restart the runner finds the job
/// again, and it goes on behind the last part that was booked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BookLongFile {
    pub(crate) user_id: UserId,
    pub(crate) import_id: ImportId,
}

impl Job for BookLongFile {
    const NAME: &'static str = "portfolio.book_long_file";

    fn unique_key(&self) -> Option<String> {
        Some(self.import_id.0.to_string())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let started = ctx.clock.now();
        let mut spool = None;
        let outcome = self.book(&ctx, &mut spool).await;
        let of = (self.user_id, self.import_id);
        let held = Held {
            status: ImportStatus::Running,
            spool: spool.as_deref(),
        };
        let Some(error) = interrupted::<Self>(&ctx, of, held, outcome).await? else {
            return Ok(());
        };
        let (log, user) = ((&ctx.db, &ctx.clock), self.user_id);
        runs::import_failed(log, user, self.import_id, started, &error).await;
        Ok(())
    }
}

/// Takes back what is left of an import, as [`BookLongFile`] books one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UndoLongImport {
    pub(crate) user_id: UserId,
    pub(crate) import_id: ImportId,
}

impl Job for UndoLongImport {
    const NAME: &'static str = "portfolio.undo_long_import";

    fn unique_key(&self) -> Option<String> {
        Some(self.import_id.0.to_string())
    }

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let (user, id) = (self.user_id, self.import_id);
        let outcome = undoing::take_back_parts(&ctx.db, user, id, &mut |_| {}).await;
        interrupted::<Self>(&ctx, (user, id), Held::by_undo(), outcome.map(drop)).await?;
        Ok(())
    }
}

/// Notes an import as interrupted whose job has failed for good, and returns why. What passes is tried
/// again, and what its owner stopped, took back or discarded, or another run has done, is no failure.
async fn interrupted<J: Job>(
    ctx: &JobCtx,
    (user, id): (UserId, ImportId),
    held: Held<'_>,
    outcome: Result<(), Error>,
) -> Result<Option<Error>, JobError> {
    let error = match outcome {
        Ok(()) => return Ok(None),
        Err(error) if error.is_overtaken() => return Ok(None),
        Err(error) if error.is_passing() && ctx.attempt < J::MAX_ATTEMPTS => {
            return Err(JobError::Retry(Box::new(error)));
        }
        Err(error) => error,
    };
    tracing::error!(import = %id.0, job = J::NAME, %error, "a long import was interrupted");
    match service::interrupt(&ctx.db, user, id, held, Some(&error.reason())).await {
        Ok(()) => Ok(Some(error)),
        Err(unnoted) if unnoted.is_overtaken() => Ok(None),
        // Where not even this can be noted, the import falls silent and is found by that.
        Err(unnoted) => Err(JobError::Retry(Box::new(unnoted))),
    }
}

/// The folder of uploads.
fn folder(ctx: &JobCtx) -> Result<&Path, Error> {
    let uploads = ctx.resource::<web::Uploads>();
    uploads
        .map(|uploads| &*uploads.folder)
        .ok_or_else(|| Error::File(io::Error::other("this process keeps no uploads")))
}

impl BookLongFile {
    /// Tells the name of the file before anything can fail.
    async fn book(&self, ctx: &JobCtx, spool: &mut Option<String>) -> Result<(), Error> {
        let mut tx = ctx.db.read(self.user_id).await?;
        *spool = store::long::get_spool(&mut tx, self.import_id).await?;
        let import = store::require(&mut tx, self.import_id).await?;
        drop(tx);
        service::refuse_unless(&import, ImportStatus::Running, "continued")?;
        let means = Means {
            db: &ctx.db,
            clock: &ctx.clock,
            folder: folder(ctx)?,
        };
        // Without a copy of the server's, a command line goes on with a file of its own.
        let path = means.folder.join(spool.as_deref().ok_or(Error::Overtaken)?);
        let looked_at = path.clone();
        let (format, mapping) = (import.format, import.mapping);
        let survey = off_thread(move || long::survey(&looked_at, format, mapping.as_ref()))
            .await??
            .ok_or(Error::FileChanged)?;
        let from = (path, survey);
        long::book(means, self.user_id, self.import_id, from, &mut |_| {}).await?;
        Ok(())
    }
}

/// Removes files that waited for a decision for more than seven days. Nothing of theirs is in a
/// portfolio yet, and they can be handed in again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SweepPreviews {}

impl Job for SweepPreviews {
    const NAME: &'static str = "portfolio.sweep_previews";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let now = ctx.clock.now();
        let before = now.checked_sub(KEEP_PREVIEWS).unwrap_or(now);
        let mut tx = ctx
            .db
            .system("remove abandoned previews of imports")
            .await?;
        let removed = store::delete_old_previews(&mut tx, before).await?;
        tx.commit().await?;
        if let Ok(folder) = folder(&ctx) {
            for name in &removed {
                long::remove_spooled(folder, name.as_deref());
            }
        }
        tracing::info!(
            removed = removed.len(),
            "removed abandoned previews of imports"
        );
        Ok(())
    }
}

/// Notes as interrupted what still stands as under way while nobody is at work on it: a command that was
/// ended hard, or a job that failed and could not even say so.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct NoteSilentImports {}

impl Job for NoteSilentImports {
    const NAME: &'static str = "portfolio.note_silent_imports";

    async fn run(self, ctx: JobCtx) -> Result<(), JobError> {
        let mut tx = ctx.db.system("note imports that fell silent").await?;
        let silent = cursor::list_silent(&mut tx, LEASE_S).await?;
        if silent.is_empty() {
            return Ok(());
        }
        let booking = jobs::unfinished_keys::<BookLongFile>(&mut tx).await?;
        let undoing = jobs::unfinished_keys::<UndoLongImport>(&mut tx).await?;
        for import in silent {
            let working = match import.status {
                ImportStatus::Undoing => &undoing,
                _ => &booking,
            };
            if !working.contains(&import.id.0.to_string())
                && cursor::set_silent(&mut tx, &import, (LEASE_S, FELL_SILENT)).await?
            {
                tracing::warn!(import = %import.id.0, "an import fell silent and was interrupted");
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
