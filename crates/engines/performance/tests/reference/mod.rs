//! Published data: the project's own in `tests/fixtures`, and the reference data beside the project
//! where it is present. Both have the same folders.
#![expect(clippy::panic, reason = "data that cannot be read is a failed test")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The folders in which to look: the project's own, and the reference data. Without the latter the
/// test says loudly that only its own cases are checked; a file missing from either is a failure.
pub(crate) fn roots() -> Vec<PathBuf> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    let Some(reference) = folder() else {
        eprintln!(
            "\n*** REFERENCE DATA IS ABSENT: only the project's own cases are checked. ***\n\
             *** Put it at ../shared/data or name its folder in BURSAR_REFERENCE_DATA. ***\n"
        );
        return vec![own];
    };
    vec![own, reference]
}

pub(crate) fn text(file: &Path) -> String {
    fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()))
}

pub(crate) fn json(file: &Path) -> serde_json::Value {
    serde_json::from_str(&text(file))
        .unwrap_or_else(|error| panic!("{} is no JSON: {error}", file.display()))
}

/// A folder that was named must exist.
fn folder() -> Option<PathBuf> {
    if let Some(named) = env::var_os("BURSAR_REFERENCE_DATA") {
        let named = PathBuf::from(named);
        assert!(
            named.is_dir(),
            "BURSAR_REFERENCE_DATA is no folder: {}",
            named.display()
        );
        return Some(named);
    }
    let beside = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../../shared/data"
    ));
    beside.is_dir().then_some(beside)
}
