//! Files as they come in: what they are, where they wait, and what is shown of them.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use db::{UserId, UserTx};
use statements::{LongFile, Mapping, Statement};
use web::App;

use super::{
    Error, Import, ImportId, ImportStatus, Upload,
    long::HELD_BYTES,
    preview,
    spool::Received,
    store::{self, long::NewLong},
};
use crate::portfolios;

/// Records of a long file that its preview shows.
const FIRST_RECORDS: usize = 200;

/// Takes a file in. One that can be read waits as a preview; a CSV of unknown layout waits for its
/// mapping, unless a saved one fits its header; anything else is refused.
pub(super) async fn receive(
    app: &App,
    user: UserId,
    mut upload: Upload,
) -> Result<ImportId, Error> {
    // Control characters have no place in a name, and PostgreSQL cannot store NUL.
    upload.file_name.retain(|c| !c.is_control());
    recognise(app, user, &mut upload).await?;
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
    let id = store::insert(&mut tx, user, &upload).await?;
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
    let spooled = match received {
        Received::Held(content) => {
            upload.content = content;
            return receive(app, user, upload).await;
        }
        Received::Spooled(spooled) => spooled,
    };
    upload.file_name.retain(|c| !c.is_control());
    upload.content = beginning(spooled.path().to_owned()).await?;
    recognise(app, user, &mut upload).await?;
    if upload.format.is_some() {
        let path = spooled.path().to_owned();
        let (format, mapping) = (upload.format, upload.mapping.clone());
        // Fails with the reason when it is not what it seems.
        let is_table = preview::off_thread(move || {
            let mut source = File::open(&path).map_err(Error::File)?;
            Ok::<_, Error>(LongFile::look(&mut source, format, mapping.as_ref())?.is_some())
        });
        if !is_table.await?? {
            upload.content = held(spooled.path(), spooled.bytes, upload.format)?;
            return receive(app, user, upload).await;
        }
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
        spool: Some(spooled.path()),
        status: ImportStatus::Preview,
    };
    let id = store::long::insert(&mut tx, user, &new).await?;
    tx.commit().await?;
    spooled.keep();
    Ok(id)
}

/// The first mebibyte of a file on disk.
async fn beginning(path: PathBuf) -> Result<Vec<u8>, Error> {
    preview::off_thread(move || {
        let mut source = File::open(&path).map_err(Error::File)?;
        Ok(statements::beginning(&mut source)?.into_bytes())
    })
    .await?
}

/// All of a file whose format is read as a whole.
pub(super) fn held(
    path: &Path,
    bytes: u64,
    format: Option<statements::Format>,
) -> Result<Vec<u8>, Error> {
    if bytes > HELD_BYTES {
        return Err(Error::TooLongAsWhole {
            format,
            limit_mib: HELD_BYTES / 1024 / 1024,
        });
    }
    std::fs::read(path).map_err(Error::File)
}

/// What is shown of a file that waits: all of it, or the beginning of a long one.
pub(super) async fn shown(tx: UserTx, import: &Import) -> Result<Vec<u8>, Error> {
    let mut tx = tx;
    match &import.long {
        None => store::content(&mut tx, import.id).await,
        Some(long) => {
            drop(tx);
            let spool = long.spool.clone();
            beginning(spool.ok_or(Error::FileElsewhere)?).await
        }
    }
}

/// The first rows of a file that waits: all of it, unless it is long.
pub(super) async fn first_rows(tx: UserTx, import: &Import) -> Result<Statement, Error> {
    let Some(long) = &import.long else {
        let content = shown(tx, import).await?;
        return preview::read(content, import.format, import.mapping.clone()).await;
    };
    drop(tx);
    let path = long.spool.clone().ok_or(Error::FileElsewhere)?;
    let (format, mapping) = (import.format, import.mapping.clone());
    let mut statement = preview::off_thread(move || {
        let mut source = File::open(&path).map_err(Error::File)?;
        let file = LongFile::look(&mut source, format, mapping.as_ref())?;
        let file = file.ok_or(Error::FileChanged)?;
        let part = file.parts(source)?.next_part(FIRST_RECORDS)?;
        Ok::<_, Error>(part.ok_or(statements::Unreadable::Empty)?.statement)
    })
    .await??;
    preview::refuse_unstorable_symbols(&mut statement);
    Ok(statement)
}
