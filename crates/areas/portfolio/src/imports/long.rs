//! Files too long for one unit of work. They are read in parts, and each part is booked in a unit of
//! work of its own together with the cursor behind it: whatever happens, no part that was acknowledged
//! is lost and none is booked twice. Going on means to read the file again from its beginning, to pass
//! over what the cursor says is booked, and to book the rest.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use db::{Clock, Db, UserId};
use market::InstrumentId;
use money::Currency;
use sha2::{Digest as _, Sha256};
use statements::{Format, LongFile, Mapping, Part, Rejection};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Error, Import, ImportId, ImportOutcome, ImportStatus,
    preview::{self, Known},
    service::{self, ensure},
    store::{self, long as cursor},
};
use crate::{
    portfolios::PortfolioId,
    reconciliation::{
        self,
        store::{Run, RunDetails},
    },
    transactions::{
        self, TransactionId,
        fingerprint::{Fingerprints, Repeats},
    },
};

/// Larger files are booked part by part, where their format allows it.
pub(super) const LONG_BYTES: u64 = 4 * 1024 * 1024;
/// As large may a file be whose format is read as a whole.
pub(super) const HELD_BYTES: u64 = 64 * 1024 * 1024;
/// Records of a part.
const PART_RECORDS: u64 = 2_000;
/// Parts that are read ahead of the one that is being booked.
const PARTS_AHEAD: usize = 1;
/// Refused lines that are kept.
const MOST_REJECTIONS: i32 = 10_000;
/// Code of the entry that says how many more were refused.
const MORE_REFUSED: &str = "more_refused";

/// How far an import is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// The size of the file.
    pub bytes_total: u64,
    /// How far it was read for what is booked.
    pub bytes_done: u64,
    /// Records that are booked, refused or found to be duplicates.
    pub records_done: u64,
}

/// A first look at all of a long file.
pub(super) struct Survey {
    pub(super) file: LongFile,
    pub(super) bytes: u64,
    repeats: Repeats,
    /// The currency of most rows.
    pub(super) currency: Option<Currency>,
    pub(super) has_rows: bool,
    /// The first refused lines.
    pub(super) rejected: Vec<Rejection>,
}

/// Looks at a file; `None` where its format is read as a whole. Takes a while.
pub(super) fn survey(
    path: &Path,
    format: Option<Format>,
    mapping: Option<&Mapping>,
) -> Result<Option<Survey>, Error> {
    let mut source = File::open(path).map_err(Error::File)?;
    let bytes = source.metadata().map_err(Error::File)?.len();
    let Some(file) = LongFile::look(&mut source, format, mapping)? else {
        return Ok(None);
    };
    let mut repeats = Repeats::new();
    let mut currencies = service::Prevailing::default();
    let mut has_rows = false;
    let mut rejected = Vec::new();
    let mut parts = file.parts(source)?;
    while let Some(part) = parts.next_part(PART_RECORDS as usize)? {
        has_rows |= !part.statement.rows.is_empty();
        keep_some(&mut rejected, part.statement.rejected);
        for row in part.statement.rows {
            currencies.note(row.currency);
            repeats.note(&preview::draft(row, None, None));
        }
    }
    drop(parts);
    Ok(Some(Survey {
        file,
        bytes,
        repeats,
        currency: currencies.decide(),
        has_rows,
        rejected,
    }))
}

/// Adds refusals as long as there is room.
fn keep_some(kept: &mut Vec<Rejection>, more: Vec<Rejection>) {
    let room = (MOST_REJECTIONS as usize).saturating_sub(kept.len());
    kept.extend(more.into_iter().take(room));
}

/// What recognises a file that is handed in again.
pub(super) fn content_hash(path: &Path) -> io::Result<[u8; 32]> {
    let mut source = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// Books what is not booked yet of a file that runs.
pub(super) async fn book(
    db: &Db,
    clock: &Clock,
    user: UserId,
    id: ImportId,
    (path, survey): (PathBuf, Survey),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    let mut tx = db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    drop(tx);
    let long = import.long.as_ref().ok_or(Error::FileChanged)?;
    let at = Progress {
        bytes_total: survey.bytes,
        bytes_done: long.bytes_done,
        records_done: long.records_done,
    };
    let mut booker = Booker {
        db,
        user,
        id,
        portfolio: import.portfolio_id,
        known: Known::new(),
        fingerprints: Fingerprints::of_long_file(survey.repeats),
        at,
    };
    let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
    let file = survey.file;
    let done = at.records_done;
    let reading = preview::off_thread(move || read_parts(&path, &file, done, &sender));
    // The reader ends when nobody takes its parts any more, and the booker when there are no more.
    let booking = async move {
        while let Some(part) = parts.recv().await {
            booker.part(part).await?;
            progress(booker.at);
        }
        Ok::<_, Error>(booker)
    };
    let (read, booked) = tokio::join!(reading, booking);
    let booker = booked?;
    read??;
    booker.finish(clock).await
}

/// Reads part after part. The cursor always lies between two of them.
fn read_parts(
    path: &Path,
    file: &LongFile,
    done: u64,
    sender: &mpsc::Sender<Part>,
) -> Result<(), Error> {
    let source = File::open(path).map_err(Error::File)?;
    let mut parts = file.parts(source)?;
    let mut at = 0;
    loop {
        let before_cursor = done.checked_sub(at).filter(|records| *records > 0);
        let records = before_cursor.map_or(PART_RECORDS, |records| records.min(PART_RECORDS));
        let Some(part) = parts.next_part(records as usize)? else {
            return Ok(());
        };
        at = part.records;
        if sender.blocking_send(part).is_err() {
            return Ok(());
        }
    }
}

/// Books the parts of one file in their order.
struct Booker<'a> {
    db: &'a Db,
    user: UserId,
    id: ImportId,
    portfolio: PortfolioId,
    /// Instruments that parts have named.
    known: Known,
    fingerprints: Fingerprints,
    at: Progress,
}

impl Booker<'_> {
    async fn part(&mut self, part: Part) -> Result<(), Error> {
        let mut statement = part.statement;
        preview::refuse_unstorable_symbols(&mut statement);
        let mut unknown = preview::named(&statement);
        unknown.retain(|security| !self.known.contains_key(&preview::identity(security)));
        if !unknown.is_empty() {
            let found: Vec<(String, InstrumentId)> = ensure(self.db, self.user, unknown)
                .await?
                .into_iter()
                .collect();
            self.known.extend(found);
        }
        // What is booked already is passed over, but equal bookings in it count.
        let preview = preview::bookings(statement, &self.known, &mut self.fingerprints);
        if part.records <= self.at.records_done {
            return Ok(());
        }
        let rows: Vec<transactions::store::NewRow<'_>> = preview
            .bookings
            .iter()
            .map(|booking| transactions::store::NewRow {
                id: TransactionId(Uuid::now_v7()),
                draft: &booking.draft,
                fingerprint: booking.fingerprint,
            })
            .collect();
        let mut tx = self.db.write(self.user).await?;
        let import = store::lock(&mut tx, self.id).await?;
        self.check(&import)?;
        let imported = transactions::store::insert_many(
            &mut tx,
            self.user,
            self.portfolio,
            Some(self.id.0),
            &rows,
        )
        .await?;
        let booked = cursor::Booked {
            records: part.records,
            bytes: part.bytes_read,
            imported,
            duplicates: rows.len() as u64 - imported,
            rejected: &preview.rejected,
        };
        cursor::advance(&mut tx, self.id, &booked, MOST_REJECTIONS).await?;
        tx.commit().await?;
        self.at.records_done = part.records;
        self.at.bytes_done = part.bytes_read;
        Ok(())
    }

    /// Refuses to book behind the back of somebody who stopped it, took it back, or goes on with it.
    fn check(&self, import: &Import) -> Result<(), Error> {
        service::refuse_unless(import, ImportStatus::Running, "continued")?;
        match &import.long {
            Some(long) if long.records_done == self.at.records_done => Ok(()),
            _ => Err(Error::Overtaken),
        }
    }

    async fn finish(self, clock: &Clock) -> Result<ImportOutcome, Error> {
        let mut tx = self.db.write(self.user).await?;
        let import = store::lock(&mut tx, self.id).await?;
        self.check(&import)?;
        cursor::set_imported(&mut tx, self.id).await?;
        let (duplicates, rejected) = (
            u64::from(import.duplicate_count.unsigned_abs()),
            u64::from(import.rejected_count.unsigned_abs()),
        );
        let run = Run {
            portfolio_id: Some(self.portfolio),
            import_id: Some(self.id.0),
            source: service::source(import.format),
            status: if rejected == 0 { "success" } else { "partial" },
            imported: import.imported_count.unsigned_abs().into(),
            error: None,
            file_name: &import.file_name,
            started: import.created_at,
            completed: clock.now(),
            details: RunDetails {
                format: import.format.map(Format::as_str),
                duplicates,
                rejected,
            },
        };
        reconciliation::store::log(&mut tx, self.user, &run).await?;
        tx.commit().await?;
        remove_spooled(import.long.as_ref().and_then(|long| long.spool.as_deref()));
        Ok(outcome(import))
    }
}

/// What an import came to, with a word about refused lines that are not kept.
fn outcome(import: Import) -> ImportOutcome {
    let mut rejected = import.rejected;
    let more = (import.rejected_count.unsigned_abs() as usize).saturating_sub(rejected.len());
    if more > 0 {
        let line = rejected.last().map_or(0, |last| last.line);
        let message = format!("{more} more lines after this one were refused");
        rejected.push(Rejection {
            line,
            code: MORE_REFUSED.to_owned(),
            message,
        });
    }
    ImportOutcome {
        imported: import.imported_count.unsigned_abs().into(),
        duplicates: import.duplicate_count.unsigned_abs().into(),
        rejected,
        batch_id: Some(import.id),
    }
}

/// Removes a file that no import needs any more. One that stays is removed when the server starts.
pub(super) fn remove_spooled(path: Option<&Path>) {
    let Some(path) = path else { return };
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "an uploaded file was not removed");
    }
}

/// Removes uploaded files that no import knows: what a crash has left behind.
pub async fn remove_abandoned(db: &Db, folder: &Path) -> Result<(), Error> {
    let mut tx = db
        .system("find the uploaded files that imports need")
        .await?;
    let needed = cursor::list_spooled(&mut tx).await?;
    drop(tx);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::File(error)),
    };
    for entry in entries {
        let path = entry.map_err(Error::File)?.path();
        if !needed.contains(&path) {
            remove_spooled(Some(&path));
        }
    }
    Ok(())
}
