//! A new key: everything is sealed anew in batches, then the old keys retire.

use std::collections::BTreeMap;

use db::Db;

use super::{
    KeyId, SealError, Sealed, SealedColumn, Sealer,
    key::{self, RETIRED_PREFIX},
    store,
};

/// Values that are sealed anew in one transaction.
const BATCH: i64 = 200;

/// How many values are sealed with a key, column by column.
pub type KeyUse = (SealedColumn, KeyId, i64);

/// What a rotation did.
#[derive(Debug)]
pub struct Rotated {
    /// The key that everything is sealed with now.
    pub active: KeyId,
    /// How many values were sealed anew.
    pub resealed: u64,
    /// Files of keys that nothing is sealed with any more, by their new names.
    pub retired: Vec<String>,
    /// Values that did not open and were left as they are; their keys have not retired.
    pub unreadable: Vec<Unreadable>,
}

/// A value that did not open.
#[derive(Debug)]
pub struct Unreadable {
    /// Where it stands and why it did not open.
    pub reason: SealError,
}

/// Why keys cannot be looked after, or a rotation stopped. What it did until then stays; the next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// Keys cannot be read or made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<config::DataDirError> for RotationError {
    fn from(error: config::DataDirError) -> Self {
        Self::Seal(error.into())
    }
}

/// How many values every key seals.
pub async fn key_uses(db: &Db) -> Result<Vec<KeyUse>, db::Error> {
    let mut tx = db.system("count sealed values").await?;
    let mut uses = Vec::new();
    for column in store::columns(&mut tx).await? {
        for (key, count) in store::count_by_key(&mut tx, &column).await? {
            uses.push((column.clone(), key, count));
        }
    }
    Ok(uses)
}

/// Makes a new key, unless a rotation was interrupted or the setting brought one, and seals everything
/// with it. `progress` is told how many values are done, of how many.
///
/// Each batch is a transaction of its own, and a value that already carries the new key is left alone: an
/// interrupted rotation is resumed by the next one. Old keys retire, which means that their files are
/// renamed, once no value is left that needs them; backups of before still need them.
pub async fn rotate(
    db: &Db,
    sealer: &Sealer,
    mut progress: impl FnMut(u64, u64),
) -> Result<Rotated, RotationError> {
    let before = key_uses(db).await?;
    make_key(db, sealer, &before).await?;
    let active = sealer.active()?;
    let others = before.iter().filter(|(_, key, _)| *key != active);
    let total = others
        .map(|(_, _, count)| u64::try_from(*count).unwrap_or(0))
        .sum();
    let mut rotated = Rotated {
        active,
        resealed: 0,
        retired: Vec::new(),
        unreadable: Vec::new(),
    };
    progress(0, total);
    let mut tx = db.system("find sealed columns").await?;
    let columns = store::columns(&mut tx).await?;
    drop(tx);
    for column in &columns {
        reseal(db, sealer, column, &mut rotated, |done| {
            progress(done, total);
        })
        .await?;
    }
    rotated.retired = retire(sealer, &key_uses(db).await?)?;
    Ok(rotated)
}

/// A key file beside the others becomes the active key. With one in the setting nothing is made: it is
/// the active one already. Nor while a value that opens still carries another key than the active one:
/// then the last rotation did not come to its end. What does not open would keep it from its end for ever.
async fn make_key(db: &Db, sealer: &Sealer, uses: &[KeyUse]) -> Result<(), RotationError> {
    let Some(data_dir) = sealer.data_dir() else {
        return Ok(());
    };
    sealer.read_again()?;
    let keys = sealer.keys();
    let Some(active) = keys.first().filter(|key| key.is_active) else {
        return Ok(());
    };
    if active.origin == key::KeyOrigin::Setting {
        return Ok(());
    }
    for (column, key, _) in uses {
        if *key != active.id && some_opens(db, sealer, column, active.id).await? {
            return Ok(());
        }
    }
    key::make_file(data_dir)?;
    Ok(sealer.read_again()?)
}

/// Whether a value of a column that carries another key than this one opens.
async fn some_opens(
    db: &Db,
    sealer: &Sealer,
    column: &SealedColumn,
    active: KeyId,
) -> Result<bool, RotationError> {
    let mut after: Option<Vec<String>> = None;
    loop {
        let mut tx = db.system("look for values of an older key").await?;
        let rows = store::next_rows(&mut tx, column, active, after.as_deref(), BATCH).await?;
        let opens = |row: &store::Row| {
            let sealed = Sealed::from_bytes(row.value.clone());
            sealer.open(&column.place(row), &sealed).is_ok()
        };
        if rows.iter().any(opens) {
            return Ok(true);
        }
        let Some(last) = rows.last() else {
            return Ok(false);
        };
        after = Some(last.key.clone());
    }
}

/// Names the keys that seal values and are not here, as [`SealError::MissingKeys`].
pub async fn check_keys(db: &Db, sealer: &Sealer) -> Result<(), RotationError> {
    let uses = key_uses(db).await?;
    // After the values were counted: another process may rotate meanwhile.
    sealer.read_again()?;
    let known = sealer.keys();
    let mut missing: BTreeMap<KeyId, i64> = BTreeMap::new();
    for (_, key, count) in uses {
        if known.iter().all(|info| info.id != key) {
            *missing.entry(key).or_default() += count;
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(RotationError::Seal(SealError::MissingKeys {
        values: missing.values().sum(),
        keys: missing.into_keys().collect(),
    }))
}

/// Makes the first key where nothing was sealed yet. Where something was, its key must be somewhere: to
/// make another one would only hide that it is missing.
pub async fn ensure_key(db: &Db, sealer: &Sealer) -> Result<(), RotationError> {
    let Some(data_dir) = sealer.data_dir() else {
        return Ok(());
    };
    if sealer.active().is_ok() {
        return Ok(());
    }
    check_keys(db, sealer).await?;
    if !key_uses(db).await?.is_empty() {
        return Err(SealError::NoKey.into());
    }
    key::make_file(data_dir)?;
    Ok(sealer.read_again()?)
}

async fn reseal(
    db: &Db,
    sealer: &Sealer,
    column: &SealedColumn,
    rotated: &mut Rotated,
    mut progress: impl FnMut(u64),
) -> Result<(), RotationError> {
    let mut after: Option<Vec<String>> = None;
    loop {
        let mut tx = db.system("seal values with the new key").await?;
        let rows =
            store::next_rows(&mut tx, column, rotated.active, after.as_deref(), BATCH).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(last.key.clone());
        let mut resealed = 0;
        for row in &rows {
            let place = column.place(row);
            match sealer.open(&place, &Sealed::from_bytes(row.value.clone())) {
                Ok(plain) => {
                    let sealed = sealer.seal(&place, &plain)?;
                    store::update(&mut tx, column, &row.key, sealed.as_bytes()).await?;
                    resealed += 1;
                }
                Err(reason) => rotated.unreadable.push(Unreadable { reason }),
            }
        }
        tx.commit().await?;
        rotated.resealed += resealed;
        progress(rotated.resealed);
    }
}

/// Renames the files of keys that no value needs; those of the active key stay.
fn retire(sealer: &Sealer, uses: &[KeyUse]) -> Result<Vec<String>, RotationError> {
    let Some(data_dir) = sealer.data_dir() else {
        return Ok(Vec::new());
    };
    let mut needed: BTreeMap<KeyId, i64> = BTreeMap::new();
    for (_, key, count) in uses {
        *needed.entry(*key).or_default() += count;
    }
    let mut retired = Vec::new();
    for key in sealer.keys() {
        let is_needed = key.is_active || needed.contains_key(&key.id);
        if let (false, Some(file)) = (is_needed, key.origin.live_file()) {
            let number = key::file_number(file).unwrap_or_default();
            let name = format!("{RETIRED_PREFIX}{number:04}");
            data_dir.rename_secret(file, &name)?;
            retired.push(name);
        }
    }
    sealer.read_again()?;
    Ok(retired)
}
