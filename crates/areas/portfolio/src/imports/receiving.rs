//! Files as they come in: what they are, where they wait, and what is shown of them.

use std::{fs::File, path::PathBuf};

use db::{UserId, UserTx};
use statements::{Format, LongFile, Mapping, Statement};
use web::App;

use super::{
    Error, Import, ImportId, ImportStatus, Long, Upload,
    long::{HELD_BYTES, LONG_BYTES},
    preview::{self, ROWS_SHOWN},
    runs,
    spool::Received,
    store::{self, long::NewLong},
};
use crate::portfolios;

/// Takes a file in. One that can be read waits as a preview; a CSV of unknown layout waits for its
/// mapping, unless a saved one fits its header; anything else is refused.
pub(super) async fn receive(
    app: &App,
    user: UserId,
    upload: &mut Upload,
) -> Result<ImportId, Error> {
    // Control characters have no place in a name, and PostgreSQL cannot store NUL.
    upload.file_name.retain(|c| !c.is_control());
    recognise(app, user, upload).await?;
    if upload.format.is_some() {
        // Fails with the reason when it is not what it seems.
        preview::read(
            upload.content.clone(),
            upload.format,
            upload.mapping.clone(),
        )
        .await?;
    }
    let mut tx = app.db.write(user).await?;
    portfolios::store::require(&mut tx, upload.portfolio_id).await?;
    let id = store::insert(&mut tx, user, upload).await?;
    tx.commit().await?;
    Ok(id)
}

/// Finds out the format of a file by its content, or the saved mapping that fits it. A table that
/// nothing fits is left without a format.
pub(super) async fn recognise(app: &App, user: UserId, upload: &mut Upload) -> Result<(), Error> {
    if upload.mapping.is_some() || upload.format.is_some() {
        return Ok(());
    }
    let content = std::mem::take(&mut upload.content);
    let (content, format, columns) = preview::off_thread(move || {
        let format = statements::detect(&content);
        let columns = format
            .is_none()
            .then(|| statements::preview_columns(&content));
        (content, format, columns)
    })
    .await?;
    (upload.content, upload.format) = (content, format);
    // Fails with the reason when it is no table at all.
    let Some(columns) = columns.transpose()? else {
        return Ok(());
    };
    let mut tx = app.db.read(user).await?;
    upload.mapping = store::list_mappings(&mut tx)
        .await?
        .into_iter()
        .map(|saved| saved.mapping)
        .find(|mapping| fits(mapping, &columns.names));
    upload.format = upload.mapping.as_ref().map(|_| statements::Format::Csv);
    Ok(())
}

/// Whether a file has all the columns of a mapping.
fn fits(mapping: &Mapping, names: &[String]) -> bool {
    !mapping.columns.is_empty()
        && mapping.columns.values().all(|column| {
            names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(column.trim()))
        })
}

/// Takes an uploaded file in, whatever its size.
pub(super) async fn receive_any(
    app: &App,
    user: UserId,
    received: Received,
    mut upload: Upload,
) -> Result<ImportId, Error> {
    let started = app.clock.now();
    let outcome = take_in(app, user, received, &mut upload).await;
    runs::noting(app, user, (&upload, started), outcome).await
}

async fn take_in(
    app: &App,
    user: UserId,
    received: Received,
    upload: &mut Upload,
) -> Result<ImportId, Error> {
    let spooled = match received {
        Received::Held(content) => {
            upload.content = content;
            return receive(app, user, upload).await;
        }
        Received::Spooled(spooled) => spooled,
    };
    upload.file_name.retain(|c| !c.is_control());
    upload.content = beginning(spooled.path().to_owned()).await?;
    let mut first_rows = None;
    recognise(app, user, upload).await?;
    if upload.format.is_some() {
        let path = spooled.path().to_owned();
        // Fails with the reason when it is not what it seems.
        let Some(first) = first_records(path, upload.format, upload.mapping.clone()).await? else {
            upload.content = held(spooled.path().to_owned(), spooled.bytes, upload.format).await?;
            return receive(app, user, upload).await;
        };
        first_rows = kept(&first);
    }
    let mut tx = app.db.write(user).await?;
    portfolios::store::require(&mut tx, upload.portfolio_id).await?;
    let new = NewLong {
        portfolio_id: upload.portfolio_id,
        file_name: &upload.file_name,
        format: upload.format,
        mapping: upload.mapping.as_ref(),
        bytes: spooled.bytes,
        hash: spooled.hash,
        spool: spooled.name(),
        first_rows: first_rows.as_ref(),
        status: ImportStatus::Preview,
    };
    let id = store::long::insert(&mut tx, user, &new).await?;
    tx.commit().await?;
    spooled.keep();
    Ok(id)
}

/// The first mebibyte of a file on disk.
pub(super) async fn beginning(path: PathBuf) -> Result<Vec<u8>, Error> {
    preview::off_thread(move || {
        let mut source = File::open(&path).map_err(Error::File)?;
        Ok(statements::beginning(&mut source)?.into_bytes())
    })
    .await?
}

/// All of a file whose format is read as a whole.
pub(super) async fn held(
    path: PathBuf,
    bytes: u64,
    format: Option<statements::Format>,
) -> Result<Vec<u8>, Error> {
    if bytes > HELD_BYTES {
        return Err(Error::TooLongAsWhole {
            format,
            limit_mib: HELD_BYTES / 1024 / 1024,
        });
    }
    preview::off_thread(move || std::fs::read(path).map_err(Error::File)).await?
}

/// What is shown of a file that waits: all of it, or the beginning of a long one.
pub(super) async fn shown(app: &App, tx: UserTx, import: &Import) -> Result<Vec<u8>, Error> {
    let mut tx = tx;
    match &import.long {
        None => store::content(&mut tx, import.id).await,
        Some(long) => {
            drop(tx);
            beginning(waiting(app, long)?).await
        }
    }
}

/// Where a long file waits.
pub(super) fn waiting(app: &App, long: &Long) -> Result<PathBuf, Error> {
    let name = long.spool.as_deref().ok_or(Error::FileElsewhere)?;
    Ok(app.uploads.folder.join(name))
}

/// The first rows of a file that waits: all of it, unless it is long. Those of a long file are kept
/// beside it, since finding them takes a look at all of it.
pub(super) async fn first_rows(
    app: &App,
    mut tx: UserTx,
    import: &Import,
) -> Result<Statement, Error> {
    if import.long.is_some()
        && let Some(kept) = store::long::get_first_rows(&mut tx, import.id).await?
        // What another version has kept may not be readable any more.
        && let Ok(mut statement) = serde_json::from_value(kept)
    {
        preview::refuse_unstorable_symbols(&mut statement);
        return Ok(statement);
    }
    looked_at(app, tx, import).await
}

/// The first rows of a file that waits, from the file itself.
pub(super) async fn looked_at(app: &App, tx: UserTx, import: &Import) -> Result<Statement, Error> {
    let Some(long) = &import.long else {
        let content = shown(app, tx, import).await?;
        return preview::read(content, import.format, import.mapping.clone()).await;
    };
    drop(tx);
    let path = waiting(app, long)?;
    let first = first_records(path, import.format, import.mapping.clone()).await?;
    let mut statement = first.ok_or(Error::FileChanged)?;
    preview::refuse_unstorable_symbols(&mut statement);
    Ok(statement)
}

/// What the first records of a long file say; `None` where its format is read as a whole. It takes a
/// look at all of the file.
async fn first_records(
    path: PathBuf,
    format: Option<Format>,
    mapping: Option<Mapping>,
) -> Result<Option<Statement>, Error> {
    preview::off_thread(move || {
        let mut source = File::open(&path).map_err(Error::File)?;
        let Some(file) = LongFile::look(&mut source, format, mapping.as_ref())? else {
            return Ok(None);
        };
        let part = file.parts(source)?.next_part(ROWS_SHOWN)?;
        Ok(Some(part.ok_or(statements::Unreadable::Empty)?.statement))
    })
    .await?
}

/// First rows as they are kept; unusually long ones are found again when they are wanted.
pub(super) fn kept(first: &Statement) -> Option<serde_json::Value> {
    let text = serde_json::to_string(first).ok()?;
    if text.len() as u64 > LONG_BYTES {
        return None;
    }
    serde_json::from_str(&text).ok()
}
