//! A Redis of one test: a real server on a socket in a scratch directory.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use uuid::Uuid;

/// A Redis that belongs to one test and ends with it.
#[derive(Debug)]
pub struct Redis {
    directory: PathBuf,
    server: Option<Child>,
}

impl Redis {
    /// Starts an empty one. Panics when there is none to have.
    pub fn start() -> Self {
        let name = format!("bursar-redis-{}", Uuid::new_v4().simple());
        let mut redis = Self {
            directory: std::env::temp_dir().join(name),
            server: None,
        };
        expect(std::fs::create_dir(&redis.directory).context("cannot make its directory"));
        redis.start_again();
        redis
    }

    /// Its address, as the setting wants it.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Starts it after [`Self::stop`], with what it had saved.
    pub fn start_again(&mut self) {
        if self.server.is_none() {
            self.server = Some(expect(launch(&self.directory, &self.socket())));
            expect(self.wait());
        }
    }

    /// Keeps what it holds over the next stop.
    pub fn save(&self) {
        assert_eq!(self.command(&["SAVE"]), "OK");
    }

    /// Ends it at once, without saving.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // A server that has ended already is what is wanted.
            _ = server.kill();
            _ = server.wait();
        }
    }

    /// What it answers to a command, as its own client prints it.
    pub fn command(&self, words: &[&str]) -> String {
        expect(self.ask(words))
    }

    fn socket(&self) -> PathBuf {
        self.directory.join("redis.sock")
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.socket())
            .args(words)
            .output()
            .context("cannot run redis-cli")?;
        ensure!(output.status.success(), "redis-cli: {output:?}");
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    fn wait(&self) -> Result<()> {
        for _ in 0..500 {
            if self.ask(&["PING"]).is_ok_and(|answer| answer == "PONG") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!(
            "redis-server does not answer in {}",
            self.directory.display()
        )
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
        if let Err(error) = std::fs::remove_dir_all(&self.directory) {
            eprintln!("cannot remove {}: {error}", self.directory.display());
        }
    }
}

fn launch(directory: &Path, socket: &Path) -> Result<Child> {
    Command::new("redis-server")
        .args(["--port", "0", "--save", "", "--daemonize", "no"])
        .arg("--unixsocket")
        .arg(socket)
        .arg("--dir")
        .arg(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run redis-server; `cargo xtask setup` installs it")
}

#[expect(clippy::panic, reason = "a test without its Redis has failed")]
fn expect<T>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("no test Redis: {error:#}"))
}
