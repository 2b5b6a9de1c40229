//! Embeds the migrations.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when it runs: a target directory shared by two checkouts keeps the program of the first.
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("not run by cargo")?;
    let directory = Path::new(&package)
        .join("../../../migrations")
        .canonicalize()?;
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut pairs: BTreeMap<String, [Option<PathBuf>; 2]> = BTreeMap::new();
    for entry in fs::read_dir(&directory)? {
        let path = entry?.path();
        let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned)
        else {
            continue;
        };
        if let Some(stem) = name.strip_suffix(".up.sql") {
            pairs.entry(stem.to_owned()).or_default()[0] = Some(path);
        } else if let Some(stem) = name.strip_suffix(".down.sql") {
            pairs.entry(stem.to_owned()).or_default()[1] = Some(path);
        } else if name != "README.md" {
            return Err(format!("migrations/{name} is neither .up.sql nor .down.sql").into());
        }
    }
    let mut code = String::from("&[\n");
    let mut last = None;
    for (stem, pair) in &pairs {
        let [Some(up), Some(down)] = pair else {
            return Err(format!("migrations/{stem} lacks its .up.sql or its .down.sql").into());
        };
        let (version, name) = stem
            .split_once('_')
            .filter(|(version, _)| {
                version.len() == 14 && version.bytes().all(|b| b.is_ascii_digit())
            })
            .ok_or_else(|| format!("migrations/{stem} must be named YYYYMMDDHHMMSS_area_what"))?;
        if last == Some(version) {
            return Err(format!("two migrations have the version {version}").into());
        }
        last = Some(version);
        writeln!(
            code,
            "Migration {{ version: {version}, name: {name:?}, up: include_str!({:?}), \
             down: include_str!({:?}) }},",
            up.to_string_lossy(),
            down.to_string_lossy(),
        )?;
    }
    code.push(']');
    fs::write(
        Path::new(&env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("migrations.rs"),
        code,
    )?;
    Ok(())
}
