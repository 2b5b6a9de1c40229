//! Starting the server, or joining one that runs.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use config::Secret;
use sqlx::{ConnectOptions as _, Connection as _};

use super::account::Account;
use super::error::{ClusterError, io_error};
use super::postmaster::{self, PidFile};
use super::programs::Programs;
use super::{Inner, init, lock};
use crate::error::sqlstate;

/// All the server and `initdb` get from the environment.
pub(super) const ENVIRONMENT: [(&str, &str); 2] = [("LC_ALL", "C.UTF-8"), ("TZ", "UTC")];

/// How long processes of a dead server may take to notice that it is dead.
const ORPHANS_WITHIN: Duration = Duration::from_secs(10);
/// How long a server may take to accept connections, the recovery after a crash included.
const READY_WITHIN: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(10);
/// In the log of a server that found orphans of an earlier one.
const ORPHANS_IN_LOG: &str = "pre-existing shared memory block";

/// What an attempt to connect says about the server.
enum Probe {
    Ready,
    /// It answers, but starts up, recovers or shuts down.
    Busy(sqlx::Error),
    /// Nobody answers.
    Silent(sqlx::Error),
}

impl Inner {
    /// Makes the cluster if there is none and sees to it that its server runs. The caller holds
    /// `start.lock`.
    pub(super) async fn ensure_running(&self, password: &Secret) -> Result<(), ClusterError> {
        self.layout.make_server_dirs()?;
        if self.layout.socket().exists() && matches!(self.probe().await?, Probe::Ready) {
            return Ok(());
        }
        if init::written_by(&self.layout.data)?.is_none() {
            let programs = Programs::choose(&Programs::installed(), None, &self.layout.data)?;
            tracing::info!(path = %self.layout.data.display(), "making a private database cluster");
            // Blocks for less than a second, once in the life of a data directory.
            init::init(&self.layout, &programs, password, self.options.durable)?;
        }
        self.start_or_join().await
    }

    /// The same for a cluster that exists.
    pub(super) async fn start_or_join(&self) -> Result<(), ClusterError> {
        let written_by = init::written_by(&self.layout.data)?;
        let programs = Programs::choose(&Programs::installed(), written_by, &self.layout.data)?;
        let deadline = Instant::now() + ORPHANS_WITHIN;
        loop {
            let Some(server_lock) = self.join_or_lock(deadline).await? else {
                return Ok(());
            };
            let log_start = fs::metadata(&self.layout.log).map_or(0, |log| log.len());
            let server = self.spawn(&programs, server_lock)?;
            match self.wait_until_ready(server, log_start).await {
                Err(ClusterError::Start { tail, .. })
                    if tail.contains(ORPHANS_IN_LOG) && Instant::now() < deadline =>
                {
                    tokio::time::sleep(POLL * 20).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Joins a server that runs (`None`), or returns the lock of a directory without one.
    async fn join_or_lock(&self, orphans_until: Instant) -> Result<Option<File>, ClusterError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let lock = lock::try_exclusive(&self.layout.server_lock())?;
            let pid_file = postmaster::pid_file(&self.layout.data);
            match (lock, pid_file) {
                (Some(lock), PidFile::Dead) => return Ok(Some(lock)),
                (Some(lock), PidFile::Stale) => {
                    let path = self.layout.data.join("postmaster.pid");
                    fs::remove_file(&path).map_err(io_error("remove the stale", &path))?;
                    return Ok(Some(lock));
                }
                (_, live_or_starting) => match self.probe().await? {
                    Probe::Ready => return Ok(None),
                    Probe::Busy(source) if Instant::now() >= deadline => {
                        return Err(self.not_ready(source));
                    }
                    Probe::Silent(_)
                        if !matches!(live_or_starting, PidFile::Live(_))
                            && Instant::now() >= orphans_until =>
                    {
                        return Err(ClusterError::Orphans {
                            path: self.layout.data.clone(),
                        });
                    }
                    Probe::Silent(source) if Instant::now() >= deadline => {
                        return Err(self.not_ready(source));
                    }
                    Probe::Busy(_) | Probe::Silent(_) => {}
                },
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn spawn(&self, programs: &Programs, server_lock: File) -> Result<Child, ClusterError> {
        let layout = &self.layout;
        layout.remove_stale_socket();
        layout.rotate_log()?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&layout.log)
            .map_err(io_error("open", &layout.log))?;
        let log_again = log.try_clone().map_err(io_error("open", &layout.log))?;
        let socket_dir = format!("unix_socket_directories={}", layout.socket_dir.display());
        let mut command = Command::new(programs.directory.join("postgres"));
        command
            .arg("-D")
            .arg(&layout.data)
            .args(["-c", &socket_dir])
            .args(["-c", &format!("port={}", super::PORT)])
            .args(["-c", "listen_addresses=", "-c", "logging_collector=off"])
            .args([
                "-c",
                "timezone=UTC",
                "-c",
                "log_timezone=UTC",
                "-c",
                "lc_messages=C",
            ])
            .current_dir(&layout.data)
            .env_clear()
            .envs(ENVIRONMENT)
            // Ctrl-C at a terminal is for Bursar, which then stops the server in order.
            .process_group(0)
            .stdin(Stdio::from(server_lock))
            .stdout(log)
            .stderr(log_again);
        if !self.options.durable {
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
            // Many test processes share one such cluster.
            command.args(["-c", "synchronous_commit=off", "-c", "max_connections=300"]);
            // A connection that a test has given up while it signed in holds up whoever drops a database.
            command.args(["-c", "authentication_timeout=10s"]);
        }
        if self.options.loads_timescaledb && programs.has_extension("timescaledb") {
            command.args(["-c", "shared_preload_libraries=timescaledb"]);
            // Nothing runs at a time of its own, and nothing is reported to anybody.
            command.args(["-c", "timescaledb.max_background_workers=0"]);
            command.args(["-c", "timescaledb.telemetry_level=off"]);
        }
        Account::apply(layout.account.as_ref(), &mut command);
        command.spawn().map_err(|source| {
            Account::obstacle(layout.account.as_ref(), &layout.data)
                .unwrap_or_else(|| io_error("start the server in", &layout.data)(source))
        })
    }

    async fn wait_until_ready(
        &self,
        mut server: Child,
        log_start: u64,
    ) -> Result<(), ClusterError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            tokio::time::sleep(POLL).await;
            let log = &self.layout.log;
            if let Some(status) = server
                .try_wait()
                .map_err(io_error("watch the server of", log))?
            {
                let tail = self.log_tail(log_start);
                return Err(ClusterError::Start {
                    status,
                    log: log.clone(),
                    tail,
                });
            }
            match self.probe().await? {
                Probe::Ready => break,
                Probe::Busy(source) | Probe::Silent(source) if Instant::now() >= deadline => {
                    self.keep(server);
                    return Err(self.not_ready(source));
                }
                Probe::Busy(_) | Probe::Silent(_) => {}
            }
        }
        self.keep(server);
        Ok(())
    }

    /// Remembers a server of ours, to collect its exit status.
    fn keep(&self, server: Child) {
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
    }

    /// Connects with our secret: only our own server accepts it.
    async fn probe(&self) -> Result<Probe, ClusterError> {
        let options = self.maintenance.clone().application_name("bursar start");
        let error = match options.connect().await {
            Ok(connection) => {
                // The server sees the connection go either way.
                let _ = connection.close().await;
                return Ok(Probe::Ready);
            }
            Err(error) => error,
        };
        match sqlstate(&error).as_str() {
            "" => Ok(Probe::Silent(error)),
            "28P01" => Err(ClusterError::WrongSecret {
                path: self.layout.owner_secret(),
            }),
            _ => Ok(Probe::Busy(error)),
        }
    }

    fn not_ready(&self, source: sqlx::Error) -> ClusterError {
        let log = self.layout.log.clone();
        ClusterError::NotReady {
            seconds: READY_WITHIN.as_secs(),
            log,
            source,
        }
    }

    /// What the server wrote since it was started, at most the last 2000 bytes.
    fn log_tail(&self, start: u64) -> String {
        let read = || {
            let mut file = File::open(&self.layout.log)?;
            // A rotation in between makes the file shorter than it was.
            let length = file.metadata()?.len();
            let start = if start > length { 0 } else { start };
            file.seek(SeekFrom::Start(start.max(length.saturating_sub(2000))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        read().unwrap_or_else(|error| format!("(unreadable: {error})"))
    }
}
