use std::{
    fmt, fs,
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell shows for a program that Ctrl-C ended.
const ENDED_BY_HAND: i32 = 130;

/// The signals that end the process: interrupt, terminate, quit and hangup. The first one asks for an
/// end in order, so that a private database is never left running; a second one ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    received: CancellationToken,
    ignores_interrupts: Arc<AtomicBool>,
}

/// The work was given up because a signal came.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

impl Signals {
    /// Catches the signals from here on.
    pub(crate) fn catch() -> anyhow::Result<Self> {
        let mut streams = Streams::open().context("cannot catch signals")?;
        let signals = Self {
            received: CancellationToken::new(),
            ignores_interrupts: Arc::default(),
        };
        let caught = signals.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "listens as long as the process lives; nothing could own it longer"
        )]
        tokio::spawn(async move {
            while streams.next().await == SignalKind::interrupt()
                && caught.ignores_interrupts.load(Ordering::Relaxed)
            {}
            caught.received.cancel();
            // Who closes a terminal or stops a service may send a hangup on top of the first signal
            // without being impatient.
            while streams.next().await == SignalKind::hangup() {}
            exit(ENDED_BY_HAND);
        });
        Ok(signals)
    }

    /// Leaves Ctrl-C to a program that has the terminal.
    pub(crate) fn ignore_interrupts(&self) {
        self.ignores_interrupts.store(true, Ordering::Relaxed);
    }

    /// Completes when the process shall end.
    pub(crate) async fn wait(&self) {
        self.received.cancelled().await;
    }

    /// Gives the work up with [`Interrupted`] when the process shall end.
    pub(crate) async fn or_interrupted<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            biased;
            () = self.wait() => Err(Interrupted.into()),
            outcome = work => outcome,
        }
    }
}

struct Streams {
    interrupt: Signal,
    terminate: Signal,
    quit: Signal,
    hangup: Option<Signal>,
}

impl Streams {
    fn open() -> std::io::Result<Self> {
        let hangup = if ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hangup,
        })
    }

    async fn next(&mut self) -> SignalKind {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.quit.recv() => SignalKind::quit(),
            _ = hangup => SignalKind::hangup(),
        }
    }
}

/// Whether the process was started to outlive its terminal, as `nohup` does. Where the system does not
/// tell, it was not.
fn ignores_hangup() -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return false;
    };
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        // Signal n is bit n - 1.
        .is_some_and(|mask| mask & (1 << (SignalKind::hangup().as_raw_value() - 1)) != 0)
}
