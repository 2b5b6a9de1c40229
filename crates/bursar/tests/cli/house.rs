//! A data directory in which the program is run, and what became of a run.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A directory that also the account of the database server can reach.
pub(crate) struct House {
    folder: TempDir,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// What it has announced.
    pub(crate) announced: String,
    pub(crate) address: String,
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("bursar-cli-")
            .tempdir()
            .expect("a directory");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("reachable");
        Self { folder }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file to be imported and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("written");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BURSAR_") {
                command.env_remove(name);
            }
        }
        command
            .arg("--data-dir")
            .arg(self.data_dir())
            .arg("--log")
            .arg("warn")
            .args(arguments);
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        self.spawn(arguments, input).wait()
    }

    /// Starts the program without waiting for its end.
    pub(crate) fn spawn(&self, arguments: &[&str], input: &str) -> Running {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input.as_bytes())
            .expect("written");
        Running { child }
    }

    /// Adds the person whom all commands mean.
    pub(crate) fn with_owner() -> Self {
        let house = Self::new();
        let added = house.run_with(
            &["user", "add", "ann@example.org", "--password-stdin"],
            PASSWORD,
        );
        assert_eq!(added.code, 0, "{added:?}");
        house
    }

    /// Starts a server on a port of its own and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_in(&[], arguments)
    }

    /// The same with something in the environment.
    pub(crate) fn serve_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Server {
        let mut child = self
            .command(arguments)
            .envs(environment.iter().copied())
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut announced = String::new();
        while !announced.contains("http://") {
            let read = lines.read_line(&mut announced).expect("text");
            assert_ne!(read, 0, "the server ended: {announced}");
        }
        let address = announced.split("http://").nth(1).expect("an address");
        let address = address
            .split_whitespace()
            .next()
            .expect("a word")
            .to_owned();
        let server = Server {
            child,
            announced,
            address,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while server.get("/readyz", "").0 != 200 {
            assert!(
                Instant::now() < deadline,
                "the server does not become ready"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Whether the private database server is running, by the word of its own file.
    pub(crate) fn database_runs(&self) -> bool {
        self.postmaster().is_some()
    }

    /// Whether it is this very process that runs as the database server.
    pub(crate) fn postmaster_is(&self, pid: &str) -> bool {
        self.postmaster().as_deref() == Some(pid)
    }

    fn postmaster(&self) -> Option<String> {
        let text = fs::read_to_string(self.data_dir().join("postgres/postmaster.pid")).ok()?;
        let pid = text.lines().next()?.trim().to_owned();
        fs::exists(format!("/proc/{pid}"))
            .unwrap_or(false)
            .then_some(pid)
    }
}

/// What stands between two marks.
#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).expect("closed").0
}

pub(crate) const PASSWORD: &str = "a long and quiet river";

impl Drop for House {
    /// A test that failed must not leave a database server behind.
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster() {
            signal(&pid, "QUIT");
        }
    }
}

/// A command that has not ended yet.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Ends it as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        signal(&self.child.id().to_string(), "INT");
    }

    /// Ends it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("an end");
    }

    pub(crate) fn wait(self) -> Run {
        let Output {
            status,
            stdout,
            stderr,
        } = self.child.wait_with_output().expect("an end");
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).expect("text"),
            stderr: String::from_utf8(stderr).expect("text"),
        }
    }
}

impl Run {
    /// Standard output as JSON, of a run that ended with this code.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Failed, with every one of these words on standard error and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(&self, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (1, ""), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no “{word}” in {self:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }

    /// Succeeded, with every one of these words on standard output.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        assert_eq!(self.code, 0, "{self:?}");
        for word in words {
            assert!(self.stdout.contains(word), "no “{word}” in {self:?}");
        }
    }
}

impl Server {
    /// Signs the owner in with a browser's form and reads a page.
    pub(crate) fn page_of_owner(&self, path: &str) -> String {
        let form = self.exchange_whole(&format!(
            "GET /identity/sign-in HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        ));
        let token = between(&form, "name=\"_csrf\" value=\"", "\"");
        let visit = between(&form, "bursar_visit=", ";");
        let body = format!(
            "email=ann%40example.org&password={}&_csrf={token}",
            PASSWORD.replace(' ', "+")
        );
        let signed_in = self.exchange_whole(&format!(
            "POST /identity/sign-in HTTP/1.1\r\nHost: {}\r\nCookie: bursar_visit={visit}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        ));
        let session = between(&signed_in, "bursar_session=", ";");
        self.exchange_whole(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: bursar_session={session}\r\nConnection: close\r\n\r\n",
            self.address
        ))
    }

    /// Reads an address and returns status and body.
    pub(crate) fn get(&self, path: &str, token: &str) -> (u16, String) {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
            self.address
        );
        self.exchange(&request)
    }

    /// Opens a page as a browser would, without any token.
    pub(crate) fn page(&self, path: &str) -> (u16, String) {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
            self.address
        );
        self.exchange(&request)
    }

    /// Sends JSON and returns status and body.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> (u16, String) {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.exchange(&request)
    }

    fn exchange_whole(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn exchange(&self, request: &str) -> (u16, String) {
        let answer = self.exchange_whole(request);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        (status, body.to_owned())
    }

    /// Ends the server as an operator would, and returns its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        signal(&self.child.id().to_string(), "TERM");
        self.child.wait().expect("an end").code()
    }

    /// Ends the server without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("an end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal(&self.child.id().to_string(), "TERM");
            // The directory goes next, so the end is waited for; whatever it was, the test is over.
            drop(self.child.wait());
        }
    }
}

fn signal(pid: &str, name: &str) {
    let sent = Command::new("kill").args(["-s", name, pid]).status();
    assert!(sent.is_ok(), "cannot signal {pid}: {sent:?}");
}
