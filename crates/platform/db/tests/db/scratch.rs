//! Scratch places and processes, removed at the end of a test.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use config::{DataDir, Profile};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

/// A data directory that the account of the server can reach.
pub(crate) struct Scratch {
    directory: tempfile::TempDir,
    pub(crate) data_dir: DataDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self::below("data")
    }

    pub(crate) fn below(name: &str) -> Self {
        let directory = reachable_directory();
        let path = directory.path().join(name);
        let data_dir = DataDir::open(Some(&path), Profile::Live).expect("data directory");
        Self {
            directory,
            data_dir,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A failed test may leave its server behind.
        let _ = db::cluster::stop(&self.data_dir);
    }
}

/// Another process that holds a cluster.
pub(crate) struct Holder {
    process: Child,
    pub(crate) server: Pid,
}

impl Holder {
    pub(crate) fn start(data_dir: &DataDir) -> Self {
        Self::spawn(data_dir).ready()
    }

    pub(crate) fn spawn(data_dir: &DataDir) -> StartingHolder {
        let process = Command::new(env!("CARGO_BIN_EXE_hold-cluster"))
            .arg(data_dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("hold-cluster runs");
        StartingHolder(process)
    }

    /// Ends it in order.
    pub(crate) fn close(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().expect("its end").success());
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("kill -9");
        self.process.wait().expect("its end");
    }
}

pub(crate) struct StartingHolder(Child);

impl StartingHolder {
    pub(crate) fn ready(mut self) -> Holder {
        let output = self.0.stdout.take().expect("piped output");
        let line = BufReader::new(output)
            .lines()
            .next()
            .expect("a line")
            .expect("a line");
        let server = line
            .strip_prefix("ready ")
            .and_then(|pid| pid.parse().ok())
            .expect("a pid");
        Holder {
            process: self.0,
            server: Pid::from_raw(server),
        }
    }
}

/// A server made by hand, with TCP and passwords, as an operator would have one.
pub(crate) struct HandMadeServer {
    _directory: tempfile::TempDir,
    process: Child,
    port: u16,
}

impl HandMadeServer {
    pub(crate) async fn start() -> Self {
        let directory = reachable_directory();
        let data = directory.path().join("data");
        fs::create_dir(&data).expect("data directory");
        let password = directory.path().join("password");
        fs::write(&password, "root-password").expect("password file");
        let account = geteuid().is_root().then(server_account);
        for path in [&data, &password] {
            if let Some(user) = &account {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("chown");
            }
        }
        let command = |program: &str| {
            let mut command = Command::new(programs().join(program));
            command
                .current_dir(&data)
                .arg("-D")
                .arg(&data)
                .stdout(Stdio::null());
            if let Some(user) = &account {
                command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            command
        };
        let made = command("initdb")
            .args([
                "--username=root",
                "--auth=scram-sha-256",
                "--no-sync",
                "--pwfile",
            ])
            .arg(&password)
            .status();
        assert!(made.expect("initdb runs").success());
        let port = free_port();
        let process = command("postgres")
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .args(["-c", "fsync=off", "-c", &format!("port={port}")])
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres runs");
        let server = Self {
            _directory: directory,
            process,
            port,
        };
        let url = server.url("root", "root-password", "postgres");
        eventually("the hand-made server answers", async || {
            connect(&url).await.is_ok()
        })
        .await;
        server
    }

    pub(crate) fn url(&self, role: &str, password: &str, database: &str) -> String {
        format!(
            "postgres://{role}:{password}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Runs statements as the administrator, one by one.
    pub(crate) async fn administer(&self, statements: &[&str]) {
        let url = self.url("root", "root-password", "postgres");
        let mut connection = connect(&url).await.expect("the administrator connects");
        for statement in statements {
            execute(&mut connection, statement)
                .await
                .expect("the administrator may");
        }
    }
}

impl Drop for HandMadeServer {
    fn drop(&mut self) {
        // Immediate shutdown: nothing of it is kept.
        let pid = Pid::from_raw(self.process.id().cast_signed());
        let _ = kill(pid, Signal::SIGQUIT);
        let _ = self.process.wait();
    }
}

pub(crate) async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    url.parse::<sqlx::postgres::PgConnectOptions>()?
        .connect()
        .await
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(drop)
}

/// The SQLSTATE with which the server refuses the statements.
pub(crate) async fn refusal(connection: &mut PgConnection, sql: &str) -> String {
    let error = execute(connection, sql).await.expect_err(sql);
    let error = error.as_database_error().expect("a refusal by the server");
    error.code().expect("a state").into_owned()
}

/// Polls until the condition holds; fails the test when it takes too long.
pub(crate) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) -> Duration {
    let start = Instant::now();
    while !condition().await {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "still not so: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

pub(crate) fn is_alive(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

fn reachable_directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("scratch directory");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o711)).expect("chmod");
    directory
}

fn server_account() -> User {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).expect("account list"))
        .expect("an account to run PostgreSQL under")
}

fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut directories: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    directories.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    directories.extend(std::env::split_paths(&path));
    let directory = directories
        .into_iter()
        .rfind(|directory| directory.join("initdb").is_file());
    directory.expect("the server programs of PostgreSQL")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its number").port()
}
