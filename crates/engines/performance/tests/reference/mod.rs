//! Published cases: the project's own in `tests/fixtures`, and the reference data beside the project
//! where it is present.
#![expect(clippy::panic, reason = "data that cannot be read is a failed test")]

use std::{env, fs, path::PathBuf};

/// The project's own file of cases and, where there is reference data, the file of that name there.
/// With the folder present a missing file is a failure; without it, the test says loudly that only
/// its own cases were checked.
pub(crate) fn cases(name: &str) -> Vec<serde_json::Value> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name);
    let mut files = vec![own];
    match folder() {
        Some(folder) => files.push(folder.join("cases").join(name)),
        None => eprintln!(
            "\n*** REFERENCE DATA IS ABSENT: {name} is checked with the project's own cases only. ***\n\
             *** Put it at ../shared/data or name its folder in BURSAR_REFERENCE_DATA. ***\n"
        ),
    }
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()));
            serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{} is no JSON: {error}", file.display()))
        })
        .collect()
}

/// A folder that was named must exist.
fn folder() -> Option<PathBuf> {
    if let Some(named) = env::var_os("BURSAR_REFERENCE_DATA") {
        let named = PathBuf::from(named);
        assert!(
            named.is_dir(),
            "BURSAR_REFERENCE_DATA names {}, which is no folder",
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
