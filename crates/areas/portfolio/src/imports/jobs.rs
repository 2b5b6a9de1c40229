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
    runs, service, store,
};

/// How often abandoned previews are looked for.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A file waits this long for its owner's decision.
const KEEP_PREVIEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The jobs of imports and their timetable.
pub(crate) fn registry() -> Registry {
    Registry::new()
        .with::<BookLongFile>()
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
        let error = match self.book(&ctx).await {
            Ok(()) => return Ok(()),
            // Stopped, taken back or discarded by its owner, or done by another run of the job.
            Err(error) if error.is_overtaken() => return Ok(()),
            Err(error) if error.is_passing() && ctx.attempt < Self::MAX_ATTEMPTS => {
                return Err(JobError::Retry(Box::new(error)));
            }
            Err(error) => error,
        };
        tracing::error!(import = %self.import_id.0, %error, "a long import was interrupted");
        let because = error.reason();
        service::interrupt(&ctx.db, self.user_id, self.import_id, Some(&because))
            .await
            .map_err(|error| JobError::Retry(Box::new(error)))?;
        let (log, user) = ((&ctx.db, &ctx.clock), self.user_id);
        runs::import_failed(log, user, self.import_id, started, &error).await;
        Ok(())
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
    async fn book(&self, ctx: &JobCtx) -> Result<(), Error> {
        let mut tx = ctx.db.read(self.user_id).await?;
        let import = store::require(&mut tx, self.import_id).await?;
        drop(tx);
        service::refuse_unless(&import, ImportStatus::Running, "continued")?;
        let spool = import.long.and_then(|long| long.spool);
        let means = Means {
            db: &ctx.db,
            clock: &ctx.clock,
            folder: folder(ctx)?,
        };
        let path = means.folder.join(spool.ok_or(Error::FileElsewhere)?);
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
