//! A Chromium of our own behind its driver, and its certain end.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use thirtyfour::{
    ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::sync::{Mutex, MutexGuard};

const DRIVER: &str = "/usr/bin/chromedriver";
const CHROMIUM: &str = "/usr/bin/chromium";
const REMEDY: &str = "`cargo xtask setup` installs it";
/// Nothing is asked of the network, and nothing of a desktop.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-US",
];

/// Two browsers at once make each other late; the test runner takes care of that between processes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A running driver with one session. Dropping it ends driver and browser, whatever state they are in.
pub(crate) struct Chrome {
    session: Option<WebDriver>,
    driver: Child,
    port: u16,
    profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Chrome {
    pub(crate) async fn start((width, height): (u32, u32)) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        for program in [DRIVER, CHROMIUM] {
            assert!(
                Path::new(program).exists(),
                "{program} is missing; {REMEDY}"
            );
        }
        let (driver, port) = start_driver();
        let mut chrome = Self {
            session: None,
            driver,
            port,
            profile: tempfile::tempdir().expect("a directory for the profile"),
            _turn: turn,
        };
        let mut capabilities = DesiredCapabilities::chrome();
        let mut arguments = FLAGS.map(str::to_owned).into_iter().chain([
            format!("--user-data-dir={}", chrome.profile.path().display()),
            format!("--window-size={width},{height}"),
        ]);
        let prepared = arguments
            .try_for_each(|argument| capabilities.add_arg(&argument))
            .and_then(|()| capabilities.set_binary(CHROMIUM))
            .and_then(|()| capabilities.set_browser_log_level(LoggingPrefsLogLevel::All));
        prepared.expect("capabilities");
        let address = format!("http://127.0.0.1:{port}");
        let session = WebDriver::new(&address, capabilities).await;
        chrome.session = Some(session.unwrap_or_else(|error| {
            panic!("{CHROMIUM} does not start ({error}); {REMEDY}");
        }));
        chrome
    }

    pub(crate) fn session(&self) -> &WebDriver {
        self.session.as_ref().expect("a session until the end")
    }

    /// The process of the browser, which writes its id into its profile as `host-id`.
    fn browser_pid(&self) -> Option<String> {
        let lock = std::fs::read_link(self.profile.path().join("SingletonLock")).ok()?;
        let (_, pid) = lock.to_str()?.rsplit_once('-')?;
        Some(pid.to_owned())
    }

    /// Asks the driver to quit its sessions and itself.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let browser = self.browser_pid();
        if let Some(Err(error)) = self.session.take().map(WebDriver::leak) {
            eprintln!("the session of the browser was closed before its end: {error:?}");
        }
        let asked = self.shut_down();
        let deadline = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < deadline {
            if matches!(self.driver.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!("the driver of the browser did not leave when asked ({asked:?}); killing both");
        for pid in browser.into_iter().chain([self.driver.id().to_string()]) {
            let killed = Command::new("kill").args(["-KILL", &pid]).status();
            if !killed.is_ok_and(|status| status.success()) {
                eprintln!("process {pid} could not be killed; it may have ended by itself");
            }
        }
        if let Err(error) = self.driver.wait() {
            eprintln!("the driver of the browser is lost: {error}");
        }
    }
}

/// Starts the driver on a port of its choice, which it prints.
fn start_driver() -> (Child, u16) {
    let mut driver = Command::new(DRIVER)
        .args(["--port=0", "--log-level=SEVERE"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{DRIVER} does not start ({error}); {REMEDY}"));
    let stdout = driver.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(stdout).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // Whatever it says later must find a reader.
    std::thread::spawn(move || lines.for_each(drop));
    match port {
        Some(port) => (driver, port),
        None => panic!("{DRIVER} ended before it listened; {REMEDY}"),
    }
}
