//! Files too long for one unit of work. They are read in parts, and each part is booked in a unit of
//! work of its own together with the cursor behind it: whatever happens, no part that was acknowledged
//! is lost and none is booked twice. Going on means to read the file again from its beginning, to pass
//! over what the cursor says is booked, and to book the rest.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use db::{Clock, Db, UserId};
use jiff::{SignedDuration, Timestamp};
use market::InstrumentId;
use money::Currency;
use sha2::{Digest as _, Sha256};
use statements::{Format, LongFile, Mapping, Part, Rejection};
use tokio::sync::mpsc;
use web::App;

use super::{
    Error, Import, ImportId, ImportOutcome, ImportStatus,
    preview::{self, Known},
    runs::{self, Attempt, Counts},
    service::{self, ensure},
    store::{self, long as cursor},
};
use crate::{
    portfolios::PortfolioId,
    transactions::{
        self,
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
/// Of the lines that were refused, and of those that were left out, no part is kept any more once there
/// are so many.
pub(super) const MOST_LISTED: usize = 10_000;
/// A file of which no import knows is left alone for so long: its upload may still be under way.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Names the import.
    pub import_id: ImportId,
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
    /// Recognises the file when it is handed in again.
    pub(super) hash: [u8; 32],
    /// The first refused lines, and how many there are.
    pub(super) rejected: Vec<Rejection>,
    pub(super) refused: u64,
    /// The same of lines that state nothing to record.
    pub(super) skipped: Vec<Rejection>,
    pub(super) left_out: u64,
}

/// A file that is hashed as it is read; from its beginning, whenever it is read anew.
struct Hashed<R> {
    source: R,
    hash: Sha256,
    bytes: u64,
}

impl<R> Hashed<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            hash: Sha256::new(),
            bytes: 0,
        }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Hashed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A hash of anything but the whole would recognise nothing.
        if to != SeekFrom::Start(0) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        (self.hash, self.bytes) = (Sha256::new(), 0);
        self.source.seek(to)
    }
}

/// Looks at a file; `None` where its format is read as a whole. Takes a while.
pub(super) fn survey(
    path: &Path,
    format: Option<Format>,
    mapping: Option<&Mapping>,
) -> Result<Option<Survey>, Error> {
    survey_of(File::open(path).map_err(Error::File)?, format, mapping)
}

fn survey_of(
    source: impl Read + Seek,
    format: Option<Format>,
    mapping: Option<&Mapping>,
) -> Result<Option<Survey>, Error> {
    let mut source = Hashed::new(source);
    let Some(file) = LongFile::look(&mut source, format, mapping)? else {
        return Ok(None);
    };
    let mut repeats = Repeats::new();
    let mut currencies = service::Prevailing::default();
    let mut has_rows = false;
    let (mut rejected, mut skipped) = (Vec::new(), Vec::new());
    let (mut refused, mut left_out) = (0, 0);
    let mut parts = file.parts(&mut source)?;
    while let Some(part) = parts.next_part(PART_RECORDS as usize)? {
        has_rows |= !part.statement.rows.is_empty();
        refused += part.statement.rejected.len() as u64;
        left_out += part.statement.skipped.len() as u64;
        keep_some(&mut rejected, part.statement.rejected);
        keep_some(&mut skipped, part.statement.skipped);
        for row in part.statement.rows {
            currencies.note(row.currency);
            repeats.note(&preview::draft(row, None, None));
        }
    }
    drop(parts);
    Ok(Some(Survey {
        file,
        // Of the very bytes that were surveyed: a file may grow meanwhile.
        bytes: source.bytes,
        hash: source.hash.finalize().into(),
        repeats,
        currency: currencies.decide(),
        has_rows,
        rejected,
        refused,
        skipped,
        left_out,
    }))
}

/// Adds lines as long as there is room.
fn keep_some(kept: &mut Vec<Rejection>, more: Vec<Rejection>) {
    let room = MOST_LISTED.saturating_sub(kept.len());
    kept.extend(more.into_iter().take(room));
}

/// What booking a long file needs.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) db: &'a Db,
    pub(super) clock: &'a Clock,
    /// The folder of uploads.
    pub(super) folder: &'a Path,
}

impl<'a> Means<'a> {
    pub(super) fn of(app: &'a App) -> Self {
        Self {
            db: &app.db,
            clock: &app.clock,
            folder: &app.uploads.folder,
        }
    }
}

/// Books what is not booked yet of a file that runs.
pub(super) async fn book(
    means: Means<'_>,
    user: UserId,
    id: ImportId,
    (path, survey): (PathBuf, Survey),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportOutcome, Error> {
    let mut tx = means.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    drop(tx);
    let long = import.long.as_ref().ok_or(Error::FileChanged)?;
    let at = Progress {
        import_id: id,
        bytes_total: survey.bytes,
        bytes_done: long.bytes_done,
        records_done: long.records_done,
    };
    let mut booker = Booker {
        means,
        user,
        portfolio: import.portfolio_id,
        known: Known::new(),
        fingerprints: Fingerprints::of_long_file(survey.repeats),
        at,
    };
    let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
    let (file, bytes) = (survey.file, survey.bytes);
    let done = at.records_done;
    let reading = preview::off_thread(move || read_parts(&path, &file, (done, bytes), &sender));
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
    booker.finish().await
}

/// Reads part after part. The cursor always lies between two of them. Fails at the end where the file
/// is not as long as it was when it was surveyed.
fn read_parts(
    path: &Path,
    file: &LongFile,
    (done, bytes): (u64, u64),
    sender: &mpsc::Sender<Part>,
) -> Result<(), Error> {
    let source = File::open(path).map_err(Error::File)?;
    let size = source.try_clone().map_err(Error::File)?;
    let mut parts = file.parts(source)?;
    let mut at = 0;
    loop {
        let before_cursor = done.checked_sub(at).filter(|records| *records > 0);
        let records = before_cursor.map_or(PART_RECORDS, |records| records.min(PART_RECORDS));
        let Some(part) = parts.next_part(records as usize)? else {
            let now = size.metadata().map_err(Error::File)?.len();
            return if now == bytes {
                Ok(())
            } else {
                Err(Error::FileChanged)
            };
        };
        at = part.records;
        if sender.blocking_send(part).is_err() {
            return Ok(());
        }
    }
}

/// Books the parts of one file in their order.
struct Booker<'a> {
    means: Means<'a>,
    user: UserId,
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
            let found: Vec<(String, InstrumentId)> = ensure(self.means.db, self.user, unknown)
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
        let rows = preview::new_rows(&preview.bookings);
        let mut tx = self.means.db.write(self.user).await?;
        let import = store::lock(&mut tx, self.at.import_id).await?;
        self.check(&import)?;
        let imported = transactions::store::insert_many(
            &mut tx,
            self.user,
            self.portfolio,
            Some(self.at.import_id.0),
            &rows,
        )
        .await?;
        let booked = cursor::Booked {
            records: part.records,
            bytes: part.bytes_read,
            imported,
            duplicates: rows.len() as u64 - imported,
            rejected: &preview.rejected,
            skipped: &preview.skipped,
        };
        cursor::advance(&mut tx, self.at.import_id, &booked).await?;
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

    async fn finish(self) -> Result<ImportOutcome, Error> {
        let mut tx = self.means.db.write(self.user).await?;
        let id = self.at.import_id;
        let import = store::lock(&mut tx, id).await?;
        self.check(&import)?;
        cursor::set_imported(&mut tx, id).await?;
        let listed = store::listed(&mut tx, id, MOST_LISTED).await?;
        let outcome = ImportOutcome {
            imported: import.imported_count.unsigned_abs().into(),
            duplicates: import.duplicate_count.unsigned_abs().into(),
            rejected: listed.rejected,
            refused: import.rejected_count.unsigned_abs().into(),
            skipped: listed.skipped,
            left_out: import.skipped_count.unsigned_abs().into(),
            batch_id: Some(id),
        };
        let attempt = Attempt {
            portfolio_id: Some(self.portfolio),
            import_id: Some(id),
            format: import.format,
            file_name: &import.file_name,
            started: import.created_at,
        };
        let counts = Counts {
            imported: outcome.imported,
            duplicates: outcome.duplicates,
            rejected: outcome.refused,
        };
        let completed = self.means.clock.now();
        runs::succeeded(&mut tx, self.user, attempt, completed, counts).await?;
        tx.commit().await?;
        let spool = import.long.as_ref().and_then(|long| long.spool.as_deref());
        remove_spooled(self.means.folder, spool);
        Ok(outcome)
    }
}

/// Removes an uploaded file that no import needs any more.
pub(super) fn remove_spooled(folder: &Path, name: Option<&str>) {
    if let Some(name) = name {
        remove_file(&folder.join(name));
    }
}

/// Removes a file. One that stays is removed when the server starts.
pub(super) fn remove_file(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "an uploaded file was not removed");
    }
}

/// Removes uploaded files that no import knows and that are not of today: what a crash has left behind.
/// Files are told by their names, since the folder may have been moved or restored.
pub async fn remove_abandoned(app: &App) -> Result<(), Error> {
    let mut tx = app
        .db
        .system("find the uploaded files that imports need")
        .await?;
    let needed = cursor::list_spooled(&mut tx).await?;
    drop(tx);
    let entries = match fs::read_dir(&*app.uploads.folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::File(error)),
    };
    let now = app.clock.now();
    for entry in entries {
        let entry = entry.map_err(Error::File)?;
        let is_needed = entry
            .file_name()
            .to_str()
            .is_some_and(|name| needed.contains(name));
        let modified = entry.metadata().and_then(|found| found.modified());
        let is_old = modified
            .ok()
            .and_then(|time| Timestamp::try_from(time).ok())
            .is_some_and(|time| now.duration_since(time) > ABANDONED_AFTER);
        if is_old && !is_needed {
            remove_file(&entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file to which a line is added whenever it is read anew.
    struct Growing {
        content: Vec<u8>,
        at: usize,
    }

    impl Read for Growing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let mut rest = self.content.get(self.at..).unwrap_or_default();
            let read = rest.read(buffer)?;
            self.at += read;
            Ok(read)
        }
    }

    impl Seek for Growing {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            self.content
                .extend_from_slice(b"2024-01-02,deposit,5,EUR\n");
            self.at = 0;
            Ok(0)
        }
    }

    #[test]
    fn the_hash_is_that_of_what_was_surveyed() {
        let mut source = Growing {
            content: b"date,type,amount,currency\n".to_vec(),
            at: 0,
        };
        let survey = survey_of(&mut source, None, None).unwrap().unwrap();
        let read = &source.content;
        assert_eq!(survey.bytes, read.len() as u64);
        assert_eq!(survey.hash, <[u8; 32]>::from(Sha256::digest(read)));
    }
}
