use std::{io::Write, time::Duration};

use anyhow::Context;
use axum::Extension;
use config::{Profile, Settings};
use identity::openid::OpenId;
use record::logs::LogWriter;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::Gate;

use crate::{
    Instance,
    commands::signals::{Interrupted, Signals},
    jobs,
    listen::{self, Limits},
    router,
};

/// How long open requests may take to end after the signal.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);
/// How often metrics and limits are tidied, so that neither grows without anyone looking.
const UPKEEP_EVERY: Duration = Duration::from_secs(30);
/// Who the demo belongs to.
const DEMO_EMAIL: &str = "demo@bursar.example";

/// Serves until the process is told to end.
pub(crate) async fn serve(
    settings: &Settings,
    profile: Profile,
    logs: LogWriter,
) -> anyhow::Result<()> {
    // Signals are caught from here on, so that the database is never left behind.
    let signals = Signals::catch()?;
    match open_and_run(settings, profile, logs, &signals).await {
        // To be told to end while starting is no failure.
        Err(error) if error.is::<Interrupted>() => Ok(()),
        outcome => outcome,
    }
}

async fn open_and_run(
    settings: &Settings,
    profile: Profile,
    logs: LogWriter,
    signals: &Signals,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!(
            "cannot listen on {}; choose another address with --listen",
            settings.listen
        )
    })?;
    let instance = Instance::open_until(signals, settings, profile).await?;
    let cancel = instance.app.stop.clone();
    // Beside everything else, so that what is said while starting and stopping is written too.
    let logging = CancellationToken::new();
    let writing = TaskTracker::new();
    crate::metrics::watch_log(logs.dropped());
    writing.spawn(logs.run(instance.app.db.clone(), logging.clone()));
    writing.close();
    let outcome = run(settings, profile, &instance, listener, signals, &cancel).await;
    cancel.cancel();
    logging.cancel();
    _ = tokio::time::timeout(SHUTDOWN_LIMIT, writing.wait()).await;
    let closed = instance.close().await;
    outcome.and(closed)
}

async fn run(
    settings: &Settings,
    profile: Profile,
    instance: &Instance,
    listener: TcpListener,
    signals: &Signals,
    cancel: &CancellationToken,
) -> anyhow::Result<()> {
    let app = &instance.app;
    let address = format!("http://{}", listener.local_addr()?);
    let base_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| address.clone());
    let base_url = base_url.trim_end_matches('/');
    let mailer = identity::outbox::Mailer::new(
        base_url,
        settings.smtp_url.as_deref(),
        settings.mail_from.as_deref(),
    )?;
    signals
        .or_interrupted(Box::pin(prepare(
            settings, profile, instance, base_url, &address,
        )))
        .await?;

    let tasks = TaskTracker::new();
    let registry = jobs()
        .provide(mailer)
        .provide(instance.feeds(settings)?)
        .provide(app.sealer.clone())
        .provide(app.outbound.clone())
        .provide(app.uploads.clone());
    let runner = ::jobs::Runner::new(app.db.clone(), app.clock.clone(), registry);
    let jobs_cancel = cancel.clone();
    tasks.spawn(async move { runner.run(jobs_cancel).await });
    tasks.spawn(upkeep(app.gate.clone(), cancel.clone()));
    tasks.spawn(identity::sessions::forget_ended(
        app.db.clone(),
        app.cache.clone(),
        cancel.clone(),
    ));
    if profile == Profile::Demo {
        let (db, clock) = (app.db.clone(), app.clock.clone());
        tasks.spawn(market::quotes::simulator::run(db, clock, cancel.clone()));
    }
    let router = router(app, &instance.checks(settings), &instance.valuations);
    let router = match settings.open_id()? {
        Some(provider) => router.layer(Extension(OpenId::new(provider, &app.public_origin)?)),
        None => router,
    };
    let limits = Limits::new(settings, &app.gate);
    let serving = listen::serve(listener, router, limits, cancel.clone());
    let supervising = instance.server.supervise(cancel.clone().cancelled_owned());
    let stopping = async {
        signals.wait().await;
        tracing::info!("stopping");
        cancel.cancel();
        tokio::time::sleep(SHUTDOWN_LIMIT).await;
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(serving, supervising) } => {}
        () = stopping => tracing::warn!("requests were still open after {SHUTDOWN_LIMIT:?}"),
    }
    tasks.close();
    if tokio::time::timeout(SHUTDOWN_LIMIT, tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!("jobs were still running after {SHUTDOWN_LIMIT:?}; they are tried again");
    }
    Ok(())
}

/// What comes between an open database and the first request.
async fn prepare(
    settings: &Settings,
    profile: Profile,
    instance: &Instance,
    base_url: &str,
    address: &str,
) -> anyhow::Result<()> {
    let app = &instance.app;
    portfolio::imports::remove_abandoned(app).await?;
    let pinned = settings
        .registration
        .as_deref()
        .map(str::parse)
        .transpose()?;
    identity::registration::pin(&app.db, pinned).await?;
    if let Err(error) = seal::check_keys(&app.db, &app.sealer).await {
        // With another key at hand the rest of the instance works on.
        tracing::error!(%error, "it is not sure that stored values can be read");
    }
    let has_admin = identity::users::has_admin(&app.db).await?;
    let checks = instance.checks(settings);
    let facts = checks.facts(&app.db, &app.clock, has_admin || profile == Profile::Demo);
    checks::refuse_unsafe(&facts.await)?;
    if profile == Profile::Demo {
        anyhow::ensure!(
            !settings.listens_publicly(),
            "the demo signs everybody in, so it listens on loopback addresses only"
        );
        fill_demo(instance).await?;
    }
    announce(instance, profile, base_url, address).await
}

async fn upkeep(gate: Gate, cancel: CancellationToken) {
    while tokio::time::timeout(UPKEEP_EVERY, cancel.cancelled())
        .await
        .is_err()
    {
        crate::metrics::render();
        gate.tidy();
    }
}

/// Creates the demo's person on first start and brings its data up to today.
async fn fill_demo(instance: &Instance) -> anyhow::Result<()> {
    let app = &instance.app;
    let users = identity::users::list(&app.db).await?;
    // Whoever opens the demo is signed in as its person, so nobody else may live there.
    anyhow::ensure!(
        users.iter().all(|user| user.email == DEMO_EMAIL),
        "this data directory belongs to people; give the demo one of its own with --data-dir"
    );
    if users.is_empty() {
        let new = identity::users::NewUser {
            email: DEMO_EMAIL.parse()?,
            name: "Demo".to_owned(),
        };
        identity::users::add(&app.db, &app.clock, new, None).await?;
    }
    let user = identity::users::resolve(&app.db, Some(DEMO_EMAIL)).await?;
    portfolio::demo::load_tour(app, user).await?;
    Ok(())
}

/// Tells where to go. Standard output is for people here; logs go to standard error.
async fn announce(
    instance: &Instance,
    profile: Profile,
    base_url: &str,
    address: &str,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if profile == Profile::Demo {
        writeln!(out, "Bursar demo (simulated data): {base_url}")?;
        return Ok(());
    }
    writeln!(out, "Bursar: {base_url}")?;
    if address != base_url {
        writeln!(out, "Listening on {address}")?;
    }
    let app = &instance.app;
    if let Some(link) = identity::setup::issue_link(&app.db, &app.clock, base_url).await? {
        writeln!(
            out,
            "Set up the administrator with this one-time link (24 hours):\n  {link}"
        )?;
    }
    Ok(())
}
