//! Gathers what `/assets/` serves: our own style, scripts and icons, and ECharts out of the
//! registry crate that carries it, each under a name with a fingerprint of its content.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// Where the crate `charming` keeps the script, and what it must contain.
const ECHARTS: &str = "src/asset/echarts-5.5.1.min.js";
const ECHARTS_SHA256: &str = "e84270bd0cd5bdf60fefc26d00c2a391cb2e81f4d26a7a9ee16185a54773a3cf";
/// The parts of the style sheet, in the order in which they are joined.
const STYLES: [&str; 10] = [
    "tokens", "base", "frame", "blocks", "forms", "tables", "charts", "live", "look", "print",
];
const OWN: [(&str, &str); 9] = [
    ("app.js", JAVASCRIPT),
    ("tables.js", JAVASCRIPT),
    ("charts.js", JAVASCRIPT),
    ("bars.js", JAVASCRIPT),
    ("live.js", JAVASCRIPT),
    ("passkeys.js", JAVASCRIPT),
    ("passkey-offer.js", JAVASCRIPT),
    ("icons.svg", "image/svg+xml"),
    ("favicon.svg", "image/svg+xml"),
];
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let packages = Packages::read(&here)?;

    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    let mut style = Vec::new();
    for part in STYLES {
        style.extend(fs::read(here.join(format!("assets/css/{part}.css")))?);
    }
    add(
        &mut table,
        &out,
        "app.css",
        "text/css; charset=utf-8",
        &style,
    )?;
    for (name, mime) in OWN {
        let bytes = fs::read(here.join("assets").join(name))?;
        add(&mut table, &out, name, mime, &bytes)?;
    }
    let echarts = packages.read_file("charming", ECHARTS)?;
    let sha256 = hex(&Sha256::digest(&echarts));
    if sha256 != ECHARTS_SHA256 {
        return Err(format!(
            "{ECHARTS} of the crate charming has SHA-256 {sha256}, expected {ECHARTS_SHA256}: \
             after a deliberate upgrade, change ECHARTS and ECHARTS_SHA256 in {}",
            here.join("build.rs").display()
        )
        .into());
    }
    add(&mut table, &out, "echarts.js", JAVASCRIPT, &echarts)?;
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    fs::write(out.join("third-party-licences.txt"), licences(&here)?)?;
    Ok(())
}

/// The notices, then the Apache licence, under which the largest of them stands as Bursar does.
fn licences(here: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let apache = here.join("../../../LICENSE-APACHE");
    println!("cargo:rerun-if-changed={}", apache.display());
    let mut notices = fs::read(here.join("assets").join("notices.txt"))?;
    notices.extend_from_slice(b"\n");
    notices.extend(fs::read(apache)?);
    Ok(notices)
}

fn add(
    table: &mut String,
    out: &Path,
    name: &str,
    mime: &str,
    bytes: &[u8],
) -> Result<(), Box<dyn Error>> {
    let (stem, extension) = name.split_once('.').ok_or("an asset needs an extension")?;
    let digest = hex(&Sha256::digest(bytes));
    let fingerprint = digest.get(..12).ok_or("a digest is longer")?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    fs::write(out.join(name), bytes)?;
    fs::write(out.join(format!("{name}.gz")), encoder.finish()?)?;
    writeln!(
        table,
        "    Asset {{ name: {name:?}, file: \"{stem}-{fingerprint}.{extension}\", \
         url: \"/assets/{stem}-{fingerprint}.{extension}\", mime: {mime:?}, \
         bytes: include_bytes!({name:?}), gzip: include_bytes!(\"{name}.gz\") }},"
    )?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The packages that this build resolved, asked from cargo without network.
struct Packages(serde_json::Value);

impl Packages {
    fn read(here: &Path) -> Result<Self, Box<dyn Error>> {
        let cargo = env::var_os("CARGO").ok_or("CARGO is not set")?;
        let output = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--offline", "--locked"])
            // Packages of other platforms may never have been downloaded.
            .arg("--filter-platform")
            .arg(env::var_os("TARGET").ok_or("TARGET is not set")?)
            .arg("--manifest-path")
            .arg(here.join("Cargo.toml"))
            .output()?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cargo metadata failed: {reason}").into());
        }
        Ok(Self(serde_json::from_slice(&output.stdout)?))
    }

    fn read_file(&self, package: &str, file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let manifest = self.0["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|candidate| candidate["name"] == package)
            .and_then(|found| found["manifest_path"].as_str())
            .ok_or_else(|| format!("the package {package} is not among the dependencies"))?;
        let path = Path::new(manifest).with_file_name("").join(file);
        fs::read(&path).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}
