//! `cargo xtask fuzz-api [--examples N]`: Schemathesis sends a running server what its own OpenAPI
//! document allows, and what it forbids, and judges every answer by that document.
//!
//! The server is the one of this checkout, with a data directory of its own that is removed at the end,
//! on a free port of loopback. Schemathesis comes from PyPI into `target`, in the version named here.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::setup::{self, Consent, Need};
use crate::shell::{self, Failure, Outcome, Run, root};

const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Inputs of an operation in each phase, unless the command line says otherwise.
const EXAMPLES: u32 = 130;
/// Fewer requests than this say too little about the whole.
const FEWEST_REQUESTS: u64 = 20_000;
const STARTS_WITHIN: Duration = Duration::from_mins(2);

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let examples = examples(arguments)?;
    setup::ensure(&[Need::PostgreSql, Need::PythonVenv], Consent::WhenSilent)?;
    let program = schemathesis()?;
    Run::cargo()
        .words("build --package bursar")
        .env("SQLX_OFFLINE", "true")
        .go()?;
    let server = Server::start()?;
    let hooks = root().join("xtask/src/fuzz_api.py");
    let said = Run::new(&program.to_string_lossy())
        .within(&server.data)
        .arg("--config-file")
        .arg(&root().join("xtask/src/fuzz_api.toml").to_string_lossy())
        .arg("run")
        .arg(&format!("{}/api/v1/openapi.json", server.url))
        .env("SCHEMATHESIS_HOOKS", &hooks.to_string_lossy())
        .env("BURSAR_PROGRAM", &server.program.to_string_lossy())
        .quiet_env("BURSAR_DATA_DIR", &server.data.to_string_lossy())
        .words("--checks all --mode all --phases examples,coverage,fuzzing,stateful")
        .words("--continue-on-failure --request-timeout 60 --no-color --generation-database none")
        .arg(&format!("--max-examples={examples}"))
        .show_and_keep()?;
    let requests = requests(&said).ok_or_else(|| {
        Failure::Remedy("Schemathesis did not say how many requests it sent".to_owned())
    })?;
    if requests < FEWEST_REQUESTS {
        return Err(Failure::Remedy(format!(
            "{requests} requests are too few: raise --examples until there are {FEWEST_REQUESTS}"
        )));
    }
    println!("{requests} requests, every answer as documented");
    Ok(())
}

fn examples(arguments: &[String]) -> Result<u32, Failure> {
    let usage = || Failure::Usage("fuzz-api [--examples N], N above 0".to_owned());
    match arguments {
        [] => Ok(EXAMPLES),
        [name, number] if name == "--examples" => number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(usage),
        _ => Err(usage()),
    }
}

/// The program in a virtual environment of its own, which is made when it is missing.
fn schemathesis() -> Result<PathBuf, Failure> {
    let folder = root().join("target").join(SCHEMATHESIS.replace("==", "-"));
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        Run::new("python3")
            .words("-m venv")
            .arg(&folder.to_string_lossy())
            .go()?;
        Run::new(&folder.join("bin/pip").to_string_lossy())
            .words("install --quiet --disable-pip-version-check")
            .arg(SCHEMATHESIS)
            .go()?;
    }
    Ok(program)
}

/// Requests by the summary: `12345 generated` after "Test cases:".
fn requests(said: &str) -> Option<u64> {
    let line = said
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Test cases:"));
    let rest = said
        .split("Test cases:")
        .last()
        .filter(|_| line.is_some())?;
    rest.split_whitespace()
        .find_map(|word| word.replace(',', "").parse().ok())
}

/// Bursar with one person and no limit to the number of requests.
struct Server {
    program: PathBuf,
    child: Child,
    data: PathBuf,
    url: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let data = std::env::temp_dir().join(format!("bursar-fuzz-api-{}", std::process::id()));
        let port = free_port()?;
        let program = shell::workspace_path("bursar")?;
        Run::new(&program.to_string_lossy())
            .words("user add fuzz@bursar.example --name Fuzz")
            .quiet_env("BURSAR_DATA_DIR", &data.to_string_lossy())
            .output()?;
        let mut command = Command::new(&program);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("BURSAR_DATA_DIR", &data)
            .env("BURSAR_LOG", "error")
            .envs(["USER", "ADDRESS"].map(|per| (format!("BURSAR_REQUESTS_PER_{per}"), "0")))
            .env("BURSAR_SIGN_INS_PER_ADDRESS", "0")
            .stdout(Stdio::null());
        let child = command.spawn().map_err(|source| Failure::Start {
            line: "bursar serve".to_owned(),
            source,
        })?;
        let url = format!("http://127.0.0.1:{port}");
        let server = Self {
            program,
            child,
            data,
            url,
        };
        wait_for(port)?;
        Ok(server)
    }
}

/// Leaves nothing behind.
impl Drop for Server {
    fn drop(&mut self) {
        // A private cluster stops with its server, so the server is asked, not killed.
        let asked = Run::new("kill").arg(&self.child.id().to_string()).go();
        let ended = asked.is_ok() && self.child.wait().is_ok();
        if !ended || remove(&self.data).is_err() {
            eprintln!("something of {} is left", self.data.display());
        }
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    std::fs::remove_dir_all(folder)
}

fn free_port() -> Result<u16, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| Failure::Start {
            line: "a server on loopback".to_owned(),
            source,
        })
}

fn wait_for(port: u16) -> Outcome {
    let began = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if began.elapsed() > STARTS_WITHIN {
            return Err(Failure::Remedy(format!(
                "`bursar serve` did not listen within {} seconds; see its messages above",
                STARTS_WITHIN.as_secs()
            )));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_from_the_summary() {
        let said = "Test Phases:\n  Fuzzing\n\nTest cases:\n  23,456 generated, 12 found 3 unique failures\n";
        assert_eq!(requests(said), Some(23_456));
        assert_eq!(requests("nothing of the kind"), None);
    }

    #[test]
    fn the_number_of_examples_can_be_said() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(examples(&[]).unwrap(), EXAMPLES);
        assert_eq!(examples(&words("--examples 7")).unwrap(), 7);
        assert!(examples(&words("--examples 0")).is_err());
    }
}
