//! Published data: the project's own in `tests/fixtures`, and the reference data beside the project
//! where it is present. Both have the same folders.
#![expect(clippy::panic, reason = "data that cannot be read is a failed test")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The folders in which to look: the project's own, and the reference data. A file missing from either is a
/// failure.
pub(crate) fn roots() -> Vec<PathBuf> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    std::iter::once(own).chain(folder()).collect()
}

pub(crate) fn text(file: &Path) -> String {
    fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()))
}

pub(crate) fn json(file: &Path) -> serde_json::Value {
    serde_json::from_str(&text(file))
        .unwrap_or_else(|error| panic!("{} is no JSON: {error}", file.display()))
}

/// The reference data; `None` only where it was said that the tests go without them.
fn folder() -> Option<PathBuf> {
    let named = env::var_os("BURSAR_REFERENCE_DATA");
    if named.as_deref().is_some_and(|named| named == "none") {
        return None;
    }
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let folder = named.map_or_else(|| PathBuf::from(beside), PathBuf::from);
    assert!(
        folder.is_dir(),
        "the reference data are not at {}: name their folder in BURSAR_REFERENCE_DATA, or set it to \
         `none` to go without them",
        folder.display()
    );
    Some(folder)
}
