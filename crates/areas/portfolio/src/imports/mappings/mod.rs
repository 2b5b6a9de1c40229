//! Mappings: which column of a table is which, said once and kept for files with the same columns.

pub(super) mod api;

use std::fs::File;

use db::UserId;
use statements::Mapping;
use web::App;

use super::{Error, ImportId, ImportStatus, preview, receiving, service::refuse_unless, store};

/// Characters of a mapping's name at most.
const LONGEST_MAPPING_NAME: usize = 100;

/// The layout of a CSV that waits for its mapping. Of a long file the beginning is looked at: which
/// words all of it has is found out when the mapping is made.
pub(super) async fn columns(
    app: &App,
    user: UserId,
    id: ImportId,
) -> Result<statements::Columns, Error> {
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "mapped")?;
    let content = receiving::shown(app, tx, &import).await?;
    preview::off_thread(move || {
        let mut columns = statements::preview_columns(&content)?;
        if let Some(mapping) = &import.mapping {
            columns.unknown_types = statements::unknown_types(&content, mapping)?;
            // What was said about a word can be changed.
            columns
                .unknown_types
                .extend(mapping.type_words.keys().cloned());
        }
        Ok(columns)
    })
    .await?
}

/// The words of a waiting CSV for which a mapping has no type.
pub(super) async fn unknown_types(
    app: &App,
    user: UserId,
    id: ImportId,
    mapping: &Mapping,
) -> Result<Vec<String>, Error> {
    let mut tx = app.db.read(user).await?;
    let import = store::require(&mut tx, id).await?;
    let mapping = mapping.clone();
    let Some(long) = &import.long else {
        let content = receiving::shown(app, tx, &import).await?;
        let found = preview::off_thread(move || statements::unknown_types(&content, &mapping));
        return Ok(found.await??);
    };
    drop(tx);
    let path = receiving::waiting(app, long)?;
    preview::off_thread(move || {
        let mut source = File::open(&path).map_err(Error::File)?;
        Ok(statements::unknown_types_of(&mut source, &mapping)?)
    })
    .await?
}

/// Reads a waiting CSV through a mapping from now on, and remembers it when it has a name.
pub(super) async fn apply(
    app: &App,
    user: UserId,
    id: ImportId,
    mapping: &Mapping,
    name: Option<&str>,
) -> Result<(), Error> {
    if let Some(name) = name
        && (name.chars().count() > LONGEST_MAPPING_NAME || name.chars().any(char::is_control))
    {
        return Err(Error::MappingName {
            longest: LONGEST_MAPPING_NAME,
        });
    }
    if !is_storable(mapping) {
        return Err(Error::UnstorableMapping);
    }
    let mut tx = app.db.read(user).await?;
    let mut import = store::require(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "mapped")?;
    (import.format, import.mapping) = (None, Some(mapping.clone()));
    // Fails with the reason when the mapping does not suit the file.
    let first = receiving::looked_at(app, tx, &import).await?;
    let first_rows = import.long.as_ref().and_then(|_| receiving::kept(&first));
    let mut tx = app.db.write(user).await?;
    let import = store::lock(&mut tx, id).await?;
    refuse_unless(&import, ImportStatus::Preview, "mapped")?;
    store::set_mapping(&mut tx, id, mapping, first_rows.as_ref()).await?;
    if let Some(name) = name {
        store::save_mapping(&mut tx, user, name, mapping).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// PostgreSQL's texts cannot hold NUL.
fn is_storable(mapping: &Mapping) -> bool {
    let mut texts = mapping.columns.values().chain(mapping.type_words.keys());
    mapping.delimiter != Some('\0') && !texts.any(|text| text.contains('\0'))
}

/// All saved mappings of the person, by name.
pub(super) async fn list(app: &App, user: UserId) -> Result<Vec<store::SavedMapping>, Error> {
    let mut tx = app.db.read(user).await?;
    store::list_mappings(&mut tx).await
}

/// Forgets a saved mapping; imports that were read through it stay as they are.
pub(super) async fn forget(app: &App, user: UserId, name: &str) -> Result<(), Error> {
    if name.contains('\0') {
        return Err(Error::NoSuchMapping);
    }
    let mut tx = app.db.write(user).await?;
    if !store::delete_mapping(&mut tx, name).await? {
        return Err(Error::NoSuchMapping);
    }
    tx.commit().await?;
    Ok(())
}
